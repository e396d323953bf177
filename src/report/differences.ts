import { type AlignedLine, type AlignedPair, alignRow } from '../analysis/align.ts';
import type { Report } from './report.ts';

/** A value that is not equal to the letter: start and end in its line, 0 role · 1 rule · 2 different, and why. */
export type DifferenceRange = [start: number, end: number, kind: 0 | 1 | 2, why: string];

/** Two lines that belong together: their numbers (0 where a side has none) and their marked ranges. */
export type DifferencePair = [v1: number, v2: number, marks1: DifferenceRange[], marks2: DifferenceRange[]];

/** For each output that has a counterpart: the two keys and their lines side by side, without the text. */
export interface RowDifferences {
  v1: string;
  v2: string;
  pairs: DifferencePair[];
  /**
   * For two kinds of output, the verdict in words: their lines have no counterparts and only stand beside each other,
   * so that no single value can be marked as the difference. Empty where lines were compared.
   */
  apart: string;
}

const KINDS = { role: 0, rule: 1, different: 2 } as const;

function rangesOf(line: AlignedLine | undefined, apart: boolean): DifferenceRange[] {
  return (line?.ranges ?? []).flatMap(({ start, end, kind, why }): DifferenceRange[] =>
    kind === 'equal' || (apart && kind === 'different') ? [] : [[start, end, KINDS[kind], why ?? '']],
  );
}

/** Each side's lines in their own order, first beside first. */
function besideEachOther(pairs: readonly AlignedPair[]): AlignedPair[] {
  const side = (id: 'v1' | 'v2') => pairs.flatMap((pair) => pair[id] ?? []).sort((a, b) => a.number - b.number);
  const [left, right] = [side('v1'), side('v2')];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const [v1, v2] = [left[index], right[index]];
    return { ...(v1 ? { v1 } : {}), ...(v2 ? { v2 } : {}) };
  });
}

/** What the full-size view needs to lay two outputs side by side; it takes the text from the outputs in the page. */
export function differencesOf({ layers, model, values }: Report): RowDifferences[] {
  return layers.flatMap(({ id, rows }) =>
    rows.flatMap((row): RowDifferences[] => {
      const [v1, v2] = (['v1', 'v2'] as const).map((side) =>
        model.subjects.find((subject) => subject.layer === id && subject.row === row.id && subject.side === side),
      );
      if (!v1 || !v2) return [];
      const apart = v1.parsed.format !== v2.parsed.format;
      const aligned = alignRow(model, v1, v2, values);
      const pairs = (apart ? besideEachOther(aligned) : aligned).map(
        (pair): DifferencePair => [
          pair.v1?.number ?? 0,
          pair.v2?.number ?? 0,
          rangesOf(pair.v1, apart),
          rangesOf(pair.v2, apart),
        ],
      );
      return [{ v1: v1.key, v2: v2.key, pairs, apart: apart ? (row.evidence?.why ?? '') : '' }];
    }),
  );
}
