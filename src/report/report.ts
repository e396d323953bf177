import { type AuditRow, auditRuns } from '../analysis/audit.ts';
import { checkProblems, consistencyChecks } from '../analysis/checks.ts';
import { compareAll, expectationProblems } from '../analysis/compare.ts';
import { type Finding, findingsOf } from '../analysis/findings.ts';
import { packetWalks } from '../analysis/packets.ts';
import type { Check, RoleValue, RowVerdict } from '../analysis/types.ts';
import { boundObservations, readObservations, staleObservations } from '../captures/observations.ts';
import { type RunFile, readRun } from '../captures/run.ts';
import { captureFile, keysOnDisk, readCaptures, type StoredCapture } from '../captures/store.ts';
import { type Model, modelOf } from '../model/model.ts';
import type { Occurrence } from '../model/subject.ts';
import { type Problem, ProblemsError } from '../problem.ts';
import { loadRecipe, type PlannedCapture, plannedCaptures, recipeText, withoutNotHere } from '../recipe/load.ts';
import { proseEntries } from '../recipe/prose.ts';
import { type ProsePart, proseOf, proseParts } from '../recipe/prose-parts.ts';
import { type Recipe, type SideId, sideIds, type Verdict } from '../recipe/schema.ts';
import { timelyWords } from '../recipe/timeless.ts';
import { type Answer, answersOf } from './answers.ts';
import { countLines, marksOf, ownLines, type ReportMark, subjectOf } from './capture.ts';
import { differencesOf, type RowDifferences } from './differences.ts';
import type { ReportFigures } from './figure-data.ts';
import { figuresOf } from './figures.ts';

export type { ReportMark } from './capture.ts';

/** One output as the page shows it. */
export interface ReportCapture extends PlannedCapture {
  /** Address on the page, such as `v1-l4-iptables-nat`. */
  anchor: string;
  /** The file as read; undefined while it is not recorded yet. */
  stored: StoredCapture | undefined;
  /** The command under which the output stands: the header's where it has one, else the recipe's. */
  command: string;
  /** Lines as an editor counts them: a last line without a line feed counts too. */
  lines: number;
  /** Places of the values that can be followed, in the order of the text. */
  marks: ReportMark[];
  /** The lines that are the traced Service's, in an output of the dataplane; elsewhere none. */
  own: { from: number; to: number }[];
  /** What the recipe says of it, worked out. */
  prose: { note?: ProsePart[]; managed?: ProsePart[] };
  /** What an author noticed in this very output. */
  observations: ProsePart[][];
}

/** One row of a layer: the same output, or its counterpart, on one or both sides. */
export interface ReportRow {
  id: string;
  title: string;
  /** Why one side has no such output, where the recipe says so. */
  prose: { absent?: ProsePart[] };
  sides: Partial<Record<SideId, ReportCapture>>;
  /** The verdict with its reasons; undefined while nothing of the row is recorded. */
  evidence: RowVerdict | undefined;
}

/** One layer with its verdict. */
export interface ReportLayer {
  id: string;
  title: string;
  /** What the maintainer expects it to come out as. */
  expect: Verdict;
  /** What it is about, and what stands in place of a side that has none. */
  prose: { summary?: ProsePart[]; absent?: ProsePart[] };
  /** Computed from the outputs; while none is recorded, what the recipe expects. */
  verdict: Verdict;
  why: string;
  rows: ReportRow[];
}

/** A piece of the heading; the name of a side has its colour. */
export interface HeadlinePart {
  text: string;
  side?: SideId;
}

/** What can be said of the whole. */
export interface ReportSummary {
  /** How many layers came out how. */
  verdicts: Record<Verdict, number>;
  /** How many checks have each status. */
  checks: Record<Check['status'], number>;
  /** True where every output was published, none recorded. */
  published: boolean;
}

/** Everything the page and the checks say. */
export interface Report {
  title: string;
  /** The heading, line by line. */
  headline: HeadlinePart[][];
  /** What is compared; undefined where the recipe does not say. */
  intro: string | undefined;
  sides: Recipe['sides'];
  summary: ReportSummary;
  layers: ReportLayer[];
  captures: ReportCapture[];
  /** The values that can be followed through the outputs. */
  values: RoleValue[];
  /** The rows that both sides have, line by line. */
  differences: RowDifferences[];
  /** What the figures are drawn from. */
  figures: ReportFigures;
  /** What the outputs show, as data; wording/findings.ts says it. */
  findings: Finding[];
  /** What a reader would repeat to a colleague; wording/answers.ts says it. */
  answers: Answer[];
  /** Cross-checks inside each side. */
  checks: Check[];
  /** What besides the dataplane differs between the environments of the two sides. */
  audit: AuditRow[];
  /** Remarks on this recording: how many stand beside their outputs, and which are to be read again. */
  observations: { shown: number; stale: Problem[] };
  /** What the outputs say. */
  model: Model;
}

/**
 * Reads the recipe and the captures and puts together what is said about them.
 * @param root project root
 * @param options.draft while editing, a capture without a file is shown as "not recorded yet", and what the outputs
 * do not support is shown instead of refused
 * @throws {ProblemsError} with every problem at once: of the recipe, of the captures, and of what the recipe says and
 * the captures do not support
 */
export function buildReport(root: string, options: { draft?: boolean } = {}): Report {
  const { recipe: whole, source } = recipeOrAllProblems(root);
  const unread: Problem[] = [];
  const runs = sideIds.map((side) => orProblems(() => readRun(root, side), unread));
  const recipe = withoutNotHere(whole, notHere(root, runs));
  const planned = plannedCaptures(recipe);
  const keys = planned.map(({ key }) => key);
  const { captures: stored, missing, problems } = readCaptures(root, keys);
  const serious = [...(options.draft ? [] : missing), ...problems, ...unread];
  const observations = orProblems(() => readObservations(root), serious) ?? [];
  const subjects = planned.flatMap((plan) => subjectOf(plan, stored.get(plan.key), serious));
  if (serious.length > 0) throw new ProblemsError(serious);

  const model = modelOf(subjects);
  const { rows, layers: verdicts, values, both } = compareAll(model, recipe.layers);
  const checks = consistencyChecks(model);
  if (!options.draft) {
    const placeOf = ({ capture, line }: Occurrence) => ({
      file: captureFile(capture),
      line: line + (stored.get(capture)?.headerLines ?? 0),
    });
    const unsupported = [
      // A layer of which a cluster lacks an output cannot come out as expected.
      ...expectationProblems(
        recipe.layers.filter(({ captures }, index) =>
          captures.every((row, at) => row === whole.layers[index]?.captures[at]),
        ),
        verdicts,
        rows,
        placeOf,
      ),
      ...checkProblems(checks, placeOf),
      ...timelyWords(proseEntries(source)),
    ];
    if (unsupported.length > 0) throw new ProblemsError(unsupported);
  }

  const bound = boundObservations(observations, new Map([...stored].map(([key, { fileSha256 }]) => [key, fileSha256])));
  const marks = marksOf(values);
  const captures = planned.map((plan): ReportCapture => {
    const file = stored.get(plan.key);
    return {
      ...plan,
      anchor: plan.key.replace('/', '-'),
      stored: file,
      command: file?.header?.command ?? plan.recipe.command,
      lines: file ? countLines(file.body) : 0,
      marks: marks.get(plan.key) ?? [],
      own: ownLines(model, plan.key),
      prose: proseOf(plan.recipe, ['note', 'managed']),
      observations: bound.flatMap(({ observation, at }) =>
        at.includes(plan.key) ? [proseParts(observation.text)] : [],
      ),
    };
  });
  const layers = recipe.layers.map((layer): ReportLayer => {
    const found = verdicts.find((verdict) => verdict.layer === layer.id);
    return {
      id: layer.id,
      title: layer.title,
      expect: layer.expect,
      prose: proseOf(layer, ['summary', 'absent']),
      verdict: found?.verdict ?? layer.expect,
      why: found?.why ?? 'Nothing of this layer is recorded yet.',
      rows: layer.captures.map((row) => ({
        id: row.id,
        title: row.title,
        prose: proseOf(row, ['absent']),
        sides: Object.fromEntries(
          sideIds.flatMap((side) => {
            const capture = captures.find((c) => c.layer === layer.id && c.row === row.id && c.side === side);
            return capture ? [[side, capture]] : [];
          }),
        ),
        evidence: rows.find((verdict) => verdict.layer === layer.id && verdict.row === row.id),
      })),
    };
  });
  const packets = packetWalks(model, values);
  const figures = figuresOf(model, values, packets, recipe.layers);
  const findings = findingsOf({ model, rows });
  const audit = auditRuns(...(runs as [RunFile | undefined, RunFile | undefined]));
  return {
    title: recipe.title,
    headline: headlineOf(recipe),
    intro: recipe.intro,
    sides: recipe.sides,
    summary: {
      verdicts: countVerdicts(layers),
      checks: countChecks(checks),
      published: captures.every(({ stored }) => stored?.header?.origin === 'published'),
    },
    layers,
    captures,
    values,
    differences: differencesOf(model, both),
    figures,
    findings,
    answers: answersOf({ subjects, packets, findings, figures, layers }),
    checks,
    audit,
    observations: { shown: bound.filter(({ at }) => at.length > 0).length, stale: staleObservations(bound) },
    model,
  };
}

/** Why outputs are not there, by the recordings of both sides; one that is there after all has been recorded since. */
function notHere(root: string, runs: readonly (RunFile | undefined)[]): Map<string, string> {
  const there = new Set(keysOnDisk(root));
  const said = runs.flatMap((run) => (run ? [run, ...(run.earlier ?? [])] : []));
  return new Map(
    said.flatMap(({ notRecorded = {} }) => Object.entries(notRecorded)).filter(([key]) => !there.has(key)),
  );
}

function countVerdicts(layers: readonly ReportLayer[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { diverges: 0, 'only-v1': 0, 'only-v2': 0, identical: 0 };
  for (const { verdict } of layers) counts[verdict] += 1;
  return counts;
}

/** `on {v1} and on {v2}` with the short names of the sides. */
function headlineOf({ headline, title, sides }: Recipe): HeadlinePart[][] {
  return (headline ?? title).split('\n').map((line) =>
    line
      .split(/(\{v[12]\})/)
      .filter((text) => text !== '')
      .map((text): HeadlinePart => {
        const side = sides.find(({ id }) => text === `{${id}}`);
        return side ? { text: side.short, side: side.id } : { text };
      }),
  );
}

/** How many checks have each status. */
export function countChecks(checks: readonly Check[]): ReportSummary['checks'] {
  const counts = { holds: 0, broken: 0, 'not-comparable': 0 };
  for (const { status } of checks) counts[status]++;
  return counts;
}

/** A recipe that cannot be read should not hide what is wrong with the captures. */
function recipeOrAllProblems(root: string): { recipe: Recipe; source: string } {
  try {
    const source = recipeText(root);
    return { recipe: loadRecipe(root, { source }), source };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError([...error.problems, ...readCaptures(root, keysOnDisk(root)).problems]);
  }
}

/** What a file says; one that cannot be read is a problem of its own. */
function orProblems<Read>(read: () => Read, problems: Problem[]): Read | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
