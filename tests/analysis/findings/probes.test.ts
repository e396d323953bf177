import { expect, test } from 'vitest';
import { type ProbeFinding, probeFindings } from '../../../src/analysis/findings/probes.ts';
import { modelOf } from '../../../src/model/model.ts';
import { median } from '../../../src/model/probes.ts';
import { probeSentences } from '../../../src/wording/findings/probes.ts';
import { findingText } from '../../../src/wording/findings.ts';
import type { ProbeTruth } from '../../support/recordings/truth/probe.ts';
import type { Request } from '../../support/recordings/world.ts';
import { published, subjectOf } from '../subjects.ts';
import { expectEveryKind, expectWhole, readWorlds } from './worlds.ts';

const ROWS = ['cluster-mode', 'local-symmetric', 'local-failover', 'local-converged'];

const ofKind = <Kind extends ProbeFinding['kind']>(all: readonly ProbeFinding[], kind: Kind) =>
  all.filter((one): one is Extract<ProbeFinding, { kind: Kind }> => one.kind === kind);

/** Under a name, the seconds of the middle request; nothing without a request. Times are microseconds. */
const middle = (name: 'answerSeconds' | 'failureSeconds', times: readonly number[]) => {
  const typical = median(times);
  return typical === undefined ? {} : { [name]: expect.closeTo(typical / 1e6, 9) };
};

/** What is expected of a probe, from what is true of it alone. */
function wanted(truth: ProbeTruth, took: readonly Request[]) {
  const { requests, answered, answeredTimes, failedTimes, longestFailingRun: run, lastFailure, statuses } = truth;
  const sum = (of: readonly Request[]) => expect.closeTo(of.reduce((all, one) => all + one.took, 0) / 1e6, 9);
  /** From the start of one request to the end of another; where no start is told, what they took. */
  const seconds = (from: number, to: number) => {
    const [first, last] = [took[from - 1], took[to - 1]];
    if (!first?.told || !last?.told) return sum(took.slice(from - 1, to));
    return expect.closeTo(((last.told.start - first.told.start) * 1000 + last.took) / 1e6, 9);
  };
  const slow = (['answered', 'none'] as const).flatMap((outcome) => {
    const typical = median(outcome === 'answered' ? answeredTimes : failedTimes) ?? 0;
    const own = took.flatMap((one, index) =>
      (one.status === '000') === (outcome === 'none') && one.took > 2 * typical
        ? [{ number: index + 1, seconds: one.took / 1e6 }]
        : [],
    );
    return own.length > 0 ? [{ outcome, slow: own, typical: expect.closeTo(typical / 1e6, 9) }] : [];
  });
  return {
    answered: {
      requests,
      answered,
      ...middle('answerSeconds', answeredTimes),
      ...middle('failureSeconds', failedTimes),
      totalSeconds: sum(took),
      statuses: Object.entries(statuses)
        .filter(([status]) => !/^(?:000|2)/.test(status))
        .map(([status, count]) => ({ status, count })),
    },
    longest:
      run && run.to > run.from && answered > 0
        ? [{ first: run.from, last: run.to, count: run.to - run.from + 1, seconds: seconds(run.from, run.to) }]
        : [],
    slow,
    after:
      lastFailure !== undefined && answered > 0
        ? [{ lastFailure, answers: requests - lastFailure, seconds: seconds(lastFailure + 1, requests) }]
        : [],
  };
}

const cases = readWorlds('l6');

test.each(cases)('probes of world $number', (read) => {
  const { truth, model, world } = read;
  const all = probeFindings(model);
  expectWhole(read, all);
  for (const { places } of all) expect(places.length).toBeGreaterThan(0);
  for (const row of ROWS) {
    const name = row.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase()) as 'clusterMode';
    for (const side of ['v1', 'v2'] as const) {
      const own = all.filter(({ about }) => about.row === row && about.side === side);
      const probe = truth.probes.get(`${side}/l6-${row}`);
      const requests = world[side]?.probes[name]?.requests;
      if (!probe || !requests) {
        expect(own).toEqual([]);
        continue;
      }
      const { answered, longest, slow, after } = wanted(probe, requests);
      expect(ofKind(own, 'probe-answered')).toMatchObject([answered]);
      expect(ofKind(own, 'probe-longest-failure')).toMatchObject(longest);
      expect(ofKind(own, 'probe-slow')).toMatchObject(slow);
      expect(ofKind(own, 'probe-after-failure')).toMatchObject(after);
    }
    const [v1, v2] = (['v1', 'v2'] as const).map((side) => truth.probes.get(`${side}/l6-${row}`));
    const differ = v1 && v2 && (v1.answered !== v2.answered || v1.requests !== v2.requests);
    const figures = ({ requests, answered, failedTimes }: ProbeTruth) => ({
      requests,
      answered,
      ...middle('failureSeconds', failedTimes),
    });
    const compared = ofKind(all, 'probe-compared').filter(({ about }) => about.row === row);
    expect(compared.map(({ sides }) => sides)).toEqual(differ ? [{ v1: figures(v1), v2: figures(v2) }] : []);
  }
});

test('the worlds reach every kind', () => {
  expectEveryKind(
    cases.flatMap(({ model }) => probeFindings(model)),
    probeSentences,
  );
});

const sentences = (subjects: Parameters<typeof modelOf>[0]) => probeFindings(modelOf(subjects)).map(findingText);

test('the published probes', () => {
  expect(sentences(published)).toMatchInlineSnapshot(`
    [
      "All 10 requests are answered in 0.10 s (median).",
      "All 10 requests are answered in 0.11 s (median).",
      "Requests 1, 2 and 3 took 1.1 s, 1.1 s and 5.1 s, where the median of the answers is 0.11 s. Each is whole seconds and a usual answer: it fits SYNs that were sent again. The output does not show why.",
      "All 10 requests are answered in 0.10 s (median).",
      "All 10 requests are answered in 0.10 s (median).",
      "None of 20 requests is answered; they each end without an answer after 6.0 s (median). Together they took 120 s.",
      "9 of 20 requests are answered in 0.10 s (median); the other 11 each end without an answer after 0.05 s (median). Together they took 1.5 s.",
      "The longest run without an answer is 3 requests, 1 to 3, for 0.16 s.",
      "The last failure is request 16. The 4 requests after it are answered, in 0.42 s; nothing was measured after that.",
      "V1 answered 0 of 20, a failure took 6.0 s (median); V2 answered 9 of 20, a failure took 0.05 s (median).",
      "7 of 10 requests are answered in 0.10 s (median); the other 3 each end without an answer after 6.0 s (median). Together they took 18.8 s.",
      "The longest run without an answer is 2 requests, 1 to 2, for 12.0 s.",
      "The last failure is request 4. The 6 requests after it are answered, in 0.63 s; nothing was measured after that.",
    ]
  `);
});

const probe = (...lines: string[]) =>
  sentences([subjectOf('v1/l6-cluster-mode', 'http-probe', lines.map((line) => `${line}\n`).join(''))]);

test('one, all, none, slow, other statuses', () => {
  expect([
    probe('200 0.1'),
    probe('000 6.0'),
    probe('000 6.0', '000 6.0'),
    probe('200 0.1', '000 6.0'),
    probe('200 1.1', '200 0.1', '503 0.1'),
    probe('200 0.1', '200 0.1', '200 0.9', '000 6.0', '000 0.1', '000 0.1', '000 0.1'),
  ]).toMatchInlineSnapshot(`
    [
      [
        "The request is answered in 0.10 s.",
      ],
      [
        "The request ends without an answer after 6.0 s.",
      ],
      [
        "None of 2 requests is answered; they each end without an answer after 6.0 s (median). Together they took 12.0 s.",
      ],
      [
        "1 of 2 requests is answered in 0.10 s; the other ends without an answer after 6.0 s. Together they took 6.1 s.",
        "Request 2, the last, still gets no answer.",
      ],
      [
        "All 3 requests are answered (1 with HTTP 503) in 0.10 s (median).",
        "Request 1 took 1.1 s, where the median of the answers is 0.10 s. That is whole seconds and a usual answer: it fits SYNs that were sent again. The output does not show why.",
      ],
      [
        "3 of 7 requests are answered in 0.10 s (median); the other 4 each end without an answer after 0.10 s (median). Together they took 7.4 s.",
        "The longest run without an answer is 4 requests, 4 to 7, for 6.3 s.",
        "Request 3 took 0.90 s, where the median of the answers is 0.10 s. The output does not show why.",
        "Request 4 took 6.0 s, where the median of the failures is 0.10 s. The output does not show why.",
        "Request 7, the last, still gets no answer.",
      ],
    ]
  `);
});
