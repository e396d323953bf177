import { expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { latencyClass } from '../../src/analysis/compare/latency.ts';
import { probeFindings } from '../../src/analysis/findings/probes.ts';
import { FormatError } from '../../src/formats/types.ts';
import { modelOf } from '../../src/model/model.ts';
import { compared, subjectsOf, texts } from './committed.ts';
import type { Detector, Edit } from './mutations/edit.ts';
import { harmless } from './mutations/harmless.ts';
import { meaningful } from './mutations/meaningful.ts';
import { needsChecks } from './mutations/within-a-side.ts';

/** Times as they are measured differ from run to run; their class does not. */
const classed = (text: string) => text.replace(/\d+\.\d+(?= s\b)/g, (time) => latencyClass(Number(time)));

/** What a reader is told: verdicts, reasons, notes, and where and how the sides differ; not the values themselves. */
const verdicts: Detector = {
  name: 'verdicts',
  fingerprint(of) {
    const { rows, layers } = compared(of);
    const said = JSON.stringify({
      layers,
      rows: rows.map(({ matched: _, rules: __, counts: ___, differences, ...row }) => ({
        ...row,
        differences: differences.map(({ path, what }) => ({ path, what })),
      })),
    });
    return classed(said);
  },
};

/** What the cross-checks inside a side say; their reasons quote values and are left out. */
const checks: Detector = {
  name: 'checks',
  fingerprint: (of) =>
    consistencyChecks(modelOf(subjectsOf(of)))
      .map(({ id, status }) => `${id} ${status}`)
      .join('\n'),
};

/** Which requests of a probe are said to have been slow. */
const slow: Detector = {
  name: 'slow requests',
  fingerprint: (of) =>
    probeFindings(modelOf(subjectsOf(of)))
      .flatMap((one) =>
        one.kind === 'probe-slow'
          ? [`${one.about.row} ${one.about.side} ${one.outcome} ${one.slow.map(({ number }) => number)}`]
          : [],
      )
      .join('\n'),
};

const detectors: readonly Detector[] = [verdicts, checks, slow];
const before = new Map(detectors.map((detector) => [detector, detector.fingerprint(texts)]));

/** Names of the detectors that notice an edit. */
function noticedBy({ outputs }: Edit): string[] {
  return detectors
    .filter((detector) => {
      try {
        return detector.fingerprint(outputs) !== before.get(detector);
      } catch (error) {
        if (error instanceof FormatError) return true;
        throw error;
      }
    })
    .map(({ name }) => name);
}

test('every edit that changes the meaning is noticed, none that does not', () => {
  expect(meaningful.length).toBeGreaterThanOrEqual(60);
  expect(harmless.length).toBeGreaterThanOrEqual(60);
  const missed = meaningful.filter((edit) => noticedBy(edit).length === 0).map(({ name }) => name);
  const disturbing = harmless.filter((edit) => noticedBy(edit).length > 0).map(({ name }) => name);
  const score = (all: readonly Edit[], wrong: readonly string[]) => `${all.length - wrong.length}/${all.length}`;
  console.log(`mutations: caught ${score(meaningful, missed)}, harmless unchanged ${score(harmless, disturbing)}`);
  expect({ missed, disturbing }).toEqual({ missed: [], disturbing: [] });
});

test('what no comparison of the sides can notice, the cross-checks do', () => {
  expect(needsChecks.length).toBeGreaterThan(20);
  const missed = needsChecks.filter((edit) => !noticedBy(edit).includes('checks')).map(({ name }) => name);
  console.log(`mutations of one side: caught ${needsChecks.length - missed.length}/${needsChecks.length}`);
  expect(missed).toEqual([]);
  const seen = needsChecks.filter(({ outputs }) => verdicts.fingerprint(outputs) !== before.get(verdicts));
  expect(seen.map(({ name }) => name)).toEqual([]);
});

test('the edits are different from each other and from what is committed', () => {
  for (const list of [meaningful, harmless, needsChecks]) {
    const contents = list.map(({ outputs }) =>
      [...outputs].filter(([key, text]) => texts.get(key) !== text).join('\u0000'),
    );
    expect(contents.every((content) => content !== '')).toBe(true);
    expect(new Set(contents).size).toBe(list.length);
  }
});
