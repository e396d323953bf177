/** A piece of a capture's decoded text: offsets in UTF-16 code units, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A value together with where it stands in the text. `text.slice(start, end)` is `value` to the letter. */
export interface Located extends Span {
  value: string;
}

/** What a parser says of a line it cannot read. Never skipped, never guessed. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  /** Its name in layers.yaml. */
  readonly format: string;
  /** 1-based line in the output, not in the capture file. */
  readonly line: number;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;

  constructor(format: string, at: { line: number; expected: string; found: string; hint: string }) {
    super(`line ${at.line}: expected ${at.expected}; found ${at.found}. ${at.hint}`);
    this.format = format;
    this.line = at.line;
    this.expected = at.expected;
    this.found = at.found;
    this.hint = at.hint;
  }
}

/** A line of the text without its line ending (LF or CRLF). */
export interface Line extends Located {
  /** 1-based. */
  number: number;
}

/**
 * Splits a text into lines at each line feed; a carriage return before it belongs to the ending, not to the line.
 * A final line feed does not open another line. Linear in the length of the text.
 */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const next = feed < 0 ? text.length : feed;
    const end = next > start && text[next - 1] === '\r' ? next - 1 : next;
    lines.push({ number: lines.length + 1, value: text.slice(start, end), start, end });
    start = next + 1;
  }
  return lines;
}
