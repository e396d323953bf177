import { flowsIn } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import { replicaSetOf } from '../../model/pods.ts';
import {
  type AllowEntry,
  allowedIn,
  type ClientRequest,
  clientRequests,
  type Label,
  type PolicyFacts,
  policiesIn,
} from '../../model/policies.ts';
import { distinct, statement } from '../../model/stated.ts';
import { inWords } from '../../words.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

const text = ({ key, value }: Label) => `${key}=${value}`;
const places = (labels: readonly Label[]) => labels.map(({ at }) => at.at);
/** Label by which Cilium names a pod's namespace. */
const NAMESPACE = 'io.kubernetes.pod.namespace';

/** Policies add up: one about ingress restricts it, whatever others are about. */
function policyOf(trace: SideModel): PolicyFacts | undefined {
  const policies = trace.subjects.flatMap(policiesIn);
  return policies.find(({ restrictsIngress }) => restrictsIngress) ?? policies[0];
}

/** What a policy is about, where ingress is not among it. */
function aboutOthers({ types }: PolicyFacts): string {
  return `about ${inWords(types.map(({ value }) => value))} alone`;
}

/** The policy protects the pods of the Service: it selects them by the Service's own labels. */
export function policySelectorCheck(trace: SideModel): CheckResult {
  const policy = policyOf(trace);
  if (!policy) return notComparable('no output is a NetworkPolicy');
  return agree('the labels of the pods', [
    ...trace.service.selector,
    statement(
      `podSelector of ${policy.name}`,
      policy.subject,
      policy.selects.map((label) => label.at),
    ),
  ]);
}

/** The map lets in the peers the policy names, in its namespace, and nobody else but reserved identities. */
export function policyMapCheck(trace: SideModel): CheckResult {
  const policy = policyOf(trace);
  const entries = trace.subjects.flatMap(allowedIn);
  const evidence = [
    ...(policy?.types ?? []).map(({ at }) => at),
    ...(policy?.peers ?? []).flatMap(places),
    ...entries.flatMap(({ at, labels }) => (labels.length > 0 ? places(labels) : [at.at])),
  ];
  if (!policy) return notComparable('no output is a NetworkPolicy', evidence);
  if (!trace.subjects.some(({ parsed }) => parsed.format === 'cilium-policy-map'))
    return notComparable('no output is a policy map', evidence);
  if (!policy.restrictsIngress)
    return entries.some(({ any }) => any)
      ? holds(`${policy.name} is ${aboutOthers(policy)}, and an entry lets in every identity`, evidence)
      : broken(`${policy.name} is ${aboutOthers(policy)}, and no entry lets in every identity`, evidence);
  if (!policy.peers)
    return notComparable(`${policy.name} says more than labels of pods (ports, namespaces or addresses)`, evidence);
  const named = entries.filter(({ labels }) => labels.some(({ key }) => key !== 'reserved' && key !== 'ANY'));
  const wrong: string[] = [];
  for (const peer of policy.peers) {
    if (!entries.some((entry) => admits(entry, peer, policy.namespace)))
      wrong.push(`no entry lets in ${inWords(peer.map(text))} of ${policy.namespace ?? 'its namespace'}`);
  }
  for (const entry of named) {
    if (!policy.peers.some((peer) => admits(entry, peer, policy.namespace)))
      wrong.push(`an entry lets in ${inWords(entry.labels.map(text))}, which ${policy.name} does not`);
  }
  if (entries.some(({ any }) => any)) wrong.push('an entry lets in every identity');
  if (wrong.length > 0) return broken(wrong.join('; '), evidence);
  if (named.length === 0) return notComparable('the map prints numbers of identities instead of labels', evidence);
  const reserved = entries.flatMap(({ labels }) => labels.filter(({ key }) => key === 'reserved'));
  const besides = reserved.length > 0 ? `; besides, ${inWords(reserved.map(({ value }) => `reserved:${value}`))}` : '';
  return holds(`${inWords(policy.peers.map((peer) => inWords(peer.map(text))))}${besides}`, evidence);
}

function admits({ labels }: AllowEntry, peer: readonly Label[], namespace: string | undefined): boolean {
  const inNamespace = labels.filter(({ key }) => key === NAMESPACE);
  return (
    peer.every(({ key, value }) => labels.some((label) => label.key === key && label.value === value)) &&
    inNamespace.every(({ value }) => value === namespace)
  );
}

/** Clients whose label the policy names are answered, others are not; the map agrees. */
export function enforcementCheck(trace: SideModel): CheckResult {
  const policy = policyOf(trace);
  const requests = trace.subjects.flatMap(clientRequests);
  const entries = trace.subjects.flatMap(allowedIn);
  const evidence = [
    ...requests.flatMap(({ client, label, status }) => [client.at, ...(label ? [label.at.at] : []), status.at]),
    ...(policy?.types ?? []).map(({ at }) => at),
  ];
  if (requests.length === 0) return notComparable('no output probes from named clients', evidence);
  const judges: Judge[] = [
    ...(policy && !policy.restrictsIngress
      ? [{ name: `${policy.subject.key} (${aboutOthers(policy)})`, allows: () => true }]
      : policy?.peers
        ? [{ name: policy.subject.key, allows: among(policy.peers) }]
        : []),
    ...(entries.some(({ labels }) => labels.some(({ key }) => key !== 'reserved'))
      ? [
          {
            name: entries[0]?.subject.key ?? '',
            allows: (label: Label | undefined) =>
              entries.some(({ any }) => any) || among(entries.map(({ labels }) => labels))(label),
          },
        ]
      : []),
  ];
  if (judges.length === 0)
    return notComparable('no output is a NetworkPolicy or a policy map that prints labels', evidence);
  const unlabelled = requests.filter(({ label }) => !label);
  if (unlabelled.length > 0)
    return notComparable(
      `the probe names no label of ${inWords(unlabelled.map(({ client }) => client.value))}`,
      evidence,
    );
  const wrong = requests.flatMap((request) => judge(request, judges));
  if (wrong.length > 0) return broken(wrong.join('; '), evidence);
  const words = requests.map(
    ({ client, label, answered }) =>
      `${client.value} (${label ? text(label) : ''}) ${answered ? 'is answered' : 'gets no answer'}`,
  );
  return holds(`${words.join(', ')}, as by ${inWords(judges.map(({ name }) => name))}`, evidence);
}

/** An output that says whom it lets in. */
interface Judge {
  name: string;
  allows: (label: Label | undefined) => boolean;
}

function among(peers: readonly (readonly Label[])[]): Judge['allows'] {
  return (label) => peers.some((peer) => peer.some(({ key, value }) => key === label?.key && value === label.value));
}

function judge({ client, label, answered, mark }: ClientRequest, judges: readonly Judge[]): string[] {
  const got = answered ? 'is answered' : 'gets no answer';
  const against = judges.flatMap(({ name, allows }) =>
    allows(label) === answered ? [] : [`${client.value} ${got}, ${name} ${answered ? 'does not allow' : 'allows'} it`],
  );
  const marked =
    mark && (mark.value === '✓') !== answered ? [`${client.value} ${got} and is marked ${mark.value}`] : [];
  return [...against, ...marked];
}

/** Drops are of the clients that got no answer, and of no other; nothing of theirs was delivered. */
export function dropsCheck(trace: SideModel): CheckResult {
  const requests = trace.subjects.flatMap(clientRequests);
  const flows = trace.subjects.flatMap(flowsIn);
  const dropped = flows.filter(({ verdict, event }) => verdict.value === 'DROPPED' || /^policy denied/i.test(event));
  const evidence = [
    ...requests.flatMap(({ client, status }) => [client.at, status.at]),
    ...dropped.flatMap(({ from, to, verdict }) => [from.at, to.at, verdict.at]),
  ];
  if (requests.length === 0) return notComparable('no output probes from named clients', evidence);
  const layers = new Set(requests.map(({ subject }) => subject.layer));
  // Flows of another layer were seen before the policy was there.
  if (!trace.subjects.some(({ layer, parsed }) => layers.has(layer) && parsed.format.startsWith('hubble-flows')))
    return notComparable('no output shows flows of the time of the probe', evidence);
  const denied = new Set(requests.filter(({ answered }) => !answered).map(({ client }) => client.value));
  const answered = new Set(requests.filter(({ answered }) => answered).map(({ client }) => client.value));
  const own = trace.pods.replicaSets;
  const wrong = [
    ...flows
      .filter(({ from, verdict, event }) => {
        const delivered = event === 'to-endpoint' && verdict.value !== 'DROPPED';
        return denied.has(from.value) && (delivered || (/^policy denied/i.test(event) && verdict.value !== 'DROPPED'));
      })
      .map(({ from, verdict, subject }) => `${from.value} got no answer and is ${verdict.value} in ${subject.key}`),
    ...dropped
      .filter(({ from }) => answered.has(from.value))
      .map(({ from, subject }) => `${from.value} was answered and is dropped in ${subject.key}`),
    ...dropped
      .filter(({ from, to }) => denied.has(from.value) && own.size > 0 && !own.has(replicaSetOf(to.value) ?? ''))
      .map(({ to, subject }) => `${to.value} of ${subject.key} is no pod of the Service`),
    ...[...denied]
      .filter((name) => !dropped.some(({ from }) => from.value === name))
      .map((name) => `${name} got no answer, and no drop names it`),
  ];
  if (wrong.length > 0) return broken([...new Set(wrong)].join('; '), evidence);
  const mine = dropped.filter(({ from }) => denied.has(from.value));
  const identities = distinct(mine.flatMap(({ fromIdentity }) => fromIdentity ?? []));
  const by = identities.length > 0 ? ` (identity ${inWords(identities)})` : '';
  return holds(`${mine.length} drops, all from ${inWords([...denied])}${by}`, evidence);
}
