import { packetsToPods } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import { isOfService } from '../../model/pods.ts';
import type { Label, NetworkPolicy } from '../../model/policies.ts';
import { type ClientRequest, clientRequests } from '../../model/probes.ts';
import { distinct, statement } from '../../model/stated.ts';
import type { Occurrence } from '../../model/subject.ts';
import { counted, examples, examplesInWords, reasonsInWords } from '../../words.ts';
import { comparePolicyMaps, decidingPolicies } from '../policy-comparison.ts';
import { policiesAllow } from '../policy-matrix/network-policy.ts';
import { deniesRelayed, ingressEntries, mapAllows, reservedOf } from '../policy-matrix/policy-map.ts';
import {
  type Answer,
  ingressPolicies,
  type PolicySource,
  type PolicyTarget,
  partiesOf,
  podSource,
  policyTarget,
  relayedSeen,
  some,
} from '../policy-matrix/source.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

const text = ({ key, value }: Label) => `${key}=${value}`;
const texts = (labels: readonly Label[]) => examplesInWords(labels.map(text));
const places = (labels: readonly Label[]) => labels.map(({ at }) => at.at);

/** What a policy is about, where ingress is not among it. */
function aboutOthers({ types }: NetworkPolicy): string {
  return `about ${examplesInWords(types.map(({ value }) => value))} alone`;
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

/**
 * The map lets in the peers the policies name, in their namespace, and nobody else but reserved identities. A peer of
 * which no pod is known need not have an entry: entries are of identities, and those are of pods.
 */
export function policyMapCheck(model: SideModel): CheckResult {
  const policies = decidingPolicies(model);
  const compared = comparePolicyMaps(model);
  const { peers, entries, open, vague, numbered, admitted, lacking, unknown, extra } = compared;
  const evidence = [
    ...policies.flatMap(({ types }) => types.map(({ at }) => at)),
    ...peers.flatMap(({ labels }) => places(labels)),
    ...entries.flatMap(({ direction, labels }) => (labels.length > 0 ? places(labels) : [direction.at])),
  ];
  const [policy] = policies;
  if (!policy) return notComparable('no output is a NetworkPolicy', evidence);
  if (model.policyMaps.length === 0) return notComparable('no output is a policy map', evidence);
  if (!policy.restrictsIngress) {
    const about = `${policy.name} is ${aboutOthers(policy)}`;
    return open
      ? holds(`${about}, and an entry lets in every identity`, evidence)
      : broken(`${about}, and no entry lets in every identity`, evidence);
  }
  if (vague)
    return notComparable(`${vague.name} says more than labels of pods (ports, namespaces or addresses)`, evidence);
  const names = `${examplesInWords(policies.map(({ name }) => name))} ${policies.length === 1 ? 'does' : 'do'} not`;
  const wrong = [
    ...(numbered ? [] : lacking).map(
      ({ labels, namespace }) => `no entry lets in ${texts(labels)} of ${namespace ?? 'its namespace'}`,
    ),
    ...extra.map(({ labels }) => `an entry lets in ${texts(labels)}, which ${names}`),
    ...(open ? ['an entry lets in every identity'] : []),
  ];
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  if (numbered) return notComparable('the map prints numbers of identities instead of labels', evidence);
  const unseen = examplesInWords(unknown.map(({ labels }) => texts(labels)));
  if (admitted.length === 0 && unknown.length > 0)
    return notComparable(`no pod with ${unseen} is known, and no entry lets in its identity`, evidence);
  const reserved = [...new Set(entries.flatMap(({ labels }) => reservedOf(labels) ?? []))];
  const said = [
    examplesInWords(admitted.map(({ labels }) => texts(labels))) || 'nobody',
    ...(unknown.length > 0 ? [`no pod with ${unseen} is known, and no entry lets in its identity`] : []),
    ...(reserved.length > 0 ? [`besides, ${examplesInWords(reserved.map((value) => `reserved:${value}`))}`] : []),
    ...relayed(model),
  ];
  return holds(said.join('; '), evidence);
}

/** What the host's entry leaves out, where it prints the label of other nodes. */
function relayed(model: SideModel): string[] {
  if (!model.policyMaps.some(deniesRelayed)) return [];
  const open = relayedSeen(model).length > 0 ? '' : ' (no capture confirms it)';
  return [
    `the entry of reserved:host shows reserved:remote-node too, and is the host alone: by this map traffic that another node relays is denied${open}`,
  ];
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
  const words = examples(
    requests.map(
      ({ client, label, outcome }) =>
        `${client.value} (${label ? text(label) : ''}) ${outcome === 'answered' ? 'is answered' : 'gets no answer'}`,
    ),
  );
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
      name: captures(policies) + (about ? '' : ` (${examplesInWords(policies.map(aboutOthers))})`),
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
  ];
  if (wrong.length > 0) return broken(reasonsInWords([...new Set(wrong)]), evidence);
  const silent = [...denied].filter((name) => !dropped.some(({ sender }) => sender.value === name));
  if (silent.length > 0) {
    const who = examplesInWords(silent);
    return notComparable(
      `${who} got no answer, and no printed drop names ${silent.length === 1 ? 'it' : 'them'}: the ring buffer may have moved on`,
      evidence,
    );
  }
  if (denied.size === 0) return holds('every client was answered, and no drop is of theirs', evidence);
  const mine = dropped.filter(({ sender }) => denied.has(sender.value));
  const identities = distinct(mine.flatMap(({ from }) => from.identity ?? []));
  const by = identities.length > 0 ? ` (identity ${examplesInWords(identities)})` : '';
  const drops = mine.length === 1 ? '1 drop, from' : `${counted(mine.length, 'drop')}, all from`;
  return holds(`${drops} ${examplesInWords([...denied])}${by}`, evidence);
}
