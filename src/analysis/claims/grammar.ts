/*
 * Prose of layers.yaml:
 *
 *   text with `code`, {{ function('argument', 3) }}, {{ function('argument') | words }} and [[8 s|its source]]
 *
 * An expression is one call of a function by name, with texts in single or double quotes and whole numbers as arguments.
 * Behind it `| words` writes its number as a word, `| Words` with a capital letter.
 */

/** A call as it stands in the prose. */
export interface Call {
  name: string;
  args: (string | number)[];
  /** How a number is written; digits where it is absent. */
  style?: 'words' | 'Words';
}

/** A piece of prose. */
export type Piece =
  | { kind: 'text'; text: string; start: number }
  | { kind: 'call'; call: Call; source: string; start: number }
  /** Text that carries its own source, which is not among the captures. */
  | { kind: 'marked'; text: string; origin: string; start: number };

/** What is wrong with a piece of prose. */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
  readonly expected: string;
  /** The piece of the prose that is wrong. */
  readonly source: string;

  constructor(expected: string, source: string) {
    super(`expected ${expected} in ${source}`);
    this.expected = expected;
    this.source = source;
  }
}

const CALL = /^([A-Za-z][A-Za-z0-9]*)\s*\(([\s\S]*)\)(?:\s*\|\s*([Ww]ords))?$/;
const ARGUMENT = /\s*(?:'([^'\n]*)'|"([^"\n]*)"|(\d{1,9}))\s*(,|$)/y;

/**
 * Takes prose apart.
 * @throws {GrammarError} on an expression that is no call, a mark without its source, and on one that is not closed
 */
export function piecesOf(prose: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < prose.length) {
    const [open, start] = nextOpening(prose, at);
    if (start > at) pieces.push({ kind: 'text', text: prose.slice(at, start), start: at });
    if (open === undefined) break;
    const close = open === '{{' ? '}}' : ']]';
    const end = prose.indexOf(close, start + 2);
    if (end < 0) throw new GrammarError(`${close} after ${open}`, prose.slice(start, start + 60));
    const source = prose.slice(start, end + 2);
    pieces.push(open === '{{' ? callPiece(source, start) : markPiece(source, start));
    at = end + 2;
  }
  return pieces;
}

function nextOpening(prose: string, from: number): ['{{' | '[[' | undefined, number] {
  const call = prose.indexOf('{{', from);
  const mark = prose.indexOf('[[', from);
  if (call < 0 && mark < 0) return [undefined, prose.length];
  return mark < 0 || (call >= 0 && call < mark) ? ['{{', call] : ['[[', mark];
}

function callPiece(source: string, start: number): Piece {
  const found = CALL.exec(source.slice(2, -2).trim());
  if (!found) throw new GrammarError("a call such as {{ rules('netflow-test/nginx') }}", source);
  const [, name = '', list = '', style] = found;
  const args: (string | number)[] = [];
  const argument = new RegExp(ARGUMENT);
  let more = list.trim() !== '';
  while (more) {
    const [, single, double, number, separator] = argument.exec(list) ?? [];
    const value = single ?? double ?? (number === undefined ? undefined : Number(number));
    if (value === undefined) throw new GrammarError('texts in quotes and whole numbers, separated by commas', source);
    args.push(value);
    more = separator === ',';
  }
  return { kind: 'call', call: { name, args, ...(style && { style: style as 'words' | 'Words' }) }, source, start };
}

function markPiece(source: string, start: number): Piece {
  const bar = source.indexOf('|');
  const [text, origin] = [source.slice(2, bar).trim(), source.slice(bar + 1, -2).trim()];
  if (bar < 0 || text === '' || origin === '') throw new GrammarError('[[text|its source]]', source);
  return { kind: 'marked', text, origin, start };
}
