import type { HubbleStatus } from '../../formats/hubble-status.ts';
import { flowsIn } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import { replicaSetOf } from '../../model/pods.ts';
import { distinct, placesOf, type Statement, stated, statement } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { inWords } from '../../words.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

const amount = (text: string) => Number(text.replaceAll(',', ''));

function statusOf(trace: SideModel): { subject: Subject; status: HubbleStatus } | undefined {
  for (const subject of trace.subjects)
    if (subject.parsed.format === 'hubble-status') return { subject, status: subject.parsed };
  return undefined;
}

/** The ring buffers hold no more than they can, and the percentage says so. */
export function bufferCheck(trace: SideModel): CheckResult {
  const { subject, status } = statusOf(trace) ?? {};
  if (!subject || !status) return notComparable('no output is a `hubble status`');
  const { currentFlows, maxFlows, usedPercent } = status;
  if (!currentFlows || !maxFlows) return notComparable(`${subject.key} counts no flows`);
  const evidence = [currentFlows, maxFlows, ...(usedPercent ? [usedPercent] : [])].map((at) => stated(subject, at).at);
  const [current, most] = [amount(currentFlows.value), amount(maxFlows.value)];
  const name = `${currentFlows.value} of ${maxFlows.value} flows in ${subject.key}`;
  if (current > most) return broken(`${name}: more than there is room for`, evidence);
  const percent = most === 0 ? 0 : (100 * current) / most;
  if (usedPercent && Math.abs(percent - Number(usedPercent.value)) > 0.01)
    return broken(`${name} are ${percent.toFixed(2)} %, it prints ${usedPercent.value} %`, evidence);
  return holds(name, evidence);
}

/** Hubble is connected to every node it knows, and those are as many as there are. */
export function hubbleNodesCheck(trace: SideModel): CheckResult {
  const { subject, status } = statusOf(trace) ?? {};
  if (!subject || !status) return notComparable('no output is a `hubble status`');
  const { connectedNodes, knownNodes, unavailableNodes, unavailable } = status;
  if (!connectedNodes) return notComparable(`${subject.key} counts no nodes`);
  const own = [connectedNodes, knownNodes, unavailableNodes, ...unavailable].flatMap((at) =>
    at ? [stated(subject, at).at] : [],
  );
  const known = knownNodes ?? connectedNodes;
  const lacking = amount(unavailableNodes?.value ?? '0');
  if (amount(connectedNodes.value) !== amount(known.value) || lacking > 0) {
    const names = unavailable.length > 0 ? `; ${inWords(unavailable.map(({ value }) => value))} unavailable` : '';
    return broken(`${connectedNodes.value} of ${known.value} nodes are connected (${subject.key})${names}`, own);
  }
  const counts: Statement[] = trace.nodes.listed.map(({ name, values, ...rest }) => ({
    ...rest,
    name: `the number of ${name}`,
    values: values.map(({ at }) => ({ value: String(distinct(values).length), at })),
  }));
  const connected = [stated(subject, connectedNodes, String(amount(connectedNodes.value)))];
  return agree('the number of nodes', [...counts, statement('the nodes Hubble is connected to', subject, connected)]);
}

/** Deployment of the relay in Cilium's Helm chart, and so in GKE's managed Hubble. */
const RELAY = 'hubble-relay';

/** The relay that answered `hubble status` had all its containers ready: of several, at least one. */
export function relayCheck(trace: SideModel): CheckResult {
  const { subject, status } = statusOf(trace) ?? {};
  if (!subject || !status) return notComparable('no output is a `hubble status`');
  // Only a relay counts nodes; an agent's own server does not (cilium, pkg/hubble/observer).
  if (!status.connectedNodes) return notComparable(`no relay answered in ${subject.key}`);
  const answer = stated(subject, status.connectedNodes).at;
  const relays = trace.subjects.flatMap(relaysIn);
  const evidence = [answer, ...relays.map(({ ready }) => ready.at)];
  if (relays.length === 0) return notComparable('no output lists the pods of the relay with READY', evidence);
  const words = relays.map(({ name, ready, state, from }) => `${name} is ${ready.value}${state} in ${from}`);
  return relays.some(({ isReady }) => isReady)
    ? holds(`${words.join('; ')}; it answered in ${subject.key}`, evidence)
    : broken(`${words.join('; ')}, and yet it answered in ${subject.key}`, evidence);
}

/** The relay's pods in a table of pods, with their column READY: containers that are ready of those there are. */
function relaysIn(subject: Subject) {
  if (subject.parsed.format !== 'kubectl-table') return [];
  return subject.parsed.tables.flatMap(({ headings, rows }) => {
    const column = (name: string) => headings.findIndex(({ value }) => value === name);
    const [name, ready, state] = [column('NAME'), column('READY'), column('STATUS')];
    return rows.flatMap(({ cells }) => {
      const [, kind = 'pod', pod = ''] = /^(?:([^/]+)\/)?(.*)$/.exec(cells[name]?.value ?? '') ?? [];
      const set = replicaSetOf(pod);
      const [, some, all] = /^(\d+)\/(\d+)$/.exec(cells[ready]?.value ?? '') ?? [];
      const at = cells[ready];
      if (kind !== 'pod' || set?.slice(0, set.lastIndexOf('-')) !== RELAY || !at || all === undefined) return [];
      const runs = cells[state]?.value ?? 'Running';
      return [
        {
          name: pod,
          from: subject.key,
          ready: stated(subject, at),
          state: runs === 'Running' ? '' : ` and ${runs}`,
          isReady: some === all && all !== '0' && runs === 'Running',
        },
      ];
    });
  });
}

/** Flows to the Service's pods go to its target port. Another port on which the pod listens serves something else. */
export function flowPortCheck(trace: SideModel): CheckResult {
  const { service, targetPort } = trace.service;
  const flows = trace.subjects.flatMap(flowsIn).flatMap((flow) => {
    const own = trace.pods.replicaSets.has(replicaSetOf(flow.to.value) ?? '');
    const elsewhere = service?.namespace !== undefined && flow.namespace !== service.namespace;
    return flow.asks && own && !elsewhere && flow.port ? [{ ...flow, port: flow.port }] : [];
  });
  const wanted = distinct(targetPort.flatMap(({ values }) => values));
  const evidence = [...placesOf(targetPort), ...flows.map(({ port }) => port.at)];
  if (wanted.length === 0) return notComparable('no output states the target port', evidence);
  if (flows.length === 0) return notComparable('no output shows flows to the pods of the Service', evidence);
  const others = flows.filter(({ port }) => !wanted.includes(port.value));
  const sockets = trace.pods.listening
    .flatMap(({ values }) => values)
    .filter(({ value }) => others.some(({ port }) => port.value === value));
  const served = distinct(sockets);
  const wrong = others.filter(({ port }) => !served.includes(port.value));
  if (wrong.length > 0) {
    const words = wrong.map(
      ({ to, port, subject }) => `a flow to ${to.value} goes to port ${port.value} (${subject.key})`,
    );
    return broken(`the target port is ${inWords(wanted)}; ${[...new Set(words)].join('; ')}`, evidence);
  }
  if (flows.length === others.length)
    return notComparable(`no flow goes to the target port ${inWords(wanted)}, only to ${inWords(served)}`, evidence);
  const besides = served.length > 0 ? `; others go to ${inWords(served)}, where the pod listens too` : '';
  return holds(`${flows.length - others.length} packets go to ${inWords(wanted)}${besides}`, [
    ...evidence,
    ...sockets.map(({ at }) => at),
  ]);
}
