import type { CiliumSide, Client, FlowEnd, FlowEvent } from '../world.ts';

/** What is true of flows that were printed. */
export interface FlowsTruth {
  flows: number;
  /** Distinct pairs of ends. */
  connections: number;
  dropped: number;
  /** Connections by who began them: `world`, `remote-node`, a number of an identity. */
  connectionsFrom: Readonly<Record<string, number>>;
  /** Milliseconds from the first flow to the last. */
  span: number;
  /** Milliseconds from the SYN-ACK of a connection from outside to the next packet of whoever asked. */
  roundTrips: readonly number[];
  /** Distinct addresses by reserved identity. */
  addresses: Readonly<Record<string, readonly string[]>>;
  /** Dropped packets by the pod or address that sent them. */
  droppedFrom: Readonly<Record<string, number>>;
}

/** Who the policy lets in. */
export interface PolicyTruth {
  /** False where there is none, so that everybody is let in. */
  present: boolean;
  /** Labels of each peer it names, as `role=frontend`. */
  peers: readonly (readonly string[])[];
  /** Names of the clients. */
  allowed: readonly string[];
  denied: readonly string[];
}

/** What is true of Hubble and of the policy. */
export interface TrafficTruth {
  hubble: { current: number; max: number; perSecond: number; nodes: number; relayReady: boolean };
  /** Seconds the flows Hubble holds reach back at the rate it states; absent without flows. */
  remembered?: number;
  observed: FlowsTruth;
  drops: FlowsTruth;
  policy: PolicyTruth;
  /** Clients in the order of their requests, answered or not. */
  enforcement: readonly { client: string; answered: boolean; took: number }[];
  /** Identity of every pod of the namespace, by name. */
  identities: Readonly<Record<string, number>>;
  /** Pods of L1 that are still there in L8, and those that are new, by name. */
  kept: readonly string[];
  added: readonly string[];
  /** Entries of the policy map that let something in, the host's among them. */
  ingressEntries: number;
}

const end = ({ ip, pod, namespace, port }: FlowEnd) => `${pod === undefined ? ip : `${namespace}/${pod}`}:${port}`;

/** What is true of some flows. */
export function flowsTruth(flows: readonly FlowEvent[]): FlowsTruth {
  const connections = new Map(flows.map((flow) => [`${end(flow.from)} ${end(flow.to)}`, flow.from.identity]));
  const connectionsFrom: Record<string, number> = {};
  for (const identity of connections.values()) connectionsFrom[identity] = (connectionsFrom[identity] ?? 0) + 1;
  const times = flows.map(({ at }) => at);
  const outside = flows.filter(({ from }) => from.pod === undefined);
  const addresses = Object.fromEntries(
    [...Map.groupBy(outside, ({ from }) => from.identity)].map(([identity, own]) => [
      identity,
      [...new Set(own.map(({ from }) => from.ip))],
    ]),
  );
  const roundTrips = [...Map.groupBy(outside, ({ from, to }) => `${end(from)} ${end(to)}`).values()].flatMap((own) => {
    const reply = own.findIndex(({ arrow, flags }) => arrow === '<-' && flags.includes('SYN'));
    const next = own.slice(reply + 1).find(({ arrow }) => arrow === '->');
    const sent = own[reply];
    return sent && next ? [next.at - sent.at] : [];
  });
  const droppedFrom: Record<string, number> = {};
  for (const { from, verdict } of flows) {
    const name = from.pod ?? from.ip;
    if (verdict === 'DROPPED') droppedFrom[name] = (droppedFrom[name] ?? 0) + 1;
  }
  return {
    flows: flows.length,
    connections: connections.size,
    dropped: flows.filter(({ verdict }) => verdict === 'DROPPED').length,
    connectionsFrom,
    span: times.length === 0 ? 0 : Math.max(...times) - Math.min(...times),
    roundTrips,
    addresses,
    droppedFrom,
  };
}

const labelsOf = (labels: Readonly<Record<string, string>>) => Object.entries(labels).map((pair) => pair.join('='));

function policyTruth({ policy, clients }: CiliumSide): PolicyTruth {
  const peers = (policy?.peers ?? []).map(labelsOf);
  const allows = ({ labels }: Client) =>
    policy === undefined || peers.some((peer) => peer.every((label) => labelsOf(labels).includes(label)));
  const names = (all: readonly Client[]) => all.map(({ name }) => name);
  return {
    present: policy !== undefined,
    peers,
    allowed: names(clients.filter(allows)),
    denied: names(clients.filter((client) => !allows(client))),
  };
}

/** What is true of Hubble and of the policy of a cluster. */
export function trafficTruth(side: CiliumSide): TrafficTruth {
  const { hubble, nodes, relay, flows, drops, enforcement, podsAfter, pods, clients, identity } = side;
  const policy = policyTruth(side);
  const [ready, containers] = relay.ready.split('/');
  const before = pods.map(({ name }) => name);
  const after = podsAfter.map(({ name }) => name).sort();
  return {
    hubble: { ...hubble, nodes: nodes.length, relayReady: ready === containers },
    ...(hubble.perSecond > 0 && { remembered: hubble.current / hubble.perSecond }),
    observed: flowsTruth(flows),
    drops: flowsTruth(drops),
    policy,
    enforcement: enforcement.map(({ client, request }) => ({
      client: client.name,
      answered: request.status !== '000',
      took: request.took,
    })),
    identities: Object.fromEntries([
      ...after.map((name) => [name, identity] as const),
      ...clients.map((client) => [client.name, client.identity] as const),
    ]),
    kept: after.filter((name) => before.includes(name)),
    added: after.filter((name) => !before.includes(name)),
    // Without a policy one entry stands for everybody.
    ingressEntries: 1 + (policy.present ? policy.allowed.length : 1),
  };
}
