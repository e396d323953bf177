import { childOf, scalarAt, type TreeNode } from '../formats/tree.ts';
import type { Located } from '../formats/types.ts';
import { type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** A label with its place. */
export interface Label {
  key: string;
  value: string;
  at: Stated;
}

/** A NetworkPolicy as far as the checks read it: ingress from pods with given labels. */
export interface PolicyFacts {
  subject: Subject;
  name: string;
  namespace: string | undefined;
  /** Labels of the pods it protects; empty for all pods of the namespace. */
  selects: Label[];
  /** Labels of each peer that may reach them; undefined where a rule says more than labels of pods. */
  peers: Label[][] | undefined;
  /** Its policyTypes as printed; none where it leaves them to their default. */
  types: Stated[];
  /**
   * True where it is about ingress: its types say so, or it has none (kubernetes.io, NetworkPolicySpec, policyTypes).
   * Where it is not, its ingress rules are stored without effect, and everybody may reach the pods.
   */
  restrictsIngress: boolean;
}

/** An entry of a policy map that lets traffic in. */
export interface AllowEntry {
  subject: Subject;
  at: Stated;
  /** `k8s:role=frontend` as key and value; a reserved identity has the key `reserved`. */
  labels: Label[];
  identity: Stated | undefined;
  /** True for `ANY`: every identity. */
  any: boolean;
}

/** A request of a client that a probe names. */
export interface ClientRequest {
  subject: Subject;
  client: Stated;
  label: Label | undefined;
  answered: boolean;
  status: Stated;
  /** What the probe says of it: `✓` for allowed. */
  mark: Stated | undefined;
}

/** The NetworkPolicies among the outputs. */
export function policiesIn(subject: Subject): PolicyFacts[] {
  if (subject.parsed.format !== 'yaml') return [];
  return subject.parsed.documents.flatMap((document) => {
    if (scalarAt(document, 'kind')?.value !== 'NetworkPolicy') return [];
    const spec = childOf(document, 'spec');
    const list = childOf(spec, 'policyTypes');
    const types = (list?.type === 'list' ? list.items : []).flatMap((type) =>
      type.type === 'scalar' ? [stated(subject, type.at)] : [],
    );
    return [
      {
        subject,
        name: scalarAt(document, 'metadata', 'name')?.value ?? '',
        namespace: scalarAt(document, 'metadata', 'namespace')?.value,
        selects: labelsOf(subject, childOf(childOf(spec, 'podSelector'), 'matchLabels')),
        peers: peersOf(subject, childOf(spec, 'ingress')),
        types,
        restrictsIngress: types.length === 0 || types.some(({ value }) => value === 'Ingress'),
      },
    ];
  });
}

function labelsOf(subject: Subject, map: TreeNode | undefined): Label[] {
  if (map?.type !== 'map') return [];
  return map.entries.flatMap(({ key, value }) =>
    value.type === 'scalar'
      ? [{ key: key.value, value: value.at.value, at: stated(subject, value.at, `${key.value}=${value.at.value}`) }]
      : [],
  );
}

/** Only `from` with a podSelector of matchLabels alone is read; ports, namespaces and address blocks narrow or widen it. */
function peersOf(subject: Subject, ingress: TreeNode | undefined): Label[][] | undefined {
  if (ingress?.type !== 'list') return [];
  const peers: Label[][] = [];
  for (const rule of ingress.items) {
    const from = childOf(rule, 'from');
    if (rule.type !== 'map' || rule.entries.length !== 1 || from?.type !== 'list') return undefined;
    for (const peer of from.items) {
      const selector = childOf(peer, 'podSelector');
      const plain = peer.type === 'map' && peer.entries.length === 1 && selector?.type === 'map';
      const labels = labelsOf(subject, childOf(selector, 'matchLabels'));
      if (!plain || selector.entries.length !== 1 || labels.length === 0) return undefined;
      peers.push(labels);
    }
  }
  return peers;
}

/** The entries of policy maps that allow ingress. */
export function allowedIn(subject: Subject): AllowEntry[] {
  if (subject.parsed.format !== 'cilium-policy-map') return [];
  return subject.parsed.maps.flatMap(({ entries }) =>
    entries
      .filter(({ direction, policy }) => direction.value === 'Ingress' && policy?.value !== 'Deny')
      .map(({ direction, labels, identity }) => ({
        subject,
        at: stated(subject, direction),
        labels: labels.map((label) => mapLabel(subject, label)),
        identity: identity && stated(subject, identity),
        any: labels.some(({ value }) => value === 'ANY') || identity?.value === '0',
      })),
  );
}

/** `k8s:role=frontend`, `reserved:host`. */
function mapLabel(subject: Subject, label: Located): Label {
  const colon = label.value.indexOf(':');
  const source = label.value.slice(0, Math.max(colon, 0));
  const rest = label.value.slice(colon + 1);
  const equals = rest.indexOf('=');
  const at = stated(subject, label);
  if (source === 'reserved') return { key: 'reserved', value: rest, at };
  return { key: equals < 0 ? rest : rest.slice(0, equals), value: equals < 0 ? '' : rest.slice(equals + 1), at };
}

/** The requests of a probe that names its clients. */
export function clientRequests(subject: Subject): ClientRequest[] {
  if (subject.parsed.format !== 'http-probe') return [];
  return subject.parsed.requests.flatMap(({ client, label, status, mark }) =>
    client
      ? [
          {
            subject,
            client: stated(subject, client),
            label: label && {
              key: label.key.value,
              value: label.value.value,
              at: stated(subject, label.value, `${label.key.value}=${label.value.value}`),
            },
            answered: status.value !== '000',
            status: stated(subject, status),
            mark: mark && stated(subject, mark),
          },
        ]
      : [],
  );
}
