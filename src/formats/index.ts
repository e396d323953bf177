import type { FormatId } from '../recipe/schema.ts';
import { type CiliumLbList, ciliumLbListFields, parseCiliumLbList } from './cilium-bpf-lb-list.ts';
import { type CiliumPolicyMaps, ciliumPolicyMapFields, parseCiliumPolicyMap } from './cilium-policy-map.ts';
import { type CiliumServiceList, ciliumServiceListFields, parseCiliumServiceList } from './cilium-service-list.ts';
import { type Description, describeFields, parseDescribe } from './describe.ts';
import type { Field } from './field.ts';
import { type HttpProbe, httpProbeFields, parseHttpProbe } from './http-probe.ts';
import { hubbleFlowsFields } from './hubble-flow-fields.ts';
import { type HubbleFlows, parseHubbleFlows } from './hubble-flows.ts';
import { type HubbleJson, hubbleJsonFields, parseHubbleJson } from './hubble-flows-json.ts';
import { type HubbleStatus, hubbleStatusFields, parseHubbleStatus } from './hubble-status.ts';
import { iptablesFields } from './iptables-save/fields.ts';
import { parseIptablesSave, type Ruleset } from './iptables-save.ts';
import { type KeyValues, keyValueFields, parseKeyValue } from './key-value.ts';
import { type KubectlTables, kubectlTableFields, parseKubectlTable } from './kubectl-table.ts';
import { type PlainText, parsePlain, plainFields } from './plain.ts';
import { type PodNetwork, parsePodNetwork, podNetworkFields } from './pod-network.ts';
import { parseYaml, type YamlDocuments, yamlFields } from './yaml.ts';

/** What each format is parsed to; `format` tells them apart. */
interface Outputs {
  'kubectl-table': KubectlTables;
  describe: Description;
  yaml: YamlDocuments;
  'key-value': KeyValues;
  'iptables-save': Ruleset & { format: 'iptables-save' };
  'cilium-service-list': CiliumServiceList;
  'cilium-bpf-lb-list': CiliumLbList;
  'cilium-policy-map': CiliumPolicyMaps;
  'hubble-flows': HubbleFlows;
  'hubble-flows-json': HubbleJson;
  'hubble-status': HubbleStatus;
  'http-probe': HttpProbe;
  'pod-network': PodNetwork;
  plain: PlainText;
}

/** A parsed output, told apart by `format`. */
export type ParsedOutput = Outputs[FormatId];

/** A format of the recipe that has no parser does not compile, and neither does one too many. */
type Parsers = {
  readonly [Format in FormatId]: {
    parse: (text: string) => Outputs[Format];
    fields: (parsed: Outputs[Format]) => Field[];
  };
};

const parsers: Parsers = {
  'kubectl-table': { parse: parseKubectlTable, fields: kubectlTableFields },
  describe: { parse: parseDescribe, fields: describeFields },
  yaml: { parse: parseYaml, fields: yamlFields },
  'key-value': { parse: parseKeyValue, fields: keyValueFields },
  'iptables-save': {
    parse: (text) => ({ format: 'iptables-save', ...parseIptablesSave(text) }),
    fields: iptablesFields,
  },
  'cilium-service-list': { parse: parseCiliumServiceList, fields: ciliumServiceListFields },
  'cilium-bpf-lb-list': { parse: parseCiliumLbList, fields: ciliumLbListFields },
  'cilium-policy-map': { parse: parseCiliumPolicyMap, fields: ciliumPolicyMapFields },
  'hubble-flows': { parse: parseHubbleFlows, fields: hubbleFlowsFields },
  'hubble-flows-json': { parse: parseHubbleJson, fields: hubbleJsonFields },
  'hubble-status': { parse: parseHubbleStatus, fields: hubbleStatusFields },
  'http-probe': { parse: parseHttpProbe, fields: httpProbeFields },
  'pod-network': { parse: parsePodNetwork, fields: podNetworkFields },
  plain: { parse: parsePlain, fields: plainFields },
};

/**
 * Parses an output.
 * @param text the decoded body of a capture
 * @throws {FormatError} naming the line that is not what the format prints; nothing else is thrown, whatever the text
 */
export function parseOutput<Format extends FormatId>(format: Format, text: string): Outputs[Format] {
  return parsers[format].parse(text);
}

/**
 * Every value of an output with its place in the text and in the meaning: in text order, without overlap, each path
 * once (a path that comes again gets `#2`, `#3`, … behind its last part).
 */
export function fieldsOf<Format extends FormatId>(parsed: Outputs[Format] & { format: Format }): Field[] {
  const fields = parsers[parsed.format].fields(parsed).filter(({ value }) => value !== '');
  fields.sort((a, b) => a.start - b.start);
  const seen = new Map<string, number>();
  return fields.map((field) => {
    const name = field.path.join('\u0000');
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    if (times === 1) return field;
    return { ...field, path: [...field.path.slice(0, -1), `${field.path.at(-1)}#${times}`] };
  });
}
