import { expect, test } from 'vitest';
import { card } from '../../src/figures/card.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { layerOutcome, outcomeText } from '../../src/wording/headlines.ts';
import { resolved, tagsOf } from './wellformed.ts';

const report = buildReport('.');
/** The texts of the picture with their attributes, tags inside them left out. */
const texts = (of: Report) =>
  [...card(of).text.matchAll(/<text ([^>]*)>(.*?)<\/text>/gs)].map(([, attributes = '', inner = '']) => ({
    size: Number(/font-size="([\d.]+)"/.exec(attributes)?.[1]),
    x: Number(/\bx="([\d.]+)"/.exec(attributes)?.[1]),
    end: attributes.includes('text-anchor="end"'),
    words: resolved(inner.replaceAll(/<[^>]+>/g, '')),
  }));

test('the picture is well formed, and says what the stack map says', () => {
  expect(tagsOf(card(report).text)[0]).toMatchObject({ name: 'svg', attributes: { width: '1200', height: '630' } });
  const words = texts(report).map((text) => text.words);
  expect(words[0]).toBe('The same Service, on iptables and on eBPF');
  expect(words.slice(1)).toEqual(
    report.layers.flatMap((layer) => [layer.id.toUpperCase(), layer.title, outcomeText(layerOutcome(report, layer))]),
  );
  expect(words).toEqual(
    expect.arrayContaining(['identical', '17–19 rules compared · 1 row of 17', '0 of 20 answered · 9 of 20 answered']),
  );
});

test('the colours are those of the sides', () => {
  const of = (colours: ['amber' | 'teal', 'amber' | 'teal']) => {
    const [left, right] = report.sides;
    const sides: Report['sides'] = [
      { ...left, colour: colours[0] },
      { ...right, colour: colours[1] },
    ];
    return [...card({ ...report, sides }).text.matchAll(/<tspan fill="(#\w+)">/g)].map(([, colour]) => colour);
  };
  const [amber, teal] = of(['amber', 'teal']);
  expect(amber).not.toBe(teal);
  expect(of(['teal', 'amber'])).toEqual([teal, amber]);
});

test('long words get smaller until they fit, side by side', () => {
  const long: Report = {
    ...report,
    headline: [[{ text: 'A heading of many words that would leave the picture at its usual size by far' }]],
    layers: report.layers.map((layer) => ({ ...layer, title: 'A title as long as this one is seldom seen'.repeat(2) })),
  };
  for (const of of [report, long]) {
    const [heading, ...rows] = texts(of);
    expect((heading?.words.length ?? 0) * (heading?.size ?? 0) * 0.57).toBeLessThanOrEqual(1088.1);
    for (let index = 0; index < rows.length; index += 3) {
      const [, title, said] = rows.slice(index, index + 3);
      if (!title || !said) throw new Error('a row has three texts');
      const right = title.x + title.words.length * title.size * 0.6;
      const left = said.x - said.words.length * said.size * 0.6;
      expect(said.end).toBe(true);
      expect(right).toBeLessThanOrEqual(left);
    }
  }
});

test('hostile titles stay text', () => {
  const hostile = report.layers.map((layer) => ({ ...layer, title: '<script>"&\u202E' }));
  const drawn = card({ ...report, layers: hostile }).text;
  expect(drawn).not.toMatch(/<script|\u202E/);
  tagsOf(drawn);
});
