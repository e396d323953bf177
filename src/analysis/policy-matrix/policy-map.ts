import type { MapLabel, PolicyEntry, PolicyMap } from '../../model/policies.ts';
import { type Answer, every, hasLabel, holdsPort, type PolicyCell, type PolicySource, some } from './source.ts';

/*
 * What the policy map of one endpoint lets in. Each entry is keyed by one identity (and port); the output shows the
 * identity by its labels. A deny entry wins over any allow entry; what no entry matches is dropped. Where no policy
 * selects the endpoint, Cilium keeps an entry for ANY. (docs.cilium.io, "Policy Enforcement", "Deny Policies")
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

/** What a policy map says of a source on a TCP port, in words. */
export function mapCell(map: PolicyMap, source: PolicySource, target: Endpoint): PolicyCell {
  const { answer, by } = decision(map, source, target);
  const say = (verdict: PolicyCell['verdict'], why: string): PolicyCell => ({
    verdict,
    basis: verdict === 'unknown' ? 'none' : 'predicted',
    why,
    evidence: (by ? [by] : ingressEntries(map)).map(({ evidence }) => evidence),
  });
  if (!by) return say('denied', 'No Ingress entry names it.');
  if (answer === 'yes') return say('allowed', whyAllowed(by, source));
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

/**
 * An entry is one identity. One that shows `reserved:host` beside other labels is most likely the host's, the only
 * reserved identity that takes on labels of its addresses (pkg/ipcache, reserved host labels); the output does not say.
 */
function whyAllowed({ labels, packets }: PolicyEntry, source: PolicySource): string {
  const counted = packets === undefined ? '' : ` The entry has counted ${packets} packets.`;
  const shared = source.kind === 'reserved' && source.name !== 'host' && labels.some(isReserved('host'));
  return shared
    ? `Its label stands in one entry with reserved:host. An entry is one identity; the output does not print which.${counted}`
    : `An Ingress entry names it.${counted}`;
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
  if (from.has('reserved')) return source.kind === 'reserved' && labels.some(isReserved(source.name)) ? 'yes' : 'no';
  // A block of addresses outside the cluster may hold the client; pods have identities of their own.
  if (from.has('cidr')) return source.name === 'world' ? 'unknown' : 'no';
  if (source.kind === 'reserved') return 'no';
  const of = labels.find(({ source: kind, key, value }) => kind === 'k8s' && key === NAMESPACE && value)?.value;
  const sameNamespace = of === undefined || namespace === undefined ? undefined : of === namespace;
  return every([
    source.sameNamespace ? yesNo(sameNamespace) : sameNamespace === true ? 'no' : 'unknown',
    ...labels.filter((label) => !isGiven(label)).map((label) => labelIs(label, source)),
  ]);
}

/** Labels that Cilium adds to every pod's identity; they tell the namespace, not the workload. */
function isGiven({ source, key }: MapLabel): boolean {
  return source === 'k8s' && (key === NAMESPACE || key.startsWith('io.cilium.k8s.'));
}

function yesNo(known: boolean | undefined): Answer {
  return known === undefined ? 'unknown' : known ? 'yes' : 'no';
}

function labelIs({ source, key, value }: MapLabel, from: PolicySource): Answer {
  return source === '' || key === '' ? 'unknown' : hasLabel(from, key, value);
}
