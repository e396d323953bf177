import fc from 'fast-check';
import { parseAddress } from '../../../src/formats/address.ts';
import { contains, parseNetwork } from '../../../src/formats/iptables-save/network.ts';
import type { SyntheticNode, SyntheticService } from '../../../src/netfilter/synthetic.ts';

/** Addresses of the laboratory, per family. */
export interface Plan {
  family: 4 | 6;
  /** The node's own; the last one is only ever a source, never a destination. */
  node: readonly [string, string];
  loopback: string;
  pods: string;
  pod: (n: number) => string;
  clusterIP: (n: number) => string;
  loadBalancerIP: (n: number) => string;
  externalIP: (n: number) => string;
  beyond: readonly string[];
  /** Clients outside: one inside and one outside the source range. */
  clients: readonly [string, string];
  range: string;
  nowhere: string;
}

export const PLAN4: Plan = {
  family: 4,
  node: ['192.168.0.2', '192.168.0.7'],
  loopback: '127.0.0.1',
  pods: '10.180.0.0/16',
  pod: (n) => `10.180.${n >> 8}.${n & 255}`,
  clusterIP: (n) => `172.30.0.${n}`,
  loadBalancerIP: (n) => `198.18.0.${n}`,
  externalIP: (n) => `198.51.100.${n}`,
  beyond: ['10.180.0.0/16', '172.30.0.0/16', '198.18.0.0/24', '198.51.100.0/24', '192.0.2.0/24'],
  clients: ['203.0.113.2', '203.0.113.130'],
  range: '203.0.113.0/25',
  nowhere: '192.0.2.9',
};

export const PLAN6: Plan = {
  family: 6,
  node: ['fd00:168::2', 'fd00:168::7'],
  loopback: '::1',
  pods: 'fd00:180::/64',
  pod: (n) => `fd00:180::${n.toString(16)}`,
  clusterIP: (n) => `fd00:30::${n.toString(16)}`,
  loadBalancerIP: (n) => `fd00:18::${n.toString(16)}`,
  externalIP: (n) => `fd00:51::${n.toString(16)}`,
  beyond: ['fd00:180::/64', 'fd00:30::/64', 'fd00:18::/64', 'fd00:51::/64', 'fd00:2::/64'],
  clients: ['fd00:113::2', 'fd00:113:0:1::2'],
  range: 'fd00:113::/64',
  nowhere: 'fd00:2::9',
};

const policy = fc.constantFrom<'Cluster' | 'Local'>('Cluster', 'Local');
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** A Service port at random; everything about it that must be its own is counted from `n`. */
function service(plan: Plan, n: number): fc.Arbitrary<ProbedService> {
  return fc
    .record({
      portName: fc.constantFrom('', 'http', 'dns-tcp'),
      protocol: fc.constantFrom<'tcp' | 'udp'>('tcp', 'udp'),
      nodePort: sometimes(fc.constant(30_000 + n)),
      externalIPs: sometimes(fc.constant([plan.externalIP(n)])),
      loadBalancerIPs: sometimes(fc.constant([plan.loadBalancerIP(n)])),
      sourceRanges: sometimes(fc.constant([plan.range, ...(plan.family === 4 ? ['192.168.0.0/24'] : [])])),
      externalPolicy: policy,
      internalPolicy: fc.oneof(
        { weight: 3, arbitrary: fc.constant<'Cluster'>('Cluster') },
        { weight: 1, arbitrary: policy },
      ),
      affinitySeconds: sometimes(fc.constant(10_800)),
      healthCheckNodePort: sometimes(fc.constant(31_000 + n)),
      locals: fc.array(fc.boolean(), { maxLength: 5 }),
    })
    .map(({ locals, ...rest }) => ({
      ...rest,
      namespace: 'random',
      name: `service-${n}`,
      clusterIP: plan.clusterIP(n),
      port: 80,
      endpoints: locals.map((local, index) => ({ ip: plan.pod(n * 8 + index + 1), port: 8080, local })),
    }));
}

/** A Service port of a protocol that can be sent here. */
export type ProbedService = SyntheticService & { protocol: 'tcp' | 'udp' };

/** A node with up to 12 Service ports. */
export function cluster(plan: Plan): fc.Arbitrary<{ services: ProbedService[]; node: SyntheticNode }> {
  const [nodeIP] = plan.node;
  const inRange = (cidr: string) => {
    const network = parseNetwork(cidr);
    const address = parseAddress(nodeIP);
    return network !== undefined && address !== undefined && contains(network, address);
  };
  return fc.record({
    services: fc.tuple(...Array.from({ length: 12 }, (_, index) => service(plan, index + 1))),
    node: fc.record({
      family: fc.constant(plan.family),
      nodeIP: fc.constant(nodeIP),
      inRange: fc.constant(inRange),
      localDetector: fc.constantFrom({ cidr: plan.pods }, { interfacePrefix: 'veth' }, undefined),
      localhostNodePorts: fc.boolean(),
      masqueradeAll: fc.oneof(
        { weight: 3, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      nodePortAddresses: sometimes(fc.constant([nodeIP])),
      randomFully: fc.boolean(),
      nfacct: fc.constant(plan.family === 4),
    }),
  });
}

/** A packet to a Service, beside one, or to nothing. */
export interface Probe {
  protocol: 'tcp' | 'udp';
  from: string;
  to: string;
  port: number;
  entry: 'prerouting' | 'output';
}

/** Packets of every kind a node meets, to the Services of a cluster. */
export function probe(plan: Plan, services: readonly ProbedService[]): fc.Arbitrary<Probe> {
  const [node, other] = plan.node;
  return fc
    .record({
      service: fc.constantFrom(...services),
      destination: fc.constantFrom(
        'cluster',
        'cluster',
        'node',
        'node',
        'balancer',
        'external',
        'health',
        'miss',
        'wrong',
      ),
      source: fc.constantFrom<'pod' | 'client' | 'stranger' | 'backend' | 'node' | 'self' | 'loopback'>(
        ...(['pod', 'client', 'client', 'stranger', 'backend', 'node', 'self', 'loopback'] as const),
      ),
    })
    .map(({ service, destination, source }): Probe => {
      const to = {
        cluster: [service.clusterIP, service.port],
        node: [node, service.nodePort ?? 32_000],
        balancer: [service.loadBalancerIPs?.[0] ?? plan.loadBalancerIP(99), service.port],
        external: [service.externalIPs?.[0] ?? plan.externalIP(99), service.port],
        health: [node, service.healthCheckNodePort ?? 32_001],
        miss: [plan.nowhere, 80],
        wrong: [service.clusterIP, 81],
      }[destination] as [string, number];
      const base = { protocol: destination === 'health' ? ('tcp' as const) : service.protocol, to: to[0], port: to[1] };
      switch (source) {
        case 'self':
          return { ...base, from: node, entry: 'output' };
        case 'loopback':
          // From loopback only loopback can be reached.
          return { ...base, to: plan.loopback, port: service.nodePort ?? 32_000, from: plan.loopback, entry: 'output' };
        default: {
          const from = {
            pod: plan.pod(9999),
            client: plan.clients[0],
            stranger: plan.clients[1],
            backend: service.endpoints[0]?.ip ?? plan.pod(9999),
            node: other,
          }[source];
          return { ...base, from, entry: 'prerouting' };
        }
      }
    });
}
