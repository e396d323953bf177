import { epochChange } from '../../model/epochs.ts';
import { packetsToPods } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import type { Stated } from '../../model/stated.ts';
import { counted, examplesInWords, reasonsInWords } from '../../words.ts';
import { carries, isNumbered, ownEndpoints, ownMaps } from '../endpoints.ts';
import { mapAllows } from '../policy-matrix/policy-map.ts';
import { ingressPolicies, type PolicySource, unlabelled } from '../policy-matrix/source.ts';
import { broken, type CheckResult, holds, notComparable } from './result.ts';

/*
 * From the labels of a pod to what becomes of its packets: labels, identity, address (ipcache), endpoint, policy map, drop.
 * Each step is checked against the next.
 */

/** What one output says of a pod's identity against what the table of identities says. */
interface Pair {
  pod: string;
  one: Stated;
  other: Stated;
}

/** Identities of the table against those of another source, which pods may have been recreated since. */
function sameIdentities(model: SideModel, pairs: readonly Pair[], lacking: readonly string[], as: string): CheckResult {
  const evidence = pairs.flatMap(({ one, other }) => [one.at, other.at]);
  const wrong = pairs.filter(({ one, other }) => one.value !== other.value);
  const words = [
    ...wrong.map(
      ({ pod, one, other }) =>
        `${pod} has identity ${one.value} in ${one.at.capture} and ${other.value} in ${other.at.capture}`,
    ),
    ...lacking,
  ];
  if (words.length > 0) {
    const [first] = wrong.length > 0 ? wrong : pairs;
    const change = first && epochChange(model, first.one.at.capture, first.other.at.capture);
    const why = reasonsInWords(words);
    return change ? notComparable(`${why}: ${change.why}`, evidence) : broken(why, evidence);
  }
  const groups = Map.groupBy(pairs, ({ one }) => one.value);
  const said = [...groups].map(([identity, all]) => `${identity} for ${examplesInWords(all.map(({ pod }) => pod))}`);
  return holds(`${reasonsInWords(said)}, ${as}`, evidence);
}

/** The ipcache gives each listed pod's address the identity that the table gives the pod. */
export function ipcacheCheck(model: SideModel): CheckResult {
  const { pods, agent } = model;
  const [cache] = agent.ipcaches;
  if (!cache) return notComparable('no output is an ipcache');
  const listed = pods.identified.flatMap(({ pod, ip, identity }) => (ip ? [{ pod: pod.value, ip, identity }] : []));
  if (listed.length === 0) return notComparable('no output lists identities and addresses of pods');
  const found = listed.flatMap(({ pod, ip, identity: one }): Pair[] => {
    const entry = cache.entries.find(({ prefix }) => prefix.value === ip.value);
    return entry ? [{ pod, one, other: entry.identity }] : [];
  });
  const lacking = cache.filtered
    ? []
    : listed
        .filter(({ pod }) => !found.some((pair) => pair.pod === pod))
        .map(({ pod, ip }) => `${cache.capture} has no entry for ${ip.value} of ${pod}`);
  if (found.length === 0 && lacking.length === 0)
    return notComparable(`no entry of ${cache.capture} is for the address of a listed pod`);
  return sameIdentities(model, found, lacking, `as by address in ${cache.capture}`);
}

/** The agent gives the pods of its node the identity that the table gives them. */
export function endpointIdentityCheck(model: SideModel): CheckResult {
  const { pods, agent } = model;
  if (agent.endpoints.length === 0) return notComparable('no output lists the endpoints of an agent');
  const pairs = pods.identified.flatMap(({ pod, ip, identity: one }): Pair[] => {
    const endpoint = agent.endpoints.find(({ addresses }) => addresses.some(({ value }) => value === ip?.value));
    return endpoint?.identity ? [{ pod: pod.value, one, other: endpoint.identity }] : [];
  });
  if (pairs.length === 0) return notComparable('no endpoint of the agent has the address of a listed pod');
  return sameIdentities(model, pairs, [], `as in ${agent.endpoints[0]?.capture}`);
}

/** The policy maps are those of the Service's pods on the node. */
export function policyEndpointCheck(model: SideModel): CheckResult {
  const { agent, policyMaps } = model;
  const numbered = policyMaps.flatMap(({ endpoint, capture }) =>
    endpoint === undefined ? [] : [{ endpoint, capture }],
  );
  const [list] = agent.endpoints;
  if (!list) return notComparable('no output lists the endpoints of an agent');
  if (numbered.length === 0) return notComparable('no policy map prints the number of its endpoint');
  const own = ownEndpoints(model);
  const evidence = agent.endpoints.map(({ id }) => id.at);
  if (own.length === 0) return notComparable(`no endpoint of ${list.capture} is a pod of the Service`, evidence);
  const numbers = new Set(numbered.map(({ endpoint }) => endpoint));
  const wrong = [
    ...numbered
      .filter(({ endpoint }) => !agent.endpoints.some(({ id }) => id.value === endpoint))
      .map(
        ({ endpoint, capture }) => `${capture} has a map of endpoint ${endpoint}, which ${list.capture} does not list`,
      ),
    ...own
      .filter(({ id }) => numbers.size > 1 && !numbers.has(id.value))
      .map(({ id, capture }) => `no map is of endpoint ${id.value}, a pod of the Service in ${capture}`),
    ...(own.some(({ id }) => numbers.has(id.value)) ? [] : ['no map is of a pod of the Service']),
  ];
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  const mine = own.filter(({ id }) => numbers.has(id.value)).map(({ id }) => id.value);
  return holds(
    `${mine.length === 1 ? 'endpoint' : 'endpoints'} ${examplesInWords(mine)}: pods of the Service in ${list.capture}`,
    evidence,
  );
}

/** Endpoints that a policy about ingress selects enforce it. */
export function enforcedCheck(model: SideModel): CheckResult {
  const { agent } = model;
  const policies = ingressPolicies(model);
  const [list] = agent.endpoints;
  if (!list) return notComparable('no output lists the endpoints of an agent');
  if (policies.length === 0) return notComparable('no output is a NetworkPolicy about ingress');
  const plain = policies.filter(({ selects }) => selects.expressions.length === 0);
  const selected = agent.endpoints.filter(({ labels }) =>
    plain.some(({ selects, namespace }) => carries(labels, selects.labels, namespace)),
  );
  const evidence = selected.flatMap(({ id, ingress }) => [id.at, ingress.at]);
  const names = examplesInWords(plain.map(({ name }) => name));
  if (selected.length === 0)
    return notComparable(`no endpoint of ${list.capture} is selected by ${names || 'a policy'}`);
  const open = selected.filter(({ ingress }) => ingress.value !== 'Enabled');
  if (open.length > 0) {
    const words = open.map(({ id, ingress }) => `endpoint ${id.value} says ${ingress.value}`);
    return broken(`${reasonsInWords(words)}, and ${names} selects it`, evidence);
  }
  const ids = examplesInWords(selected.map(({ id }) => id.value));
  return holds(
    `ingress is enforced at ${selected.length === 1 ? 'endpoint' : 'endpoints'} ${ids}, selected by ${names}`,
    evidence,
  );
}

/** By the numbers in the map, what was dropped as denied has no entry, and what reached a pod has one. */
export function deniedIdentitiesCheck(model: SideModel): CheckResult {
  const maps = ownMaps(model).filter(isNumbered);
  const [first] = maps;
  if (!first) return notComparable('no policy map prints numbers of identities');
  const flows = model.flows.filter(({ layer }) => layer === first.layer);
  const own = new Set(model.pods.identified.map(({ pod }) => pod.value));
  const packets = packetsToPods(flows).flatMap((packet) => {
    const { from, to, receiver, deniedByPolicy, seen, verdict } = packet;
    const passed = verdict === 'FORWARDED' && seen === 'to-endpoint' && own.has(receiver.value);
    return from.identity && (deniedByPolicy || passed)
      ? [{ identity: from.identity, port: to.port, deniedByPolicy }]
      : [];
  });
  const numbers = maps.flatMap(({ entries }) => entries.flatMap(({ identity }) => (identity ? [identity.at] : [])));
  const evidence = [...packets.map(({ identity }) => identity.at), ...numbers];
  if (packets.length === 0)
    return notComparable(
      `no flow of ${first.layer.toUpperCase()} tells what became of an identity's packets`,
      evidence,
    );
  const judged = packets.map(({ identity, port, deniedByPolicy }) => {
    const source: PolicySource = {
      ...unlabelled,
      kind: 'pod',
      id: '',
      name: '',
      complete: false,
      identity: identity.value,
    };
    const answers = new Set(maps.map((map) => mapAllows(map, source, { ...(port && { port: port.value }) })));
    const [answer] = answers;
    return { identity: identity.value, denied: deniedByPolicy, answer: answers.size === 1 ? answer : 'unknown' };
  });
  const wrong = judged.flatMap(({ identity, denied, answer }) => {
    if (denied && answer === 'yes') return [`packets of ${identity} were denied, and ${first.capture} lets it in`];
    if (!denied && answer === 'no')
      return [`packets of ${identity} reached a pod, and ${first.capture} has no entry for it`];
    return [];
  });
  if (wrong.length > 0) return broken(reasonsInWords([...new Set(wrong)]), evidence);
  const told = [...Map.groupBy(judged, ({ identity, denied }) => `${identity} ${denied}`).values()].map((all) => {
    const [{ identity, denied }] = all as [(typeof judged)[number]];
    const packetsOf = counted(all.length, 'packet');
    return denied
      ? `${identity} has no entry, and ${packetsOf} of it ${all.length === 1 ? 'was' : 'were'} denied`
      : `${identity} has an entry, and ${packetsOf} of it reached a pod`;
  });
  return holds(reasonsInWords(told), evidence);
}
