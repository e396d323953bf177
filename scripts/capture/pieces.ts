import { type Output, release } from './output.ts';

/** An output is searched in pieces of at most this many bytes, cut at a line feed where there is one. */
const WINDOW = 64 * 1024;
/** What is seen before and behind a piece, so that nothing hides on a cut. */
const BEFORE = 1024;
const BEHIND = 8 * 1024;

/** One piece: it answers for what starts between `from` and `to`. latin1, so that what is not UTF-8 survives. */
export interface Piece {
  text: string;
  from: number;
  to: number;
  /** Number of the line at `from`. */
  line: number;
}

/** The pieces of an output, in order. */
export function* pieces(body: Output): Generator<Piece> {
  let rest: Buffer = Buffer.alloc(0);
  let from = 0;
  let line = 1;
  const piece = (to: number): Piece => ({ text: rest.toString('latin1', 0, to + BEHIND), from, to, line });
  for (const block of body.blocks()) {
    const joined = Buffer.concat([rest, block]);
    release(rest);
    rest = joined;
    while (rest.length - from > WINDOW + BEHIND) {
      const feed = rest.lastIndexOf(10, from + WINDOW - 1);
      const to = feed < from ? from + WINDOW : feed + 1;
      yield piece(to);
      line += feeds(rest.subarray(from, to));
      const keep = Math.max(0, to - BEFORE);
      rest = rest.subarray(keep);
      from = to - keep;
    }
  }
  if (rest.length > from) yield piece(rest.length);
}

/** How many lines end in a text. */
export function feeds(text: Buffer | string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
