import type { CiliumSide, FlowEnd, FlowEvent } from '../world.ts';
import { event, nodeOf, other, PAGE, place, probe, TITLES, traced, UDP } from './parts.ts';

const V2_NODES = ['gke-authlab-gke-primary-a62dd7d5-91t0', 'gke-authlab-gke-primary-a62dd7d5-q8b5'] as const;
const v2Pod = (suffix: string, ip: string) => ({
  name: `nginx-bb6b8c496-${suffix}`,
  ip,
  node: nodeOf(V2_NODES, ip),
  ready: true,
});
// The name of the pod at 10.20.1.9 was not printed.
const v2Pods = [v2Pod('zzzzz', '10.20.1.9'), v2Pod('jfd4v', '10.20.1.10'), v2Pod('w8kkn', '10.20.0.15')] as const;
const later = [v2Pod('2gd6m', '10.20.1.12'), v2Pod('vc6pj', '10.20.1.11'), v2Pods[2]] as const;

const clients = [
  { name: 'client-allowed', ip: '10.20.0.18', labels: { role: 'frontend' }, identity: 51014 },
  { name: 'client-blocked', ip: '10.20.1.14', labels: { role: 'other' }, identity: 6385 },
] as const;
const podEnd = ({ name, ip }: { name: string; ip: string }, port: number, identity: number): FlowEnd => ({
  namespace: traced.namespace,
  pod: name,
  ip,
  port,
  identity,
});

/** Packets of connections, each `second connection flags`; flags in lower case are those of a reply. */
function flows(lines: string): FlowEvent[] {
  const world: FlowEnd = { ip: '162.195.118.115', port: 60598, identity: 'world' };
  const relayed = (ip: string, port: number): FlowEnd => ({ ip, port, identity: 'remote-node' });
  const connections = [
    { from: world, pod: later[1] },
    { from: relayed('10.10.0.3', 60599), pod: later[0] },
    { from: relayed('10.10.0.4', 60600), pod: later[2] },
  ];
  return lines
    .trim()
    .split('\n')
    .map((text): FlowEvent => {
      const [seconds = '', number = '', flags = ''] = text.trim().split(' ');
      const { from, pod } = connections[Number(number) - 1] as (typeof connections)[number];
      const reply = flags !== flags.toUpperCase();
      return {
        at: Date.UTC(2026, 6, 2, 15, 3) + Math.round(Number(seconds) * 1000),
        from,
        arrow: reply ? '<-' : '->',
        to: podEnd(pod, 80, 18565),
        event: reply ? 'to-stack' : 'to-endpoint',
        verdict: 'FORWARDED',
        flags: flags.toUpperCase().split(',') as FlowEvent['flags'],
        node: pod.node,
      };
    });
}

const drop = (port: number, pod: (typeof later)[number]): FlowEvent => ({
  at: Date.UTC(2026, 6, 2, 15, 10),
  from: podEnd(clients[1], port, 6385),
  arrow: '<>',
  to: podEnd(pod, 80, 18565),
  event: 'Policy denied',
  verdict: 'DROPPED',
  flags: ['SYN'],
  node: pod.node,
});

/** The V2 cluster of the published trace. */
export const v2: CiliumSide = {
  ...place,
  wording: 'published',
  start: Date.UTC(2026, 6, 2, 13, 24),
  nodes: V2_NODES.map((name, index) => ({ name, ip: `10.10.0.${3 + index}`, podCidr: `10.20.${index}.0/24` })),
  service: {
    ...traced,
    clusterIP: '10.24.8.39',
    vip: '34.72.78.182',
    nodePort: 30574,
    annotations: [
      ['cloud.google.com/neg', '{"ingress":true}'],
      ['networking.gke.io/target-pool', 'a433432921d1a44f9b12e84eff8ab128'],
    ],
    slice: 'nginx-cpdvm',
    ages: { l1: 47, l3: 50 },
    events: [
      event('EnsuringLoadBalancer', 'Ensuring load balancer', 2, 6, 47),
      event('EnsuredLoadBalancer', 'Ensured load balancer', 2, 1, 6),
    ],
    pool: {
      name: 'a433432921d1a44f9b12e84eff8ab128',
      id: '368248394460420258',
      created: '2026-07-02T06:23:25.031-07:00',
      healthCheck: 'k8s-8abe6c2aefb4360c-node',
    },
  },
  pods: v2Pods,
  left: v2Pods[2],
  inspection: {
    pod: v2Pods[1],
    peer: 14,
    mac: 'be:1b:62:45:aa:0e',
    mtu: 1460,
    page: PAGE,
    sockets: [
      { state: 'LISTEN', local: { ip: '0.0.0.0', port: 80 }, remote: { ip: '0.0.0.0', port: 0 }, inode: 529092 },
    ],
  },
  // The list prints no names but by address; those not known from V1 are made up.
  others: [
    other(1, 'kube-system/kube-dns', 'dns-tcp', '10.24.0.10:53', '10.20.0.13:53', { redirected: true }),
    other(2, 'kube-system/kube-dns', 'dns', '10.24.0.10:53', '10.20.0.13:53', { ...UDP, redirected: true }),
    other(3, 'kube-system/kube-dns-upstream', 'dns-tcp', '10.24.14.246:53', '10.20.0.6:53,10.20.1.5:53'),
    other(4, 'kube-system/kube-dns-upstream', 'dns', '10.24.14.246:53', '10.20.0.6:53,10.20.1.5:53', UDP),
    other(5, 'kube-system/metrics-server', '', '10.24.3.59:443', '10.20.0.7:10250'),
    other(6, 'made-up/six', '', '10.24.3.59:8443', ''),
    other(7, 'made-up/seven', '', '10.24.6.208:19092', ''),
    other(8, 'made-up/eight', '', '10.24.5.43:443', ''),
    other(9, 'gmp-system/gmp-operator', 'webhook', '10.24.6.8:443', '10.20.0.8:10250'),
    other(10, 'default/kubernetes', 'https', '10.24.0.1:443', '172.16.0.2:443'),
    other(11, 'kube-system/default-http-backend', 'http', '10.24.10.5:80', '10.20.0.3:8080', { nodePort: 32458 }),
    other(16, 'cosign-system/policy-controller-webhook-metrics', 'metrics', '10.24.1.81:9090', '10.20.1.8:9090'),
    other(17, 'cosign-system/webhook', 'https', '10.24.1.216:443', '10.20.1.8:8443'),
  ],
  probes: {
    clusterMode: probe(
      TITLES.clusterMode,
      '1.105134 1.116195 5.105150 0.099194 0.110368 0.099820 0.096816 0.110239 0.100141 0.102655',
    ),
    localSymmetric: probe(
      TITLES.localSymmetric,
      '0.111140 0.102474 0.101278 0.101190 0.103427 0.096703 0.100782 0.101286 0.103870 0.110058',
    ),
    localFailover: probe(
      TITLES.localFailover,
      `0.054789 0.051956 0.052886 0.102681 0.054262 0.054924 0.103441 0.054988 0.054369 0.056232
       0.112161 0.101623 0.054033 0.053848 0.102416 0.055071 0.111644 0.113271 0.102500 0.096925`,
      (number) => ![4, 7, 11, 12, 15, 17, 18, 19, 20].includes(number),
    ),
  },
  id: 18,
  podsAfter: later,
  // Pods and numbers of the agent were not printed.
  agent: 'anetd-zzzzz',
  endpoint: 423,
  identity: 18565,
  clients,
  relay: {
    pod: 'hubble-relay-56b84459c4-cqzqj',
    ready: '3/3',
    restarts: 0,
    age: 780,
    ip: '10.20.1.13',
    node: V2_NODES[1],
    clusterIP: '10.24.9.240',
  },
  hubble: { current: 126, max: 126, perSecond: 53.63 },
  flows: flows(`
    39.769 1 SYN,ECE,CWR
    39.769 1 syn,ack,ece
    39.820 1 ACK
    39.823 1 ACK,PSH
    39.824 1 ack,psh
    39.875 1 ACK,FIN
    39.875 1 ack,fin
    39.897 2 SYN,ECE,CWR
    39.897 2 syn,ack,ece
    39.927 1 ACK
    39.949 2 ACK
    39.952 2 ACK,PSH
    39.952 2 ack,psh
    40.000 2 ACK,FIN
    40.000 2 ack,fin
    40.021 3 SYN,ECE,CWR
  `),
  policy: { name: 'nginx-allow-frontend', selects: { app: 'nginx' }, peers: [{ role: 'frontend' }] },
  enforcement: [
    { client: clients[0], request: { status: '200', took: 6000 } },
    { client: clients[1], request: { status: '000', took: 5_000_000 } },
  ],
  drops: [drop(42222, later[1]), drop(42232, later[2]), drop(42242, later[2])],
  counters: {
    egress: { bytes: 30444, packets: 279 },
    byIdentity: new Map([[51014, { bytes: 1078, packets: 14 }]]),
  },
};
