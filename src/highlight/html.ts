import type { Token } from './tokens.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
  // HTML has no way to write NUL; the symbol for it stands in on the page, the raw file keeps the byte.
  '\0': '\u2400',
};

/** Characters that reorder the text around them (Unicode Bidirectional Algorithm, UAX #9): shown, and kept from acting. */
const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/**
 * Text as HTML that parses back to the same characters, carriage returns included. A bidirectional control gets an
 * element of its own (class x), which confines it and makes it visible.
 */
export function escapeText(text: string): string {
  return text
    .replace(/[&<>\r\0]/g, (char) => ENTITIES[char] as string)
    .replace(BIDI, (char) => `<i class=x>${char}</i>`);
}

/** A value with a role inside an output: drawn in the colour of its role, and the thing that can be followed. */
export interface Mark {
  start: number;
  end: number;
  /** Names the colour; see src/styles/output.css. */
  role: string;
  /** Number of the value in the page's list of values. */
  value: number;
}

/** A piece of an output with the element around it. */
interface Piece {
  start: number;
  end: number;
  open: string;
  close: string;
}

/**
 * The content of a `<pre>` whose textContent is `text` to the character (NUL as ␀). A mark wins over the token it
 * stands in. A leading line feed is doubled, because the HTML parser drops one right after `<pre>`
 * (HTML Standard, "in body" insertion mode).
 */
export function preHtml(text: string, tokens: readonly Token[], marks: readonly Mark[] = []): string {
  let html = text.startsWith('\n') ? '\n' : '';
  let at = 0;
  for (const { start, end, open, close } of pieces(tokens, marks)) {
    html += escapeText(text.slice(at, start)) + open + escapeText(text.slice(start, end)) + close;
    at = end;
  }
  return html + escapeText(text.slice(at));
}

/** Tokens cut around the marks, and the marks, in the order of the text. Both inputs are in order, without overlap. */
function pieces(tokens: readonly Token[], marks: readonly Mark[]): Piece[] {
  const found: Piece[] = marks.map(({ start, end, role, value }) => ({
    start,
    end,
    open: `<b class=${role} data-v=${value}>`,
    close: '</b>',
  }));
  let next = 0;
  for (const { start, end, class: name } of tokens) {
    const piece = (from: number, to: number) => {
      if (from < to) found.push({ start: from, end: to, open: `<i class=${name}>`, close: '</i>' });
    };
    let from = start;
    while (next < marks.length && (marks[next] as Mark).end <= start) next++;
    for (let index = next; index < marks.length && (marks[index] as Mark).start < end; index++) {
      const mark = marks[index] as Mark;
      piece(from, Math.min(mark.start, end));
      from = Math.max(from, mark.end);
    }
    piece(from, end);
  }
  return found.sort((a, b) => a.start - b.start);
}
