import type { CiliumSide, Client, KubeProxySide, Policy } from '../world.ts';
import { drawAge, drawCluster, drawPods, podName } from './cluster.ts';
import type { Draw } from './draw.ts';
import { drawDrops, drawFlows, drawHubble, type Surroundings } from './hubble.ts';

/** V1, and the nodes whose rules are saved. */
export function drawKubeProxy(draw: Draw): KubeProxySide {
  const {
    set: _set,
    addresses: _addresses,
    ...cluster
  } = drawCluster(draw, draw.chance(0.85) ? 'recorded' : 'published');
  const idle = cluster.nodes.filter(({ name }) => name !== cluster.left.node);
  const legacy = draw.chance(0.5);
  return {
    ...cluster,
    environment: {
      ...cluster.environment,
      dataplane: 'kube-proxy (iptables)',
      evidence: [`${cluster.nodes.length} running kube-proxy pods in kube-system`],
    },
    proxy: {
      node: cluster.inspection.pod.node,
      ...(idle.length > 0 && { idleNode: draw.of(idle).name }),
      healthCheckNodePort: 28_000 + draw.int(0, 999),
      nfacct: draw.chance(0.7),
      version: legacy ? '1.8.9' : '1.8.11 (nf_tables)',
      saved: cluster.wording === 'recorded' ? 'whole' : 'filtered',
    },
  };
}

/** V2, with what Hubble saw and what the policy did. */
export function drawCilium(draw: Draw): CiliumSide {
  const { set, addresses, ...cluster } = drawCluster(draw, draw.chance(0.8) ? 'recorded' : 'published');
  const { pods, left, nodes, service, probes } = cluster;
  const others = [...drawPods(draw, set, nodes, addresses, pods.length - 1), left];
  const podsAfter = pods.length === 1 ? pods : draw.some(others, others.length);
  const [identity, ...identities] = draw.some(
    Array.from({ length: 40 }, (_, index) => 1009 + index * 1583),
    3,
  ) as [number, number, number];
  const clients = drawClients(draw, identities, () => addresses.pod(draw.of(nodes)));
  const policy = drawPolicy(draw);
  const outside = cluster.wording === 'recorded' ? 'client-1' : `162.195.118.${draw.int(1, 254)}`;
  const allows = ({ labels }: Client) =>
    policy === undefined ||
    policy.peers.some((peer) => Object.entries(peer).every(([key, value]) => labels[key] === value));
  const around: Surroundings = {
    namespace: service.namespace,
    targetPort: service.targetPort,
    nodes,
    pods: podsAfter,
    identity,
    outside,
    from: cluster.start + 400_000 + draw.int(0, 999),
  };
  const flows = drawFlows(draw, around);
  const counter = () => ({ bytes: draw.int(60, 2_000_000), packets: draw.int(1, 20_000) });
  const counted = <T>(share: number, value: () => T) => (draw.chance(share) ? value() : undefined);
  const [host, egress] = [counted(0.3, counter), counted(0.8, counter)];
  const { localConverged, ...always } = probes;
  const relayNode = draw.of(nodes);
  return {
    ...cluster,
    probes: draw.chance(0.7) ? probes : always,
    environment: {
      ...cluster.environment,
      dataplane: 'GKE Dataplane V2 (Cilium, eBPF)',
      evidence: [`${nodes.length} running anetd pods in kube-system`],
    },
    id: Math.max(...cluster.others.map((other) => other.id)) + draw.int(4, 12),
    podsAfter,
    agent: podName(draw, 'anetd'),
    endpoint: draw.int(1, 4000),
    identity,
    clients,
    relay: {
      pod: podName(draw, `hubble-relay-${draw.text('456789bcdf', 9)}`),
      ready: draw.of(['1/1', '3/3']),
      restarts: draw.of([0, 0, 0, 2]),
      age: drawAge(draw),
      ip: addresses.pod(relayNode),
      node: relayNode.name,
      clusterIP: addresses.service(),
    },
    hubble: drawHubble(draw, nodes.length, flows.length),
    flows,
    ...(policy && { policy }),
    enforcement: clients.map((client) => ({
      client,
      request: allows(client)
        ? { status: '200', took: draw.int(1500, 30_000) }
        : { status: '000', took: 5_000_000 + draw.int(100, 4000) },
    })),
    drops: drawDrops(
      draw,
      { ...around, from: around.from + 60_000 },
      clients.filter((client) => !allows(client)),
    ),
    counters: {
      ...(host && { host }),
      ...(egress && { egress }),
      byIdentity: new Map(clients.flatMap((client) => (draw.chance(0.8) ? [[client.identity, counter()]] : []))),
    },
  };
}

function drawClients(draw: Draw, identities: readonly number[], address: () => string): Client[] {
  const client = (name: string, role: string, index: number): Client => ({
    name,
    ip: address(),
    labels: { role },
    identity: identities[index] ?? 0,
  });
  const all = [client('client-allowed', 'frontend', 0), client('client-blocked', 'other', 1)];
  return draw.chance(0.9) ? all : all.slice(1);
}

/** The policy of the workload, one that lets in more, one that lets in nobody, or none. */
function drawPolicy(draw: Draw): Policy | undefined {
  const policy = (peers: Policy['peers']): Policy => ({
    name: 'nginx-allow-frontend',
    selects: { app: 'nginx' },
    peers,
  });
  return draw.way<Policy | undefined>(
    [6, () => policy([{ role: 'frontend' }])],
    [2, () => undefined],
    [1, () => policy([{ role: 'frontend' }, { role: 'other' }])],
    [1, () => policy([{ role: 'frontend' }, { role: 'monitoring' }])],
    [1, () => policy([])],
  );
}
