import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelOf } from '../../src/model/model.ts';
import { clientRequests, median, OUTLIER, type Probe, probeRows } from '../../src/model/probes.ts';
import { edited, published, publishedOf, subjectOf } from '../analysis/subjects.ts';

function probe(row: string, side: 'v1' | 'v2', subjects = published): Probe {
  const found = probeRows(modelOf(subjects)).find((each) => each.row === row)?.sides[side];
  if (!found?.captured) throw new Error(`${row} was not captured on ${side}`);
  return found;
}

test('the published probes, in their order', () => {
  expect(probeRows(modelOf(published)).map(({ row, failures }) => [row, failures])).toEqual([
    ['cluster-mode', false],
    ['local-symmetric', false],
    ['local-failover', true],
    ['local-converged', true],
  ]);
});

test.each([
  ['cluster-mode', 'v1', 10, 0, 1.044079],
  ['cluster-mode', 'v2', 10, 0, 8.045712],
  ['local-symmetric', 'v1', 10, 0, 1.053809],
  ['local-symmetric', 'v2', 10, 0, 1.032208],
  ['local-failover', 'v1', 0, 20, 120.098355],
  ['local-failover', 'v2', 9, 11, 1.54402],
  ['local-converged', 'v1', 7, 3, 18.750833],
] as const)('%s on %s: %i answered, %i failed, %f s', (row, side, answered, failed, seconds) => {
  const found = probe(row, side);
  expect([found.answered.count, found.failed.count]).toEqual([answered, failed]);
  expect(found.seconds).toBeCloseTo(seconds, 9);
});

test('V2 cluster mode has three outliers, and nothing else has any', () => {
  const all = probeRows(modelOf(published)).flatMap(({ sides }) => Object.values(sides));
  expect(
    all.flatMap((each) =>
      each.captured ? each.outliers.map(({ number, seconds }) => [each.capture, number, seconds]) : [],
    ),
  ).toEqual([
    ['v2/l6-cluster-mode', 1, 1.105134],
    ['v2/l6-cluster-mode', 2, 1.116195],
    ['v2/l6-cluster-mode', 3, 5.10515],
  ]);
  expect(probe('cluster-mode', 'v2').answered).toEqual({ count: 10, typical: 0.106447, min: 0.096816, max: 5.10515 });
});

test('the failures end as far as the data go', () => {
  const v2 = probe('local-failover', 'v2');
  expect(v2.lastFailure?.number).toBe(16);
  expect(v2.trailing.count).toBe(4);
  expect(v2.trailing.seconds).toBeCloseTo(0.42434, 9);
  const v1 = probe('local-failover', 'v1');
  expect([v1.lastFailure?.number, v1.trailing]).toEqual([20, { count: 0, seconds: 0 }]);
  expect(probe('cluster-mode', 'v1').lastFailure).toBeUndefined();
});

test('the later probe: requests 1, 2 and 4 fail; 130 s are what its title says', () => {
  const later = probe('local-converged', 'v1');
  expect(later.requests.filter(({ outcome }) => outcome === 'none').map(({ number }) => number)).toEqual([1, 2, 4]);
  expect(later.trailing.count).toBe(6);
  expect(later.said).toBe(130);
  expect(probe('local-failover', 'v1').said).toBeUndefined();
});

test('every request names its line', () => {
  for (const { sides } of probeRows(modelOf(published))) {
    for (const each of Object.values(sides)) {
      if (!each.captured) continue;
      const lines = publishedOf(each.capture).text.split('\n');
      for (const { evidence, seconds } of each.requests) {
        expect(lines[evidence.from - 1]).toBe(evidence.text);
        expect(evidence.text).toContain(String(seconds));
      }
    }
  }
});

test('what is missing says so', () => {
  expect(probeRows(modelOf(published)).at(-1)?.sides.v2).toEqual({ captured: false, why: 'Not captured on V2.' });
  expect(probeRows(modelOf([]))).toEqual([]);
  expect(probeRows(modelOf([publishedOf('v2/l8-enforcement')]))).toEqual([]);
});

test('an edited probe: the numbers follow', () => {
  const changed = edited(
    'v2/l6-local-failover',
    'http-probe',
    'Request 20: HTTP 200 (time 0.096925s)',
    'Request 20: HTTP 000 (time 7.5s)',
  );
  const found = probe('local-failover', 'v2', [changed]);
  expect([found.answered.count, found.failed.count, found.lastFailure?.number]).toEqual([8, 12, 20]);
  expect(found.trailing).toEqual({ count: 0, seconds: 0 });
  expect(found.outliers.map(({ number }) => number)).toEqual([20]);
});

test('an HTTP error is an answer; without numbers the place counts', () => {
  const [row] = probeRows(modelOf([subjectOf('v1/l6-new', 'http-probe', '503 0.2\n000 6\n200 0.1\n')]));
  const found = row?.sides.v1;
  expect(found?.captured && found.requests.map(({ number, outcome, start }) => [number, outcome, start])).toEqual([
    [1, 'answered', 0],
    [2, 'none', 0.2],
    [3, 'answered', 6.2],
  ]);
});

test('outliers and sums hold for any probe', () => {
  const request = fc.record({ status: fc.constantFrom('200', '000', '502'), ms: fc.integer({ min: 0, max: 60_000 }) });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 40 }), (requests) => {
      const text = requests.map(({ status, ms }) => `${status} ${(ms / 1000).toFixed(3)}`).join('\n');
      const found = probe('any', 'v1', [subjectOf('v1/l6-any', 'http-probe', text)]);
      expect(found.answered.count + found.failed.count).toBe(requests.length);
      expect(found.seconds).toBeCloseTo(
        requests.reduce((sum, { ms }) => sum + ms / 1000, 0),
        6,
      );
      // Less than half of the requests of an outcome can be slow, and each is.
      for (const [outcome, { count, typical = 0 }] of [
        ['answered', found.answered],
        ['none', found.failed],
      ] as const) {
        const slow = found.outliers.filter((each) => each.outcome === outcome);
        expect(slow.length).toBeLessThanOrEqual(count / 2);
        for (const { seconds } of slow) expect(seconds).toBeGreaterThan(OUTLIER * typical);
      }
      const tail = requests.length - 1 - requests.findLastIndex(({ status }) => status === '000');
      expect(found.trailing.count).toBe(tail);
    }),
  );
});

test('a wait that curl ended is a timeout, whichever way the probe says so', () => {
  const line = (status: string, exit: number) =>
    `1 start=2026-11-20T09:15:02.123Z status=${status} exit=${exit} connect=0.000000 total=6.001377 pod= error=`;
  const timeouts = [line('000', 28), line('000', 7), line('200', 0)].map(
    (text) => modelOf([subjectOf('v1/l6-any', 'http-probe', text)]).sides.v1.probes[0]?.requests[0]?.timeout,
  );
  expect(timeouts).toEqual([true, false, false]);
});

test('the longest run of failures', () => {
  expect(probe('local-failover', 'v1').longestFailure.count).toBe(20);
  expect(probe('local-converged', 'v1').longestFailure.count).toBe(2);
  expect(probe('cluster-mode', 'v1').longestFailure).toEqual({ count: 0, seconds: 0 });
  const text = ['000 1', '200 9', '000 2', '000 3', '200 9', '000 4', '000 5'].join('\n');
  expect(probe('any', 'v1', [subjectOf('v1/l6-any', 'http-probe', text)]).longestFailure).toEqual({
    count: 2,
    seconds: 5,
  });
});

test('a probe from pods names its clients, with the places', () => {
  const { probes } = modelOf(published).sides.v2;
  const found = probes.find(({ from }) => from === 'pods');
  expect([found?.capture, probes.filter(({ from }) => from === 'pods').length]).toEqual(['v2/l8-enforcement', 1]);
  const { text } = publishedOf('v2/l8-enforcement');
  expect(
    clientRequests(probes).map(({ client, label, target, outcome, timeout, mark, number, name, layer }) => [
      [client.value, label?.at.value, target?.value, outcome, timeout, mark?.value, number, name?.value, layer],
      [client, label?.at, target, mark].map((one) => text.slice(one?.at.start, one?.at.end)),
    ]),
  ).toEqual([
    [
      ['client-allowed', 'role=frontend', 'nginx', 'answered', false, '✓', 1, 'client-allowed', 'l8'],
      ['client-allowed', 'frontend', 'nginx', '✓'],
    ],
    [
      ['client-blocked', 'role=other', 'nginx', 'none', true, '✗', 2, 'client-blocked', 'l8'],
      ['client-blocked', 'other', 'nginx', '✗'],
    ],
  ]);
});

test('of two requests none is an outlier, of three one may be', () => {
  const outliers = (...seconds: number[]) =>
    probe('any', 'v1', [
      subjectOf('v1/l6-any', 'http-probe', seconds.map((each) => `200 ${each}`).join('\n')),
    ]).outliers.map(({ number }) => number);
  expect(outliers(0.1, 60)).toEqual([]);
  expect(outliers(0.1, 0.1, 0.2)).toEqual([]);
  expect(outliers(0.1, 0.1, 0.21)).toEqual([3]);
  expect(outliers(1, 1, 0.1)).toEqual([]);
});

test.each([
  [[], undefined],
  [[3], 3],
  [[9, 1], 5],
  [[9, 1, 2], 2],
])('the median of %j', (values, middle) => {
  expect(median(values)).toBe(middle);
});
