import { kindOfName } from '../formats/field.ts';
import type { Flow, FlowEnd } from '../formats/hubble-flows.ts';
import type { JsonFlow, JsonFlowEnd } from '../formats/hubble-flows-json.ts';
import { scalarAt } from '../formats/tree.ts';
import type { Located } from '../formats/types.ts';
import { type Citation, type Cite, citing } from './citation.ts';
import { flowTime } from './flow-time.ts';
import { type Stated, stated, statedAll } from './stated.ts';
import type { Occurrence, Subject } from './subject.ts';

/*
 * Packet events of `hubble observe`, whichever form it printed. A flow of Hubble is one packet event seen at one
 * observation point, not a request.
 */

/** One end of a packet, as far as the output names it. */
export interface PacketEnd {
  /** `namespace/pod`, address or DNS names. */
  host: string;
  /** Its pod, else the host as printed. */
  name?: Stated;
  namespace?: string;
  /** Its pod; see {@link isPod}. */
  pod?: Stated;
  /** False where the name may as well be a Service's: compact output tells them apart by nothing else. */
  isPod: boolean;
  ip?: string;
  port?: Stated;
  /** Number of its identity. */
  identity?: Stated;
  /** Reserved identities it stands for, without `reserved:`. */
  reserved: string[];
  /** Labels of its identity as printed, `k8s:app=nginx`; none where the output prints none. */
  labels: string[];
}

/** What a packet event says besides its ends. */
export interface FlowEvent {
  /** Milliseconds since 1970 (year and zone as far as printed, else 2000 and UTC); absent without a time. */
  time?: number;
  /** The time as printed. */
  printed?: string;
  /** `forward` from the end that began, `reply` towards it, `unknown` where the output does not say. */
  direction: 'forward' | 'reply' | 'unknown';
  /** Observation point, or for a drop its reason: `to-endpoint`, `Policy denied`. */
  seen: string;
  /** `FORWARDED`, `DROPPED`, …; `unknown` where it is not printed. */
  verdict: string;
  flags: string[];
  evidence: Citation;
}

/** One packet event. */
export interface Packet extends FlowEvent {
  verdictAt?: Occurrence;
  /** `TCP`, `UDP`, `HTTP`, …, or `unknown`. */
  protocol: string;
  /** True for a SYN without ACK, which opens a TCP connection (RFC 9293). */
  opens: boolean;
  /** True where it was seen with the reason that a policy denied it (pkg/monitor/api, `Policy denied…`). */
  deniedByPolicy: boolean;
  /** The node that saw it; absent where the output does not say. */
  node?: Stated;
  /** Whether it entered or left the endpoint that reported it; absent where the output does not say. */
  way?: 'ingress' | 'egress';
  /** The end that sent it, and the one it was sent to. */
  from: PacketEnd;
  to: PacketEnd;
  /** Both ends in the order they stand in the output. */
  ends: readonly [PacketEnd, PacketEnd];
}

/** The packet events of one output. */
export interface FlowOutput {
  capture: string;
  layer: string;
  /** In the order of the output. */
  packets: Packet[];
  /** Events that are not flows: lost events and notices of the relay. */
  others: number;
  /** How many events were lost before they could be printed, for each notice of it. */
  lost: { events: number; evidence: Citation }[];
}

/** A packet on its way to a pod. */
export type PacketToPod = Packet & {
  capture: string;
  /** Name of the pod that sent it, or its address. */
  sender: Stated;
  receiver: Stated;
  verdictAt: Occurrence;
};

/** The outputs of `hubble observe`, empty ones included. */
export function flowOutputs(subjects: readonly Subject[]): FlowOutput[] {
  return subjects.flatMap((subject) => {
    const { key: capture, layer, parsed } = subject;
    if (parsed.format !== 'hubble-flows' && parsed.format !== 'hubble-flows-json') return [];
    const cite = citing(subject);
    const packets = parsed.events.flatMap((event) => {
      if (event.type !== 'flow') return [];
      return 'left' in event ? [compactPacket(subject, event, cite)] : [jsonPacket(subject, event, cite)];
    });
    const lost = parsed.events.flatMap((event) => {
      if (event.type !== 'lost') return [];
      const count = 'count' in event ? event.count : scalarAt(event.tree, 'lost_events', 'num_events_lost');
      return [{ events: Number(count?.value ?? 1), evidence: cite(event.line) }];
    });
    return [{ capture, layer, packets, others: parsed.events.length - packets.length, lost }];
  });
}

/** The packets that were sent to pods, without known replies. */
export function packetsToPods(outputs: readonly FlowOutput[]): PacketToPod[] {
  return outputs.flatMap(({ capture, packets }) =>
    packets.flatMap((packet) => {
      const { from, to, direction, verdictAt } = packet;
      if (!from.name || !to.pod || !verdictAt || direction === 'reply') return [];
      return [{ ...packet, capture, sender: from.name, receiver: to.pod, verdictAt }];
    }),
  );
}

const DIRECTIONS = { '->': 'forward', '<-': 'reply', '<>': 'unknown' } as const;

function compactPacket(subject: Subject, flow: Flow, cite: Cite): Packet {
  const direction = DIRECTIONS[flow.direction?.value as keyof typeof DIRECTIONS] ?? 'unknown';
  const ends = [compactEnd(subject, flow.left), compactEnd(subject, flow.right)] as const;
  const { summary } = flow;
  return {
    ...timeOf(flow.time),
    direction,
    ...seenAs(flow.event.value),
    verdict: flow.verdict.value,
    verdictAt: stated(subject, flow.verdict).at,
    protocol: summary.protocol?.value ?? (summary.http ? 'HTTP' : summary.dns ? 'DNS' : 'unknown'),
    ...flagged(summary.tcpFlags),
    ...statedAll(subject, { node: flow.node }),
    from: direction === 'reply' ? ends[1] : ends[0],
    to: direction === 'reply' ? ends[0] : ends[1],
    ends,
    evidence: cite(flow.line),
  };
}

function compactEnd(subject: Subject, { host, ip, namespace, name: pod, port, identity }: FlowEnd): PacketEnd {
  return {
    host: host.value,
    ...addressOf(namespace, ip),
    ...statedAll(subject, { name: pod ?? host, pod, port, identity: identity?.id }),
    isPod: pod !== undefined && kindOfName(pod.value) === 'pod',
    reserved: identity?.reserved ? [identity.reserved.value] : [],
    labels: [],
  };
}

const WAYS: Readonly<Record<string, 'ingress' | 'egress'>> = { INGRESS: 'ingress', EGRESS: 'egress' };
const REPLIES: Readonly<Record<string, FlowEvent['direction']>> = { true: 'reply', false: 'forward' };

function jsonPacket(subject: Subject, flow: JsonFlow, cite: Cite): Packet {
  const { tree, verdict, dropReason } = flow;
  const ends = [jsonEnd(subject, flow.source), jsonEnd(subject, flow.destination)] as const;
  const point = scalarAt(tree, 'flow', 'trace_observation_point') ?? scalarAt(tree, 'trace_observation_point');
  const seen = dropReason?.value.replaceAll('_', ' ') ?? point?.value.toLowerCase().replaceAll('_', '-');
  return {
    ...timeOf(flow.time),
    direction: REPLIES[flow.isReply?.value ?? ''] ?? 'unknown',
    ...seenAs(seen ?? 'unknown'),
    verdict: verdict?.value ?? 'unknown',
    ...(verdict && { verdictAt: stated(subject, verdict).at }),
    protocol: flow.protocol?.value ?? 'unknown',
    ...flagged(flow.flags),
    ...statedAll(subject, { node: flow.node }),
    ...(WAYS[flow.direction?.value ?? ''] && { way: WAYS[flow.direction?.value ?? ''] }),
    from: ends[0],
    to: ends[1],
    ends,
    evidence: cite(flow.line),
  };
}

function jsonEnd(subject: Subject, { ip, port, identity, namespace, pod, labels }: JsonFlowEnd): PacketEnd {
  return {
    host: pod?.value ? `${namespace?.value ?? ''}/${pod.value}` : (ip?.value ?? 'unknown'),
    ...addressOf(namespace, ip),
    ...statedAll(subject, { name: pod ?? ip, pod, port, identity }),
    isPod: pod !== undefined,
    labels: labels.map(({ value }) => value),
    reserved: labels.flatMap(({ value }) => /^reserved:(.+)$/.exec(value)?.[1] ?? []),
  };
}

function addressOf(namespace: Located | undefined, ip: Located | undefined): Pick<PacketEnd, 'namespace' | 'ip'> {
  return { ...(namespace && { namespace: namespace.value }), ...(ip && { ip: ip.value }) };
}

function timeOf(at: Located | undefined): Pick<FlowEvent, 'time' | 'printed'> {
  const time = flowTime(at?.value);
  return { ...(at && { printed: at.value }), ...(time !== undefined && { time }) };
}

function seenAs(seen: string): Pick<Packet, 'seen' | 'deniedByPolicy'> {
  return { seen, deniedByPolicy: /^policy denied/i.test(seen) };
}

function flagged(all: readonly Located[]): Pick<Packet, 'flags' | 'opens'> {
  const flags = all.map(({ value }) => value);
  return { flags, opens: flags.includes('SYN') && !flags.includes('ACK') };
}
