import { type Packet, packetsToPods } from '../../model/flows.ts';
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

/**
 * A packet event that both forms of `hubble observe` print says the same in both. It is known by its time, its ends and
 * its flags; the ring buffer goes on filling, so that the forms need not share any.
 */
export function flowFormsCheck({ flows, subjects }: SideModel): CheckResult {
  const formOf = (key: string) => subjects.find((subject) => subject.key === key)?.parsed.format;
  const packetsOf = (format: string) =>
    flows.flatMap(({ capture, packets }) =>
      formOf(capture) === format
        ? packets.flatMap((packet) => {
            const name = nameOf(packet);
            return name === undefined ? [] : [{ name, packet, capture }];
          })
        : [],
    );
  const [compact, json] = [packetsOf('hubble-flows'), packetsOf('hubble-flows-json')];
  if (json.length === 0) return notComparable('no output prints flows as JSON');
  if (compact.length === 0) return notComparable('no output prints flows in the compact form');
  const pairs = json.flatMap((one) => {
    // Two events of one name cannot be told apart.
    const same = compact.filter(({ name }) => name === one.name);
    const alone = json.filter(({ name }) => name === one.name).length === 1;
    return same.length === 1 && alone ? [{ one, other: same[0] as (typeof compact)[number] }] : [];
  });
  if (pairs.length === 0) return notComparable(`no flow of ${json[0]?.capture} is in ${compact[0]?.capture}`);
  const evidence = pairs.flatMap(({ one, other }) =>
    [one, other].flatMap(({ packet }) => (packet.verdictAt ? [packet.verdictAt] : [])),
  );
  const said = ({ verdict, direction, from, to }: Packet) =>
    [verdict, direction, from.identity?.value ?? from.reserved[0], to.identity?.value ?? to.reserved[0]] as const;
  const wrong = pairs.flatMap(({ one, other }) => {
    const [a, b] = [said(one.packet), said(other.packet)];
    // What a form does not tell contradicts nothing; a reserved identity has a number in one form and a name in the other.
    const differs = a.some((value, index) => {
      const opposite = b[index];
      const told = value !== undefined && opposite !== undefined && value !== 'unknown' && opposite !== 'unknown';
      const kinds = index >= 2 && /^\d+$/.test(value ?? '') !== /^\d+$/.test(opposite ?? '');
      return told && !kinds && value !== opposite;
    });
    return differs
      ? [
          `line ${one.packet.evidence.from} of ${one.capture} and line ${other.packet.evidence.from} of ${other.capture} are one flow and differ`,
        ]
      : [];
  });
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  return holds(
    `${counted(pairs.length, 'flow')} of ${json[0]?.capture} ${pairs.length === 1 ? 'is' : 'are'} in ${compact[0]?.capture}, too, and ${pairs.length === 1 ? 'says' : 'say'} the same`,
    evidence,
  );
}

/** What tells a packet event from others in any form; undefined without a time. The compact form prints no year. */
function nameOf({ time, from, to, flags, protocol }: Packet): string | undefined {
  if (time === undefined) return undefined;
  const stamp = new Date(Math.floor(time)).toISOString().slice(5);
  const end = ({ host, port }: Packet['from']) => `${host}:${port?.value ?? ''}`;
  return [stamp, protocol, end(from), end(to), [...flags].sort().join()].join(' ');
}
