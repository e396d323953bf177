import { describe, expect, test } from 'vitest';
import { compareAll } from '../../src/analysis/compare.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { linesOf } from '../../src/formats/types.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { differencesOf, type RowDifferences } from '../../src/report/differences.ts';
import { buildReport } from '../../src/report/report.ts';

const report = buildReport('.');
const all = report.differences;

const textOf = (key: string) => report.model.subjects.find((subject) => subject.key === key)?.text ?? '';
const of = (key: string) => all.find(({ v1 }) => v1 === key) as RowDifferences;
/** The marked pieces of one side of a row with why, `line: text (why)`. */
const marked = ({ v1, v2, pairs }: RowDifferences, side: 1 | 2): string[] =>
  pairs.flatMap((pair) =>
    pair[side === 1 ? 2 : 3].map(([start, end, kind, why]) => {
      const line = linesOf(textOf(side === 1 ? v1 : v2))[pair[(side - 1) as 0 | 1] - 1]?.value ?? '';
      return `${pair[(side - 1) as 0 | 1]}: ${line.slice(start, end)} (${kind} ${why})`;
    }),
  );

test('every row with both sides is there, in the order of the page', () => {
  const both = report.layers.flatMap(({ rows }) =>
    rows.flatMap(({ sides: { v1, v2 } }) => (v1 && v2 ? [[v1.key, v2.key]] : [])),
  );
  expect(all.map(({ v1, v2 }) => [v1, v2])).toEqual(both);
  expect(all.filter(({ apart }) => apart).map(({ v1 }) => v1)).toEqual(['v1/l4-iptables-nat']);
});

test('each line of either side stands there once', () => {
  for (const { v1, v2, pairs } of all) {
    for (const [side, key] of [v1, v2].entries()) {
      const numbers = pairs.map((pair) => pair[side as 0 | 1]).filter((number) => number > 0);
      const expected = linesOf(textOf(key)).map(({ number }) => number);
      expect(
        numbers.sort((a, b) => a - b),
        key,
      ).toEqual(expected);
    }
    expect(pairs.some(([one, other]) => one === 0 && other === 0)).toBe(false);
  }
});

test('the marked ranges lie in their lines, in order and without overlap, each with a reason', () => {
  let count = 0;
  for (const { v1, v2, pairs } of all)
    for (const [one, other, left, right] of pairs)
      for (const [key, number, ranges] of [
        [v1, one, left],
        [v2, other, right],
      ] as const) {
        const { length } = linesOf(textOf(key))[number - 1]?.value ?? '';
        let from = 0;
        for (const [start, end, kind, why] of ranges) {
          count++;
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          expect(end, `${key}:${number}`).toBeLessThanOrEqual(length);
          expect([0, 1, 2]).toContain(kind);
          expect(why).not.toBe('');
          from = end;
        }
      }
  expect(count).toBeGreaterThan(100);
});

test('roles, rules and differences are told apart', () => {
  expect(marked(of('v1/l1-service-ips'), 1)).toMatchInlineSnapshot(`
    [
      "2: 10.24.9.186 (0 cluster-ip)",
      "2: 136.64.249.50 (0 vip)",
      "2: 31057 (0 node-port)",
      "2: 50m (1 age)",
    ]
  `);
  expect(marked(of('v1/l1-service-ips'), 2)).toMatchInlineSnapshot(`
    [
      "2: 10.24.8.39 (0 cluster-ip)",
      "2: 34.72.78.182 (0 vip)",
      "2: 30574 (0 node-port)",
      "2: 47s (1 age)",
    ]
  `);
  expect(marked(of('v1/l3-nodeport'), 2)).toMatchInlineSnapshot(`
    [
      "1: 30574 (0 node-port)",
    ]
  `);
  const failures = marked(of('v1/l6-local-failover'), 2);
  expect(failures.some((text) => text.includes('(2 '))).toBe(true);
});

test('two kinds of output stand beside each other in their own order', () => {
  const { v1, v2, pairs } = of('v1/l4-iptables-nat');
  const [left, right] = [v1, v2].map((key) => linesOf(textOf(key)).length) as [number, number];
  expect(pairs.map(([one, other]) => [one, other])).toEqual(
    Array.from({ length: Math.max(left, right) }, (_, index) => [
      index < left ? index + 1 : 0,
      index < right ? index + 1 : 0,
    ]),
  );
});

describe('with other outputs', () => {
  const { subjects } = report.model;
  const { layers } = loadRecipe('.');
  const differences = (of: readonly Subject[]) => differencesOf(compareAll(modelOf(of), layers).both);
  test('a line that one side alone has stands alone', () => {
    const text = textOf('v2/l1-service-detail').replace(/^Events:/m, 'Extra: 1\nEvents:');
    const more = subjects.map((subject) =>
      subject.key === 'v2/l1-service-detail'
        ? { ...subject, text, parsed: parseOutput(subject.parsed.format, text) }
        : subject,
    );
    const pairs = differences(more).find(({ v1 }) => v1 === 'v1/l1-service-detail')?.pairs ?? [];
    const number = linesOf(textOf('v2/l1-service-detail')).find(({ value }) => value === 'Events:')?.number;
    expect(pairs.find(([, other]) => other === number)?.[0]).toBe(0);
  });
  test('an output without its counterpart is left out', () => {
    const rest = subjects.filter(({ key }) => key !== 'v2/l3-nodeport');
    expect(differences(rest).map(({ v1 }) => v1)).not.toContain('v1/l3-nodeport');
    expect(differences([])).toEqual([]);
  });
});
