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

/**
 * The content of a `<pre>` whose textContent is `text` to the character (NUL as ␀).
 * A leading line feed is doubled, because the HTML parser drops one right after `<pre>`
 * (HTML Standard, "in body" insertion mode).
 */
export function preHtml(text: string, tokens: readonly Token[]): string {
  let html = text.startsWith('\n') ? '\n' : '';
  let at = 0;
  for (const { start, end, class: name } of tokens) {
    html += `${escapeText(text.slice(at, start))}<i class=${name}>${escapeText(text.slice(start, end))}</i>`;
    at = end;
  }
  return html + escapeText(text.slice(at));
}
