import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ensurePackages } from '../../scripts/provide/packages.ts';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { syntheticRules } from '../../src/netfilter/synthetic.ts';
import { type Packet, walk, walkable } from '../../src/netfilter/walk.ts';
import {
  type Comparison,
  chiSquare,
  chiSquareBound,
  compareByCounters,
  compareByTrace,
  countsOf,
  explain,
  matchedTexts,
  restore,
  save,
} from './kernel/agreement.ts';
import { cluster, PLAN4, PLAN6, type Probe, probe } from './kernel/cluster.ts';
import { Lab, type Sent } from './kernel/lab.ts';

/*
 * The kernel is the judge: rules are loaded with the real iptables into a network namespace, packets are really sent,
 * and what the kernel matched must be what the walk says.
 */

const FILE = 'captures/v1/l4-iptables-nat.txt';
const published = bodyText(decodeCapture(readFileSync(FILE), FILE).body);
const PUBLISHED_NODE = ['10.128.0.5', '169.254.77.1'];

// Starting some hundred programs takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let why: string | undefined;
const open: Lab[] = [];

async function labOf(addresses: Parameters<typeof Lab.open>[0]): Promise<Lab | undefined> {
  const lab = why ?? (await Lab.open(addresses));
  if (typeof lab !== 'string') {
    open.push(lab);
    return lab;
  }
  // A check that is left out must be seen, and in CI it must not be left out.
  why = lab;
  if (process.env.CI) throw new Error(`the kernel could not be asked: ${lab}`);
  console.warn(`left out: agreement with the kernel, because ${lab}`);
  return undefined;
}

beforeAll(() => {
  why = ensurePackages(['iptables', 'iproute2', 'nfacct', 'util-linux']);
});
afterAll(() => {
  for (const lab of open) lab.close();
});

const TRACE =
  '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -j TRACE\n-A OUTPUT -j TRACE\nCOMMIT\n';

function expectAgreement(comparisons: readonly Comparison[]): void {
  for (const comparison of comparisons) {
    if (!comparison.branch) expect.fail(`the kernel matched other rules: ${explain(comparison)}`);
    expect(comparison.walk.unknown).toEqual([]);
    expect(comparison.walk.missing).toEqual([]);
  }
}

/** The published rules with what their filter took away. */
function completed(): string {
  const rules = published.split('\n').filter((line) => line.startsWith('-A'));
  const chains = new Set(
    rules
      .flatMap((line) => [line.split(' ')[1], / -j (KUBE-\S+)/.exec(line)?.[1]])
      .filter((name) => name !== undefined),
  );
  return [
    '*nat',
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => `:${name} ACCEPT [0:0]`),
    ...[...chains, 'KUBE-POSTROUTING'].map((name) => `:${name} - [0:0]`),
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ...rules,
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    'COMMIT',
    '',
  ].join('\n');
}

const PUBLISHED_PROBES: Probe[] = [
  ['tcp', '10.20.1.99', '10.24.9.186', 80],
  ['tcp', '10.20.1.13', '10.24.9.186', 80],
  ['tcp', '10.20.0.8', '10.24.9.186', 80],
  ['tcp', '203.0.113.2', '136.64.249.50', 80],
  ['tcp', '203.0.113.2', '136.64.249.50', 443],
  ['tcp', '203.0.113.2', '10.128.0.5', 31057],
  ['udp', '10.20.1.99', '10.24.0.10', 53],
  ['tcp', '10.20.1.99', '10.24.0.10', 53],
  ['udp', '10.20.1.99', '10.24.11.196', 53],
  ['tcp', '10.20.1.99', '10.24.0.1', 443],
  ['tcp', '10.20.1.99', '192.0.2.1', 80],
].flatMap(([protocol, from, to, port]) =>
  Array.from({ length: 4 }, () => ({ protocol, from, to, port, entry: 'prerouting' }) as Probe),
);
PUBLISHED_PROBES.push(
  ...[
    ['10.24.9.186', 80],
    ['136.64.249.50', 80],
    ['10.128.0.5', 31057],
  ].map(([to, port]) => ({ protocol: 'tcp', from: '10.128.0.5', to, port, entry: 'output' }) as Probe),
  { protocol: 'tcp', from: '127.0.0.1', to: '127.0.0.1', port: 31057, entry: 'output' },
);

const publishedLab = () =>
  labOf({
    node: ['10.128.0.5'],
    outside: ['203.0.113.2', '10.20.1.99', '10.20.1.13', '10.20.0.8'],
    beyond: ['10.20.0.0/16', '10.24.0.0/16', '136.64.249.0/24', '172.16.0.0/24', '192.0.2.0/24'],
  });

test('published rules, completed: matched rules in order, as traced', async () => {
  const lab = await publishedLab();
  if (!lab) return;
  restore(lab, TRACE, 4, 'nft');
  const saved = restore(lab, completed(), 4, 'nft');
  const comparisons = await compareByTrace(lab, saved, PUBLISHED_PROBES, PUBLISHED_NODE);
  expect(comparisons.length).toBeGreaterThanOrEqual(48);
  expectAgreement(comparisons);

  // As published, without kube-proxy's fixed chains: what the walk assumes must be what the kernel did.
  const filtered = walkable(parseIptablesSave(published));
  const lines = new Set(published.split('\n'));
  for (const { probe: sent, kernel } of comparisons) {
    const result = walk(filtered, { ...sent, localAddresses: PUBLISHED_NODE });
    const inFile = kernel.filter((text) => lines.has(text));
    expect(result.branches.map((branch) => matchedTexts(result, branch))).toContainEqual(inFile);
  }
});

test('published rules: 600 connections to the VIP are split as the walk says', async () => {
  const lab = await publishedLab();
  if (!lab) return;
  const saved = restore(lab, completed(), 4, 'nft');
  const sent = Array.from(
    { length: 600 },
    (_, n): Sent => ({ protocol: 'tcp', from: '203.0.113.2', fromPort: 20_000 + n, to: '136.64.249.50', port: 80 }),
  );
  await lab.send(sent, 'prerouting');
  expectSplit(
    lab,
    saved,
    {
      from: '203.0.113.2',
      to: '136.64.249.50',
      port: 80,
      protocol: 'tcp',
      entry: 'prerouting',
      localAddresses: PUBLISHED_NODE,
    },
    600,
  );
});

/** The DNAT rules of a packet's branches have counted what their probabilities let expect. */
function expectSplit(lab: Lab, saved: string, packet: Packet, total: number): void {
  const counts = countsOf(save(lab, 4, 'nft', '-c'));
  const result = walk(walkable(parseIptablesSave(saved)), packet);
  const split = result.branches.map((branch) => {
    const dnat = matchedTexts(result, branch).find((text) => text.includes('-j DNAT'));
    return counts.get(`*nat ${dnat}`) ?? 0;
  });
  expect(split.reduce((sum, count) => sum + count, 0)).toBe(total);
  const probabilities = result.branches.map(({ outcome }) => outcome.probability);
  expect(chiSquare(split, probabilities)).toBeLessThan(chiSquareBound(split.length - 1));
}

const sources = (plan: typeof PLAN4, backends: readonly string[]) => [
  ...new Set([...plan.clients, plan.pod(9999), plan.node[1], ...backends]),
];

async function randomLab(plan: typeof PLAN4, seed: number) {
  const [made] = fc.sample(cluster(plan), { numRuns: 1, seed });
  if (!made) throw new Error('no cluster');
  const { services, node } = made;
  const backends = services.flatMap((service) => service.endpoints.slice(0, 1).map((endpoint) => endpoint.ip));
  const lab = await labOf({ node: plan.node, outside: sources(plan, backends), beyond: plan.beyond });
  const probes = (count: number) => fc.sample(probe(plan, services), { numRuns: count, seed });
  const own = [...plan.node, plan.family === 4 ? '169.254.77.1' : 'fd00:77::1'];
  return { lab, services, rules: syntheticRules(services, node), probes, own };
}

test.each([1, 2, 3])('random IPv4 rules: matched rules in order, as traced (seed %i)', async (seed) => {
  const { lab, rules, probes, own } = await randomLab(PLAN4, seed);
  if (!lab) return;
  restore(lab, TRACE, 4, 'nft');
  const saved = restore(lab, rules, 4, 'nft');
  expectAgreement(await compareByTrace(lab, saved, probes(100), own));
});

test('random rules: 500 packets to the Service with the most endpoints are split as the walk says', async () => {
  const { lab, rules, services, own } = await randomLab(PLAN4, 5);
  if (!lab) return;
  const saved = restore(lab, rules, 4, 'nft');
  const [service] = services
    .filter(({ affinitySeconds, internalPolicy }) => affinitySeconds === undefined && internalPolicy === 'Cluster')
    .sort((a, b) => b.endpoints.length - a.endpoints.length);
  expect(service?.endpoints.length).toBeGreaterThanOrEqual(3);
  const { protocol, clusterIP: to, port } = service as (typeof services)[number];
  const from = PLAN4.pod(9999);
  await lab.send(
    Array.from({ length: 500 }, (_, n) => ({ protocol, from, fromPort: 20_000 + n, to, port })),
    'prerouting',
  );
  const packet = { protocol, from, to, port, entry: 'prerouting', inInterface: 'veth0', localAddresses: own } as const;
  expectSplit(lab, saved, packet, 500);
});

test.each([
  ['IPv4', 'legacy', PLAN4, 11],
  ['IPv6', 'legacy', PLAN6, 12],
  ['IPv6', 'nft', PLAN6, 13],
] as const)('random %s rules, iptables-%s: matched rules, as counted', async (_, variant, plan, seed) => {
  const { lab, rules, probes, own } = await randomLab(plan, seed);
  if (!lab) return;
  const saved = restore(lab, rules, plan.family, variant);
  expectAgreement(await compareByCounters(lab, saved, probes(60), own, plan.family, variant));
});
