import type { Role, RoleValue } from '../analysis/types.ts';
import type { StoredCapture } from '../captures/store.ts';
import { parseOutput } from '../formats/index.ts';
import { FormatError } from '../formats/types.ts';
import { dataplaneOf, type Model } from '../model/model.ts';
import type { Subject } from '../model/subject.ts';
import type { Problem } from '../problem.ts';
import type { PlannedCapture } from '../recipe/load.ts';

/** A place of a value in an output. */
export interface ReportMark {
  /** Offsets into the decoded text, end exclusive. */
  start: number;
  end: number;
  role: Role;
  /** Number of the value in the report's list of values. */
  value: number;
}

/** A capture parsed; one that cannot be read is a problem of its file. */
export function subjectOf(plan: PlannedCapture, stored: StoredCapture | undefined, problems: Problem[]): Subject[] {
  if (!stored) return [];
  const { key, side, layer, row, format } = plan;
  try {
    const parsed = parseOutput(format, stored.text);
    return [{ key, side, layer, row, text: stored.text, parsed, where: stored.header?.where }];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { line, expected, found, hint } = error;
    const subject = `capture ${key}, format ${format}`;
    problems.push({ file: stored.file, line: line + stored.headerLines, subject, expected, found, fix: hint });
    return [];
  }
}

/** Every place of every value, by capture, in the order of the text. */
export function marksOf(values: readonly RoleValue[]): Map<string, ReportMark[]> {
  const marks = new Map<string, ReportMark[]>();
  values.forEach(({ role, occurrences }, value) => {
    for (const { capture, start, end } of occurrences) {
      const list = marks.get(capture) ?? [];
      list.push({ start, end, role, value });
      marks.set(capture, list);
    }
  });
  for (const list of marks.values()) list.sort((a, b) => a.start - b.start);
  return marks;
}

/** Lines as an editor counts them: a last line without a line feed counts too. */
export function countLines(body: Uint8Array): number {
  let feeds = 0;
  for (const byte of body) if (byte === 10) feeds++;
  return feeds + (body.length > 0 && body.at(-1) !== 10 ? 1 : 0);
}

/**
 * The lines of an output of the dataplane that are the traced Service's: its rules, or its frontends with their
 * backends; none for any other output. Neighbours are joined.
 */
export function ownLines(model: Model, key: string): { from: number; to: number }[] {
  const subject = model.subjects.find((one) => one.key === key);
  const output = subject && dataplaneOf(model, subject);
  const own = output?.frontends.filter((frontend) => frontend.own) ?? [];
  const lines = output?.ruleset
    ? output.ruleset.own.rules.map(({ line }) => line)
    : own.flatMap(({ at, backends, inactive }) =>
        [at, ...backends.map((to) => to.at), ...inactive.map((to) => to.at)].map((place) => place.at.line),
      );
  const ranges: { from: number; to: number }[] = [];
  for (const line of [...new Set(lines)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === line - 1) last.to = line;
    else ranges.push({ from: line, to: line });
  }
  return ranges;
}
