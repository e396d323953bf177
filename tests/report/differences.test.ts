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
          expect([0, 1, 2, 3]).toContain(kind);
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

test('two lines are the same, matched, different in what another difference says, or different', () => {
  const likeness = (key: string) =>
    of(key)
      .pairs.map((pair) => pair[4])
      .join('');
  expect(likeness('v1/l1-service-detail')).toBe('000010000111001100000011');
  // Requests 4, 7, 11, 12, 15 and 17 to 20 have another outcome, the others another time.
  expect(likeness('v1/l6-local-failover')).toBe('022232232223322323333');
  expect(new Set(likeness('v1/l4-iptables-nat'))).toEqual(new Set('4'));
  for (const { v1, pairs } of all.filter(({ apart }) => !apart))
    for (const [, , left, right, like] of pairs) {
      const kinds = [...left, ...right].map(([, , kind]) => kind);
      expect(
        kinds.some((kind) => kind > 1),
        v1,
      ).toBe(like === 2 || like === 3);
    }
});

test('equal lines fold, but not the two that lead to something else', () => {
  const lines = (key: string) => of(key).folds.map(([first, last]) => `${first + 1}-${last + 1}`);
  expect(lines('v1/l1-service-detail')).toEqual(['1-4', '6-9', '13-14', '17-20']);
  expect(lines('v1/l1-service-ips')).toEqual([]);
  for (const { v1, pairs, folds, apart } of all) {
    expect(apart && folds.length > 0, v1).toBeFalsy();
    for (const [first, last] of folds) {
      expect(
        pairs.slice(first, last + 1).every((pair) => pair[4] === 0),
        v1,
      ).toBe(true);
      expect(
        pairs.slice(last + 1, last + 3).some((pair) => pair[4] > 1),
        v1,
      ).toBe(false);
    }
  }
});

test('each difference of a row stands on its lines', () => {
  const { places, pairs } = of('v1/l6-local-failover');
  expect(places.map((at) => at.map((index) => pairs[index]?.slice(0, 2).join(' ')))).toMatchInlineSnapshot(`
    [
      [
        "5 5",
      ],
      [
        "8 8",
      ],
      [
        "12 12",
      ],
      [
        "13 13",
      ],
      [
        "16 16",
      ],
      [
        "18 18",
      ],
      [
        "19 19",
      ],
      [
        "20 20",
      ],
      [
        "21 21",
      ],
      [
        "10 10",
        "14 14",
      ],
    ]
  `);
  const verdicts = report.layers.flatMap(({ rows }) => rows.flatMap(({ evidence }) => evidence ?? []));
  for (const { v1, places: at, apart } of all) {
    const differences = verdicts.find(({ layer, row }) => v1 === `v1/${layer}-${row}`)?.differences ?? [];
    expect(at.length, v1).toBe(apart ? 0 : differences.length);
    expect(
      at.every((indices) => indices.length > 0),
      v1,
    ).toBe(true);
  }
});

test('two kinds of output stand beside each other by frontend, each side in its own order', () => {
  const { v1, v2, pairs, groups } = of('v1/l4-iptables-nat');
  const group = (name: string, side: 0 | 1) => {
    const at = groups.findIndex(([, of]) => of === name);
    return pairs
      .slice(groups[at]?.[0], groups[at + 1]?.[0])
      .flatMap((pair) => linesOf(textOf(side === 0 ? v1 : v2))[pair[side] - 1]?.value.trim() ?? []);
  };
  expect(groups.map(([, of]) => of)).toEqual(['vip', 'cluster-ip', 'node-port', 'shared', 'rest']);
  for (const [name, rules, frontend] of [
    ['vip', 1, '34.72.78.182:80/TCP'],
    ['cluster-ip', 1, '10.24.8.39:80/TCP'],
    ['node-port', 2, '0.0.0.0:30574/TCP'],
  ] as const) {
    expect(group(name, 0), name).toHaveLength(rules);
    expect(
      group(name, 0).every((line) => line.includes('netflow-test/nginx')),
      name,
    ).toBe(true);
    expect(group(name, 1), name).toHaveLength(3);
    expect(group(name, 1)[0], name).toContain(frontend);
  }
  // 16 rules are the Service's; the four above lead into the rest of them, and four declarations name their chains.
  expect(group('shared', 0).filter((line) => line.startsWith('-A'))).toHaveLength(12);
  expect(group('shared', 0).filter((line) => line.startsWith(':'))).toHaveLength(4);
  expect(group('shared', 1)).toEqual([]);
  expect(group('rest', 0).some((line) => line.includes('netflow-test/nginx'))).toBe(false);
  for (const side of [0, 1] as const)
    for (const [index, [first]] of groups.entries()) {
      const numbers = pairs.slice(first, groups[index + 1]?.[0]).flatMap((pair) => pair[side] || []);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
});

describe('with other outputs', () => {
  const { subjects } = report.model;
  const { layers } = loadRecipe('.');
  const differences = (of: readonly Subject[]) => {
    const model = modelOf(of);
    return differencesOf(model, compareAll(model, layers).both);
  };
  const edited = (key: string, edit: (text: string) => string) =>
    subjects.map((subject) => {
      if (subject.key !== key) return subject;
      const text = edit(subject.text);
      return { ...subject, text, parsed: parseOutput(subject.parsed.format, text) };
    });
  test('a line that one side alone has stands alone', () => {
    const more = edited('v2/l1-service-detail', (text) => text.replace(/^Events:/m, 'Extra: 1\nEvents:'));
    const row = differences(more).find(({ v1 }) => v1 === 'v1/l1-service-detail') as RowDifferences;
    const { pairs } = row;
    const number = linesOf(textOf('v2/l1-service-detail')).find(({ value }) => value === 'Events:')?.number;
    const at = pairs.findIndex(([, other]) => other === number);
    expect(pairs[at]?.[0]).toBe(0);
    expect(pairs[at]?.[4]).toBe(3);
    expect(row.places).toEqual([[at]]);
    // The last two lines before it stay in sight.
    expect(row.folds.some(([first, last]) => first <= at && at <= last + 2)).toBe(false);
  });
  test('an output without its counterpart is left out', () => {
    const rest = subjects.filter(({ key }) => key !== 'v2/l3-nodeport');
    expect(differences(rest).map(({ v1 }) => v1)).not.toContain('v1/l3-nodeport');
    expect(differences([])).toEqual([]);
  });
});
