import { expect, test } from 'vitest';
import { buildReport } from '../../src/report/report.ts';

test('the Service’s own lines of an output of the dataplane: its rules, its rows with their backends', () => {
  const { captures } = buildReport('.');
  const own = Object.fromEntries(captures.flatMap(({ key, own }) => (own.length > 0 ? [[key, own]] : [])));
  expect(Object.keys(own)).toEqual(['v1/l4-iptables-nat', 'v2/l4-ebpf-service-map']);
  expect(own['v2/l4-ebpf-service-map']).toEqual([{ from: 18, to: 26 }]);
  const rules = captures.find(({ key }) => key === 'v1/l4-iptables-nat');
  const lines = rules?.stored?.text.split('\n') ?? [];
  const shown = own['v1/l4-iptables-nat']?.flatMap(({ from, to }) => lines.slice(from - 1, to)) ?? [];
  // The jump from KUBE-EXT to KUBE-SVC is the one rule whose comment does not name the Service.
  expect(shown).toHaveLength(16);
  expect(shown.filter((line) => !line.includes('netflow-test/nginx'))).toEqual([
    '-A KUBE-EXT-P2CJC57QC736K2NH -j KUBE-SVC-P2CJC57QC736K2NH',
  ]);
});
