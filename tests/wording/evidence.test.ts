import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowCounts } from '../../src/analysis/compare/counts.ts';
import type { Check, Difference, Matched, RowVerdict } from '../../src/analysis/types.ts';
import type { Occurrence } from '../../src/model/subject.ts';
import { countChecks } from '../../src/report/report.ts';
import { comparedWords } from '../../src/wording/differences.ts';
import { checkMark, checksHeading, checksText, differencesText, matchedText } from '../../src/wording/evidence.ts';

const at: Occurrence = { capture: 'v1/l1-a', line: 1, column: 1, length: 1, start: 0, end: 1 };
const pair = (path: string, v1: string, v2: string, by: string): Matched => ({ path, v1, v2, by });
const checks = (...statuses: Check['status'][]) =>
  countChecks(
    statuses.map((status, index) => ({ id: `v1/${index}`, side: 'v1', title: '', status, why: '', evidence: [] })),
  );

test('pairs stand in columns; what is equal to the letter is left out', () => {
  const matched = [
    pair('nginx / CLUSTER-IP', '10.24.9.186', '10.24.8.39', 'cluster-ip'),
    pair('nginx / TYPE', 'LoadBalancer', 'LoadBalancer', 'equal'),
    pair('nginx / AGE', '50m', '47s', 'age'),
  ];
  expect(matchedText(matched)).toMatchInlineSnapshot(`
    "nginx / CLUSTER-IP  10.24.9.186  ↔  10.24.8.39  (cluster-ip)
    nginx / AGE         50m          ↔  47s         (age)"
  `);
  expect(matchedText(matched.slice(1, 2))).toBe('');
  expect(matchedText([])).toBe('');
});

test('a side without a value shows a dash', () => {
  const differences: Difference[] = [
    { path: 'Policy', v1: { text: 'Cluster', at }, v2: { text: 'Local', at }, what: 'another policy' },
    { path: 'Finalizers', v2: { text: 'x', at }, what: 'only on V2' },
    { path: 'Labels', v1: { text: 'app', at }, what: 'only on V1' },
  ];
  expect(differencesText(differences)).toMatchInlineSnapshot(`
    "Policy      Cluster  ≠  Local  another policy
    Finalizers  –        ≠  x      only on V2
    Labels      app      ≠  –      only on V1"
  `);
  expect(differencesText([])).toBe('');
});

test('columns line up by code points, whatever the values are, and every line stays one', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => /^[^\s↔]+$/u.test(text));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 6 }), (rows) => {
      const lines = matchedText(rows.map(([path, v1, v2]) => pair(path, v1, v2, 'age'))).split('\n');
      expect(lines).toHaveLength(rows.length);
      expect(new Set(lines.map((line) => [...line].indexOf('↔'))).size).toBe(1);
      expect(new Set(lines.map((line) => [...line].lastIndexOf('('))).size).toBe(1);
      for (const [index, [path, v1, v2]] of rows.entries()) {
        const [left = '', right = ''] = (lines[index] ?? '').split('↔');
        expect(left.startsWith(`${path}  `) && left.trimEnd().endsWith(`  ${v1}`)).toBe(true);
        expect(right.startsWith(`  ${v2}  `) && right.endsWith('  (age)')).toBe(true);
      }
    }),
  );
  expect(matchedText([pair('a', 'one\n  two\r\n', 'x', 'age'), pair('b', '1', '2', 'age')])).toMatchInlineSnapshot(`
    "a  one two  ↔  x  (age)
    b  1        ↔  2  (age)"
  `);
});

test('counts', () => {
  const matched = [pair('a', '1', '1', 'equal'), pair('b', '1', '1', 'equal'), pair('c', '1', '2', 'age')];
  const differences = [{ path: 'd', what: 'x' }];
  const row: RowVerdict = {
    layer: 'l1',
    row: 'a',
    verdict: 'diverges',
    why: '',
    matched,
    differences,
    counts: rowCounts(matched, differences),
    rules: ['age'],
    notes: [],
  };
  expect(comparedWords(row)).toBe('4 values: 2 equal, 1 set aside by rule (age), 1 different (1 × d)');
  expect(comparedWords({ ...row, matched: [], differences: [], rules: [], counts: rowCounts([], []) })).toBe(
    '0 values: 0 equal, none different',
  );
});

test('the sum of the checks says what does not hold, in the right number', () => {
  expect(checksText(checks('holds', 'holds'))).toBe('2 cross-checks hold, none fails');
  expect(checksText(checks('holds', 'not-comparable', 'broken'))).toMatchInlineSnapshot(
    `"1 cross-check holds, 1 fails, 1 is not comparable"`,
  );
  expect(checksText(checks('broken', 'broken', 'not-comparable', 'not-comparable'))).toMatchInlineSnapshot(
    `"0 cross-checks hold, 2 fail, 2 are not comparable"`,
  );
  expect(checksHeading(checks('holds', 'not-comparable'))).toBe('1 cross-check holds, none fails');
  expect(checksText(checks())).toBe('0 cross-checks hold, none fails');
});

test('each status has a sign of its own, told apart without colour', () => {
  const signs = (['holds', 'broken', 'not-comparable'] as const).map(checkMark);
  expect(signs).toEqual(['✓', '✗', '○']);
});
