import { endpointOf, type PolicyEntry as ParsedEntry } from '../formats/cilium-policy-map.ts';
import { childOf, scalarAt, type TreeNode } from '../formats/tree.ts';
import type { Located } from '../formats/types.ts';
import { type Citation, type Cite, citing, lineAt } from './citation.ts';
import { type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** A label with its place. */
export interface Label {
  key: string;
  value: string;
  at: Stated;
}

/** A label selector (metav1.LabelSelector): all of its terms must hold, and without any it selects everything. */
export interface Selector {
  labels: Label[];
  /** One without an operator is of a form that is not known. */
  expressions: { key: string | undefined; operator: string | undefined; values: string[] }[];
}

/** Whom a rule names: pods by label, pods of namespaces by label, or addresses. */
export interface Peer {
  pods?: Selector;
  namespaces?: Selector;
  /** True for a block of addresses. */
  block: boolean;
}

/** Ports that a rule or an entry names: all of them without a number and a name. */
export interface Ports {
  /** `TCP`, `UDP`, `SCTP`, or `ANY`. */
  protocol: string;
  /** First and last number. */
  from?: number;
  to?: number;
  /** Anything but a number, which only the pod's own ports could resolve. */
  name?: string;
}

/** A rule that lets in: any of its peers on any of its ports; without peers everybody, without ports all of them. */
export interface PolicyRule {
  peers: Peer[];
  ports: Ports[];
}

/** A NetworkPolicy (networking.k8s.io/v1) as far as it is about ingress. */
export interface NetworkPolicy {
  capture: string;
  layer: string;
  name: string;
  namespace?: string;
  /** The pods it protects; without a term all pods of its namespace. */
  selects: Selector;
  /** Its policyTypes as printed; none where it leaves them to their default. */
  types: Stated[];
  /**
   * True where it is about ingress: its types say so, or it has none (kubernetes.io, NetworkPolicySpec, policyTypes).
   * Where it is not, its ingress rules are stored without effect, and everybody may reach the pods.
   */
  restrictsIngress: boolean;
  ingress: PolicyRule[];
  /** Its `ingress`; the whole policy where it has none. */
  evidence: Citation;
}

/** A label as Cilium prints it, `k8s:role=frontend`; of `reserved:host` the key is `reserved`. */
export interface MapLabel extends Label {
  /** What stands before the colon; empty for `ANY`. */
  source: string;
}

/** One entry of a policy map. */
export interface PolicyEntry {
  direction: Stated;
  /** As printed: `Allow`, `Deny`; absent in versions that know no deny. */
  policy?: string;
  /** Labels of the peer's identity. */
  labels: MapLabel[];
  /** Number of the peer's identity, where it is printed instead of the labels. */
  identity?: Stated;
  /** True for `ANY` and for the identity 0: every identity. */
  any: boolean;
  /** As printed: `ANY`, `80/TCP`. */
  port: string;
  ports: Ports[];
  /** True where it leads through a proxy. */
  proxied: boolean;
  /** Packets counted; absent where the kernel keeps no count. */
  packets?: number;
  evidence: Citation;
}

/** The policy map of one endpoint. */
export interface PolicyMap {
  capture: string;
  layer: string;
  endpoint?: string;
  entries: PolicyEntry[];
}

/** The NetworkPolicies among the outputs, also those in a list. */
export function policiesIn(subjects: readonly Subject[]): NetworkPolicy[] {
  return subjects.flatMap((subject) => {
    if (subject.parsed.format !== 'yaml') return [];
    const cite = citing(subject);
    return subject.parsed.documents
      .flatMap((document) => [document, ...itemsOf(childOf(document, 'items'))])
      .flatMap((object) =>
        scalarAt(object, 'kind')?.value === 'NetworkPolicy' ? [policy(subject, object, cite)] : [],
      );
  });
}

function policy(subject: Subject, object: TreeNode, cite: Cite): NetworkPolicy {
  const spec = childOf(object, 'spec');
  const types = itemsOf(childOf(spec, 'policyTypes')).flatMap((type) =>
    type.type === 'scalar' ? [stated(subject, type.at)] : [],
  );
  const namespace = scalarAt(object, 'metadata', 'namespace')?.value;
  const ingress = spec?.type === 'map' ? spec.entries.find(({ key }) => key.value === 'ingress') : undefined;
  const start = ingress?.key.start ?? extent(object).start;
  const { end } = extent(ingress?.value ?? object);
  return {
    capture: subject.key,
    layer: subject.layer,
    name: scalarAt(object, 'metadata', 'name')?.value ?? '',
    ...(namespace !== undefined && { namespace }),
    selects: selectorOf(subject, childOf(spec, 'podSelector')),
    types,
    restrictsIngress: types.length === 0 || types.some(({ value }) => value === 'Ingress'),
    ingress: itemsOf(ingress?.value).map((rule) => ({
      peers: itemsOf(childOf(rule, 'from')).map((peer) => peerOf(subject, peer)),
      ports: itemsOf(childOf(rule, 'ports')).map(portsOf),
    })),
    evidence: cite(lineAt(subject.text, start), lineAt(subject.text, Math.max(start, end - 1))),
  };
}

function peerOf(subject: Subject, peer: TreeNode): Peer {
  const [pods, namespaces] = [childOf(peer, 'podSelector'), childOf(peer, 'namespaceSelector')];
  return {
    ...(pods && { pods: selectorOf(subject, pods) }),
    ...(namespaces && { namespaces: selectorOf(subject, namespaces) }),
    block: childOf(peer, 'ipBlock') !== undefined,
  };
}

function selectorOf(subject: Subject, selector: TreeNode | undefined): Selector {
  const map = childOf(selector, 'matchLabels');
  const entries = map?.type === 'map' ? map.entries : [];
  const terms = itemsOf(childOf(selector, 'matchExpressions'));
  return {
    labels: entries.flatMap(({ key, value }) =>
      value.type === 'scalar' ? [labelOf(subject, key.value, value.at, String(value.data ?? ''))] : [],
    ),
    expressions: [
      ...terms.map((term) => ({
        key: scalarAt(term, 'key')?.value,
        operator: scalarAt(term, 'operator')?.value,
        values: itemsOf(childOf(term, 'values')).map((value) =>
          value.type === 'scalar' ? String(value.data ?? '') : '',
        ),
      })),
      ...entries
        .filter(({ value }) => value.type !== 'scalar')
        .map(({ key }) => ({ key: key.value, operator: undefined, values: [] })),
    ],
  };
}

/** A label whose value stands at a place. */
export function labelOf(subject: Subject, key: string, at: Located, value = at.value): Label {
  return { key, value, at: stated(subject, at, `${key}=${value}`) };
}

/** NetworkPolicyPort: TCP unless it says otherwise, every port unless it names one. */
function portsOf(entry: TreeNode): Ports {
  const protocol = scalarAt(entry, 'protocol')?.value ?? 'TCP';
  const port = scalarAt(entry, 'port')?.value;
  if (port === undefined) return { protocol };
  if (!/^\d+$/.test(port)) return { protocol, name: port };
  return { protocol, from: Number(port), to: Number(scalarAt(entry, 'endPort')?.value ?? port) };
}

/** The policy maps among the outputs. */
export function policyMapsIn(subjects: readonly Subject[]): PolicyMap[] {
  return subjects.flatMap((subject) => {
    const { key: capture, layer, parsed } = subject;
    if (parsed.format !== 'cilium-policy-map') return [];
    const cite = citing(subject);
    return parsed.maps.map((map) => {
      const endpoint = endpointOf(map);
      const entries = map.entries.map((entry) => entryOf(subject, entry, cite));
      return { capture, layer, ...(endpoint !== undefined && { endpoint }), entries };
    });
  });
}

function entryOf(
  subject: Subject,
  { line, direction, policy, labels, identity, port, proxyPort, packets }: ParsedEntry,
  cite: Cite,
): PolicyEntry {
  const read = labels.map((label) => mapLabel(subject, label));
  return {
    direction: stated(subject, direction),
    ...(policy && { policy: policy.value }),
    labels: read,
    ...(identity && { identity: stated(subject, identity) }),
    any: labels.some(({ value }) => value === 'ANY') || identity?.value === '0',
    port: port.value,
    ports: port.value.split(',').map(entryPorts),
    proxied: proxyPort.value !== 'NONE',
    ...(/^\d+$/.test(packets.value) && { packets: Number(packets.value) }),
    evidence: cite(line, Math.max(line, ...read.map(({ at }) => at.at.line))),
  };
}

/** `k8s:role=frontend`, `reserved:host`, `cidr:10.0.0.0/8`, `ANY`. */
export function mapLabel(subject: Subject, label: Located): MapLabel {
  const [, source = '', rest = ''] = /^(?:([^:]*):)?(.*)$/.exec(label.value) ?? [];
  const [, key = rest, value = ''] = /^([^=]*)=(.*)$/.exec(rest) ?? [];
  const at = stated(subject, label);
  return source === 'reserved' ? { source, key: source, value: rest, at } : { source, key, value, at };
}

/** `ANY`, `80/TCP`, `80-90/TCP`. */
function entryPorts(printed: string): Ports {
  const name = printed.trim();
  if (name === 'ANY') return { protocol: name };
  const [, from, to = from, protocol = 'ANY'] = /^(\d+)(?:-(\d+))?\/(.+)$/.exec(name) ?? [];
  return from === undefined ? { protocol, name } : { protocol, from: Number(from), to: Number(to) };
}

function itemsOf(node: TreeNode | undefined): TreeNode[] {
  return node?.type === 'list' ? node.items : [];
}

/** First and last offset of a node's source. */
function extent(node: TreeNode): { start: number; end: number } {
  if (node.type === 'scalar') return node.at;
  const parts =
    node.type === 'map' ? node.entries.flatMap(({ key, value }) => [key, extent(value)]) : node.items.map(extent);
  if (node.empty) parts.push(node.empty);
  return parts.reduce((all, { start, end }) => ({ start: Math.min(all.start, start), end: Math.max(all.end, end) }), {
    start: parts[0]?.start ?? 0,
    end: 0,
  });
}
