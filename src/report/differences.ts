import { type AlignedLine, type AlignedPair, alignRow } from '../analysis/align.ts';
import type { BothSides } from '../analysis/compare.ts';
import type { Model } from '../model/model.ts';
import { frontendGroups, type LineGroup } from './frontend-groups.ts';

/**
 * A value that is not equal to the letter: start and end in its line, 0 role · 1 rule · 2 different · 3 different as
 * another difference already says, and why.
 */
export type DifferenceRange = [start: number, end: number, kind: 0 | 1 | 2 | 3, why: string];

/**
 * How two lines compare: 0 the same, 1 matched by a role or a rule, 2 different only as another difference already
 * says (the times of requests, where the medians differ), 3 different, 4 not compared (a line without a counterpart
 * and without a difference of its own, and every line of two kinds of output).
 */
export type Likeness = 0 | 1 | 2 | 3 | 4;

/** Two lines that belong together: their numbers (0 where a side has none), their marked ranges, how they compare. */
export type DifferencePair = [
  v1: number,
  v2: number,
  marks1: DifferenceRange[],
  marks2: DifferenceRange[],
  likeness: Likeness,
];

/** For each output that has a counterpart: the two keys and their lines side by side, without the text. */
export interface RowDifferences {
  v1: string;
  v2: string;
  pairs: DifferencePair[];
  /** Runs of equal lines that need not be read: first and last index in `pairs`. */
  folds: [first: number, last: number][];
  /**
   * For each difference of the row's verdict, in their order, the indices in `pairs` of the lines it stands on. None for
   * two kinds of output: what differs there is no line.
   */
  places: number[][];
  /** For two kinds of output of the dataplane: where in `pairs` the lines of a frontend begin. */
  groups: [first: number, of: LineGroup][];
  /**
   * For two kinds of output, the verdict in words: their lines have no counterparts and only stand beside each other,
   * so that no single value can be marked as the difference. Empty where lines were compared.
   */
  apart: string;
}

/** A row as the full-size view draws it: its lines, and what is said of them. */
export interface SaidDifferences extends RowDifferences {
  /** Each difference as a sentence, in the order of `places`. */
  words: string[];
  /** The heading of each group. */
  heads: string[];
  /** What was compared, and how it came out. */
  says: string;
}

const KINDS = { role: 0, rule: 1, different: 2 } as const;
/** Outputs of at most so many lines are shown whole. */
const SHORT = 10;
/** Equal lines before another that stay in sight, where a table often has its heads. */
const KEPT = 2;

function rangesOf(line: AlignedLine | undefined, apart: boolean): DifferenceRange[] {
  return (line?.ranges ?? []).flatMap(({ start, end, kind, why, implied }): DifferenceRange[] =>
    kind === 'equal' || (apart && kind === 'different')
      ? []
      : [[start, end, kind === 'different' && implied ? 3 : KINDS[kind], why ?? '']],
  );
}

function likenessOf(v1: number, v2: number, marks: readonly DifferenceRange[]): Likeness {
  const kinds = new Set(marks.map(([, , kind]) => kind));
  if (kinds.has(2)) return 3;
  if (kinds.has(3)) return 2;
  if (kinds.size > 0) return 1;
  return v1 > 0 && v2 > 0 ? 0 : 4;
}

/**
 * The runs of equal lines. Before a difference the last two stay, and so they do before a line that was matched where
 * the run is longer than twice that.
 */
function foldsOf(pairs: readonly DifferencePair[]): RowDifferences['folds'] {
  const folds: RowDifferences['folds'] = [];
  if (pairs.length <= SHORT) return folds;
  for (let first = 0; first < pairs.length; first++) {
    let end = first;
    while (pairs[end]?.[4] === 0) end++;
    const next = pairs[end]?.[4];
    const keep = next !== undefined && (next > 1 || end - first > 2 * KEPT) ? KEPT : 0;
    if (end - first - keep > 1) folds.push([first, end - keep - 1]);
    first = end;
  }
  return folds;
}

/** The rows that both sides have, laid side by side line by line; the text itself stands in the outputs. */
export function differencesOf(model: Model, rows: readonly BothSides[]): RowDifferences[] {
  return rows.map(({ v1, v2, pairs: compared, verdict }) => {
    const apart = v1.parsed.format !== v2.parsed.format;
    const aligned = alignRow(v1, v2, compared);
    const beside = apart ? frontendGroups(model, v1, v2, aligned) : { pairs: aligned, groups: [] };
    const pairs = beside.pairs.map(({ v1: one, v2: other }: AlignedPair): DifferencePair => {
      const [left, right] = [rangesOf(one, apart), rangesOf(other, apart)];
      const [a, b] = [one?.number ?? 0, other?.number ?? 0];
      return [a, b, left, right, apart ? 4 : likenessOf(a, b, [...left, ...right])];
    });
    const places = (apart ? [] : verdict.differences).map(({ v1: one, v2: other }) =>
      pairs.flatMap(([a, b], index) => (a === one?.at.line || b === other?.at.line ? [index] : [])),
    );
    return {
      v1: v1.key,
      v2: v2.key,
      pairs,
      folds: apart ? [] : foldsOf(pairs),
      places,
      groups: beside.groups,
      apart: apart ? verdict.why : '',
    };
  });
}
