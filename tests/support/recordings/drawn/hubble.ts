import type { CiliumSide, Client, FlowEnd, FlowEvent, Node, Pod } from '../world.ts';
import type { Draw } from './draw.ts';

/** What the draws of flows need to know of the cluster. */
export interface Surroundings {
  namespace: string;
  targetPort: number;
  nodes: readonly Node[];
  pods: readonly Pod[];
  /** Identity of the pods. */
  identity: number;
  /** The client outside, as it may be printed. */
  outside: string;
  /** Time of the first flow. */
  from: number;
}

type Flags = FlowEvent['flags'];
/** A connection to a pod as the monitor reports it: each packet's direction, flags and milliseconds since the one before. */
const PACKETS: readonly (readonly [reply: boolean, flags: Flags, after: number])[] = [
  [false, ['SYN', 'ECE', 'CWR'], 0],
  [true, ['SYN', 'ACK', 'ECE'], 0],
  [false, ['ACK'], 51],
  [false, ['ACK', 'PSH'], 2],
  [true, ['ACK', 'PSH'], 1],
  [false, ['ACK', 'FIN'], 50],
  [true, ['ACK', 'FIN'], 0],
  [false, ['ACK'], 51],
];

/** The end of a pod. */
export function podEnd(
  { name, ip }: Pick<Pod, 'name' | 'ip'>,
  port: number,
  identity: number,
  namespace: string,
): FlowEnd {
  return { namespace, pod: name, ip, port, identity };
}

/** The newest of the flows of several connections, as many as were printed: the first connection may be cut. */
export function drawFlows(draw: Draw, around: Surroundings): FlowEvent[] {
  const count = draw.way(
    [2, () => 0],
    [1, () => 1],
    [6, () => draw.int(2, 20)],
    [2, () => draw.int(21, 120)],
    [1, () => draw.int(121, 500)],
  );
  const flows: FlowEvent[] = [];
  for (let number = 0; flows.length < count; number++) flows.push(...connection(draw, around, number));
  return flows.sort((a, b) => a.at - b.at).slice(-count || flows.length);
}

function connection(draw: Draw, around: Surroundings, number: number): FlowEvent[] {
  const { namespace, targetPort, pods, identity } = around;
  const pod = draw.of(pods);
  const from = outsideEnd(draw, around, pod, 32_768 + ((number * 7 + draw.int(0, 6)) % 28_000));
  const to = podEnd(pod, targetPort, identity, namespace);
  let at = around.from + number * 128 + draw.int(0, 40);
  const length = draw.chance(0.15) ? draw.int(1, PACKETS.length) : PACKETS.length;
  return PACKETS.slice(0, length).map(([reply, flags, after]): FlowEvent => {
    at += after;
    return {
      at,
      from,
      arrow: reply ? '<-' : '->',
      to,
      event: reply ? 'to-stack' : 'to-endpoint',
      verdict: 'FORWARDED',
      flags,
      node: pod.node,
    };
  });
}

/** The client itself, or another node that relays for it. */
function outsideEnd(draw: Draw, { nodes, outside }: Surroundings, pod: Pod, port: number): FlowEnd {
  const relays = nodes.filter(({ name }) => name !== pod.node);
  if (relays.length === 0 || draw.chance(0.5)) return { ip: outside, port, identity: 'world' };
  return { ip: draw.of(relays).ip, port, identity: 'remote-node' };
}

/** SYNs the policy dropped: those of the blocked clients, and now and then of a node that relays. */
export function drawDrops(draw: Draw, around: Surroundings, blocked: readonly Client[]): FlowEvent[] {
  const { namespace, targetPort, pods, identity } = around;
  // Nothing to drop, or nothing of it left in the ring buffers when they were asked.
  if (blocked.length === 0 || draw.chance(0.1)) return [];
  const drop = (from: FlowEnd, index: number): FlowEvent => {
    const pod = draw.of(pods);
    return {
      at: around.from + index * 1000 + draw.int(0, 60),
      from,
      arrow: '<>',
      to: podEnd(pod, targetPort, identity, namespace),
      event: 'Policy denied',
      verdict: 'DROPPED',
      flags: ['SYN'],
      node: pod.node,
    };
  };
  const ofClients = blocked.flatMap((client) =>
    draw.list(1, draw.of([1, 3, 6, 20]), (index) =>
      drop(podEnd(client, draw.int(32_768, 60_999), client.identity, namespace), index),
    ),
  );
  const relayed = draw.chance(0.15)
    ? draw.list(1, 3, (index) => {
        const [pod] = pods;
        return drop(outsideEnd(draw, around, pod as Pod, draw.int(32_768, 60_999)), index);
      })
    : [];
  return [...ofClients, ...relayed].sort((a, b) => a.at - b.at);
}

/** What Hubble holds: at least the flows that were printed, at most what its nodes have room for. */
export function drawHubble(draw: Draw, nodes: number, printed: number): CiliumSide['hubble'] {
  const max = nodes * draw.of([63, 127, 4095].filter((size) => size * nodes >= printed));
  const current = draw.way([3, () => max], [2, () => draw.int(printed, max)], [1, () => printed]);
  return { max, current, perSecond: current === 0 ? 0 : draw.int(1, 20_000) / 100 };
}
