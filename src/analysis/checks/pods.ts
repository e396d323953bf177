import { epochChange, scalingsBetween } from '../../model/epochs.ts';
import type { SideModel } from '../../model/model.ts';
import { isOfService, type SeenPod } from '../../model/pods.ts';
import { fromOutside } from '../../model/probes.ts';
import { isEndpoint } from '../../model/service.ts';
import { completeList, distinct, placesOf, type Statement, statement, valuesOf } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { examplesInWords, reasonsInWords } from '../../words.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

/** The pods of the Service, by output that lists pods with their addresses. */
function podLists({ pods }: SideModel): { subject: Subject; pods: SeenPod[] }[] {
  const lists = Map.groupBy(
    pods.seen.filter(({ by }) => by === 'list'),
    ({ subject }) => subject,
  );
  return [...lists].flatMap(([subject, all]) => {
    const own = all.filter(({ pod }) => isOfService(pods, pod.value));
    return own.length > 0 ? [{ subject, pods: own }] : [];
  });
}

/**
 * What was said of one epoch against what was said of another: a difference is broken, or explained by a change, or may
 * be, where outputs of two layers have none between them that tells of the number of replicas.
 */
function acrossEpochs(model: SideModel, reference: Statement, other: Statement, subject: Subject): CheckResult {
  const outcome = agree('', [reference, other]);
  if (outcome.status !== 'broken') return outcome;
  const { why, evidence } = outcome;
  const kept = distinct(reference.values).filter((value) => distinct(other.values).includes(value));
  const link = kept.length > 0 ? `; ${examplesInWords(kept)} is in both` : '; they share none';
  const change = epochChange(model, reference.capture, subject.key);
  if (change) return notComparable(`${why}: ${change.why}${link}`, [...evidence, ...change.evidence]);
  const before = model.subjects.find(({ key }) => key === reference.capture);
  const told = before?.layer === subject.layer || scalingsBetween(model, reference.capture, subject.key);
  return told ? outcome : notComparable(`${why}: no output in between tells of the replicas${link}`, evidence);
}

/** The addresses of the listed pods of the Service are the endpoints. */
export function runningPodsCheck(model: SideModel): CheckResult {
  const { endpointIps } = model.service;
  // A pod that is not ready runs all the same.
  const reference = endpointIps.find(({ more, unready }) => more === 0 && unready) ?? completeList(endpointIps);
  if (!reference) return notComparable('no output lists the endpoints completely');
  const lists = podLists(model).filter(({ pods }) => pods.some(({ ip }) => ip));
  const [first] = lists;
  if (!first)
    return notComparable('no output lists the pods of the Service with their addresses', placesOf([reference]));
  const outcomes = lists.map(({ subject, pods }) => {
    const addresses = pods.flatMap(({ ip }) => ip ?? []);
    return acrossEpochs(model, reference, { ...statement('the pods', subject, addresses), unready: true }, subject);
  });
  return outcomes.find(({ status }) => status === 'broken') ?? (outcomes[0] as CheckResult);
}

/** The pod that was looked into has an address among the endpoints. */
export function inspectedPodCheck(model: SideModel): CheckResult {
  const { endpointIps } = model.service;
  const pods = model.pods.seen.filter(({ by, ip }) => by === 'inspection' && ip);
  const addresses = pods.flatMap(({ ip }) => ip ?? []);
  const [first] = pods;
  if (!first) return notComparable('no output shows the interface of a pod');
  const places = addresses.map(({ at }) => at);
  const known = addresses.map(({ value }) => isEndpoint(model.service, value));
  if (known.includes(undefined)) return notComparable('no output lists the endpoints completely', places);
  const holding = (value: string) => endpointIps.find(({ values }) => values.some((one) => one.value === value));
  const strange = addresses.filter((_, index) => !known[index]);
  const reference = strange.length > 0 ? completeList(endpointIps) : holding(addresses[0]?.value ?? '');
  if (!reference) return notComparable('no output lists the endpoints', places);
  const evidence = [...places, ...placesOf([reference])];
  if (strange.length === 0)
    return holds(
      `${examplesInWords(distinct(addresses))} of ${first.subject.key} is among ${reference.name}`,
      evidence,
    );
  const why = `${examplesInWords(distinct(strange))} of ${first.subject.key} is not among ${reference.name}`;
  const change = epochChange(model, reference.capture, first.subject.key);
  return change ? notComparable(`${why}: ${change.why}`, [...evidence, ...change.evidence]) : broken(why, evidence);
}

/** A pod's socket listens on the Service's target port. */
export function listeningPortCheck(model: SideModel): CheckResult {
  const { targetPort } = model.service;
  const { listening } = model.pods;
  const wanted = valuesOf(targetPort);
  const evidence = placesOf([...targetPort, ...listening]);
  if (wanted.length === 0) return notComparable('no output states the target port', evidence);
  if (listening.length === 0) return notComparable('no output shows the sockets of a pod', evidence);
  const missing = wanted.filter((port) => !valuesOf(listening).includes(port));
  const listens = examplesInWords(valuesOf(listening)) || 'no port';
  return missing.length > 0
    ? broken(`the target port is ${examplesInWords(missing)}, the pod listens on ${listens}`, evidence)
    : holds(`the target port is ${examplesInWords(wanted)}, the pod listens on ${listens}`, evidence);
}

/**
 * The one pod that scaling left is known from other outputs. Scaling down makes no pod, so that its address was among
 * the endpoints before.
 */
export function leftPodCheck(model: SideModel): CheckResult {
  const left = model.pods.seen.filter(({ by }) => by === 'report');
  const [first] = left;
  if (!first) return notComparable('no output names the pod that is left after scaling');
  const others = model.pods.seen.filter(({ subject }) => subject !== first.subject);
  const known = others.filter(({ pod }) => pod.value === first.pod.value);
  const reference = completeList(model.service.endpointIps);
  const addresses = [first, ...known].flatMap(({ ip }) => ip ?? []);
  const evidence = [first.pod.at, ...known.map(({ pod }) => pod.at), ...addresses.map(({ at }) => at)];
  const strange = addresses.filter(({ value }) => isEndpoint(model.service, value) === false);
  const recreated = epochChange(model, reference?.capture ?? first.subject.key, first.subject.key);
  if (reference && strange.length > 0 && !recreated)
    return broken(
      `${first.pod.value}, which scaling left (${first.subject.key}), has ${examplesInWords(distinct(strange))}, which is not among ${reference.name}`,
      [...evidence, ...placesOf([reference])],
    );
  if (known.length > 0) {
    const where = [...new Set(known.map(({ subject }) => subject.key))];
    const endpoint =
      reference && addresses.length > 0 && strange.length === 0
        ? `; its address ${examplesInWords(distinct(addresses))} is among ${reference.name}`
        : '';
    return holds(`${first.pod.value} is named in ${examplesInWords(where)} too${endpoint}`, evidence);
  }
  const lists = podLists(model).filter(({ subject }) => subject !== first.subject);
  const [list] = lists;
  if (!list)
    return notComparable(`no other output lists all pods of the Service, and none names ${first.pod.value}`, evidence);
  return broken(
    `${first.pod.value} of ${first.subject.key} is not among the pods of ${list.subject.key}: scaling keeps the pod that is left`,
    [...evidence, ...list.pods.map(({ pod }) => pod.at)],
  );
}

/** Who answered probes from outside is a pod of the Service; after scaling to fewer, one of those that are left. */
export function answeringPodsCheck({ probes, pods, subjects }: SideModel): CheckResult {
  const place = (key: string) => subjects.findIndex((subject) => subject.key === key);
  const answers = fromOutside(probes).flatMap(({ capture, layer, requests }) =>
    requests.flatMap(({ pod }) => (pod ? [{ capture, layer, pod }] : [])),
  );
  const left = pods.seen.filter(({ by }) => by === 'report');
  const evidence = [...answers.map(({ pod }) => pod.at), ...left.map(({ pod }) => pod.at)];
  if (answers.length === 0) return notComparable('no probe names the pods that answered');
  if (pods.replicaSets.size === 0) return notComparable('no output tells the pods of the Service', evidence);
  const wrong = answers.flatMap(({ capture, layer, pod }) => {
    if (!isOfService(pods, pod.value)) return [`${pod.value} answered in ${capture} and is no pod of the Service`];
    const remaining = left.filter(({ subject }) => subject.layer === layer && place(subject.key) < place(capture));
    const gone = remaining.length > 0 && remaining.every((one) => one.pod.value !== pod.value);
    return gone ? [`${pod.value} answered in ${capture}, and ${remaining[0]?.subject.key} says that it is gone`] : [];
  });
  if (wrong.length > 0) return broken(reasonsInWords([...new Set(wrong)]), evidence);
  const groups = Map.groupBy(answers, ({ capture }) => capture);
  const said = [...groups].map(
    ([capture, all]) => `${examplesInWords(distinct(all.map(({ pod }) => pod)))} in ${capture}`,
  );
  return holds(reasonsInWords(said), evidence);
}

/** The nodes of the pool are those named elsewhere, and every pod stands on one of them. */
export function nodesCheck(model: SideModel): CheckResult {
  const { nodes, pods } = model;
  const lists = agree('the nodes', nodes.listed);
  if (lists.status === 'broken') return lists;
  const all = valuesOf(nodes.listed);
  if (all.length === 0) return lists;
  const strange = pods.seen.filter(({ node }) => node && !all.includes(node.value));
  const placed = pods.seen.flatMap(({ node }) => node ?? []);
  const evidence = [...lists.evidence, ...placed.map(({ at }) => at)];
  if (strange.length === 0) return { ...lists, evidence };
  const words = strange.map(({ pod, node, subject }) => `${pod.value} on ${node?.value} (${subject.key})`);
  return broken(`no list of nodes holds the node of ${examplesInWords(words)}`, evidence);
}
