import { expect, test } from 'vitest';
import { buildReport } from '../../src/report/report.ts';
import { linesText, matchedBy, pairsText, valuesText } from '../../src/wording/folds.ts';

const { findings } = buildReport('.');
const compared = findings.flatMap((finding) => (finding.kind === 'row-compared' ? [finding] : []));
const detail = compared.find(({ about }) => about.row === 'service-detail');

test('the line of a row says how long it is, how much was compared and what it was matched by', () => {
  if (!detail) throw new Error('it is compared');
  expect(valuesText(detail)).toBe('44 values');
  expect(matchedBy(detail)).toEqual({
    roles: [
      { role: 'vip', text: 'VIP' },
      { role: 'cluster-ip', text: 'ClusterIP ×2' },
      { role: 'node-port', text: 'NodePort' },
      { role: 'pod-ip', text: 'pod IP ×3' },
      { role: 'forwarding-rule', text: 'forwarding rule' },
    ],
    aside: 'age ×4, count ×2',
  });
  expect([linesText([24, 24]), linesText([1, 1]), linesText([24, 25])]).toEqual([
    '24 lines',
    '1 line',
    '24 | 25 lines',
  ]);
});

test('all rows of a layer together', () => {
  expect(pairsText(compared.filter(({ about }) => about.layer === 'l1'))).toBe('3 pairs, 58 values, none differs');
  expect(pairsText(compared.filter(({ about }) => about.layer === 'l4'))).toBe('1 pair, 13 values, 1 differs');
});
