import { isBlankLine, keyed, nothingThere, trim, unreadable } from './cut.ts';
import type { Field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { hintOf } from './hints.ts';
import { shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * `cilium-dbg config --all`, the settings of an agent (cilium-dbg/cmd/config.go):
 *
 *   #### Read-only configurations ####
 *   BPFSocketLBHostnsOnly             : false
 *   IPAMMultiPoolPreAllocation
 *   	default                   : 8
 *   MonitorAggregation                : medium
 *   MonitorAggregationInterval        : 5000000000
 *   ServiceNoBackendResponse          : reject
 *   k8s-endpoint                      :
 *   ##### Read-write configurations #####
 *   MonitorAggregationLevel           : Medium
 *   PolicyEnforcement                 : default
 *
 * A setting that is a map stands above its entries. Durations are nanoseconds. What an agent calls a setting changes with
 * its version; `--all` exists since Cilium 1.11, and `cilium-dbg config` alone prints the second part without its heading.
 */

/** A setting with its value, or with its entries. */
export interface CiliumSetting {
  line: number;
  key: Located;
  /** Absent where none is set, and for a map. */
  value?: Located;
  /** Of a map. */
  entries: { key: Located; value?: Located }[];
}

/** A parsed `cilium-dbg config --all`. */
export interface CiliumConfig {
  format: 'cilium-config';
  settings: CiliumSetting[];
  /** `reject` or `drop`: what a connection to a Service without a backend gets. */
  serviceNoBackendResponse?: Located;
  /** `none`, `lowest`, `low`, `medium`, `maximum`, or its number: how far monitor events are aggregated. */
  monitorAggregation?: Located;
  /** Nanoseconds after which an event of a connection is reported again. */
  monitorAggregationInterval?: Located;
  /** `true` where pods are left out of socket load balancing. */
  socketLbHostOnly?: Located;
}

const EXPECTED = '`MonitorAggregation                : medium` and the other settings';
const HINT = 'Record `cilium-dbg config --all` without -o, or correct `format` in layers.yaml.';
const HEADING = /^#{4,5} Read-?.?(?:only|write) configurations #{4,5}$/i;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;
/** Settings that others ask for, by the names of Cilium 1.14 and later. */
const KNOWN: Readonly<Record<string, Exclude<keyof CiliumConfig, 'format' | 'settings'>>> = {
  ServiceNoBackendResponse: 'serviceNoBackendResponse',
  MonitorAggregation: 'monitorAggregation',
  MonitorAggregationInterval: 'monitorAggregationInterval',
  BPFSocketLBHostnsOnly: 'socketLbHostOnly',
};

/**
 * Reads `cilium-dbg config --all`.
 * @throws {FormatError} without a setting, and on a line that is none
 */
export function parseCiliumConfig(text: string): CiliumConfig {
  const config: CiliumConfig = { format: 'cilium-config', settings: [] };
  for (const line of linesOf(text)) {
    if (isBlankLine(line) || HEADING.test(trim(line).value)) continue;
    const { key, value } = settingOf(line);
    const open = config.settings.at(-1);
    if (!/^[ \t]/.test(line.value)) {
      config.settings.push({ line: line.number, key, ...(value && { value }), entries: [] });
      const known = Object.hasOwn(KNOWN, key.value) ? KNOWN[key.value] : undefined;
      if (known && value) config[known] ??= value;
    } else if (open && !open.value) open.entries.push({ key, ...(value && { value }) });
    else throw unreadable('cilium-config', line, 'an entry below the name of a map', HINT);
  }
  if (config.settings.length === 0) throw nothingThere('cilium-config', text, EXPECTED, HINT);
  return config;
}

function settingOf(line: Line): { key: Located; value?: Located } {
  const content = trim(line);
  const found = keyed(content) ?? { key: content };
  const entry = content.start > line.start;
  if (entry ? found.key === content : !NAME.test(found.key.value)) {
    throw unreadable('cilium-config', line, EXPECTED, HINT);
  }
  return found;
}

/** The settings, each under its name; the entries of a map under the map's. */
function ciliumConfigFields({ settings }: CiliumConfig): Field[] {
  const own = (value: Located | undefined, path: string[]) =>
    value ? valueFields(value, path, hintOf(path.at(-1) ?? '')) : [];
  return settings.flatMap(({ key, value, entries }) => [
    ...own(value, [key.value]),
    ...entries.flatMap((entry) => own(entry.value, [key.value, entry.key.value])),
  ]);
}

export default {
  parse: parseCiliumConfig,
  fields: ciliumConfigFields,
  grammar: grammar(tokens),
  shape: shape(),
  incompleteness: ({ tail }) =>
    /^PolicyEnforcement\s*:/m.test(tail) ? undefined : 'the line `PolicyEnforcement` is missing',
  sample: { from: 'all', head: 1 },
} satisfies Format<CiliumConfig>;
