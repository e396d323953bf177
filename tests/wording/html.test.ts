import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeHtml, escaped, html } from '../../src/wording/html.ts';
import { resolved, tagsOf } from '../figures/wellformed.ts';

test('any value stays text, in attributes too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const markup = html`<p title="${value}">${value}</p>`.text;
      const [tag] = tagsOf(markup);
      expect(resolved(escaped(value))).toBe(tag?.attributes.title);
    }),
  );
  expect(html`${undefined}${false}${0}${['a', html`<b>&amp;</b>`]}`.text).toBe('0a<b>&amp;</b>');
});

test('hostile text stays text, between tags and in double-quoted attributes', () => {
  expect(escaped('<script>"&amp;"</script>')).toBe('&lt;script&gt;&quot;&amp;amp;&quot;&lt;/script&gt;');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>"&;\'ampltgquo#39/= ') }), (text) => {
      const [tag] = tagsOf(`<p title="${escaped(text)}">${escaped(text)}</p>`);
      expect(tag?.attributes.title).toBe(text);
      expect(resolved(escaped(text))).toBe(text);
    }),
  );
});

test('what stands between backticks is code', () => {
  expect(codeHtml('a `b < c` & d').text).toBe('a <code>b &lt; c</code> &amp; d');
  expect(codeHtml('nothing').text).toBe('nothing');
});
