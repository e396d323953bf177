import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText, preHtml } from '../../src/highlight/html.ts';

/** What a browser makes of our markup, for the few constructs it uses (HTML Standard, 13.2). The browser tests use a real one. */
function textOf(html: string): string {
  return html
    .replace(/^\n/, '')
    .replace(/<\/?i[^>]*>/g, '')
    .replaceAll('&#13;', '\r')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

test('any text comes back as it was, coloured or not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), fc.nat(20), (raw, from, length) => {
      const text = `\n${raw}`;
      const start = Math.min(from, text.length);
      const end = Math.min(start + length, text.length);
      expect(textOf(preHtml(text, [{ start, end, class: 'a' }]))).toBe(text.replaceAll('\0', '\u2400'));
    }),
  );
});

test('a bidirectional control gets a box of its own', () => {
  expect(escapeText('a\u202eb')).toBe('a<i class=x>\u202e</i>b');
});

test('a leading line feed is doubled, a carriage return is written out', () => {
  expect(preHtml('\n\r\nx', [])).toBe('\n\n&#13;\nx');
});
