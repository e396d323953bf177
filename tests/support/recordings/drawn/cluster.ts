import type { Cluster, Inspection, Node, OtherService, Pod, Service, ServiceEvent, Socket } from '../world.ts';
import type { Draw } from './draw.ts';
import { drawProbe } from './probes.ts';

/** Letters of names that Kubernetes generates (k8s.io/apimachinery, pkg/util/rand). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
/** Those of a ReplicaSet's hash, which is a decimal number in these letters. */
const HASH = '456789bcdf';
const HEX = '0123456789abcdef';
const PAGE = ['<!DOCTYPE html>', '<html>', '<head>', '<title>Welcome to nginx!</title>', '<style>'];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An age in seconds, from one just made to years. */
export function drawAge(draw: Draw): number {
  return draw.way(
    [3, () => draw.int(1, 2 * MINUTE)],
    [3, () => draw.int(2 * MINUTE, 3 * HOUR)],
    [2, () => draw.int(3 * HOUR, 8 * DAY)],
    [1, () => draw.int(8 * DAY, 9 * 365 * DAY)],
  );
}

/** Addresses of a cluster, each given away once. */
export class Addresses {
  readonly #draw: Draw;
  readonly #given = new Set<string>();
  readonly #service: string;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#service = `10.${draw.int(64, 120)}.${16 * draw.int(0, 15)}`;
  }

  #fresh(make: () => string): string {
    let ip = make();
    while (this.#given.has(ip)) ip = make();
    this.#given.add(ip);
    return ip;
  }

  /** Of a pod on a node. */
  pod({ podCidr }: Node): string {
    return this.#fresh(() => podCidr.replace(/0\/24$/, String(this.#draw.int(2, 254))));
  }

  /** ClusterIP of a Service. */
  service(): string {
    return this.#fresh(() => `${this.#service}.${this.#draw.int(11, 254)}`);
  }

  /** Of the API server's and the DNS Service, which are fixed. */
  fixed(host: 1 | 10): string {
    return this.#fresh(() => `${this.#service}.${host}`);
  }
}

/** Name of a pod of a ReplicaSet or DaemonSet. */
export const podName = (draw: Draw, set: string) => `${set}-${draw.text(SAFE, 5)}`;

/** Pods on random nodes. */
export function drawPods(draw: Draw, set: string, nodes: readonly Node[], addresses: Addresses, count: number): Pod[] {
  return Array.from({ length: count }, () => {
    const node = draw.of(nodes);
    return { name: podName(draw, set), ip: addresses.pod(node), node: node.name, ready: true };
  });
}

/** A cluster, its Service and what a probe from outside got, without what is particular to its dataplane. */
export function drawCluster(draw: Draw, wording: Cluster['wording']): Cluster & { set: string; addresses: Addresses } {
  const addresses = new Addresses(draw);
  const base = draw.int(4, 60);
  const pool = `gke-${draw.of(['lab', 'trace', 'primary'])}-pool-${draw.text(HEX, 8)}`;
  const subnet = `10.${draw.int(128, 200)}.0`;
  const nodes = draw.list(1, 5, (index) => ({
    name: `${pool}-${draw.text(SAFE, 3)}${index}`,
    ip: `${subnet}.${index + 2}`,
    podCidr: `10.${base}.${index}.0/24`,
  }));
  const set = `nginx-${draw.text(HASH, draw.int(8, 10))}`;
  const pods = drawPods(draw, set, nodes, addresses, draw.int(1, 6));
  const left = draw.of(pods);
  const { zone, project } = { zone: `us-central1-${draw.of(['a', 'b', 'c'])}`, project: `project-${draw.int(1, 99)}` };
  const replicas = pods.length === 1 ? '1 pod' : `${pods.length} pods`;
  const heading = (mode: string) => (wording === 'published' ? { title: mode } : {});
  const start = Date.UTC(2026, draw.int(0, 23), draw.int(1, 28), draw.int(0, 23), draw.int(0, 59), draw.int(0, 59));
  return {
    set,
    addresses,
    wording,
    start,
    environment: drawEnvironment(draw, zone, nodes),
    project,
    region: 'us-central1',
    zone,
    nodes,
    service: drawService(draw, addresses, start),
    pods,
    left,
    inspection: drawInspection(draw, draw.of(pods)),
    others: drawOthers(draw, nodes, addresses),
    probes: {
      clusterMode: drawProbe(draw, 10, heading(`Cluster mode, ${replicas} on N nodes`)),
      localSymmetric: drawProbe(draw, 10, heading(`Local mode, ${replicas} (symmetric)`)),
      localFailover: drawProbe(draw, 20, heading('Local mode, 1 pod on N nodes (failover window)')),
      localConverged: drawProbe(draw, 10, heading('Local mode, 1 pod — AFTER failover convergence (~130s)')),
    },
  };
}

function drawService(draw: Draw, addresses: Addresses, start: number): Service {
  const name = `a${draw.text(HEX, 31)}`;
  const l1 = drawAge(draw);
  return {
    namespace: 'netflow-test',
    name: 'nginx',
    clusterIP: addresses.service(),
    vip: `${draw.of([34, 35, 136])}.${draw.int(64, 127)}.${draw.int(0, 255)}.${draw.int(1, 254)}`,
    nodePort: draw.int(30_000, 32_767),
    port: 80,
    targetPort: 80,
    selector: { app: 'nginx' },
    annotations: [
      ['cloud.google.com/neg', '{"ingress":true}'],
      ['networking.gke.io/target-pool', name],
    ],
    slice: `nginx-${draw.text(SAFE, 5)}`,
    ages: { l1, l3: l1 + draw.int(1, 8) },
    events: l1 > HOUR ? [] : drawEvents(draw, l1),
    pool: {
      name,
      id: String(draw.int(1e8, 2e9)) + String(draw.int(1e8, 9e8)),
      created: new Date(start - l1 * 1000 - 7 * HOUR * 1000).toISOString().replace('Z', '-07:00'),
      healthCheck: `k8s-${draw.text(HEX, 16)}-node`,
    },
  };
}

/** The controller's two events; the API server forgets them after an hour. */
function drawEvents(draw: Draw, age: number): ServiceEvent[] {
  const count = draw.int(1, 5);
  const event = (reason: string, message: string, firstSeen: number) => {
    const lastSeen = count === 1 ? firstSeen : draw.int(0, firstSeen);
    return { reason, message, firstSeen, lastSeen, count };
  };
  const all = [
    event('EnsuringLoadBalancer', 'Ensuring load balancer', age),
    event('EnsuredLoadBalancer', 'Ensured load balancer', draw.int(0, age)),
  ];
  return all.slice(0, draw.of([0, 1, 2, 2, 2]));
}

function drawInspection(draw: Draw, pod: Pod): Inspection {
  const any = { ip: '0.0.0.0', port: 0 };
  const inode = () => draw.int(10_000, 2_000_000);
  const local = { ip: '127.0.0.1', port: draw.int(32_768, 60_999) };
  const listens = (port: number): Socket => ({ state: 'LISTEN', local: { ...any, port }, remote: any, inode: inode() });
  return {
    pod,
    peer: draw.int(3, 40),
    mac: [2 * draw.int(1, 120), ...draw.list(5, 5, () => draw.int(0, 255))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':'),
    mtu: draw.of([1460, 1500, 8896]),
    page: PAGE,
    sockets: [
      listens(80),
      ...(draw.chance(0.15) ? [listens(draw.of([443, 8080, 9113]))] : []),
      ...(draw.chance(0.3)
        ? [{ state: 'ESTABLISHED', local, remote: { ip: '127.0.0.1', port: 80 }, inode: inode() } as const]
        : []),
      ...(draw.chance(0.3)
        ? [{ state: 'TIME_WAIT', local: { ip: pod.ip, port: 80 }, remote: local, inode: 0 } as const]
        : []),
    ],
  };
}

/** Services that GKE runs beside the traced one: namespace, name, port names, port of the pods, which protocol. */
const CATALOGUE = [
  ['kube-system', 'kube-dns-upstream', 'dns', 53, 53, 'udp'],
  ['kube-system', 'kube-dns-upstream', 'dns-tcp', 53, 53, 'tcp'],
  ['kube-system', 'metrics-server', '', 443, 10250, 'tcp'],
  ['kube-system', 'default-http-backend', 'http', 80, 8080, 'tcp'],
  ['gmp-system', 'gmp-operator', 'webhook', 443, 10250, 'tcp'],
  ['gmp-system', 'alertmanager', 'alertmanager', 9093, 9093, 'tcp'],
  ['cosign-system', 'webhook', 'https', 443, 8443, 'tcp'],
] as const;

function drawOthers(draw: Draw, nodes: readonly Node[], addresses: Addresses): OtherService[] {
  let id = 1;
  const number = (size: number) => {
    const own = id + draw.of([0, 0, 0, 1, 2]);
    id = own + size;
    return own;
  };
  const pods = (port: number, min: number) => draw.list(min, 3, () => ({ ip: addresses.pod(draw.of(nodes)), port }));
  const dns = { namespace: 'kube-system', name: 'kube-dns', clusterIP: addresses.fixed(10), port: 53 } as const;
  const redirected = draw.chance(0.5) ? ({ redirected: true } as const) : {};
  const resolvers = pods(53, 1);
  const clusterIPs = new Map<string, string>();
  return [
    { ...dns, portName: 'dns', protocol: 'udp', endpoints: resolvers, id: number(1), ...redirected },
    { ...dns, portName: 'dns-tcp', protocol: 'tcp', endpoints: resolvers, id: number(1), ...redirected },
    ...draw
      .some(CATALOGUE, draw.int(0, CATALOGUE.length))
      .map(([namespace, name, portName, port, target, protocol]) => {
        const clusterIP = clusterIPs.get(name) ?? addresses.service();
        clusterIPs.set(name, clusterIP);
        const nodePort = name === 'default-http-backend' ? { nodePort: draw.int(29_000, 29_999) } : {};
        const id = number(name === 'default-http-backend' ? 4 : 1);
        return { namespace, name, portName, protocol, clusterIP, port, endpoints: pods(target, 0), id, ...nodePort };
      }),
    {
      namespace: 'default',
      name: 'kubernetes',
      portName: 'https',
      protocol: 'tcp',
      clusterIP: addresses.fixed(1),
      port: 443,
      endpoints: [{ ip: '172.16.0.2', port: 443 }],
      id: number(1),
    },
  ];
}

function drawEnvironment(draw: Draw, zone: string, nodes: readonly Node[]): Cluster['environment'] {
  const server = draw.of(['v1.32.4-gke.1415000', 'v1.33.1-gke.1107000', 'v1.34.0-gke.1662000']);
  const machineType = draw.of(['e2-standard-2', 'e2-standard-4']);
  return {
    context: 'test',
    dataplane: '',
    evidence: [],
    server,
    channel: draw.of(['RAPID', 'REGULAR', 'STABLE']),
    location: zone,
    addons: { httpLoadBalancing: 'enabled', networkPolicyConfig: 'disabled' },
    nodes: nodes.map(({ name }) => ({
      name,
      version: server,
      kernel: '6.6.72+',
      osImage: 'Container-Optimized OS from Google',
      runtime: 'containerd://1.7.24',
      machineType,
      zone,
    })),
    workload: ['nginx:1.29-alpine@sha256:5616878291a2eed594aee8db4dade5878cf7edcb475e59193904b198d9b830de'],
    tools: { kubectl: server.replace('gke', 'dispatcher'), gcloud: '528.0.0', curl: draw.of(['7.88.1', '8.14.1']) },
  };
}
