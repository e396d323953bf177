import { parseIptablesSave } from '../formats/iptables-save.ts';
import { type SyntheticService, syntheticRules } from './synthetic.ts';
import { type Walk, walk, walkable } from './walk.ts';

/** How many rules a packet meets at a number of Services. */
export interface GrowthPoint {
  services: number;
  /** Endpoints of each Service. */
  endpoints: number;
  /** Rules of the whole set. */
  rules: number;
  /** Rules examined for a packet to the first, the middle and the last Service, and to an address of none. */
  examined: { first: Walk['examined']; middle: Walk['examined']; last: Walk['examined']; none: Walk['examined'] };
}

const NODE = '192.0.2.1';
const POD = '10.0.0.1';
/** In no Service's network. */
const ELSEWHERE = '203.0.113.1';

/** The n-th address of a network of 2^24 addresses. */
const addressAt = (first: number, n: number): string => `${first}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

/**
 * How the walk grows with the number of Services: computed by the walk on made-up rulesets of ClusterIP Services, not
 * captured. A packet of a local pod, so that nothing is masqueraded.
 * @param counts numbers of Services, each from 1 to 65,536
 * @param endpoints endpoints of each Service
 */
export function walkGrowth(counts: readonly number[], endpoints = 3): GrowthPoint[] {
  return counts.map((count) => {
    const services = Array.from({ length: count }, (_, n): SyntheticService => serviceAt(n, endpoints));
    const text = syntheticRules(services, { family: 4, nodeIP: NODE, localDetector: { cidr: '10.0.0.0/8' } });
    const ruleset = parseIptablesSave(text);
    const ready = walkable(ruleset);
    const to = (address: string) =>
      walk(ready, { from: POD, to: address, port: 80, protocol: 'tcp', entry: 'prerouting', localAddresses: [NODE] })
        .examined;
    const serviceAddress = (n: number) => services[n]?.clusterIP ?? ELSEWHERE;
    return {
      services: count,
      endpoints,
      rules: ruleset.tables.reduce((sum, table) => sum + table.rules.length, 0),
      examined: {
        first: to(serviceAddress(0)),
        middle: to(serviceAddress(Math.floor((count - 1) / 2))),
        last: to(serviceAddress(count - 1)),
        none: to(ELSEWHERE),
      },
    };
  });
}

function serviceAt(n: number, endpoints: number): SyntheticService {
  return {
    namespace: 'computed',
    name: `service-${n + 1}`,
    portName: '',
    protocol: 'tcp',
    clusterIP: addressAt(172, n + 1),
    port: 80,
    endpoints: Array.from({ length: endpoints }, (_, m) => ({
      ip: addressAt(10, 65_536 + n * endpoints + m),
      port: 8080,
      local: false,
    })),
  };
}
