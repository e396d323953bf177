import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeRows, ROW, spanOf } from '../../src/figures/flow-arrows.ts';
import { ticks } from '../../src/figures/markup.ts';
import { joined } from '../../src/model/citation.ts';
import { buildReport } from '../../src/report/report.ts';

test('ticks are round, ascend from 0 and stay on the axis', () => {
  expect(ticks(120.098, 6)).toEqual([0, 20, 40, 60, 80, 100, 120]);
  expect(ticks(1.544, 6)).toEqual([0, 0.5, 1, 1.5]);
  expect(ticks(252, 8)).toEqual([0, 50, 100, 150, 200, 250]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.integer({ min: 2, max: 10 }), (end, most) => {
      const steps = ticks(end, most);
      expect(steps[0]).toBe(0);
      expect(steps.length).toBeLessThanOrEqual(most + 2);
      expect(steps.at(-1)).toBeLessThanOrEqual(end * (1 + 1e-6));
    }),
  );
});

test('rows keep their order and distance and move as little as that needs', () => {
  expect(placeRows([100, 200, 300], 0, 400)).toEqual([100, 200, 300]);
  expect(placeRows([100, 100], 0, 400)).toEqual([100 - ROW / 2, 100 + ROW / 2]);
  expect(placeRows([0, 0], 20, 400)).toEqual([20, 20 + ROW]);
  const times = fc.array(fc.integer({ min: 30, max: 430 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(times, (unsorted) => {
      const sorted = unsorted.sort((a, b) => a - b);
      const rows = placeRows(sorted, 19, 456);
      expect(rows).toHaveLength(sorted.length);
      for (let index = 1; index < rows.length; index++) {
        expect((rows[index] ?? 0) - (rows[index - 1] ?? 0)).toBeGreaterThanOrEqual(ROW - 0.11);
      }
      expect(rows[0]).toBeGreaterThanOrEqual(19);
      expect(rows.at(-1)).toBeLessThanOrEqual(456);
    }),
  );
});

test('the span of connections is that of their events; one without a time leaves it open', () => {
  const { connections = [], drops = [] } = buildReport('.').figures.flows?.data ?? {};
  const span = spanOf(connections);
  expect(span && span.end - span.start).toBe(252);
  expect(drops).toHaveLength(3);
  expect(spanOf(drops)).toBeUndefined();
  expect(spanOf([...connections, ...drops])).toBeUndefined();
  expect(spanOf([])).toBeUndefined();
});

test('neighbouring lines are joined, others are not', () => {
  const line = (capture: string, from: number, to = from) => ({
    capture,
    from,
    to,
    text: Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`).join('\n'),
  });
  expect(joined([line('b', 5), line('a', 2), line('a', 1), line('a', 2, 3), line('a', 7)])).toEqual([
    line('a', 1, 3),
    line('a', 7),
    line('b', 5),
  ]);
});
