import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText, preHtml } from '../../src/highlight/html.ts';

/** What a browser makes of our markup, for the few constructs it uses (HTML Standard, 13.2). The browser tests use a real one. */
function textOf(html: string): string {
  return html
    .replace(/<\/?(?:i|span|code)\b[^>]*>/g, '')
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

test('a leading line feed stays, because the pre does not begin with it, and a carriage return is written out', () => {
  expect(preHtml('\n\r\nx', [])).toBe('<span class="run" data-n="1\n2\n3"><code>\n&#13;\nx</code></span>');
});

/** The runs of an output: their classes, their numbers and their text. */
function runsIn(html: string): [classes: string, numbers: string, text: string][] {
  return [...html.matchAll(/<span class="([^"]*)"[^>]* ?data-n="([^"]*)"><code>(.*?)<\/code>/gs)].map(
    ([, classes = '', numbers = '', text = '']) => [classes, numbers.replaceAll('\n', ' '), textOf(text)],
  );
}

test('own lines and the rest are runs apart, every line with its number', () => {
  const html = preHtml('a\nb\nc\nd', [], [], [{ from: 2, to: 3 }]).replaceAll(/ hidden="until-found"/g, '');
  expect(runsIn(html)).toEqual([
    ['run rest', '1', 'a\n'],
    ['run own', '2 3', 'b\nc\n'],
    ['run rest', '4', 'd'],
  ]);
});

test('in a run that paper would tear or wrap each line has its number by itself', () => {
  const mark = (number: number) => `<i data-n=${number}></i>`;
  const long = 'x'.repeat(91);
  expect(preHtml(`a\n${long}\n`, [])).toContain(`<code>${mark(1)}a\n${mark(2)}${long}\n</code>`);
  expect(preHtml('a\n'.repeat(25), [])).toContain(`${mark(25)}a\n</code>`);
  expect(preHtml(`\t${'x'.repeat(82)}\n`.repeat(24), [])).not.toContain('<i');
  // Only the run it stands in, and also where a colour goes on from line to line.
  const html = preHtml(`a\n${long}\nb`, [{ start: 2, end: 94, class: 'a' }], [], [{ from: 2, to: 3 }]);
  expect(html).toContain('<code>a\n</code>');
  expect(html).toContain(`<code>${mark(2)}<i class=a>${long}\n${mark(3)}</i>b</code>`);
});

test('every line of any text has its number, however it is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '<') }), fc.nat(5), fc.nat(5), (text, from, length) => {
      const html = preHtml(text, [], [], length > 0 ? [{ from, to: from + length }] : []);
      const runs = runsIn(html.replaceAll(/ hidden="until-found"/g, ''));
      const count = text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0);
      expect(runs.flatMap(([, numbers]) => numbers.split(' ')).join()).toBe(
        Array.from({ length: count }, (_, index) => index + 1).join(),
      );
      expect(textOf(html)).toBe(text);
    }),
  );
});
