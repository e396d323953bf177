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

/** Lines of an output, counted from 1, both ends included. */
export interface Lines {
  from: number;
  to: number;
}

/** Columns and lines of a run that stands on one sheet of paper, no line of it wrapped; see src/styles/print.css. */
const SHEET = { columns: 90, lines: 24 };

/** True if a sheet may end in a run or a line of it may wrap. A tab takes eight columns at most, other characters fewer. */
function outgrowsPaper(run: string): boolean {
  const lines = run.split('\n');
  return (
    lines.length > SHEET.lines + 1 ||
    lines.some((line) => line.replace(/[^ -~]/g, ' '.repeat(8)).length > SHEET.columns)
  );
}

/**
 * The content of a `<pre>` whose textContent is `text` to the character (NUL as ␀). A mark wins over the token it
 * stands in. The lines stand in runs, each with its line numbers in `data-n`, from where the styles draw them: what is
 * selected and copied holds none. Where `own` names some of the lines, they and the rest are runs apart. In a run that is
 * too large for paper each line has its number by itself, too.
 */
export function preHtml(
  text: string,
  tokens: readonly Token[],
  marks: readonly Mark[] = [],
  own: readonly Lines[] = [],
): string {
  const cut = pieces(tokens, marks);
  const runs = runsOf(text, own);
  const wide = (runs.at(-1)?.to ?? 0) > 999 ? ' wide' : '';
  let next = 0;
  return runs
    .map(({ start, end, from, to, kind }) => {
      let html = '';
      let at = start;
      for (let piece = cut[next]; piece && piece.start < end; piece = cut[++next]) {
        html += escapeText(text.slice(at, piece.start)) + piece.open;
        html += escapeText(text.slice(piece.start, piece.end)) + piece.close;
        at = piece.end;
      }
      const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index).join('\n');
      html += escapeText(text.slice(at, end));
      if (outgrowsPaper(text.slice(start, end)))
        html = html
          .split('\n')
          .map((line, index) => (index > to - from ? line : `<i data-n=${from + index}></i>${line}`))
          .join('\n');
      return `<span class="run${wide}${kind}" data-n="${numbers}"><code>${html}</code></span>`;
    })
    .join('');
}

/** Neighbouring lines of one kind, as a piece of the text. */
interface Run extends Lines {
  start: number;
  end: number;
  /** What follows in its opening tag. The browser's own search opens what is `until-found`. */
  kind: '' | ' own' | ' rest" hidden="until-found';
}

/** The lines of a text cut where own ones begin and end. The line feed belongs to the line it ends. */
function runsOf(text: string, own: readonly Lines[]): Run[] {
  const runs: Run[] = [];
  for (let start = 0, line = 1; start < text.length; line++) {
    const end = text.indexOf('\n', start) + 1 || text.length;
    const isOwn = own.some(({ from, to }) => from <= line && line <= to);
    const kind = isOwn ? ' own' : own.length > 0 ? ' rest" hidden="until-found' : '';
    const last = runs.at(-1);
    if (last?.kind === kind) Object.assign(last, { end, to: line });
    else runs.push({ start, end, from: line, to: line, kind });
    start = end;
  }
  return runs;
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
