import type { CiliumEndpoint } from '../formats/cilium-endpoint-list.ts';
import type { CiliumStatus } from '../formats/cilium-status.ts';
import type { Located } from '../formats/types.ts';
import { type Citation, citing } from './citation.ts';
import { type MapLabel, mapLabel } from './policies.ts';
import { type Stated, stated, statedAll } from './stated.ts';
import type { Subject } from './subject.ts';

/*
 * What Cilium's agent says of itself and of the pods on its node, and which identity the map of addresses gives to whom.
 */

/** Settings as `cilium-dbg status --verbose` prints them; what it does not print is absent. */
const SETTINGS = [
  'kubeProxyReplacement',
  'socketLb',
  'socketLbCoverage',
  'nodePortMode',
  'masquerading',
  'hostRouting',
] as const satisfies readonly (keyof CiliumStatus)[];
type Setting = (typeof SETTINGS)[number];

/** A status of the agent. */
export type AgentStatus = { subject: Subject } & { [Name in Setting]?: Stated };

/** A pod, or the node itself, as the agent of its node knows it. */
export interface Endpoint {
  capture: string;
  layer: string;
  /** Its number, which is not its identity and holds on its node alone. */
  id: Stated;
  /** Whether a policy is enforced on what comes in: `Enabled`, `Disabled`, `Disabled (Audit)`. */
  ingress: Stated;
  /** Number of its identity; absent before it has one. */
  identity?: Stated;
  labels: MapLabel[];
  addresses: Stated[];
  evidence: Citation;
}

/** The identity that the ipcache gives an address or a prefix. */
export interface CachedIdentity {
  /** Without the length where it is an address alone. */
  prefix: Stated;
  identity: Stated;
  evidence: Citation;
}

/** The ipcache of one node. */
export interface Ipcache {
  capture: string;
  layer: string;
  /** True where entries may be missing, because the headings are. */
  filtered: boolean;
  entries: CachedIdentity[];
}

/** What Cilium's agents say on one side. */
export interface AgentFacts {
  statuses: AgentStatus[];
  endpoints: Endpoint[];
  ipcaches: Ipcache[];
}

/** Reads what the agents say. */
export function agentFacts(subjects: readonly Subject[]): AgentFacts {
  return {
    statuses: subjects.flatMap((subject) => {
      const { parsed } = subject;
      if (parsed.format !== 'cilium-status') return [];
      const said = Object.fromEntries(SETTINGS.map((name) => [name, word(parsed[name])]));
      return [{ subject, ...statedAll(subject, said) }];
    }),
    endpoints: subjects.flatMap((subject) =>
      subject.parsed.format === 'cilium-endpoint-list'
        ? subject.parsed.endpoints.map((one) => endpointOf(subject, one))
        : [],
    ),
    ipcaches: subjects.flatMap((subject) => ipcacheIn(subject)),
  };
}

/** The first word: behind `IPTables` stands for which addresses. */
function word(at: Located | undefined): Located | undefined {
  const [value = ''] = at?.value.split(' ') ?? [];
  return at && { value, start: at.start, end: at.start + value.length };
}

function endpointOf(subject: Subject, { line, id, ingress, identity, labels, ipv4, ipv6 }: CiliumEndpoint): Endpoint {
  return {
    capture: subject.key,
    layer: subject.layer,
    id: stated(subject, id),
    ingress: stated(subject, ingress),
    ...(/^\d+$/.test(identity.value) && { identity: stated(subject, identity) }),
    labels: labels.map((label) => mapLabel(subject, label)),
    addresses: [ipv4, ipv6].flatMap((address) => (address ? [stated(subject, address)] : [])),
    evidence: citing(subject)(line),
  };
}

function ipcacheIn(subject: Subject): Ipcache[] {
  const { key: capture, layer, parsed } = subject;
  if (parsed.format !== 'cilium-bpf-ipcache-list') return [];
  const cite = citing(subject);
  const entries = parsed.entries.map(({ line, prefix, identity }) => ({
    prefix: stated(subject, prefix, prefix.value.replace(prefix.value.includes(':') ? /\/128$/ : /\/32$/, '')),
    identity: stated(subject, identity),
    evidence: cite(line),
  }));
  return [{ capture, layer, filtered: parsed.filtered ?? false, entries }];
}
