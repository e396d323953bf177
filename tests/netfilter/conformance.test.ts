import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { type Packet, walk, walkable } from '../../src/netfilter/walk.ts';

interface Flow {
  name: string;
  sourceIP: string;
  protocol: Packet['protocol'];
  destIP: string;
  destPort: number;
  /** Candidate backends with commas between them, REJECT, DROP, ACCEPT, or empty. */
  output: string;
  masq: boolean;
}
interface Case {
  id: string;
  ruleset: string;
  localIPs: string[];
  flows: Flow[];
}
const { rulesets } = JSON.parse(readFileSync('tests/fixtures/conformance/kube-proxy-flows.json', 'utf8')) as {
  rulesets: Case[];
};

test('the fixture holds the 33 flows', () => {
  expect(rulesets.flatMap((ruleset) => ruleset.flows)).toHaveLength(33);
});

for (const { id, ruleset, localIPs, flows } of rulesets) {
  const rules = walkable(parseIptablesSave(ruleset));
  test.each(flows.map((flow) => [flow.name, flow] as const))(`${id}: %s`, (_, flow) => {
    const result = walk(rules, {
      from: flow.sourceIP,
      to: flow.destIP,
      port: flow.destPort,
      protocol: flow.protocol,
      entry: 'prerouting',
      localAddresses: localIPs,
    });
    const ends = result.outcomes.map(({ verdict, target }) =>
      verdict === 'DNAT' ? target : verdict === 'NONE' ? '' : verdict,
    );
    expect([...new Set(ends)].sort().join(', ')).toBe(flow.output);
    expect(result.outcomes.some((outcome) => outcome.masquerade)).toBe(flow.masq);
    expect(result.outcomes.reduce((total, outcome) => total + outcome.probability, 0)).toBeCloseTo(1, 12);
    expect(result.unknown).toEqual([]);
  });
}
