import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { syntheticRules } from '../../src/netfilter/synthetic.ts';
import { type Packet, walk, walkable } from '../../src/netfilter/walk.ts';
import { cluster, PLAN4, probe } from './kernel/cluster.ts';
import { nat, walkText } from './rules.ts';

test('files made to explode end in time, as "cannot tell"', () => {
  const lots = Array.from(
    { length: 40 },
    () => '-A PREROUTING -m statistic --mode random --probability 0.5 -j MARK --or-mark 1',
  );
  const twice = Array.from({ length: 40 }, (_, n) => [`-A C${n} -j C${n + 1}`, `-A C${n} -j C${n + 1}`]).flat();
  const deep = Array.from({ length: 20_000 }, (_, n) => `-A C${n} -j C${n + 1}`);
  for (const rules of [
    lots,
    ['-A PREROUTING -j C0', ...twice, '-A C40'],
    ['-A PREROUTING -j C0', ...deep, '-A C20000'],
  ]) {
    const result = walkText(nat(...rules));
    expect(result.outcomes.some((outcome) => outcome.verdict === 'UNKNOWN')).toBe(true);
    expect(result.unknown).toHaveLength(1);
  }
});

const fragment = fc.constantFrom(
  ...[
    '-s 10.20.1.0/24', '! -s 10.0.0.0/8', '-d 10.24.9.186/32', '-p tcp', '-p tcp -m tcp --dport 80', '-p udp',
    '-m statistic --mode random --probability 0.5', '-m mark --mark 0x1/0x1', '-m mark ! --mark 0x1/0x1',
    '-m addrtype --dst-type LOCAL', '-m addrtype --src-type UNICAST', '-m set --match-set x src', '-i eth0', '! -o lo',
    '-m recent --set --name L', '-m recent --rcheck --name L', '-m recent --remove --name L', '-m conntrack --ctstate NEW',
    '-m physdev --physdev-is-in', '-m multiport --ports 80,443', '-m comment --comment x', '',
  ],
); // biome-ignore format: one list
const chains = ['A', 'B', 'C', 'KUBE-SVC-A', 'KUBE-SERVICES'];
const target = fc.constantFrom(
  ...['ACCEPT', 'DROP', 'RETURN', 'MARK --or-mark 0x1', 'MARK --xor-mark 0x3', 'DNAT --to-destination 10.0.0.1:80'],
  ...['MASQUERADE', 'REJECT', 'LOG', 'REDIRECT', 'CT --notrack', 'NOWHERE', ...chains],
);

test('whatever the rules, the probabilities add up to 1 and nothing is thrown', () => {
  const rule = fc
    .tuple(
      fc.constantFrom('PREROUTING', 'POSTROUTING', 'INPUT', 'FORWARD', 'OUTPUT', ...chains),
      fc.array(fragment, { maxLength: 3 }),
      fc.constantFrom('-j', '-g'),
      target,
    )
    .map(([chain, matches, flag, to]) => `-A ${chain} ${matches.join(' ')} ${flag} ${to}`);
  const section = fc.record({
    head: fc.constantFrom('*nat', '*filter', '*mangle', '*raw', ''),
    rules: fc.array(rule, { maxLength: 15 }),
  });
  fc.assert(
    fc.property(
      fc.array(section, { maxLength: 3 }),
      fc.constantFrom<Packet['entry']>('prerouting', 'output'),
      (sections, entry) => {
        const text = sections
          .flatMap(({ head, rules }) => (head === '' ? rules : [head, ...rules, 'COMMIT']))
          .join('\n');
        const result = walkText(text, { entry, to: entry === 'output' ? '10.128.0.5' : '10.24.9.186' });
        expect(result.outcomes.reduce((sum, outcome) => sum + outcome.probability, 0)).toBeCloseTo(1, 9);
      },
    ),
    { numRuns: 3000 },
  );
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
          const reached = result.steps.reduce((sum, step) => sum + (step.reached ?? Number.NaN), 0);
          expect(reached).toBeCloseTo(result.examined.mean ?? Number.NaN, 6);
          const matched = new Set(result.branches.flatMap((branch) => branch.matched));
          expect(result.steps.map((step) => step.matched)).toEqual(result.steps.map((_, index) => matched.has(index)));
        }
      },
    ),
    { numRuns: 60 },
  );
});
