import { expect, test } from 'vitest';
import { type AlignedLine, alignRow } from '../../src/analysis/align.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import { linesOf } from '../../src/formats/types.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { compared, recipe, subjectsOf, texts } from './committed.ts';
import { subject } from './subject.ts';

const subjects = subjectsOf(texts);
const model = modelOf(subjects);
const { values } = compared();

/** A line with its ranges in brackets: `=equal`, `~role or rule`, `!different`. */
function drawn(line: AlignedLine | undefined): string {
  if (!line) return '';
  const signs = { equal: '=', role: '~', rule: '~', different: '!' };
  let text = '';
  let from = 0;
  for (const { start, end, kind } of line.ranges) {
    text += `${line.text.slice(from, start)}[${signs[kind]}${line.text.slice(start, end)}]`;
    from = end;
  }
  return text + line.text.slice(from);
}

function rowOf(row: string): [Subject, Subject] {
  const [v1, v2] = ['v1', 'v2'].map((side) => subjects.find((one) => one.row === row && one.side === side));
  if (!v1 || !v2) throw new Error(`no row ${row}`);
  return [v1, v2];
}

test('the lines of a row stand beside each other with their values marked', () => {
  const pairs = alignRow(model, ...rowOf('service-ips'), values);
  expect(pairs.map(({ v1, v2 }) => [drawn(v1), drawn(v2)])).toEqual([
    [
      'NAME    TYPE           CLUSTER-IP    EXTERNAL-IP     PORT(S)        AGE',
      'NAME    TYPE           CLUSTER-IP   EXTERNAL-IP    PORT(S)        AGE',
    ],
    [
      '[=nginx]   [=LoadBalancer]   [~10.24.9.186]   [~136.64.249.50]   [=80]:[~31057]/[=TCP]   [~50m]',
      '[=nginx]   [=LoadBalancer]   [~10.24.8.39]   [~34.72.78.182]   [=80]:[~30574]/[=TCP]   [~47s]',
    ],
  ]);
});

test('every line of both sides appears once, V1 in order, for every row', () => {
  for (const { id, captures } of recipe.layers) {
    for (const row of captures) {
      const [v1, v2] = ['v1', 'v2'].map((side) =>
        subjects.find((one) => one.layer === id && one.row === row.id && one.side === side),
      );
      if (!v1 || !v2) continue;
      const pairs = alignRow(model, v1, v2, values);
      const numbers = (side: 'v1' | 'v2') => pairs.flatMap((pair) => pair[side]?.number ?? []);
      expect(numbers('v1')).toEqual(linesOf(v1.text).map(({ number }) => number));
      expect(numbers('v2').toSorted((a, b) => a - b)).toEqual(linesOf(v2.text).map(({ number }) => number));
      for (const { v1: line } of pairs) {
        let end = 0;
        for (const range of line?.ranges ?? []) {
          expect(range.start).toBeGreaterThanOrEqual(end);
          end = range.end;
        }
        expect(end).toBeLessThanOrEqual(line?.text.length ?? 0);
      }
    }
  }
});

test('an identical row has nothing marked as different, a diverging one what differs and why', () => {
  const kinds = (row: string) =>
    new Set(alignRow(model, ...rowOf(row), values).flatMap(({ v1 }) => v1?.ranges.map(({ kind }) => kind) ?? []));
  expect(kinds('service-detail')).toEqual(new Set(['equal', 'role', 'rule']));
  const line = alignRow(model, ...rowOf('local-failover'), values)[4];
  expect(drawn(line?.v2)).toBe('Request  [=4]: HTTP [!200] (time [!0.102681]s)');
  expect(line?.v2?.ranges[1]?.why).toBe('no answer on V1, answered with 200 on V2');
});

test('lines in another order meet, and lines of one side stand alone where they belong', () => {
  const [v1, v2] = [
    subject('v1', 'l9-row', 'kubectl-table', 'NAME  STATUS\na     Running\nb     Pending\nc     Failed\n'),
    subject('v2', 'l9-row', 'kubectl-table', 'NAME  STATUS\nb     Pending\nd     Lost\na     Running\n'),
  ];
  const own = modelOf([v1, v2]);
  const pairs = alignRow(own, v1, v2, roleValues(own));
  expect(pairs.map((pair) => [pair.v1?.number, pair.v2?.number])).toMatchInlineSnapshot(`
    [
      [
        1,
        1,
      ],
      [
        2,
        4,
      ],
      [
        3,
        2,
      ],
      [
        undefined,
        3,
      ],
      [
        4,
        undefined,
      ],
    ]
  `);
});

test('a frontend’s rule stands beside its row of the service map', () => {
  const pairs = alignRow(model, ...rowOf('dnat'), values);
  const beside = (number: number) => pairs.find(({ v1 }) => v1?.number === number)?.v2?.text.trim();
  expect(beside(77)).toMatch(/^20 +10\.24\.8\.39:80\/TCP/);
  expect(beside(78)).toMatch(/^21 +34\.72\.78\.182:80\/TCP/);
  expect(beside(33)).toMatch(/^18 +0\.0\.0\.0:30574\/TCP/);
});
