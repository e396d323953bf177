import { quote } from '../problem.ts';
import { FormatError, type Line, type Located } from './types.ts';

/*
 * Taking located values apart without losing their place. Blanks are space and tab only: anything else that Unicode
 * calls white space is part of a value. Every function is linear in the length of what it is given.
 */

/** The part of `whole` from offset `from` to offset `to` (UTF-16 code units, counted from the start of `whole`). */
export function part(whole: Located, from: number, to = whole.value.length): Located {
  return { value: whole.value.slice(from, to), start: whole.start + from, end: whole.start + to };
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}

/** `whole` without blanks around it; an empty value keeps the place where it would begin. */
export function trim(whole: Located): Located {
  let from = 0;
  let to = whole.value.length;
  while (to > 0 && isBlank(whole.value[to - 1])) to--;
  while (from < to && isBlank(whole.value[from])) from++;
  return part(whole, from, to);
}

/** How many blanks `value` begins with. */
export function indentOf(value: string): number {
  let width = 0;
  while (isBlank(value[width])) width++;
  return width;
}

/** True where there is nothing but blanks. */
export function isBlankLine(line: Located): boolean {
  return indentOf(line.value) === line.value.length;
}

function runs(whole: Located, gap: RegExp): Located[] {
  const inner = trim(whole);
  const found: Located[] = [];
  let from = 0;
  for (const match of inner.value.matchAll(gap)) {
    found.push(part(inner, from, match.index));
    from = match.index + match[0].length;
  }
  if (inner.value !== '') found.push(part(inner, from));
  return found;
}

/** The runs of non-blanks. */
export function words(whole: Located): Located[] {
  return runs(whole, /[ \t]+/g);
}

/** What stands between gaps of two or more blanks, or of a tab: the cells of a table row without empty cells. */
export function segments(whole: Located): Located[] {
  return runs(whole, / ?\t[ \t]*| [ \t]+/g);
}

/** The pieces between occurrences of `separator`, trimmed; empty pieces are kept. */
export function splitAt(whole: Located, separator: string): Located[] {
  const pieces: Located[] = [];
  let from = 0;
  for (;;) {
    const next = whole.value.indexOf(separator, from);
    pieces.push(trim(part(whole, from, next < 0 ? undefined : next)));
    if (next < 0) return pieces;
    from = next + separator.length;
  }
}

/**
 * Takes `key: value` apart at the first colon before a blank or the end, so that `cilium.io/a:b: c` has the key
 * `cilium.io/a:b`. With `orEquals` an equals sign separates too, whichever comes first.
 * @returns undefined without such a separator, or with nothing before it
 */
export function keyed(whole: Located, orEquals = false): { key: Located; value?: Located } | undefined {
  const { value: text } = whole;
  const ends = (at: number) => at + 1 === text.length || isBlank(text[at + 1]);
  let at = text.indexOf(':');
  while (at >= 0 && !ends(at)) at = text.indexOf(':', at + 1);
  const equals = orEquals ? text.indexOf('=') : -1;
  if (equals >= 0 && (at < 0 || equals < at)) at = equals;
  const key = at < 0 ? undefined : trim(part(whole, 0, at));
  if (!key?.value) return undefined;
  const value = trim(part(whole, at + 1));
  return value.value === '' ? { key } : { key, value };
}

/**
 * Matches `whole` against a regular expression with the flag `d` and named groups.
 * @returns the groups that took part, located; undefined where the expression does not match
 */
export function match<Always extends string, Sometimes extends string = never>(
  expression: RegExp,
  whole: Located,
): (Record<Always, Located> & Partial<Record<Sometimes, Located>>) | undefined {
  const indices = expression.exec(whole.value)?.indices?.groups;
  if (!indices) return undefined;
  const groups: Record<string, Located> = {};
  for (const [name, span] of Object.entries(indices)) {
    if (span) groups[name] = part(whole, span[0], span[1]);
  }
  return groups as Record<Always, Located> & Partial<Record<Sometimes, Located>>;
}

/** The error for a line that is not what `format` prints there. */
export function unreadable(format: string, line: Line, expected: string, hint: string): FormatError {
  return new FormatError(format, { line: line.number, expected, found: quote(trim(line).value), hint });
}

/** The error for a text without a single line of what `format` always prints. */
export function nothingThere(format: string, text: string, expected: string, hint: string): FormatError {
  const found = /[^ \t\r\n]/.test(text) ? 'none in the whole output' : 'an empty output';
  return new FormatError(format, { line: 1, expected, found, hint });
}
