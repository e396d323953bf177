import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { syntheticRules } from '../../src/netfilter/synthetic.ts';
import { fixturesOf } from '../formats/support.ts';
import { ends, nat, table, walkText } from './rules.ts';

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

const fixture = (name: string) => readFileSync(`tests/fixtures/formats/iptables-save--${name}.out`, 'utf8');

test('a rule that iptables could not print ends its own branch as UNKNOWN, and no other', () => {
  const result = walkText(fixture('unsupported-revision'), { from: '10.42.0.1', to: '10.43.9.186' });
  expect(ends(result)).toEqual([
    ['UNKNOWN', 0.5, null],
    ['10.42.2.40:80', 0.5, false],
  ]);
  expect(result.unknown).toEqual([
    'line 15, nat KUBE-SEP-3OKZQY6TX5PQQNWD rule 2: cannot tell what DNAT does: iptables could not print it',
  ]);
});

test('behind a match that cannot be told no figure is made up', () => {
  const result = walkText(
    nat(
      '-A PREROUTING -m set --match-set a src -j MARK --or-mark 1',
      '-A PREROUTING -m mark --mark 1/1 -j DNAT --to-destination 10.0.0.1:80',
      '-A PREROUTING -m statistic --mode random --probability 0.25 -j DNAT --to-destination 10.0.0.2:80',
      '-A PREROUTING -j DNAT --to-destination 10.0.0.3:80',
    ),
  );
  expect(ends(result)).toEqual([['UNKNOWN', 1, null]]);
  expect(result.steps.slice(0, 4).map(({ reached, chance }) => [reached, chance])).toEqual([
    [1, null],
    [1, null],
    [null, 0.25],
    [null, 1],
  ]);
});

test('a choice that nobody can make leaves what both ways give, and only that', () => {
  const backends = (...rules: string[]) =>
    nat('-A PREROUTING -j KUBE-SVC-A', ...rules, '-A KUBE-SVC-A -j DNAT --to-destination 10.0.0.2:80');
  const lot = (chance: number, to: string) =>
    `-A KUBE-SVC-A -m statistic --mode random --probability ${chance} -j DNAT --to-destination ${to}`;
  // Either way every other packet goes to the first; without the unknown rule the rest would go to the second.
  expect(ends(walkText(backends(lot(0.5, '10.0.0.1:80'), '-A KUBE-SVC-A -m set --match-set a src -j DROP')))).toEqual([
    ['10.0.0.1:80', 0.5, false],
    ['UNKNOWN', 0.5, null],
  ]);
  // All packets or one half of them: neither is a figure for the first.
  expect(
    ends(
      walkText(
        backends(
          '-A KUBE-SVC-A -m set --match-set a src -j DNAT --to-destination 10.0.0.1:80',
          lot(0.5, '10.0.0.1:80'),
        ),
      ),
    ),
  ).toEqual([['UNKNOWN', 1, null]]);
});

test('without KUBE-SERVICES nobody can tell where a packet goes', () => {
  const packet = { from: '203.0.113.9', to: '10.128.0.5', port: 31057 };
  const result = walkText(fixture('nodeports-alone'), packet);
  expect(ends(result)).toEqual([['UNKNOWN', 1, null]]);
  expect(result.unknown).toEqual(['cannot tell, KUBE-SERVICES is not in this output']);
  expect(result.missing).toContain('nat KUBE-SERVICES');
  // A whole table without the chain has no Services: that can be told.
  expect(ends(walkText(nat('-A KUBE-NODEPORTS -p tcp -m tcp --dport 31057 -j ACCEPT'), packet))).toEqual([
    ['NONE', 1, false],
  ]);
});

test.each(fixturesOf('iptables-save'))('$name is walked: the probabilities add up, whoever sends', ({ text }) => {
  const family = /^# Generated by ip6tables/m.test(text) ? 6 : 4;
  const [from, to] = family === 6 ? ['fd00:10:244:1::9', 'fd00:10:96::1369'] : ['10.244.0.9', '10.96.33.7'];
  for (const entry of ['prerouting', 'output'] as const) {
    const result = walkText(text, { from, to, entry, localAddresses: [family === 6 ? 'fd00::1' : '10.128.0.5'] });
    expect(result.outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    for (const { reached, chance } of result.steps) {
      for (const figure of [reached ?? 0, chance ?? 0]) expect(figure >= 0 && figure <= 1).toBe(true);
    }
  }
});
