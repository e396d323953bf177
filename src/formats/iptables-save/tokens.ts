import { quote } from '../../problem.ts';
import { FormatError, type Line, type Located } from '../types.ts';

/** One word of a rule. For a quoted word the position is that of the text between the quotes. */
export interface Token extends Located {
  quoted: boolean;
}

/** The only error the parser throws. */
export function unreadable(line: number, expected: string, found: string, hint: string): FormatError {
  return new FormatError('iptables-save', { line, expected, found: quote(found), hint });
}

const SPACE = 32;
const TAB = 9;
const QUOTE = 34;
const BACKSLASH = 92;

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

/**
 * Splits a rule into words. Words with other characters than letters, digits, `-` and `_` may stand in double
 * quotes, where a backslash takes the next character literally (`xtables_save_string` of iptables writes
 * `\"`, `\\` and `\'`). The value keeps the backslashes; {@link withoutEscapes} removes them.
 * @throws {FormatError} where a quote is not closed, or text follows a closing quote without a space
 */
export function tokensOf(line: Line, from = 0): Token[] {
  const text = line.value;
  const tokens: Token[] = [];
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) {
      at++;
      continue;
    }
    const quoted = code === QUOTE;
    let end = quoted ? at + 1 : at;
    if (quoted) {
      while (end < text.length && text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
      if (end >= text.length) {
        throw unreadable(
          line.number,
          'a closing double quote',
          text.slice(at),
          'The line is cut off: record it again.',
        );
      }
      tokens.push({ value: text.slice(at + 1, end), start: line.start + at + 1, end: line.start + end, quoted });
      end++;
      if (end < text.length && !isBlank(text.charCodeAt(end))) {
        throw unreadable(
          line.number,
          'a space after a quoted word',
          text.slice(at),
          'Restore the line as it was printed.',
        );
      }
    } else {
      while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
      tokens.push({ value: text.slice(at, end), start: line.start + at, end: line.start + end, quoted });
    }
    at = end;
  }
  return tokens;
}

/** A quoted word as it was before iptables-save wrote backslashes into it. */
export function withoutEscapes(value: string): string {
  return value.includes('\\') ? value.replace(/\\(.)/gs, '$1') : value;
}
