import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accept } from '../../scripts/check/rewrite.ts';
import { observationsFile } from '../../src/captures/observations.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { checkText } from '../../src/wording/check-text.ts';
import { figureWords } from '../../src/wording/figures.ts';
import { findingText } from '../../src/wording/findings.ts';
import { description, layerFigure } from '../../src/wording/headlines.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { writeRecording } from '../support/recordings/record.ts';
import type { World } from '../support/recordings/world.ts';

/* Recordings that nobody has seen become a page without an edit: layers.yaml and the remarks as they are committed. */

const WORLDS = 500;
/** So many of them, with every output there, are also accepted and built as for publication. */
const PUBLISHED = 60;
/** An empty list, a hole, a number that is none, a plural of one. */
const HOLES =
  /\bNaN\b|\bundefined\b|\[object |\bInfinity\b| [,.;:](?:\s|$)|[,;:] ?[,.;:](?:\s|$)|\(\)|(?<![\d.,/:-])1 (?:requests|rules|endpoints|pods|nodes|packets|rows|values|frontends|backends|entries|flows|drops|events|connections|outputs|layers|addresses)\b/;

/** Every sentence the page computes. */
function sentences(report: Report): string[] {
  const { layers, findings, checks, figures } = report;
  return [
    description(report),
    ...layers.flatMap(({ id, why, rows }) => [
      why,
      ...rows.flatMap(({ evidence }) => (evidence ? [evidence.why, ...evidence.notes] : [])),
      ...(['v1', 'v2'] as const).flatMap((side) => layerFigure(findings, id, side) ?? []),
    ]),
    ...findings.map(findingText),
    ...checks.map(({ why }) => why),
    ...Object.values(figureWords(figures)).flat(),
  ];
}

function project(world: World): string {
  const root = mkdtempSync(join(tmpdir(), 'dpv-unedited-'));
  writeRecording(root, world);
  mkdirSync(join(root, 'captures'), { recursive: true });
  copyFileSync(observationsFile, join(root, observationsFile));
  return root;
}

test(`${WORLDS} recordings become a report without an edit`, { timeout: 300_000 }, () => {
  let whole = 0;
  let said = 0;
  const wrong: string[] = [];
  for (let number = 1001; number <= 1000 + WORLDS; number++) {
    const world = worldOf(number);
    const root = project(world);
    try {
      const report = buildReport(root, { draft: true });
      // What a world leaves out is not recorded: only a draft shows a page without it.
      const complete = report.captures.every(({ stored }) => stored);
      if (complete && whole < PUBLISHED) {
        accept(root);
        expect(sentences(buildReport(root))).toEqual(sentences(report));
        whole += 1;
      }
      for (const text of [...sentences(report), ...checkText(report).split('\n')]) {
        said += 1;
        if (HOLES.test(text)) wrong.push(`world ${number}: ${text}`);
      }
      for (const text of sentences(report))
        if (/[ \u00a0]{2}|^\s|\s$|^$/.test(text)) wrong.push(`world ${number}: ${JSON.stringify(text)}`);
      for (const { id, why, status } of report.checks)
        if (status === 'broken') wrong.push(`world ${number}: ${id}: ${why}`);
      if (report.observations.shown > 0) wrong.push(`world ${number}: a remark on the published outputs is shown`);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
  expect(wrong).toEqual([]);
  expect(whole).toBe(PUBLISHED);
  expect(said).toBeGreaterThan(WORLDS * 50);
});
