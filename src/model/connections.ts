import type { NotCaptured } from './citation.ts';
import type { FlowEvent, FlowOutput, Packet, PacketEnd } from './flows.ts';
import type { Model } from './model.ts';

/*
 * Packet events as connections: a connection has as many as its packets were seen, and the ring buffer may have dropped
 * any of them.
 */

/** One end of a connection as the output names it. */
export interface End {
  /** Address or `namespace/pod`. */
  host: string;
  port?: string;
  /** Number, or name of a reserved identity without `reserved:`. */
  identity?: string;
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
  /** True where an event was dropped because a policy denied it. */
  deniedByPolicy: boolean;
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

/** Groups the flows of all outputs into connections. */
export function flowsOf({ subjects, sides }: Model): Flows {
  const [main, ...rest] = subjects.flatMap(({ key, side }): FlowCapture[] => {
    const output = sides[side].flows.find(({ capture }) => capture === key);
    if (!output || output.packets.length === 0) return [];
    const { capture, others } = output;
    return [{ captured: true, capture, connections: connectionsOf(output), others }];
  });
  return {
    main: main ?? { captured: false, why: 'No output of hubble observe with flows was captured.' },
    drops: rest.flatMap(({ connections }) => connections.filter(({ dropped }) => dropped)),
  };
}

/** Groups the packets of one output into connections. */
export function connectionsOf({ packets }: Pick<FlowOutput, 'packets'>): Connection[] {
  const connections: Connection[] = [];
  const open = new Map<string, { connection: Connection; fins: Set<string> }>();
  for (const packet of packets) {
    const { protocol, direction, verdict, flags, opens } = packet;
    const [from, to] = [endOf(packet.from), endOf(packet.to)];
    const ends = [from, to].map(({ host, port }) => `${host} ${port ?? ''}`).sort();
    const key = [protocol, ...ends].join(' ');
    let known = open.get(key);
    // The same ports once more after the end are another connection.
    if (!known || (opens && known.connection.closed)) {
      const [source, destination] = direction === 'reply' ? [to, from] : [from, to];
      const yet = { dropped: false, deniedByPolicy: false, opened: false, closed: false };
      known = { connection: { protocol, source, destination, events: [], ...yet }, fins: new Set() };
      open.set(key, known);
      connections.push(known.connection);
    }
    const { connection, fins } = known;
    const dropped = verdict === 'DROPPED';
    connection.events.push(eventOf(packet));
    connection.dropped ||= dropped;
    connection.deniedByPolicy ||= dropped && packet.deniedByPolicy;
    connection.opened ||= opens;
    if (flags.includes('FIN')) fins.add(`${from.host} ${from.port}`);
    connection.closed ||= fins.size === 2 || flags.includes('RST');
  }
  return connections;
}

/** A packet event without what all events of a connection share. */
function eventOf({ time, printed, direction, seen, verdict, flags, evidence }: Packet): FlowEvent {
  const when = { ...(time !== undefined && { time }), ...(printed !== undefined && { printed }) };
  return { ...when, direction, seen, verdict, flags, evidence };
}

function endOf({ host, port, identity, reserved: [reserved] }: PacketEnd): End {
  const known = reserved ?? identity?.value;
  return { host, ...(port && { port: port.value }), ...(known !== undefined && { identity: known }) };
}
