import type { CiliumSide, Client, Counter } from '../world.ts';
import { byAddress, CILIUM, table } from './text.ts';

/* What cilium-dbg prints of the agent's state and of the maps (cilium/cilium-dbg/cmd). */

interface Row {
  id: number;
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'LocalRedirect';
  ip: string;
  port: number;
  protocol: string;
  backends: readonly string[];
}

/** The services the agent knows, by number. */
function rows(side: CiliumSide): Row[] {
  const { service, pods, id } = side;
  const own = {
    clusterIP: service.clusterIP,
    port: service.port,
    nodePort: service.nodePort,
    protocol: 'tcp',
    endpoints: pods.filter(({ ready }) => ready).map(({ ip }) => ({ ip, port: service.targetPort })),
    id,
  };
  const all = [...side.others.map((other) => ({ vip: undefined, ...other })), { ...own, vip: service.vip }];
  return all
    .flatMap((one): Row[] => {
      const protocol = one.protocol.toUpperCase();
      const backends = [...one.endpoints]
        .sort((a, b) => byAddress(a.ip, b.ip))
        .map(({ ip, port }) => `${ip}:${port}/${protocol}`);
      const redirected = 'redirected' in one && one.redirected;
      const row = (type: Row['type'], number: number, ip: string, port: number): Row => ({
        id: number,
        type,
        ip,
        port,
        protocol,
        backends,
      });
      if (one.nodePort === undefined)
        return [row(redirected ? 'LocalRedirect' : 'ClusterIP', one.id, one.clusterIP, one.port)];
      // The number between the two is that of the NodePort at the node's own address, which the list leaves out.
      return [
        row('NodePort', one.id, '0.0.0.0', one.nodePort),
        row('ClusterIP', one.id + 2, one.clusterIP, one.port),
        ...(one.vip === undefined ? [] : [row('LoadBalancer', one.id + 3, one.vip, one.port)]),
      ];
    })
    .sort((a, b) => a.id - b.id);
}

/** `cilium-dbg service list` */
export function serviceList(side: CiliumSide): string {
  const lines = rows(side).flatMap(({ id, type, ip, port, protocol, backends }) => {
    const [first = '', ...more] = backends.map((backend, slot) => `${slot + 1} => ${backend} (active)`);
    return [[String(id), `${ip}:${port}/${protocol}`, type, first], ...more.map((backend) => ['', '', '', backend])];
  });
  return table(CILIUM, [['ID', 'Frontend', 'Service Type', 'Backend'], ...lines]);
}

/** `cilium-dbg bpf lb list`: the map of the node the agent runs on, with the NodePorts at its own address too. */
export function lbList(side: CiliumSide): string {
  const own = side.nodes.find(({ name }) => name === side.inspection.pod.node)?.ip ?? '';
  const frontends = rows(side).flatMap((row) =>
    row.type === 'NodePort' ? [row, { ...row, id: row.id + 1, ip: own }] : [row],
  );
  const lines = frontends.flatMap(({ id, type, ip, port, protocol, backends }) => {
    const address = `${ip}:${port}/${protocol}`;
    const flags = type === 'ClusterIP' || ip === '0.0.0.0' ? `${type}, non-routable` : type;
    return [
      [`${address} (0)`, `0.0.0.0:0 (${id}) (0) [${flags}]`],
      ...backends.map((backend, slot) => [`${address} (${slot + 1})`, `${backend} (${id}) (${slot + 1})`]),
    ];
  });
  return table(CILIUM, [['SERVICE ADDRESS', 'BACKEND ADDRESS (REVNAT_ID) (SLOT)'], ...lines]);
}

/** Labels of a pod's identity, as its entries print them. */
export function identityLabels(namespace: string, labels: Readonly<Record<string, string>>): string[] {
  return [
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
    'k8s:io.cilium.k8s.policy.cluster=default',
    'k8s:io.cilium.k8s.policy.serviceaccount=default',
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
    ...Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
  ].sort();
}

/** Whether a policy lets in a client. */
export function lets(policy: CiliumSide['policy'], { labels }: Pick<Client, 'labels'>): boolean {
  const peers = policy?.peers ?? [];
  return peers.some((peer) => Object.entries(peer).every(([key, value]) => labels[key] === value));
}

/**
 * `cilium-dbg bpf policy get`: the entries for the host, for each identity the policy lets in, and for all egress.
 * Without a policy, ingress is open to all.
 */
export function policyMap(side: CiliumSide): string {
  const { policy, clients, counters, service } = side;
  const entry = (direction: string, labels: readonly string[], counter: Counter | undefined) => {
    const [bytes, packets] = counter ? [counter.bytes, counter.packets].map(String) : ['-', '-'];
    const [first = '', ...more] = labels;
    return [
      ['Allow', direction, first, 'ANY', 'NONE', 'disabled', bytes ?? '', packets ?? '', '0'],
      ...more.map((label) => ['', '', label, '', '', '', '', '', '']),
    ];
  };
  const allowed = clients.filter((client) => lets(policy, client));
  const ingress = policy
    ? allowed.flatMap(({ labels, identity }) =>
        entry('Ingress', identityLabels(service.namespace, labels), counters.byIdentity.get(identity)),
      )
    : entry('Ingress', ['ANY'], undefined);
  return table(CILIUM, [
    [
      'POLICY',
      'DIRECTION',
      'LABELS (source:key[=value])',
      'PORT/PROTO',
      'PROXY PORT',
      'AUTH TYPE',
      'BYTES',
      'PACKETS',
      'PREFIX',
    ],
    ...entry('Ingress', ['reserved:host', 'reserved:remote-node'], counters.host),
    ...ingress,
    ...entry('Egress', ['ANY'], counters.egress),
  ]);
}
