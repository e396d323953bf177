import { type Line, linesOf } from '../formats/types.ts';
import type { Subject } from '../model/subject.ts';
import type { Pair } from './compare/pairs.ts';
import { isRule } from './compare/rules.ts';

/** How the two sides compare at a value. */
export type RangeKind = 'equal' | 'role' | 'rule' | 'different';

/** A value within a line: offsets in UTF-16 code units from the start of the line, end exclusive. */
export interface AlignedRange {
  start: number;
  end: number;
  kind: RangeKind;
  /** The role or the id of the rule that matched it; what differs, in words; undefined where the values are equal. */
  why?: string;
  /** True where another difference already says it, as that of a median says it of each request. */
  implied?: true;
}

/** A line of one side with its values; what lies between them is the frame of the format. */
export interface AlignedLine {
  /** 1-based. */
  number: number;
  text: string;
  /** In order, without overlap. */
  ranges: AlignedRange[];
}

/** A line beside its counterpart; a line without one stands alone. */
export interface AlignedPair {
  v1?: AlignedLine;
  v2?: AlignedLine;
}

/**
 * Lays the two outputs of a row side by side, in the order of V1. Lines go together because their values were compared
 * with each other, so that lines in another order still meet; lines without values go together by their words.
 * @param pairs the values of the two outputs that were compared with each other
 */
export function alignRow(v1: Subject, v2: Subject, pairs: readonly Pair[]): AlignedPair[] {
  const [lines1, lines2] = [linesOf(v1.text), linesOf(v2.text)];
  const [left, right] = [markedLines(lines1, pairs, 'v1'), markedLines(lines2, pairs, 'v2')];
  const partner = partners(left, right, byVotes(lines1, lines2, pairs));
  const taken = new Set(partner.values());
  // A line that V2 alone has stays below the line it follows there.
  const followers = new Map<number, AlignedLine[]>();
  let anchor = -1;
  for (const [index, line] of right.entries()) {
    if (taken.has(index)) anchor = index;
    else followers.set(anchor, [...(followers.get(anchor) ?? []), line]);
  }
  const alone = (after: number): AlignedPair[] => (followers.get(after) ?? []).map((line) => ({ v2: line }));
  return [
    ...alone(-1),
    ...left.flatMap((line, index) => {
      const other = partner.get(index);
      if (other === undefined) return [{ v1: line }];
      return [{ v1: line, v2: right[other] }, ...alone(other)];
    }),
  ];
}

function kindOf({ by, implied }: Pair): RangeKind {
  if (by === undefined || implied) return 'different';
  return by === 'equal' ? 'equal' : isRule(by) ? 'rule' : 'role';
}

/** The lines of a text with the values that were compared on them. */
function markedLines(lines: readonly Line[], pairs: readonly Pair[], side: 'v1' | 'v2'): AlignedLine[] {
  const marked = lines.map(({ number, value }): AlignedLine => ({ number, text: value, ranges: [] }));
  const sorted = pairs.flatMap((pair) => pair[side] ?? []);
  const places = new Map(pairs.map((pair) => [pair[side], pair]));
  for (const at of sorted.sort((a, b) => a.start - b.start)) {
    const pair = places.get(at);
    // A value may go over several lines, as a block of YAML does.
    for (let index = lineAt(lines, at.start); pair && index < lines.length; index++) {
      const line = lines[index] as Line;
      if (line.start >= at.end) break;
      const start = Math.max(at.start, line.start) - line.start;
      const end = Math.min(at.end, line.end) - line.start;
      const ranges = marked[index]?.ranges ?? [];
      if (end <= start || start < (ranges.at(-1)?.end ?? 0)) continue;
      const kind = kindOf(pair);
      const why = kind === 'different' ? pair.what : pair.by;
      ranges.push({
        start,
        end,
        kind,
        ...(kind !== 'equal' && why !== undefined && { why }),
        ...(pair.implied && { implied: true as const }),
      });
    }
  }
  return marked;
}

/** Index of the line an offset lies in. */
function lineAt(lines: readonly Line[], offset: number): number {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Which line of V2 belongs to which of V1, by index: first by compared values, then by words. */
function partners(
  left: readonly AlignedLine[],
  right: readonly AlignedLine[],
  voted: readonly [number, number][],
): Map<number, number> {
  const partner = new Map<number, number>();
  const taken = new Set<number>();
  for (const [one, other] of voted) {
    if (partner.has(one) || taken.has(other)) continue;
    partner.set(one, other);
    taken.add(other);
  }
  const words = ({ text }: AlignedLine) => text.trim().replace(/\s+/g, ' ');
  const waiting = new Map<string, number[]>();
  for (const [index, line] of [...right.entries()].reverse()) {
    if (taken.has(index) || line.ranges.length > 0) continue;
    waiting.set(words(line), waiting.get(words(line)) ?? []);
    waiting.get(words(line))?.push(index);
  }
  for (const [index, line] of left.entries()) {
    if (partner.has(index) || line.ranges.length > 0) continue;
    const other = waiting.get(words(line))?.pop();
    if (other !== undefined) partner.set(index, other);
  }
  return partner;
}

/** Pairs of lines by the number of values they share, most first. */
function byVotes(v1: readonly Line[], v2: readonly Line[], pairs: readonly Pair[]): [number, number][] {
  const votes = new Map<string, { one: number; other: number; count: number }>();
  for (const { v1: left, v2: right } of pairs) {
    if (!left || !right) continue;
    const [one, other] = [lineAt(v1, left.start), lineAt(v2, right.start)];
    const key = `${one} ${other}`;
    const vote = votes.get(key) ?? { one, other, count: 0 };
    votes.set(key, vote);
    vote.count++;
  }
  return [...votes.values()].sort((a, b) => b.count - a.count).map(({ one, other }) => [one, other]);
}
