import type { Flow, FlowEnd, FlowIdentity } from '../formats/hubble-flows.ts';
import type { JsonFlow } from '../formats/hubble-flows-json.ts';
import { scalarAt } from '../formats/tree.ts';
import { type Citation, type Cite, citing, type NotCaptured } from './citation.ts';
import { flowTime } from './flow-time.ts';
import type { Model } from './model.ts';
import type { Subject } from './subject.ts';

/*
 * Flows of Hubble as connections. A flow is one packet event seen at one observation point, not a request: a connection
 * has as many as its packets were seen, and the ring buffer may have dropped any of them.
 */

/** One end of a connection as the output names it. */
export interface End {
  /** Address or `namespace/pod`. */
  host: string;
  port?: string;
  /** Number, or name of a reserved identity without `reserved:`. */
  identity?: string;
}

/** One packet event. */
export interface FlowEvent {
  /** Milliseconds since 1970 (year and zone as far as printed, else 2000 and UTC); absent without a time. */
  time?: number;
  /** The time as printed. */
  printed?: string;
  /** `forward` from the end that began, `reply` towards it, `unknown` where the output does not say. */
  direction: 'forward' | 'reply' | 'unknown';
  /** Observation point, or for a drop its reason: `to-endpoint`, `Policy denied`. */
  seen: string;
  verdict: string;
  flags: string[];
  evidence: Citation;
}

/** The events of one 5-tuple, in the order of the output. */
export interface Connection {
  protocol: string;
  /** The end that began, as far as the output tells. */
  source: End;
  destination: End;
  events: FlowEvent[];
  /** True where an event was dropped. */
  dropped: boolean;
  /** True where its first packet (SYN without ACK) was seen. */
  opened: boolean;
  /** True where FIN was seen from both ends, or RST. */
  closed: boolean;
}

/** The flows of one output. */
export interface FlowCapture {
  captured: true;
  capture: string;
  connections: Connection[];
  /** Events that are not flows: lost events and notices of the relay. */
  others: number;
}

/** The flows of a trace: the first output with flows, and what was dropped according to the others. */
export interface Flows {
  main: FlowCapture | NotCaptured;
  /** Connections with drops from all other outputs. */
  drops: Connection[];
}

/** What both forms of `hubble observe` say of an event. */
interface Packet extends FlowEvent {
  protocol: string;
  /** The end that sent the packet, and the one it was sent to. */
  from: End;
  to: End;
}

/** Groups the flows of all outputs into connections. */
export function flowsOf({ subjects }: Pick<Model, 'subjects'>): Flows {
  const captures = subjects.flatMap((subject) => captureOf(subject) ?? []);
  const [main, ...rest] = captures;
  return {
    main: main ?? { captured: false, why: 'No output of hubble observe with flows was captured.' },
    drops: rest.flatMap(({ connections }) => connections.filter(({ dropped }) => dropped)),
  };
}

/** The connections of one output; undefined where it holds no flows. */
export function captureOf(subject: Subject): FlowCapture | undefined {
  const { parsed } = subject;
  if (parsed.format !== 'hubble-flows' && parsed.format !== 'hubble-flows-json') return undefined;
  const cite = citing(subject);
  const packets = parsed.events.flatMap((event) => {
    if (event.type !== 'flow') return [];
    return 'left' in event ? [packetOf(event, cite)] : [jsonPacketOf(event, cite)];
  });
  if (packets.length === 0) return undefined;
  return {
    captured: true,
    capture: subject.key,
    connections: connectionsOf(packets),
    others: parsed.events.length - packets.length,
  };
}

function connectionsOf(packets: readonly Packet[]): Connection[] {
  const connections: Connection[] = [];
  const open = new Map<string, { connection: Connection; fins: Set<string> }>();
  for (const { protocol, from, to, ...event } of packets) {
    const ends = [from, to].map(({ host, port }) => `${host} ${port ?? ''}`).sort();
    const key = [protocol, ...ends].join(' ');
    const first = event.flags.includes('SYN') && !event.flags.includes('ACK');
    let known = open.get(key);
    // The same ports once more after the end are another connection.
    if (!known || (first && known.connection.closed)) {
      const [source, destination] = event.direction === 'reply' ? [to, from] : [from, to];
      const connection = { protocol, source, destination, events: [], dropped: false, opened: false, closed: false };
      known = { connection, fins: new Set() };
      open.set(key, known);
      connections.push(connection);
    }
    const { connection, fins } = known;
    connection.events.push(event);
    connection.dropped ||= event.verdict === 'DROPPED';
    connection.opened ||= first;
    if (event.flags.includes('FIN')) fins.add(`${from.host} ${from.port}`);
    connection.closed ||= fins.size === 2 || event.flags.includes('RST');
  }
  return connections;
}

const DIRECTIONS = { '->': 'forward', '<-': 'reply', '<>': 'unknown' } as const;

function packetOf(flow: Flow, cite: Cite): Packet {
  const direction = DIRECTIONS[flow.direction.value as keyof typeof DIRECTIONS] ?? 'unknown';
  const [left, right] = [endOf(flow.left), endOf(flow.right)];
  const { summary } = flow;
  return {
    ...when(flow.time?.value),
    direction,
    seen: flow.event.value,
    verdict: flow.verdict.value,
    flags: summary.tcpFlags.map(({ value }) => value),
    protocol: summary.protocol?.value ?? (summary.http ? 'HTTP' : summary.dns ? 'DNS' : 'unknown'),
    from: direction === 'reply' ? right : left,
    to: direction === 'reply' ? left : right,
    evidence: cite(flow.line),
  };
}

function endOf({ host, port, identity }: FlowEnd): End {
  return end(host.value, port?.value, identityOf(identity));
}

/** The number of an identity, or the name of a reserved one. */
export function identityOf(identity: FlowIdentity | undefined): string | undefined {
  return identity?.id?.value ?? identity?.reserved?.value;
}

function jsonPacketOf(flow: JsonFlow, cite: Cite): Packet {
  const ends = (['source', 'destination'] as const).map((side): End => {
    const { ip, port, identity, namespace, pod, labels } = flow[side];
    const reserved = labels.map(({ value }) => /^reserved:(.+)$/.exec(value)?.[1]).find(Boolean);
    const name = pod?.value ? `${namespace?.value ?? ''}/${pod.value}` : (ip?.value ?? 'unknown');
    return end(name, port?.value, reserved ?? identity?.value);
  });
  const [from, to] = ends as [End, End];
  const point =
    scalarAt(flow.tree, 'flow', 'trace_observation_point') ?? scalarAt(flow.tree, 'trace_observation_point');
  const replies: Record<string, FlowEvent['direction']> = { true: 'reply', false: 'forward' };
  return {
    ...when(flow.time?.value),
    direction: replies[flow.isReply?.value ?? ''] ?? 'unknown',
    seen: flow.dropReason?.value ?? point?.value.toLowerCase().replaceAll('_', '-') ?? 'unknown',
    verdict: flow.verdict?.value ?? 'unknown',
    flags: flow.flags.map(({ value }) => value),
    protocol: flow.protocol?.value ?? 'unknown',
    from,
    to,
    evidence: cite(flow.line),
  };
}

function end(host: string, port: string | undefined, identity: string | undefined): End {
  return { host, ...(port === undefined ? {} : { port }), ...(identity === undefined ? {} : { identity }) };
}

function when(printed: string | undefined): Pick<FlowEvent, 'time' | 'printed'> {
  const time = flowTime(printed);
  return { ...(printed === undefined ? {} : { printed }), ...(time === undefined ? {} : { time }) };
}

/** First and last time of some connections in milliseconds; undefined where an event has no time. */
export function spanOf(connections: readonly Connection[]): { start: number; end: number } | undefined {
  const times: number[] = [];
  for (const { time } of connections.flatMap(({ events }) => events)) {
    if (time === undefined) return undefined;
    times.push(time);
  }
  if (times.length === 0) return undefined;
  return times.reduce(({ start, end }, time) => ({ start: Math.min(start, time), end: Math.max(end, time) }), {
    start: Number.POSITIVE_INFINITY,
    end: Number.NEGATIVE_INFINITY,
  });
}
