import type { KubeProxySide } from '../world.ts';
import { event, nodeOf, other, PAGE, place, probe, TITLES, traced, UDP } from './parts.ts';

const DNS = '10.20.0.4:53,10.20.1.9:53';
const V1_NODES = ['gke-authlab-gke-primary-c7a308a6-bnmh', 'gke-authlab-gke-primary-c7a308a6-wvbv'] as const;
const v1Pod = (suffix: string, ip: string) => ({
  name: `nginx-bb6b8c496-${suffix}`,
  ip,
  node: nodeOf(V1_NODES, ip),
  ready: true,
});
// Which of the other two addresses belongs to j6s5g was not printed, nor the third pod's name.
const v1Pods = [v1Pod('zzzzz', '10.20.1.13'), v1Pod('j6s5g', '10.20.0.8'), v1Pod('4d49g', '10.20.0.9')] as const;

/** The V1 cluster of the published trace. */
export const v1: KubeProxySide = {
  ...place,
  wording: 'published',
  start: Date.UTC(2026, 6, 1, 17, 12),
  nodes: V1_NODES.map((name, index) => ({ name, ip: `10.10.0.${3 + index}`, podCidr: `10.20.${index}.0/24` })),
  service: {
    ...traced,
    clusterIP: '10.24.9.186',
    vip: '136.64.249.50',
    nodePort: 31057,
    annotations: [
      ['cloud.google.com/neg', '{"ingress":true}'],
      ['networking.gke.io/target-pool', 'ac973ff85436744bfa586378db41283e'],
    ],
    slice: 'nginx-66c7s',
    ages: { l1: 3000, l3: 3000 },
    events: [
      event('EnsuringLoadBalancer', 'Ensuring load balancer', 4, 2760, 3000),
      event('EnsuredLoadBalancer', 'Ensured load balancer', 4, 2700, 2940),
    ],
    pool: {
      name: 'ac973ff85436744bfa586378db41283e',
      id: '2121913344195039787',
      created: '2026-07-01T17:11:48.998-07:00',
      healthCheck: 'k8s-d22eb523ac8ee445-node',
    },
  },
  pods: v1Pods,
  left: v1Pods[1],
  inspection: {
    pod: v1Pods[2],
    peer: 12,
    mac: 'a6:b1:ed:39:f3:a4',
    mtu: 1460,
    page: PAGE,
    sockets: [
      { state: 'LISTEN', local: { ip: '0.0.0.0', port: 80 }, remote: { ip: '0.0.0.0', port: 0 }, inode: 73957 },
    ],
  },
  others: [
    other(1, 'kube-system/kube-dns', 'dns', '10.24.0.10:53', DNS, UDP),
    other(2, 'kube-system/kube-dns', 'dns-tcp', '10.24.0.10:53', DNS),
    other(3, 'kube-system/kube-dns-upstream', 'dns', '10.24.11.196:53', DNS, UDP),
    other(4, 'kube-system/metrics-server', '', '10.24.14.136:443', '10.20.1.4:10250'),
    other(5, 'default/kubernetes', 'https', '10.24.0.1:443', '172.16.0.2:443'),
    other(6, 'gmp-system/gmp-operator', 'webhook', '10.24.9.20:443', '10.20.1.6:10250'),
    other(7, 'kube-system/kube-dns-upstream', 'dns-tcp', '10.24.11.196:53', DNS),
    other(8, 'cosign-system/policy-controller-webhook-metrics', 'metrics', '10.24.6.139:9090', '10.20.0.5:9090'),
    other(9, 'cosign-system/webhook', 'https', '10.24.2.92:443', '10.20.0.5:8443'),
    // Its NodePort was not printed.
    other(10, 'kube-system/default-http-backend', 'http', '10.24.4.246:80', '10.20.1.10:8080', { nodePort: 31999 }),
  ],
  probes: {
    clusterMode: probe(
      TITLES.clusterMode,
      '0.104455 0.103758 0.112161 0.100225 0.113110 0.099327 0.100386 0.104417 0.104898 0.101342',
    ),
    localSymmetric: probe(
      TITLES.localSymmetric,
      '0.100833 0.097615 0.111295 0.102077 0.117952 0.111171 0.101594 0.103917 0.103953 0.103402',
    ),
    localFailover: probe(
      TITLES.localFailover,
      `6.006635 6.003048 6.006082 6.004830 6.006421 6.006136 6.002937 6.003155 6.004225 6.002446
       6.006199 6.002653 6.005029 6.006825 6.004151 6.006487 6.006770 6.005179 6.002773 6.006374`,
      () => true,
    ),
    localConverged: probe(
      'Local mode, 1 pod — AFTER failover convergence (~130s)',
      '6.006455 6.006284 0.101222 6.004579 0.110207 0.112402 0.101518 0.101016 0.105820 0.101330',
      (number) => [1, 2, 4].includes(number),
    ),
  },
  proxy: {
    node: V1_NODES[1],
    idleNode: V1_NODES[1],
    healthCheckNodePort: 32000,
    nfacct: true,
    version: '1.8.9',
    saved: 'filtered',
  },
};
