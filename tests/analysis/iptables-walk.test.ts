import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { syntheticRules } from '../../src/analysis/iptables/synthetic.ts';
import { type Packet, walk, walkable } from '../../src/analysis/iptables-walk.ts';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { cluster, PLAN4, probe } from './kernel/cluster.ts';

const FILE = 'captures/v1/l4-iptables-nat.txt';
const published = bodyText(decodeCapture(readFileSync(FILE), FILE).body);

const PACKET: Packet = {
  from: '10.20.1.4',
  to: '10.24.9.186',
  port: 80,
  protocol: 'tcp',
  entry: 'prerouting',
  localAddresses: ['10.128.0.5'],
};

const walkText = (text: string, packet: Partial<Packet> = {}) =>
  walk(walkable(parseIptablesSave(text)), { ...PACKET, ...packet });

/** A whole nat table around rules; chains are declared by their use. */
function table(name: string, rules: readonly string[], policies: Record<string, string> = {}): string {
  const builtIn = {
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
    raw: ['PREROUTING', 'OUTPUT'],
  }[name] as string[];
  const chains = new Set(rules.map((rule) => rule.split(' ')[1] as string));
  return [
    `*${name}`,
    ...builtIn.map((chain) => `:${chain} ${policies[chain] ?? 'ACCEPT'} [0:0]`),
    ...[...chains].filter((chain) => !builtIn.includes(chain)).map((chain) => `:${chain} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

const nat = (...rules: string[]) => table('nat', rules) + table('filter', []);

/** Outcomes without the noise of 2^-31. */
const ends = (result: ReturnType<typeof walk>) =>
  result.outcomes.map(({ verdict, target, probability, masquerade }) => [
    target ?? verdict,
    Number(probability.toFixed(6)),
    masquerade,
  ]);

test('published rules, pod to ClusterIP: 14 to 16 rules, three backends, one third each', () => {
  const result = walkText(published);
  expect(ends(result)).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['10.20.1.13:80', 0.333333, false],
  ]);
  expect(result.examined.min).toBe(14);
  expect(result.examined.max).toBe(16);
  expect(result.examined.mean).toBeCloseTo(15, 6);
  expect(result.steps).toHaveLength(20);
  expect(result.steps.filter((step) => step.matched).map((step) => step.line)).toEqual([77, 92, 61, 93, 63, 94, 47]);
  expect(result.branches.map((branch) => branch.matched.map((step) => result.steps[step]?.line))).toEqual([
    [77, 92, 61],
    [77, 93, 63],
    [77, 94, 47],
  ]);
  expect(result.unknown).toEqual([]);
  expect(result.missing).toMatchInlineSnapshot(`
    [
      "table filter",
      "nat PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES",
      "nat POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING",
      "nat KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    ]
  `);
  expect(result.assumptions).toMatchInlineSnapshot(`
    [
      "The file lacks the \`*table\` lines: each rule is taken for the table kube-proxy writes it to.",
      "The file went through a filter: of the rules it may lack, only those listed as missing are counted with.",
      "No rule of the filter table rejects, drops or accepts the packet: the file lacks that table.",
      "nat PREROUTING jumps to KUBE-SERVICES, as kube-proxy writes it.",
      "nat POSTROUTING jumps to KUBE-POSTROUTING, as kube-proxy writes it.",
      "nat KUBE-POSTROUTING holds what kube-proxy always puts there: -m mark ! --mark 0x4000/0x4000 -j RETURN; -j MARK --xor-mark 0x4000; -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE.",
    ]
  `);
});

test('published rules: a hairpin is masqueraded on the branch that leads back', () => {
  expect(ends(walkText(published, { from: '10.20.1.13' }))).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['10.20.1.13:80', 0.333333, true],
  ]);
});

test('published rules: from outside to the VIP and to the NodePort, all masqueraded', () => {
  for (const packet of [{ to: '136.64.249.50' }, { to: '10.128.0.5', port: 31057 }]) {
    const result = walkText(published, { from: '203.0.113.9', ...packet });
    expect(ends(result).map(([target, , masquerade]) => [target, masquerade])).toEqual([
      ['10.20.0.8:80', true],
      ['10.20.0.9:80', true],
      ['10.20.1.13:80', true],
    ]);
  }
});

test('published rules: DNS over UDP and TCP are different Services', () => {
  const dns = { to: '10.24.0.10', port: 53 };
  expect(ends(walkText(published, { ...dns, protocol: 'udp' }))).toEqual([
    ['10.20.0.4:53', 0.5, false],
    ['10.20.1.9:53', 0.5, false],
  ]);
  expect(walkText(published, dns).steps.at(0)?.matched).toBe(false);
});

test('published rules: an address of nobody passes every rule of KUBE-SERVICES', () => {
  const result = walkText(published, { to: '192.0.2.1' });
  expect(ends(result)).toEqual([['NONE', 1, false]]);
  expect(result.examined).toEqual({ min: 12, max: 12, mean: 12 });
});

test('says that an unstated address is taken for a foreign one', () => {
  const { assumptions } = walkText(published, { to: '192.0.2.1', localAddresses: undefined });
  expect(assumptions).toContain('192.0.2.1 is not an address of the node: none but loopback were stated.');
});

test('only the last rule of a file may be missing: a chain that was cut off leaves the end open', () => {
  const cut = published.split('\n').filter((line) => !line.includes('-> 10.20.1.13:80'));
  const result = walkText(cut.join('\n'));
  expect(ends(result)).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['UNKNOWN', 0.333333, null],
  ]);
  expect(result.missing).toContain('nat KUBE-SVC-P2CJC57QC736K2NH: its last rule');
});

test('a chain the file does not hold leaves the end open', () => {
  const cut = published.split('\n').filter((line) => !/^(:|-A )KUBE-SEP-P5UCONCOPU635JFJ/.test(line));
  const result = walkText(cut.join('\n'));
  expect(ends(result).at(-1)).toEqual(['UNKNOWN', 0.333333, null]);
  expect(result.missing).toContain('nat KUBE-SEP-P5UCONCOPU635JFJ');
});

test('a Service selected by name lacks the rules without comments', () => {
  const grep = published.split('\n').filter((line) => line.includes('netflow-test/nginx'));
  const result = walkText(grep.join('\n'), { from: '203.0.113.9', to: '136.64.249.50' });
  expect(ends(result)).toEqual([['UNKNOWN', 1, null]]);
  expect(result.missing).toContain('nat KUBE-EXT-P2CJC57QC736K2NH: its last rule');
});

test('whole rules are taken at their word: an empty PREROUTING leads nowhere', () => {
  const result = walkText(nat('-A KUBE-SERVICES -d 10.24.9.186/32 -j KUBE-SVC-A', '-A KUBE-SVC-A -j ACCEPT'));
  expect(ends(result)).toEqual([['NONE', 1, false]]);
  expect([result.missing, result.assumptions]).toEqual([[], []]);
});

test('cannot tell what it does not know, but still decides what does not depend on it', () => {
  const rules = (match: string, rest = '-j DNAT --to-destination 10.0.0.1') => nat(`-A PREROUTING ${match} ${rest}`);
  const unknown = walkText(rules('-m set --match-set blocked src'));
  expect(ends(unknown)).toEqual([['UNKNOWN', 1, null]]);
  expect(unknown.unknown).toEqual([
    'line 6, nat PREROUTING rule 1: cannot tell whether -m set --match-set blocked src matches',
  ]);
  expect(unknown.steps).toMatchObject([{ matched: true, chance: null }]);
  // Another condition fails: whatever the set holds, the rule does not match.
  expect(ends(walkText(rules('-d 192.0.2.1/32 -m set --match-set blocked src')))).toEqual([['NONE', 1, false]]);
  // A rule that only logs changes nothing.
  expect(ends(walkText(rules('-m limit --limit 5/min', '-j LOG')))).toEqual([['NONE', 1, false]]);
  expect(ends(walkText(rules('', '-j REDIRECT --to-ports 1')))).toEqual([['UNKNOWN', 1, null]]);
  expect(ends(walkText(rules('', '-j DNAT --to-destination 10.0.0.1-10.0.0.9')))).toEqual([
    ['10.0.0.1-10.0.0.9', 1, null],
  ]);
});

test('where both answers lead to the same end, that end stands', () => {
  const rules = (mark: string) =>
    nat(
      `-A PREROUTING ! -i cbr0 -j ${mark}`,
      '-A PREROUTING -j DNAT --to-destination 10.0.0.1:80',
      '-A MASQ -j MARK --set-xmark 0x4000/0x4000',
      '-A OTHER -j MARK --set-xmark 0x1/0x1',
      '-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
    );
  const marked = walkText(rules('MASQ'));
  expect(ends(marked)).toEqual([['10.0.0.1:80', 1, null]]);
  expect(marked.examined).toEqual({ min: 3, max: 4, mean: null });
  expect(ends(walkText(rules('OTHER')))).toEqual([['10.0.0.1:80', 1, false]]);
  expect(ends(walkText(rules('MASQ'), { inInterface: 'cbr0' }))).toEqual([['10.0.0.1:80', 1, false]]);
  expect(ends(walkText(rules('MASQ'), { inInterface: 'eth0' }))).toEqual([['10.0.0.1:80', 1, true]]);
});

test('many rules that cannot be told neither explode nor are guessed', () => {
  const many = Array.from(
    { length: 40 },
    (_, n) => `-A PREROUTING -m set --match-set s${n} src -j MARK --set-mark ${n}`,
  );
  const start = performance.now();
  expect(ends(walkText(nat(...many)))).toEqual([['UNKNOWN', 1, null]]);
  expect(performance.now() - start).toBeLessThan(2000);
});

test('session affinity: a client is new unless stated, and goes where it went before', () => {
  const text = syntheticRules(
    [
      {
        namespace: 'n',
        name: 's',
        portName: '',
        protocol: 'tcp',
        clusterIP: '10.24.9.186',
        port: 80,
        affinitySeconds: 10_800,
        endpoints: [1, 2].map((n) => ({ ip: `10.20.0.${n}`, port: 80, local: true })),
      },
    ],
    { family: 4, nodeIP: '10.128.0.5' },
  );
  const fresh = walkText(text);
  expect(ends(fresh)).toEqual([
    ['10.20.0.1:80', 0.5, false],
    ['10.20.0.2:80', 0.5, false],
  ]);
  expect(fresh.assumptions).toContain(
    '10.20.1.4 has not been seen before: it is in no list of the recent match (session affinity).',
  );
  const lists = parseIptablesSave(text)
    .tables.flatMap((one) => one.rules)
    .flatMap((rule) =>
      rule.matches.flatMap((match) => (match.kind === 'recent' && match.action === 'set' ? [match.list] : [])),
    );
  expect(ends(walkText(text, { recentLists: [lists[1] as string] }))).toEqual([['10.20.0.2:80', 1, false]]);
});

test('untracked packets are never translated', () => {
  const text =
    nat('-A PREROUTING -j DNAT --to-destination 10.0.0.1') +
    table('raw', ['-A PREROUTING -d 10.24.9.186/32 -j CT --notrack']);
  expect(ends(walkText(text))).toEqual([['NONE', 1, false]]);
  expect(ends(walkText(text, { to: '10.24.9.187' }))).toEqual([['10.0.0.1', 1, false]]);
});

test('the filter table sees the translated address and the original one', () => {
  const translate = '-A PREROUTING -j DNAT --to-destination 10.0.0.1:8080';
  const filtered = (rule: string) =>
    ends(walkText(table('nat', [translate]) + table('filter', [`-A FORWARD ${rule} -j DROP`])));
  expect(filtered('-d 10.0.0.1/32 -p tcp -m tcp --dport 8080')).toEqual([['10.0.0.1:8080', 1, false]]);
  expect(filtered('-d 10.24.9.186/32')).toEqual([['10.0.0.1:8080', 1, false]]);
  const verdict = (rule: string) =>
    walkText(table('nat', [translate]) + table('filter', [`-A FORWARD ${rule} -j DROP`])).outcomes[0]?.verdict;
  expect(verdict('-d 10.0.0.1/32 -p tcp -m tcp --dport 8080')).toBe('DROP');
  expect(verdict('-d 10.24.9.186/32')).toBe('DNAT');
  expect(verdict('-m conntrack --ctorigdst 10.24.9.186/32 --ctorigdstport 80')).toBe('DROP');
  expect(verdict('-m conntrack --ctstate DNAT')).toBe('DROP');
  expect(verdict('-m conntrack --ctstate INVALID')).toBe('DNAT');
  expect(verdict('-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT')).toBe('DNAT');
});

test('policies and explicit verdicts of the filter table', () => {
  const filter = (rules: string[], policies = {}) =>
    ends(walkText(table('nat', []) + table('filter', rules, policies)));
  expect(filter([])).toEqual([['NONE', 1, false]]);
  expect(filter([], { FORWARD: 'DROP' })).toEqual([['DROP', 1, false]]);
  expect(filter(['-A FORWARD -j ACCEPT'], { FORWARD: 'DROP' })).toEqual([['ACCEPT', 1, false]]);
  expect(filter(['-A FORWARD -j REJECT --reject-with icmp-port-unreachable'])).toEqual([['REJECT', 1, false]]);
  expect(filter(['-A FORWARD -g ELSEWHERE', '-A FORWARD -j DROP', '-A ELSEWHERE -p udp -j DROP'])).toEqual([
    ['NONE', 1, false],
  ]);
  expect(filter(['-A FORWARD -j X', '-A FORWARD -j DROP', '-A X -p tcp -j RETURN', '-A X -j ACCEPT'])).toEqual([
    ['DROP', 1, false],
  ]);
});

test('a loop of chains, which the kernel would refuse, ends', () => {
  const result = walkText(nat('-A PREROUTING -j A', '-A A -j B', '-A B -j A'));
  expect(ends(result)).toEqual([['UNKNOWN', 1, null]]);
  expect(result.unknown).toEqual(['line 10, nat B rule 1: cannot tell where a loop of chains through A ends']);
});

test('up to Kubernetes 1.25: what nat marks for dropping, the kubelet drops', () => {
  const text = table('nat', [
    '-A PREROUTING -j KUBE-SERVICES',
    '-A KUBE-SERVICES -d 10.24.9.186/32 -j KUBE-FW-A',
    '-A KUBE-FW-A -s 203.0.113.0/24 -j ACCEPT',
    '-A KUBE-FW-A -j KUBE-MARK-DROP',
    '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000',
  ]);
  const result = walkText(text, { localAddresses: ['10.24.9.186'] });
  expect(ends(result)).toEqual([['DROP', 1, false]]);
  expect(result.missing).toContain('filter KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP');
  expect(ends(walkText(text, { localAddresses: ['10.24.9.186'], from: '203.0.113.9' }))).toEqual([['NONE', 1, false]]);
});

test('rules of the other address family are not compared', () => {
  const v6 = nat('-A PREROUTING -d fd00::1/128 -j DNAT --to-destination [fd00::9]:80');
  expect(ends(walkText(v6, { from: 'fd00::2', to: 'fd00::1' }))).toEqual([['[fd00::9]:80', 1, false]]);
  const both = nat('-A PREROUTING -d 10.24.9.186/32 -j DNAT --to-destination 10.0.0.1:80') + v6;
  expect(ends(walkText(both))).toEqual([['10.0.0.1:80', 1, false]]);
  expect(ends(walkText(both, { from: 'fd00::2', to: 'fd00::1' }))).toEqual([['[fd00::9]:80', 1, false]]);
});

test('from the node to itself the packet comes in again over loopback', () => {
  const text = table('nat', []) + table('filter', ['-A OUTPUT -j COUNT', '-A INPUT -i lo -j DROP', '-A COUNT -p tcp']);
  const result = walkText(text, { entry: 'output', from: '10.128.0.5', to: '10.128.0.5' });
  expect(ends(result)).toEqual([['DROP', 1, false]]);
  expect(result.steps.map((step) => step.chain)).toEqual(['OUTPUT', 'COUNT', 'INPUT']);
});

test('statistic: by lot and in turn, and turned round', () => {
  const rule = (match: string) =>
    nat(
      `-A PREROUTING -m statistic ${match} -j DNAT --to-destination 10.0.0.1`,
      '-A PREROUTING -j DNAT --to-destination 10.0.0.2',
    );
  const share = (match: string) =>
    walkText(rule(match)).outcomes.find((outcome) => outcome.target === '10.0.0.1')?.probability;
  expect(share('--mode random --probability 0.25000000000')).toBe(0.25);
  expect(share('--mode random ! --probability 0.25000000000')).toBe(0.75);
  // The kernel knows multiples of 2^-31 only.
  expect(share('--mode random --probability 0.3333333333')).toBe(715_827_883 / 2 ** 31);
  expect(share('--mode nth --every 4 --packet 0')).toBe(0.25);
});

test('on random rulesets: probabilities add up, and steps, branches and counts agree', () => {
  fc.assert(
    fc.property(
      cluster(PLAN4).chain(({ services, node }) =>
        fc.record({
          services: fc.constant(services),
          node: fc.constant(node),
          probes: fc.array(probe(PLAN4, services), { minLength: 5, maxLength: 5 }),
        }),
      ),
      ({ services, node, probes }) => {
        const rules = walkable(parseIptablesSave(syntheticRules(services, node)));
        for (const sent of probes) {
          const result = walk(rules, { ...sent, localAddresses: [...PLAN4.node], inInterface: 'veth0' });
          expect(result.outcomes.reduce((sum, outcome) => sum + outcome.probability, 0)).toBeCloseTo(1, 9);
          expect(result.examined.mean).toBeGreaterThanOrEqual(result.examined.min);
          expect(result.examined.mean).toBeLessThanOrEqual(result.examined.max + 1e-9);
          const reached = result.steps.reduce((sum, step) => sum + step.reached, 0);
          expect(reached).toBeCloseTo(result.examined.mean ?? Number.NaN, 6);
          const matched = new Set(result.branches.flatMap((branch) => branch.matched));
          expect(result.steps.map((step) => step.matched)).toEqual(result.steps.map((_, index) => matched.has(index)));
        }
      },
    ),
    { numRuns: 60 },
  );
});
