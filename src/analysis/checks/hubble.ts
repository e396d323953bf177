import { packetsToPods } from '../../model/flows.ts';
import type { HubbleStatus } from '../../model/hubble.ts';
import type { SideModel } from '../../model/model.ts';
import { isOfService } from '../../model/pods.ts';
import { distinct, placesOf, type Statement, statement, valuesOf } from '../../model/stated.ts';
import { counted, examplesInWords, reasonsInWords } from '../../words.ts';
import { agree, broken, type CheckResult, holds, notComparable } from './result.ts';

const NO_STATUS = notComparable('no output is a `hubble status`');
const statusOf = ({ hubble: { statuses } }: SideModel): HubbleStatus | undefined => statuses[0];

/** The ring buffers hold no more than they can, and the percentage says so. */
export function bufferCheck(model: SideModel): CheckResult {
  const status = statusOf(model);
  if (!status) return NO_STATUS;
  const { capture, currentFlows, maxFlows, usedPercent } = status;
  if (!currentFlows || !maxFlows) return notComparable(`${capture} counts no flows`);
  const evidence = [currentFlows, maxFlows, ...(usedPercent ? [usedPercent] : [])].map(({ at }) => at);
  const [current, most] = [currentFlows.amount, maxFlows.amount];
  const name = `${currentFlows.value} of ${maxFlows.value} flows in ${capture}`;
  if (current > most) return broken(`${name}: more than there is room for`, evidence);
  const percent = most === 0 ? 0 : (100 * current) / most;
  if (usedPercent && Math.abs(percent - usedPercent.amount) > 0.01)
    return broken(`${name} are ${percent.toFixed(2)} %, it prints ${usedPercent.value} %`, evidence);
  return holds(name, evidence);
}

/** Hubble is connected to every node it knows, and those are as many as there are. */
export function hubbleNodesCheck(model: SideModel): CheckResult {
  const status = statusOf(model);
  if (!status) return NO_STATUS;
  const { capture, connectedNodes, knownNodes, unavailableNodes, unavailable } = status;
  if (!connectedNodes) return notComparable(`${capture} counts no nodes`);
  const own = [connectedNodes, knownNodes, unavailableNodes, ...unavailable].flatMap((one) => (one ? [one.at] : []));
  const known = knownNodes ?? connectedNodes;
  if (connectedNodes.amount !== known.amount || (unavailableNodes?.amount ?? 0) > 0) {
    const names =
      unavailable.length > 0 ? `; ${examplesInWords(unavailable.map(({ value }) => value))} unavailable` : '';
    return broken(`${connectedNodes.value} of ${known.value} nodes are connected (${capture})${names}`, own);
  }
  const counts: Statement[] = model.nodes.listed.map(({ name, values, ...rest }) => ({
    ...rest,
    name: `the number of ${name}`,
    values: values.map(({ at }) => ({ value: String(distinct(values).length), at })),
  }));
  const connected = statement('the nodes Hubble is connected to', { key: capture }, [
    { value: String(connectedNodes.amount), at: connectedNodes.at },
  ]);
  return agree('the number of nodes', [...counts, connected]);
}

/** The relay that answered `hubble status` had all its containers ready: of several, at least one. */
export function relayCheck(model: SideModel): CheckResult {
  const status = statusOf(model);
  if (!status) return NO_STATUS;
  if (!status.connectedNodes) return notComparable(`no relay answered in ${status.capture}`);
  const { relays } = model.hubble;
  const evidence = [status.connectedNodes.at, ...relays.map(({ ready }) => ready.at)];
  if (relays.length === 0) return notComparable('no output lists the pods of the relay with READY', evidence);
  const words = reasonsInWords(
    relays.map(({ name, ready, state, capture }) => {
      const phase = state === 'Running' ? '' : ` and ${state}`;
      return `${name} is ${ready.value}${phase} in ${capture}`;
    }),
  );
  return relays.some(({ isReady }) => isReady)
    ? holds(`${words}; it answered in ${status.capture}`, evidence)
    : broken(`${words}, and yet it answered in ${status.capture}`, evidence);
}

/** Flows to the Service's pods go to its target port. Another port on which the pod listens serves something else. */
export function flowPortCheck(model: SideModel): CheckResult {
  const { service, targetPort } = model.service;
  const flows = packetsToPods(model.flows).flatMap(({ receiver, to, direction, opens, capture }) => {
    const own = isOfService(model.pods, receiver.value);
    const elsewhere = service?.namespace !== undefined && to.namespace !== service.namespace;
    // A packet whose direction is not known may be a reply.
    const asks = direction === 'forward' || opens;
    return asks && own && !elsewhere && to.port ? [{ receiver, port: to.port, capture }] : [];
  });
  const wanted = valuesOf(targetPort);
  const evidence = [...placesOf(targetPort), ...flows.map(({ port }) => port.at)];
  if (wanted.length === 0) return notComparable('no output states the target port', evidence);
  if (flows.length === 0) return notComparable('no output shows flows to the pods of the Service', evidence);
  const others = flows.filter(({ port }) => !wanted.includes(port.value));
  const sockets = model.pods.listening
    .flatMap(({ values }) => values)
    .filter(({ value }) => others.some(({ port }) => port.value === value));
  const served = distinct(sockets);
  const wrong = others.filter(({ port }) => !served.includes(port.value));
  if (wrong.length > 0) {
    const words = wrong.map(
      ({ receiver, port, capture }) => `a flow to ${receiver.value} goes to port ${port.value} (${capture})`,
    );
    return broken(`the target port is ${examplesInWords(wanted)}; ${reasonsInWords([...new Set(words)])}`, evidence);
  }
  if (flows.length === others.length)
    return notComparable(
      `no flow goes to the target port ${examplesInWords(wanted)}, only to ${examplesInWords(served)}`,
      evidence,
    );
  const besides = served.length > 0 ? `; others go to ${examplesInWords(served)}, where the pod listens too` : '';
  const count = flows.length - others.length;
  return holds(`${counted(count, 'packet')} ${count === 1 ? 'goes' : 'go'} to ${examplesInWords(wanted)}${besides}`, [
    ...evidence,
    ...sockets.map(({ at }) => at),
  ]);
}
