import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  type SyntheticNode,
  type SyntheticService,
  servicePortName,
  syntheticRules,
} from '../../src/netfilter/synthetic.ts';

/*
 * kube-proxy's own unit tests hold the rules it writes for a Service; ours must be the same, line by line and chain by
 * chain. Their dumps sort the chains and lack the built-in ones.
 */

const { rulesets } = JSON.parse(readFileSync('tests/fixtures/conformance/kube-proxy-flows.json', 'utf8')) as {
  rulesets: { id: string; ruleset: string }[];
};

const NODE: SyntheticNode = {
  family: 4,
  nodeIP: '192.168.0.2',
  inRange: (cidr) => cidr === '192.168.0.0/24',
  localDetector: { cidr: '10.0.0.0/8' },
  localhostNodePorts: true,
};
const SERVICE: SyntheticService = {
  namespace: 'ns1',
  name: 'svc1',
  portName: 'p80',
  protocol: 'tcp',
  clusterIP: '172.30.0.41',
  port: 80,
  endpoints: [{ ip: '10.180.0.1', port: 80, local: false }],
};
const LOCAL_AND_REMOTE = [
  { ip: '10.180.0.1', port: 80, local: false },
  { ip: '10.180.2.1', port: 80, local: true },
];
const INTERNAL: SyntheticService = {
  ...SERVICE,
  portName: '',
  clusterIP: '172.30.1.1',
  endpoints: [1, 2, 3].map((n) => ({ ip: `10.0.1.${n}`, port: 80, local: n === 1 })),
};

const CASES: readonly (readonly [string, SyntheticService, Partial<SyntheticNode>])[] = [
  ['v1.26.0/TestClusterIPReject', { ...SERVICE, endpoints: [] }, {}],
  ['v1.26.0/TestClusterIPEndpointsJump', SERVICE, {}],
  [
    'v1.26.0/TestLoadBalancer',
    {
      ...SERVICE,
      nodePort: 3001,
      loadBalancerIPs: ['1.2.3.4', '5.6.7.8'],
      sourceRanges: ['192.168.0.0/24', '203.0.113.0/25'],
    },
    {},
  ],
  ['v1.26.0/TestNodePort', { ...SERVICE, nodePort: 3001 }, {}],
  ['v1.26.0/TestExternalIPsReject', { ...SERVICE, externalIPs: ['192.168.99.11'], endpoints: [] }, {}],
  ['v1.26.0/TestNonLocalExternalIPs', { ...SERVICE, externalIPs: ['192.168.99.11'], endpoints: LOCAL_AND_REMOTE }, {}],
  [
    'v1.26.0/TestOnlyLocalLoadBalancing',
    {
      ...SERVICE,
      nodePort: 3001,
      loadBalancerIPs: ['1.2.3.4'],
      healthCheckNodePort: 30_000,
      externalPolicy: 'Local',
      affinitySeconds: 10_800,
      endpoints: LOCAL_AND_REMOTE,
    },
    {},
  ],
  [
    'v1.28.0/TestOnlyLocalNodePorts',
    { ...SERVICE, nodePort: 3001, externalPolicy: 'Local', endpoints: LOCAL_AND_REMOTE },
    { nodePortAddresses: ['192.168.0.2'] },
  ],
  ['v1.26.0/TestInternalTrafficPolicyE2E/internalTrafficPolicy is cluster', INTERNAL, {}],
  [
    'v1.26.0/TestInternalTrafficPolicyE2E/internalTrafficPolicy is local and there are no local endpoints',
    { ...INTERNAL, internalPolicy: 'Local', endpoints: INTERNAL.endpoints.map((one) => ({ ...one, local: false })) },
    {},
  ],
];

/** Rules by table and chain, in order; what their dumps leave out is left out. */
function rulesOf(text: string): Record<string, string[]> {
  const rules: Record<string, string[]> = {};
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line;
    const chain = /^-A (\S+) /.exec(line)?.[1];
    if (chain === undefined || /^(INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING|KUBE-FIREWALL)$/.test(chain)) continue;
    // A rule that does nothing, and does not stand in every version.
    if (line.includes('will be dropped by KUBE-PROXY-FIREWALL')) continue;
    rules[`${table} ${chain}`] = [...(rules[`${table} ${chain}`] ?? []), line];
  }
  return rules;
}

test('there is a case for every ruleset of the fixture', () => {
  expect(CASES.map(([id]) => id).sort()).toEqual(rulesets.map(({ id }) => id).sort());
});

test.each(CASES)('%s: the rules kube-proxy writes', (id, service, node) => {
  const expected = rulesets.find((ruleset) => ruleset.id === id)?.ruleset ?? '';
  expect(rulesOf(syntheticRules([service], { ...NODE, ...node }))).toEqual(rulesOf(expected));
});

test('names a Service port as kube-proxy prints it', () => {
  expect(servicePortName(SERVICE)).toBe('ns1/svc1:p80');
  expect(servicePortName(INTERNAL)).toBe('ns1/svc1');
});
