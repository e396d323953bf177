import { expect, test } from 'vitest';
import { type AnswerFinding, answerFindings } from '../../../src/analysis/findings/answers.ts';
import { modelOf } from '../../../src/model/model.ts';
import { probeOf } from '../../../src/model/probes.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { published, subjectOf } from '../subjects.ts';
import { expectWhole, readWorlds } from './worlds.ts';

/* What the longer lines of probes tell, against the truth of worlds at random. */

const worlds = readWorlds('l6');
const longer = worlds.flatMap((read) =>
  [...read.truth.probes].flatMap(([key, { told, ...probe }]) => (told ? [{ key, told, probe, read }] : [])),
);
const of = <Kind extends AnswerFinding['kind']>(all: readonly AnswerFinding[], key: string, kind: Kind) =>
  all.find(
    (one): one is Extract<AnswerFinding, { kind: Kind }> =>
      one.kind === kind && key === `${one.about.side}/${one.about.layer}-${one.about.row}`,
  );

test('there are many such probes', () => {
  expect(longer.length).toBeGreaterThan(60);
  expect(longer.some(({ told }) => Object.keys(told.byPod).length > 2)).toBe(true);
  expect(longer.some(({ told }) => Object.keys(told.exits).length > 1)).toBe(true);
});

test.each(longer.map((one, index) => ({ name: `${index + 1}, ${one.key} of world ${one.read.number}`, ...one })))(
  'probe $name',
  ({ key, told, probe, read }) => {
    const findings = answerFindings(read.model);
    expectWhole(read, findings);
    const by = of(findings, key, 'answered-by');
    expect(Object.fromEntries(by?.pods.map(({ pod, answers }) => [pod.value, answers]) ?? [])).toEqual(told.byPod);
    if (by) expect(by.unnamed).toBe(told.unnamed);
    const ends = of(findings, key, 'failures-ended')?.ends ?? [];
    expect(Object.fromEntries(ends.map(({ exit, count }) => [exit, count]))).toEqual(told.exits);
    const paced = of(findings, key, 'probe-paced');
    if (told.longestPause >= 10_000) {
      expect(paced?.span).toBeCloseTo(told.span / 1e6, 6);
      expect(paced?.longest.seconds).toBeCloseTo(told.longestPause / 1e6, 6);
    } else expect(paced).toBeUndefined();
    expect(of(findings, key, 'answers-connected')?.answers ?? 0).toBe(probe.answered);
  },
);

test('the shorter lines say nothing of the kind', () => {
  expect(answerFindings(modelOf(published))).toEqual([]);
});

const START = '2026-11-20T09:15:';
const line = (number: number, second: string, rest: string) => `${number} start=${START}${second}Z ${rest}\n`;
const answer = (pod: string, total = '0.103144') =>
  `status=200 exit=0 connect=0.051302 total=${total} pod=${pod} error=`;
const REFUSED = 'status=000 exit=7 connect=0.000000 total=0.051877 pod= error=Failed to connect';
const SILENT = 'status=000 exit=28 connect=0.000000 total=6.001377 pod= error=Connection timed out';

function said(text: string): string[] {
  const model = modelOf([subjectOf('v1/l6-local-failover', 'http-probe', text)]);
  return answerFindings(model).map((one) => findingText(one).replaceAll('\u00a0', ' '));
}

test('in words', () => {
  expect(
    said(
      line(1, '02.123', answer('web-1')) +
        line(2, '03.131', SILENT) +
        line(3, '10.140', REFUSED) +
        line(4, '12.140', REFUSED) +
        line(5, '13.149', answer('web-2')) +
        line(6, '14.160', answer('')),
    ),
  ).toMatchInlineSnapshot(`
    [
      "2 pods answered: web-1 answered 1 and web-2 answered 1; 1 answer named no pod.",
      "Without an answer: 1 request timed out after 6.0 s (curl’s exit code 28); 2 requests could not connect after 0.05 s (median; curl’s exit code 7).",
      "The connection of an answer typically took 0.05 s of its 0.10 s.",
      "From the first start to the last end the 6 requests took 12.1 s. Between two of them nothing was asked for 0.96 s (median), at most for 1.9 s, after request 3.",
    ]
  `);
  expect(said(line(1, '02.123', answer('web-1')))).toMatchInlineSnapshot(`
    [
      "The answer is of web-1.",
      "Of the 0.10 s of the answer, the connection took 0.05 s.",
    ]
  `);
});

test('a clock that was set back makes no pauses, and the requests stand back to back', () => {
  const text = line(1, '09.000', answer('web-1')) + line(2, '02.000', answer('web-1'));
  const subject = subjectOf('v1/l6-local-failover', 'http-probe', text);
  const probe = probeOf(modelOf([subject]), subject);
  expect(probe).toMatchObject({ timed: false, span: 0.206288 });
  expect(probe?.requests.map(({ start }) => start)).toEqual([0, 0.103144]);
  expect(said(text).join()).not.toMatch(/nothing was asked/);
});

test('a request that seems to begin before the end of the one above it makes no pause', () => {
  const text = line(1, '02.000', answer('web-1')) + line(2, '02.103', answer('web-1'));
  expect(said(text).join()).not.toMatch(/nothing was asked/);
});
