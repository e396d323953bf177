import { expect, test } from 'vitest';
import { accept } from '../../scripts/check/rewrite.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { answerWords, daysText, originText, unmeasured } from '../../src/wording/answers.ts';
import { checkText } from '../../src/wording/check-text.ts';
import { figureWords } from '../../src/wording/figures.ts';
import { findingText } from '../../src/wording/findings.ts';
import { description, layerOutcome, saidText, verdictsHeading } from '../../src/wording/headlines.ts';
import { plainText } from '../../src/wording/parts.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { projectOf } from '../support/recordings/project.ts';
import { slipsIn } from '../support/slips.ts';

/* Recordings that nobody has seen become a page without an edit: layers.yaml and the remarks as they are committed. */

const WORLDS = 500;
/** So many of them, with every output there, are also accepted and built as for publication. */
const PUBLISHED = 60;
/** Every sentence the page computes. */
function sentences(report: Report): string[] {
  const { layers, findings, checks, figures } = report;
  return [
    description(report),
    verdictsHeading(report.summary.verdicts),
    originText(report),
    ...(['v1', 'v2'] as const).map((side) => daysText(report, side)),
    ...unmeasured(report),
    ...report.answers.flatMap((answer) => {
      const { about, say, besides } = answerWords(answer, report);
      return [about, plainText(say), besides];
    }),
    ...layers.flatMap((layer) =>
      Object.values(layerOutcome(report, layer).sides).map((said) =>
        [saidText(said), ...(said.more ? [said.more] : [])].join(', '),
      ),
    ),
    ...layers.flatMap(({ why, rows }) => [
      why,
      ...rows.flatMap(({ evidence }) => (evidence ? [evidence.why, ...evidence.notes] : [])),
    ]),
    ...findings.map(findingText),
    ...checks.map(({ why }) => why),
    ...Object.values(figureWords(figures)).flat(),
  ];
}

test(`${WORLDS} recordings become a report without an edit`, { timeout: 300_000 }, () => {
  let whole = 0;
  let said = 0;
  const wrong: string[] = [];
  for (let number = 1001; number <= 1000 + WORLDS; number++) {
    const world = worldOf(number);
    using project = projectOf(world);
    const { root } = project;
    const report = buildReport(root, { draft: true });
    const own = sentences(report);
    // What a world leaves out is not recorded: only a draft shows a page without it.
    const complete = report.captures.every(({ stored }) => stored);
    if (complete && whole < PUBLISHED) {
      accept(root);
      expect(sentences(buildReport(root))).toEqual(own);
      whole += 1;
    }
    for (const text of [...own, ...checkText(report).split('\n')]) {
      said += 1;
      // What check prints stands in columns.
      for (const slip of slipsIn(text.trim().replaceAll(/ {2,}/g, ' ')))
        wrong.push(`world ${number}: ${slip}: ${text}`);
    }
    for (const text of own)
      if (/[ \u00a0]{2}|^\s|\s$|^$/.test(text)) wrong.push(`world ${number}: ${JSON.stringify(text)}`);
    for (const { id, why, status } of report.checks)
      if (status === 'broken') wrong.push(`world ${number}: ${id}: ${why}`);
    if (report.observations.shown > 0) wrong.push(`world ${number}: a remark on the published outputs is shown`);
  }
  expect(wrong).toEqual([]);
  expect(whole).toBe(PUBLISHED);
  expect(said).toBeGreaterThan(WORLDS * 50);
});
