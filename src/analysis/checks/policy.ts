import { packetsToPods } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import { isOfService } from '../../model/pods.ts';
import type { Label, MapLabel, NetworkPolicy } from '../../model/policies.ts';
import { type ClientRequest, clientRequests } from '../../model/probes.ts';
import { distinct, statement } from '../../model/stated.ts';
import type { Occurrence } from '../../model/subject.ts';
import { examplesInWords, inWords, reasonsInWords } from '../../words.ts';
import { policiesAllow } from '../policy-matrix/network-policy.ts';
import { ingressEntries, mapAllows } from '../policy-matrix/policy-map.ts';
import {
  type Answer,
  ingressPolicies,
  type PolicySource,
  type PolicyTarget,
  partiesOf,
  podSource,
  policyTarget,
  some,
} from '../policy-matrix/source.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

const text = ({ key, value }: Label) => `${key}=${value}`;
const places = (labels: readonly Label[]) => labels.map(({ at }) => at.at);
/** Most clients that a sentence names. */
const MOST_CLIENTS = 5;
/** Label by which Cilium names a pod's namespace. */
const NAMESPACE = 'io.kubernetes.pod.namespace';

/** The policies that decide: those about ingress, and only without any the first of the others. */
function decidingPolicies(model: SideModel): NetworkPolicy[] {
  const about = ingressPolicies(model);
  return about.length > 0 ? about : model.policies.slice(0, 1);
}

/** What a policy is about, where ingress is not among it. */
function aboutOthers({ types }: NetworkPolicy): string {
  return `about ${inWords(types.map(({ value }) => value))} alone`;
}

/** The policy protects the pods of the Service: it selects them by the Service's own labels. */
export function policySelectorCheck(model: SideModel): CheckResult {
  const [policy] = decidingPolicies(model);
  if (!policy) return notComparable('no output is a NetworkPolicy');
  const { name, capture, selects } = policy;
  return agree('the labels of the pods', [
    ...model.service.selector,
    statement(
      `podSelector of ${name}`,
      { key: capture },
      selects.labels.map(({ at }) => at),
    ),
  ]);
}

/** A peer by the labels of pods in the namespace of its policy. */
interface LabelledPeer {
  labels: Label[];
  namespace: string | undefined;
}

/** The peers of a policy; undefined where a rule says more than labels of pods, or lets in everybody. */
function labelledPeers({ ingress, namespace }: NetworkPolicy): LabelledPeer[] | undefined {
  const peers: LabelledPeer[] = [];
  for (const rule of ingress) {
    if (rule.ports.length > 0 || rule.peers.length === 0) return undefined;
    for (const { pods, namespaces, block } of rule.peers) {
      const plain = pods && !namespaces && !block && pods.expressions.length === 0;
      if (!plain || pods.labels.length === 0) return undefined;
      peers.push({ labels: pods.labels, namespace });
    }
  }
  return peers;
}

/** The map lets in the peers the policies name, in their namespace, and nobody else but reserved identities. */
export function policyMapCheck(model: SideModel): CheckResult {
  const policies = decidingPolicies(model);
  const peers = policies.flatMap((policy) => labelledPeers(policy) ?? []);
  const entries = model.policyMaps.flatMap(ingressEntries).filter(({ policy }) => policy !== 'Deny');
  const evidence = [
    ...policies.flatMap(({ types }) => types.map(({ at }) => at)),
    ...peers.flatMap(({ labels }) => places(labels)),
    ...entries.flatMap(({ direction, labels }) => (labels.length > 0 ? places(labels) : [direction.at])),
  ];
  const [policy] = policies;
  if (!policy) return notComparable('no output is a NetworkPolicy', evidence);
  if (model.policyMaps.length === 0) return notComparable('no output is a policy map', evidence);
  const open = entries.some(({ any }) => any);
  if (!policy.restrictsIngress) {
    const about = `${policy.name} is ${aboutOthers(policy)}`;
    return open
      ? holds(`${about}, and an entry lets in every identity`, evidence)
      : broken(`${about}, and no entry lets in every identity`, evidence);
  }
  const vague = policies.find((one) => !labelledPeers(one));
  if (vague)
    return notComparable(`${vague.name} says more than labels of pods (ports, namespaces or addresses)`, evidence);
  const named = entries.filter(({ labels }) => labels.some(({ key }) => key !== 'reserved' && key !== 'ANY'));
  const numbered = named.length === 0 && entries.some(({ identity, any }) => identity && !any);
  const names = `${examplesInWords(policies.map(({ name }) => name))} ${policies.length === 1 ? 'does' : 'do'} not`;
  const lacking = numbered ? [] : peers.filter((peer) => !entries.some(({ labels }) => admits(labels, peer)));
  const wrong = [
    ...lacking.map(
      ({ labels, namespace }) => `no entry lets in ${inWords(labels.map(text))} of ${namespace ?? 'its namespace'}`,
    ),
    ...named
      .filter(({ labels }) => !peers.some((peer) => admits(labels, peer)))
      .map(({ labels }) => `an entry lets in ${inWords(labels.map(text))}, which ${names}`),
    ...(open ? ['an entry lets in every identity'] : []),
  ];
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  if (numbered) return notComparable('the map prints numbers of identities instead of labels', evidence);
  const allowed = examplesInWords(peers.map(({ labels }) => inWords(labels.map(text)))) || 'nobody';
  const reserved = entries.flatMap(({ labels }) => labels.filter(({ key }) => key === 'reserved'));
  const besides =
    reserved.length > 0 ? `; besides, ${examplesInWords(reserved.map(({ value }) => `reserved:${value}`))}` : '';
  return holds(`${allowed}${besides}`, evidence);
}

function admits(labels: readonly MapLabel[], { labels: wanted, namespace }: LabelledPeer): boolean {
  const inNamespace = labels.filter(({ key }) => key === NAMESPACE);
  return (
    wanted.every(({ key, value }) => labels.some((label) => label.key === key && label.value === value)) &&
    inNamespace.every(({ value }) => value === namespace)
  );
}

/** Clients whom the policies let in are answered, others are not; the map agrees. */
export function enforcementCheck(model: SideModel): CheckResult {
  const policies = decidingPolicies(model);
  const requests = clientRequests(model.probes);
  const evidence = [
    ...requests.flatMap(({ client, label, status }) => [client.at, ...(label ? places([label]) : []), status.at]),
    ...policies.flatMap(({ types }) => types.map(({ at }) => at)),
  ];
  if (requests.length === 0) return notComparable('no output probes from named clients', evidence);
  const parties = partiesOf(model);
  const judges = judgesOf(model, policies, policyTarget(parties, ingressPolicies(model)));
  if (judges.length === 0)
    return notComparable('no output is a NetworkPolicy or a policy map with entries for ingress', evidence);
  const unlabelled = requests.filter(({ label }) => !label);
  if (unlabelled.length > 0)
    return notComparable(
      `the probe names no label of ${examplesInWords(unlabelled.map(({ client }) => client.value))}`,
      evidence,
    );
  const judged = requests.map((request) => {
    const labels = new Map(request.label ? [[request.label.key, request.label.value]] : []);
    const source = { ...podSource(parties, request.client.value), labels };
    return { request, answers: judges.map(({ allows }) => allows(source)) };
  });
  const wrong = judged.flatMap(({ request, answers }) => contradictions(request, judges, answers));
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  const open = judged.filter(({ answers }) => answers.every((answer) => answer === 'unknown'));
  if (open.length > 0) {
    const clients = examplesInWords(open.map(({ request }) => request.client.value));
    return notComparable(`what is known of ${clients} does not tell whether ${named(judges)} lets it in`, evidence);
  }
  const words = requests
    .slice(0, MOST_CLIENTS)
    .map(
      ({ client, label, outcome }) =>
        `${client.value} (${label ? text(label) : ''}) ${outcome === 'answered' ? 'is answered' : 'gets no answer'}`,
    );
  if (requests.length > words.length) words.push(`${requests.length - words.length} more likewise`);
  const telling = judges.filter((_, index) => judged.some(({ answers }) => answers[index] !== 'unknown'));
  return holds(`${words.join(', ')}, as by ${named(telling)}`, evidence);
}

/** What says whom it lets in: the policies together, or the policy maps. */
interface Judge {
  name: string;
  allows: (source: PolicySource) => Answer;
}

const named = (judges: readonly Judge[]) => examplesInWords(judges.map(({ name }) => name));
const captures = (all: readonly { capture: string }[]) =>
  examplesInWords([...new Set(all.map(({ capture }) => capture))]);

function judgesOf({ policyMaps }: SideModel, policies: readonly NetworkPolicy[], target: PolicyTarget): Judge[] {
  const maps = policyMaps.filter((map) => ingressEntries(map).length > 0);
  const about = policies.some(({ restrictsIngress }) => restrictsIngress);
  const judges: (Judge & { there: boolean })[] = [
    {
      there: policies.length > 0,
      name: captures(policies) + (about ? '' : ` (${policies.map(aboutOthers).join()})`),
      allows: (source) => policiesAllow(policies, source, target.port),
    },
    {
      // Which endpoint is the target's is not known, so that any of the maps may let a client in.
      there: maps.length > 0,
      name: captures(maps),
      allows: (source) => some(maps.map((map) => mapAllows(map, source, target))),
    },
  ];
  return judges.filter(({ there }) => there);
}

function contradictions(
  { client, outcome, mark }: ClientRequest,
  judges: readonly Judge[],
  answers: readonly Answer[],
): string[] {
  const answered = outcome === 'answered';
  const got = answered ? 'is answered' : 'gets no answer';
  const against = judges
    .filter((_, index) => answers[index] === (answered ? 'no' : 'yes'))
    .map(({ name }) => `${client.value} ${got}, ${name} ${answered ? 'does not allow' : 'allows'} it`);
  const marked =
    mark && (mark.value === '✓') !== answered ? [`${client.value} ${got} and is marked ${mark.value}`] : [];
  return [...against, ...marked];
}

/** Drops are of the clients that got no answer, and of no other; nothing of theirs was delivered. */
export function dropsCheck(model: SideModel): CheckResult {
  const requests = clientRequests(model.probes);
  const packets = packetsToPods(model.flows);
  const dropped = packets.filter(({ verdict, deniedByPolicy }) => verdict === 'DROPPED' || deniedByPolicy);
  const evidence: Occurrence[] = [
    ...requests.flatMap(({ client, status }) => [client.at, status.at]),
    ...dropped.flatMap(({ sender, receiver, verdictAt }) => [sender.at, receiver.at, verdictAt]),
  ];
  if (requests.length === 0) return notComparable('no output probes from named clients', evidence);
  const layers = new Set(requests.map(({ layer }) => layer));
  // Flows of another layer were seen before the policy was there.
  if (!model.flows.some(({ layer }) => layers.has(layer)))
    return notComparable('no output shows flows of the time of the probe', evidence);
  const clients = (wanted: ClientRequest['outcome']) =>
    new Set(requests.filter(({ outcome }) => outcome === wanted).map(({ client }) => client.value));
  const [denied, answered] = [clients('none'), clients('answered')];
  const { replicaSets: own } = model.pods;
  const wrong = [
    ...packets
      .filter(({ sender, verdict, seen, deniedByPolicy }) => {
        const passed = verdict !== 'DROPPED' && (seen === 'to-endpoint' || deniedByPolicy);
        return denied.has(sender.value) && passed;
      })
      .map(({ sender, verdict, capture }) => `${sender.value} got no answer and is ${verdict} in ${capture}`),
    ...dropped
      .filter(({ sender }) => answered.has(sender.value))
      .map(({ sender, capture }) => `${sender.value} was answered and is dropped in ${capture}`),
    ...dropped
      .filter(
        ({ sender, receiver }) => denied.has(sender.value) && own.size > 0 && !isOfService(model.pods, receiver.value),
      )
      .map(({ receiver, capture }) => `${receiver.value} of ${capture} is no pod of the Service`),
    ...[...denied]
      .filter((name) => !dropped.some(({ sender }) => sender.value === name))
      .map((name) => `${name} got no answer, and no drop names it`),
  ];
  if (wrong.length > 0) return broken(reasonsInWords([...new Set(wrong)]), evidence);
  const mine = dropped.filter(({ sender }) => denied.has(sender.value));
  const identities = distinct(mine.flatMap(({ from }) => from.identity ?? []));
  const by = identities.length > 0 ? ` (identity ${examplesInWords(identities)})` : '';
  return holds(`${mine.length} drops, all from ${examplesInWords([...denied])}${by}`, evidence);
}
