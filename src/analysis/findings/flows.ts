import { joined } from '../../model/citation.ts';
import { type Connection, connectionsOf } from '../../model/connections.ts';
import type { FlowOutput, Packet } from '../../model/flows.ts';
import type { Model, SideModel } from '../../model/model.ts';
import { fromOutside, median } from '../../model/probes.ts';
import type { Subject } from '../../model/subject.ts';
import type { SideId } from '../../recipe/schema.ts';
import type { Role } from '../types.ts';
import { type About, aboutOutput, type FindingOf, type Named } from './finding.ts';

/** How many packet events an output holds, and of what. */
export interface FlowsCounted extends FindingOf<'flows-counted'> {
  packets: number;
  connections: number;
  forwarded: number;
  dropped: number;
  /** Ports the dropped packets came from, where all the output holds are SYNs that were dropped. */
  synPorts?: number;
  /** Events that were lost before they could be printed. */
  lost: number;
}

/** Who began some connections. */
export interface Beginner {
  connections: number;
  /** Name of a reserved identity, a pod, or an address of which nothing else is known. */
  by: { reserved: string } | { pod: Named } | { address: string };
  /** Number of its identity. */
  identity?: Named;
  /** Addresses that a reserved identity came with. */
  addresses: Named[];
}

/** Who began the connections of which a packet was let through. */
export interface FlowsBegan extends FindingOf<'flows-began'> {
  beginners: Beginner[];
}

/** From the SYN-ACK of a connection to the ACK that answers it, in seconds. */
export interface FlowsRoundTrip extends FindingOf<'flows-round-trip'> {
  connections: number;
  typical: number;
  min: number;
  max: number;
}

/** Seconds of requests (median), and how many round trips they are. */
export interface InRoundTrips {
  seconds: number;
  roundTrips: number;
}

/** What the probes from outside took, in round trips that the flows of the side show. */
export interface FlowsProbesInRoundTrips extends FindingOf<'flows-probes-in-round-trips'> {
  about: Required<About>;
  typical: number;
  /** Absent where none failed. */
  failures?: InRoundTrips;
  /** Absent where none was answered. */
  answers?: InRoundTrips;
}

/** Who sent packets that were dropped. */
export interface DroppedFrom {
  count: number;
  /** A pod, or an address. */
  from: Named | string;
  /** Number of its identity, or the name of a reserved one. */
  identity?: Named | string;
}

/** Which packets were dropped. */
export interface FlowsDropped extends FindingOf<'flows-dropped'> {
  dropped: number;
  from: DroppedFrom[];
  /** The pods, or addresses, they were sent to. */
  to: (Named | string)[];
  toIdentities: Named[];
  /** As printed. */
  reasons: string[];
}

/** What flows show. */
export type FlowFinding = FlowsCounted | FlowsBegan | FlowsRoundTrip | FlowsProbesInRoundTrips | FlowsDropped;

/** What the outputs with flows show, in page order. */
export function flowFindings({ subjects, sides }: Model): FlowFinding[] {
  return subjects.flatMap((subject) =>
    sides[subject.side].flows
      .filter(({ capture }) => capture === subject.key)
      .flatMap((output) => findingsOf(subject, output, sides[subject.side])),
  );
}

function findingsOf(subject: Subject, output: FlowOutput, model: SideModel): FlowFinding[] {
  const connections = connectionsOf(output);
  return [
    counted(subject, output, connections),
    ...began(subject, connections),
    ...roundTrip(subject, connections, model),
    ...dropped(subject, output),
  ];
}

const named = (role: Role, side: SideId, value: string): Named => ({ role, side, value });
const places = (all: readonly Pick<Packet, 'evidence'>[]) => joined(all.map(({ evidence }) => evidence));
const distinct = (values: readonly string[]) => [...new Set(values)];

function counted(subject: Subject, { packets, lost }: FlowOutput, connections: readonly Connection[]): FlowsCounted {
  const dropped = packets.length > 0 && packets.every(({ opens, verdict }) => opens && verdict === 'DROPPED');
  const verdictIs = (verdict: string) => packets.filter((packet) => packet.verdict === verdict).length;
  return {
    kind: 'flows-counted',
    about: aboutOutput(subject),
    places: places([...packets, ...lost]),
    packets: packets.length,
    connections: connections.length,
    forwarded: verdictIs('FORWARDED'),
    dropped: verdictIs('DROPPED'),
    ...(dropped && { synPorts: distinct(packets.flatMap(({ from }) => from.port?.value ?? [])).length }),
    lost: lost.reduce((sum, { events }) => sum + events, 0),
  };
}

/** What the address of a reserved identity is. */
const ADDRESS: Readonly<Record<string, Role>> = { world: 'client-ip', 'remote-node': 'node-ip', host: 'node-ip' };

function began(subject: Subject, all: readonly Connection[]): FlowsBegan[] {
  const connections = all.filter(({ events }) => events.some(({ verdict }) => verdict !== 'DROPPED'));
  if (connections.length === 0) return [];
  const { side } = subject;
  const groups = Map.groupBy(connections, ({ source: { host, identity } }) =>
    isReserved(identity) ? identity : `${host} ${identity}`,
  );
  const beginners = [...groups.values()].flatMap((own): Beginner[] => {
    const [source] = own.map((connection) => connection.source);
    if (!source) return [];
    const { host, identity } = source;
    const pod = podOf(host);
    const connections = own.length;
    if (isReserved(identity)) {
      const role = ADDRESS[identity];
      const hosts = distinct(own.map((connection) => connection.source.host)).filter((each) => !podOf(each));
      const addresses = role ? hosts.map((value) => named(role, side, value)) : [];
      return [{ connections, by: { reserved: identity }, addresses }];
    }
    const known = identity === undefined ? {} : { identity: named('identity', side, identity) };
    return [{ connections, by: pod ? { pod: named('pod', side, pod) } : { address: host }, ...known, addresses: [] }];
  });
  return [
    {
      kind: 'flows-began',
      about: aboutOutput(subject),
      places: places(connections.flatMap(({ events }) => events)),
      beginners,
    },
  ];
}

function isReserved(identity: string | undefined): identity is string {
  return identity !== undefined && !/^\d+$/.test(identity);
}

/** The pod of `namespace/pod`; undefined for an address. */
function podOf(host: string): string | undefined {
  return /^[^/]*\/(.+)$/.exec(host)?.[1];
}

/** From the reply with SYN and ACK to the first ACK after it; the handshake's, unless the ring buffer lacks it. */
function handshake({ events }: Connection): { seconds: number; events: Connection['events'] } | undefined {
  const start = events.findIndex(
    ({ direction, flags }) => direction === 'reply' && flags.includes('SYN') && flags.includes('ACK'),
  );
  const reply = events[start];
  const next = events.slice(start + 1).find(({ direction }) => direction === 'forward');
  if (!reply || next?.time === undefined || reply.time === undefined) return undefined;
  if (!next.flags.includes('ACK') || next.flags.includes('SYN')) return undefined;
  return { seconds: (next.time - reply.time) / 1000, events: [reply, next] };
}

function roundTrip(
  subject: Subject,
  connections: readonly Connection[],
  model: SideModel,
): (FlowsRoundTrip | FlowsProbesInRoundTrips)[] {
  // Another pod is no measure of the way to a client outside.
  const shaken = connections
    .filter(({ source }) => isReserved(source.identity) && !podOf(source.host))
    .flatMap((connection) => handshake(connection) ?? []);
  const seconds = shaken.map((each) => each.seconds);
  const typical = median(seconds);
  if (typical === undefined) return [];
  const own = places(shaken.flatMap(({ events }) => events));
  const measured: FlowsRoundTrip = {
    kind: 'flows-round-trip',
    about: aboutOutput(subject),
    places: own,
    connections: shaken.length,
    typical,
    min: Math.min(...seconds),
    max: Math.max(...seconds),
  };
  const requests = fromOutside(model.probes).flatMap((probe) => probe.requests);
  const inRoundTrips = (outcome: 'answered' | 'none'): InRoundTrips | undefined => {
    const took = median(requests.filter((request) => request.outcome === outcome).map((request) => request.seconds));
    return took === undefined ? undefined : { seconds: took, roundTrips: took / typical };
  };
  if (requests.length === 0 || typical <= 0) return [measured];
  const [failures, answers] = [inRoundTrips('none'), inRoundTrips('answered')];
  return [
    measured,
    {
      kind: 'flows-probes-in-round-trips',
      about: aboutOutput(subject),
      places: joined([...own, ...requests.map(({ evidence }) => evidence)]),
      typical,
      ...(failures && { failures }),
      ...(answers && { answers }),
    },
  ];
}

function dropped(subject: Subject, { packets }: FlowOutput): FlowsDropped[] {
  const lost = packets.filter(({ verdict }) => verdict === 'DROPPED');
  if (lost.length === 0) return [];
  const { side } = subject;
  const end = ({ pod, ip, host }: Packet['from']): Named | string =>
    pod ? named('pod', side, pod.value) : (ip ?? host);
  const identity = ({ identity: number, reserved: [reserved] }: Packet['from']) =>
    reserved ?? (number && named('identity', side, number.value));
  const groups = Map.groupBy(lost, ({ from }) => `${from.host} ${from.identity?.value} ${from.reserved[0]}`);
  const to = new Map(lost.map((packet) => [packet.to.host, end(packet.to)]));
  const numbers = distinct(lost.flatMap((packet) => packet.to.identity?.value ?? []));
  return [
    {
      kind: 'flows-dropped',
      about: aboutOutput(subject),
      places: places(lost),
      dropped: lost.length,
      from: [...groups.values()].flatMap((own): DroppedFrom[] => {
        const [packet] = own;
        if (!packet) return [];
        const known = identity(packet.from);
        return [{ count: own.length, from: end(packet.from), ...(known && { identity: known }) }];
      }),
      to: [...to.values()],
      toIdentities: numbers.map((number) => named('identity', side, number)),
      reasons: distinct(lost.map(({ seen }) => seen)),
    },
  ];
}
