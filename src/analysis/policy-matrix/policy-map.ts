import type { MapLabel, PolicyEntry, PolicyMap } from '../../model/policies.ts';
import { counted } from '../../words.ts';
import {
  type Answer,
  every,
  hasLabel,
  holdsPort,
  type PolicyCell,
  type PolicySource,
  some,
  unlabelled,
} from './source.ts';

/*
 * What the policy map of one endpoint lets in. Each entry is keyed by one identity (and port); the output shows the
 * identity by its labels. A deny entry wins over any allow entry; what no entry matches is dropped. Where no policy
 * selects the endpoint, Cilium keeps an entry for ANY. (docs.cilium.io, "Policy Enforcement", "Deny Policies")
 *
 * The host's identity (1) collects the labels of every address of the host (pkg/ipcache/metadata.go,
 * updateReservedHostLabels), so that its entry may print `reserved:remote-node` besides; another node has an identity of
 * its own (6), which such an entry does not let in.
 */

/** Numbers of the reserved identities that matter here (pkg/identity/numericidentity.go). */
const RESERVED: Readonly<Record<string, string>> = { host: '1', world: '2', 'remote-node': '6' };
/** Label by which Cilium names a pod's namespace. */
const NAMESPACE = 'io.kubernetes.pod.namespace';

/** Where the endpoint of a map stands. */
interface Endpoint {
  namespace?: string;
  port?: string;
}

/** What a map says of a source, and the entry that says so; without one, no entry names it. */
interface Decision {
  answer: Answer;
  by?: PolicyEntry;
}

/** The entries of a map that are about ingress. */
export function ingressEntries({ entries }: PolicyMap): PolicyEntry[] {
  return entries.filter(({ direction }) => direction.value === 'Ingress');
}

/** Whether a policy map lets in a source on a TCP port. */
export function mapAllows(map: PolicyMap, source: PolicySource, target: Endpoint): Answer {
  return decision(map, source, target).answer;
}

/**
 * What a policy map says of a source on a TCP port, in words.
 * @param seen whether a recording shows what became of the source's traffic
 */
export function mapCell(map: PolicyMap, source: PolicySource, target: Endpoint, seen = false): PolicyCell {
  const { answer, by } = decision(map, source, target);
  const say = (verdict: PolicyCell['verdict'], why: string): PolicyCell => ({
    verdict,
    basis: verdict === 'unknown' ? 'none' : 'predicted',
    why,
    evidence: (by ? [by] : ingressEntries(map)).map(({ evidence }) => evidence),
  });
  if (!by) return say('denied', whyUnnamed(map, source, seen));
  if (answer === 'yes') return say('allowed', `An Ingress entry names it.${countedBy(by)}`);
  if (answer === 'no') return say('denied', 'A Deny entry names it.');
  return say('unknown', 'What is known of it does not tell whether this entry covers it.');
}

function decision(map: PolicyMap, source: PolicySource, { namespace, port }: Endpoint): Decision {
  const matched = ingressEntries(map).map((by) => ({
    by,
    denies: by.policy === 'Deny',
    answer: every([peerIs(by, source, namespace), some(by.ports.map((each) => holdsPort(each, port)))]),
  }));
  const first = (answer: Answer, denies: boolean) =>
    matched.find((each) => each.answer === answer && each.denies === denies)?.by;

  const [deny, maybeDeny, allow] = [first('yes', true), first('unknown', true), first('yes', false)];
  if (deny) return { answer: 'no', by: deny };
  const open = maybeDeny ?? (allow ? undefined : first('unknown', false));
  if (open) return { answer: 'unknown', by: open };
  return allow ? { answer: 'yes', by: allow } : { answer: 'no' };
}

function countedBy({ packets }: PolicyEntry): string {
  return packets === undefined ? '' : ` The entry has counted ${counted(packets, 'packet')}.`;
}

function whyUnnamed(map: PolicyMap, { kind, name }: PolicySource, seen: boolean): string {
  const number = RESERVED[name];
  const shown = kind === 'reserved' && number !== undefined && hostEntries(map, name).length > 0;
  if (!shown) return 'No Ingress entry names it.';
  const open = seen ? '' : ' No capture confirms it.';
  return `It is named in the entry of reserved:host, which is one identity, the host’s (1). Its own (${number}) has no entry in the map.${open}`;
}

/** Ingress entries of the host that print the label of another reserved identity besides. */
export function hostEntries(map: PolicyMap, name: string): PolicyEntry[] {
  return ingressEntries(map).filter(
    ({ labels }) => reservedOf(labels) === 'host' && name !== 'host' && labels.some(isReserved(name)),
  );
}

/**
 * Whether a map denies what another node relays, although its entry of the host prints the label of other nodes: no
 * entry is theirs.
 */
export function deniesRelayed(map: PolicyMap): boolean {
  const node: PolicySource = { ...unlabelled, id: 'reserved/remote-node', kind: 'reserved', name: 'remote-node' };
  return hostEntries(map, node.name).length > 0 && !decision(map, node, {}).by;
}

/**
 * Name of the reserved identity that some labels are printed for; undefined where they are of another kind. Those of the
 * host and of the API server take on labels of their addresses.
 */
export function reservedOf(labels: readonly MapLabel[]): string | undefined {
  const collecting = ['host', 'kube-apiserver'].find((name) => labels.some(isReserved(name)));
  return collecting ?? labels.find(({ source }) => source === 'reserved')?.value;
}

const isReserved =
  (name: string) =>
  ({ source, value }: MapLabel): boolean =>
    source === 'reserved' && value === name;

function peerIs({ labels, identity, any }: PolicyEntry, source: PolicySource, namespace: string | undefined): Answer {
  if (any) return 'yes';
  if (identity) {
    const number = source.kind === 'reserved' ? RESERVED[source.name] : source.identity;
    return number === undefined ? 'unknown' : identity.value === number ? 'yes' : 'no';
  }
  const from = new Set(labels.map((label) => label.source));
  // A block of addresses outside the cluster may hold the client; pods and the host have identities of their own.
  const reserved = reservedOf(labels);
  if (from.has('cidr') && reserved !== 'host') return source.name === 'world' ? 'unknown' : 'no';
  if (reserved !== undefined) return source.kind === 'reserved' && source.name === reserved ? 'yes' : 'no';
  if (source.kind === 'reserved') return 'no';
  const of = labels.find(({ source: kind, key, value }) => kind === 'k8s' && key === NAMESPACE && value)?.value;
  const sameNamespace = of === undefined || namespace === undefined ? undefined : of === namespace;
  return every([
    source.sameNamespace ? yesNo(sameNamespace) : sameNamespace === true ? 'no' : 'unknown',
    ...labels.filter((label) => !isGiven(label)).map((label) => labelIs(label, source)),
  ]);
}

/** Labels that Cilium adds to every pod's identity; they tell the namespace, not the workload. */
export function isGiven({ source, key }: MapLabel): boolean {
  return source === 'k8s' && (key === NAMESPACE || key.startsWith('io.cilium.k8s.'));
}

function yesNo(known: boolean | undefined): Answer {
  return known === undefined ? 'unknown' : known ? 'yes' : 'no';
}

function labelIs({ source, key, value }: MapLabel, from: PolicySource): Answer {
  return source === '' || key === '' ? 'unknown' : hasLabel(from, key, value);
}
