import { expect, test } from 'vitest';
import { figuresIn } from '../../src/figures/index.ts';
import type { Subject } from '../../src/model/subject.ts';
import { edited, published, publishedOf, subjectOf, withOthers } from '../analysis/subjects.ts';
import { figureData } from './data.ts';
import { resolved, tagsOf } from './wellformed.ts';

const names = ['timeline', 'policy', 'flows'] as const;
type Name = (typeof names)[number];

/** A figure over some outputs; undefined where there is nothing to draw. */
function drawn(name: Name, subjects: readonly Subject[]): string | undefined {
  const { [name]: figure } = figureData(subjects);
  return figure && figuresIn(figure.layer, { [name]: figure }).join('');
}

function draw(name: Name, subjects: readonly Subject[] = published): string {
  const html = drawn(name, subjects);
  if (html === undefined) throw new Error(`nothing drawn for ${name}`);
  return html;
}

/** The marks of a figure: element, hover text, and the lines it points to. */
function marks(markup: string): { lines: string; hover: string; tag: string }[] {
  return [...markup.matchAll(/<([a-z]+)([^>]*) data-lines="([^"]+)"([^>]*)>(?:<title>([^<]*)<\/title>)?/g)].map(
    ([, tag = '', before = '', lines = '', after = '', title]) => ({
      tag,
      lines,
      hover: resolved(title ?? /title="([^"]*)"/.exec(before + after)?.[1] ?? ''),
    }),
  );
}

test.each([...names])('%s is well formed and needs no inline style', (name) => {
  const tags = tagsOf(draw(name));
  expect(tags[0]).toMatchObject({ name: 'figure', attributes: { id: expect.stringMatching(/^fig-/) } });
  expect(
    tags.filter(
      ({ attributes }) => 'style' in attributes || Object.keys(attributes).some((key) => key.startsWith('on')),
    ),
  ).toEqual([]);
  expect(tags.some(({ name }) => name === 'figcaption')).toBe(true);
  expect(tags.some(({ name }) => name === 'table')).toBe(true);
  const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { attributes } of tags) {
    if (attributes['aria-labelledby']) expect(ids).toContain(attributes['aria-labelledby']);
    // Links lead to panels of outputs that exist.
    if (attributes.href) publishedOf(attributes.href.slice(1).replace('-', '/'));
  }
});

test.each([...names])('%s: each mark points to lines that stand there, and shows them', (name) => {
  const all = marks(draw(name));
  expect(all.length).toBeGreaterThan(15);
  for (const { lines, hover, tag } of all) {
    const [, capture = '', from, to = from] = /^(v[12]\/[a-z0-9-]+):(\d+)(?:-(\d+))?$/.exec(lines) ?? [];
    const there = publishedOf(capture)
      .text.split('\n')
      .slice(Number(from) - 1, Number(to));
    expect(there.length, lines).toBe(Number(to) - Number(from) + 1);
    expect(there[0]).toMatch(/\S/);
    // Rows of the tables and bars of a whole probe show their lines' content themselves.
    if (hover !== '') expect(hover, lines).toBe(there.join('\n'));
    else expect(tag === 'tr' || Number(to) > Number(from), lines).toBe(true);
  }
});

test('each request of each probe has exactly one bar with its line', () => {
  const bars = marks(draw('timeline')).filter(({ hover }) => hover !== '');
  const wanted = published.flatMap(({ key, text, parsed, layer }) =>
    layer === 'l6' && parsed.format === 'http-probe'
      ? parsed.requests.map(({ line }) => `${key}:${line} ${text.split('\n')[line - 1]}`)
      : [],
  );
  expect(wanted).toHaveLength(90);
  expect(bars.map(({ lines, hover }) => `${lines} ${hover}`).sort()).toEqual(wanted.sort());
});

test('bars are as long as their requests, on the scale of their lane', () => {
  const [, lane = ''] =
    /<svg class="lane[^>]*aria-label="v1\/l6-local-failover[^>]*>(.*?)<\/svg>/s.exec(draw('timeline')) ?? [];
  const bars = [...lane.matchAll(/<rect class="(\w+)" x="([\d.]+)%" y="\d+" width="([\d.]+)%"/g)];
  expect(bars).toHaveLength(20);
  for (const [index, [, outcome, x, width]] of bars.entries()) {
    expect(outcome).toBe('failed');
    expect(Number(x)).toBeCloseTo(index * 5, 1);
    expect(Number(width)).toBeCloseTo(5 - 0.2, 1);
  }
});

test('the alternative texts hold the figures', () => {
  const labels = tagsOf(draw('timeline')).flatMap(({ attributes }) =>
    attributes.role === 'img' ? (attributes['aria-label'] ?? []) : [],
  );
  expect(labels.map((label) => label.replaceAll('\u00A0', ' '))).toMatchInlineSnapshot(`
    [
      "v1/l6-local-failover: 0 of 20 answered in 120 s; failures about 6.0 s each",
      "All 20 requests of v2/l6-local-failover at the scale above",
      "v2/l6-local-failover: 9 of 20 answered in 1.5 s; failures about 0.05 s each",
      "All 10 requests of v1/l6-local-converged at the scale above",
      "v1/l6-local-converged: 7 of 10 answered in 18.8 s; failures about 6.0 s each; failed: requests 1, 2 and 4; its heading says ~130 s (not measured)",
      "v1/l6-cluster-mode: 10 of 10 answered in 1.0 s",
      "v2/l6-cluster-mode: 10 of 10 answered in 8.0 s; requests 1, 2 and 3 took 1.1 s, 1.1 s and 5.1 s",
      "v1/l6-local-symmetric: 10 of 10 answered in 1.1 s",
      "v2/l6-local-symmetric: 10 of 10 answered in 1.0 s",
    ]
  `);
  expect(
    tagsOf(draw('flows')).find(({ attributes }) => attributes.role === 'img')?.attributes['aria-label'],
  ).toMatchInlineSnapshot(
    `"v2/l7-hubble-observe, connection 1: 162.195.118.115 to netflow-test/nginx-bb6b8c496-vc6pj, 8 events, from SYN to FIN: SYN+ECE+CWR, reply SYN+ACK+ECE, ACK, ACK+PSH, reply ACK+PSH, ACK+FIN, reply ACK+FIN, ACK"`,
  );
});

test('the tables hold every number', () => {
  const text = draw('timeline').replaceAll('\u00A0', ' ');
  for (const number of [
    '120.098',
    '1.544',
    '18.751',
    '8.046',
    '5.105',
    '6.006 ✗',
    '0.055 ✗',
    'request 16, then 4 answered',
  ]) {
    expect(text).toContain(number);
  }
  expect(draw('flows').match(/<tr data-lines/g)).toHaveLength(19);
});

test('nothing is called converged', () => {
  for (const name of names) expect(draw(name)).not.toMatch(/(?<!local-)converge/i);
});

test('the magnification is that of the data', () => {
  const text = draw('timeline');
  expect(text).toContain('×78 below');
  expect(text).toContain('×6.4 below');
});

test('the matrix says what is observed and what predicted', () => {
  const cells = tagsOf(draw('policy')).filter(
    ({ name, attributes }) => name === 'td' && attributes['data-cell'] !== 'none',
  );
  const count = (cell: string, basis: string) =>
    cells.filter(({ attributes }) => attributes['data-cell'] === cell && attributes['data-basis'] === basis).length;
  expect([
    count('allowed', 'observed'),
    count('denied', 'observed'),
    count('allowed', 'predicted'),
    count('denied', 'predicted'),
  ]).toEqual([1, 1, 4, 10]);
  expect(draw('policy')).not.toContain('External traffic arrives');
  const ofNodes = edited('v2/l8-policy-map', 'cilium-policy-map', 'reserved:host       ', 'reserved:remote-node');
  expect(draw('policy', withOthers([ofNodes]))).toContain(
    'External traffic arrives as reserved:world or, relayed by another node, as reserved:remote-node: by the labels of the map the first would be denied and the second allowed.',
  );
});

test('without data nothing is drawn; with some, what there is', () => {
  for (const name of names) expect(drawn(name, [])).toBeUndefined();
  const without = (...keys: string[]) => withOthers([], keys);
  expect(draw('timeline')).toContain('V2 Local mode, later probe: not captured.');
  tagsOf(draw('timeline', without('v2/l6-local-failover', 'v1/l6-local-converged', 'v2/l6-cluster-mode')));
  expect(draw('timeline', without('v2/l6-cluster-mode'))).toContain('V2 Cluster mode: not captured.');
  expect(
    draw(
      'timeline',
      published.filter(({ key }) => key === 'v2/l6-cluster-mode'),
    ),
  ).not.toContain('Probes with failures');
  expect(draw('policy', without('v2/l8-policy'))).toContain('No NetworkPolicy was captured.');
  expect(draw('flows', without('v2/l8-hubble-drop'))).not.toContain('Dropped on the way');
  expect(draw('flows', without('v2/l7-hubble-observe'))).toContain('The output has no times');
});

const HOSTILE = '<script>alert(1)</script>"\'&\u202E';

test('hostile names stay text', () => {
  const probe = edited(
    'v2/l8-enforcement',
    'http-probe',
    /client-allowed {2}\(role=frontend\)/,
    `${HOSTILE.replace(/[()]/g, '')} (role=<b>)`,
  );
  const flow = edited('v2/l7-hubble-observe', 'hubble-flows', /nginx-bb6b8c496-vc6pj/g, HOSTILE);
  const title = edited('v1/l6-local-converged', 'http-probe', /=== .* ===/, `=== ${HOSTILE} ~9s ===`);
  for (const name of names) {
    const html = draw(name, withOthers([probe, flow, title]));
    expect(html).not.toMatch(/<script|<b>\)|\u202E/);
    tagsOf(html);
  }
  expect(draw('policy', withOthers([probe]))).toContain('role=&lt;b&gt;');
  expect(draw('flows', withOthers([flow]))).toContain('&lt;script&gt;');
});

test('long outputs keep the budget of the page and say what is left out', () => {
  const line = (index: number) =>
    `Jul  2 15:03:${String(10 + (index % 40)).padStart(2, '0')}.000: 10.0.0.1:${index % 500} (world) -> a/b:80 (ID:8) to-endpoint FORWARDED (TCP Flags: SYN)`;
  const flows = subjectOf(
    'v2/l7-hubble-observe',
    'hubble-flows',
    Array.from({ length: 4000 }, (_, index) => line(index)).join('\n'),
  );
  const html = draw('flows', withOthers([flows]));
  expect(tagsOf(html).length).toBeLessThan(900);
  expect(html).toContain('4,000 events in 500 connections');
  expect(html).toContain('Drawn are the first 48 events');
});

test('of many policy maps the first are drawn, and what was seen always is', () => {
  const [heading, ...entries] = publishedOf('v2/l8-policy-map').text.split('\n');
  const maps = Array.from({ length: 9 }, (_, index) => [
    `Endpoint ID: ${index}`,
    `Path: /p/${index}`,
    heading,
    ...entries,
  ]);
  const html = draw('policy', withOthers([subjectOf('v2/l8-policy-map', 'cilium-policy-map', maps.flat().join('\n'))]));
  expect([...html.matchAll(/<th role="columnheader" scope="col">([^<]*?) ?</g)].map(([, title]) => title)).toEqual([
    'From',
    'NetworkPolicy',
    'Policy map, endpoint 0',
    'Policy map, endpoint 1',
    'Policy map, endpoint 2',
    'Seen',
  ]);
  expect(html).toContain('Not drawn: 6 more policy maps.');
  expect(html.match(/data-basis="observed"/g)).toHaveLength(2);
});

test('a policy in a list is drawn like the same policy alone', () => {
  const items = publishedOf('v2/l8-policy').text.trimEnd().replace(/^/gm, '  ').replace('  ', '- ');
  const list = subjectOf('v2/l8-policy', 'yaml', `kind: List\nitems:\n${items}\n`);
  const cells = (drawn: string) => [...drawn.matchAll(/data-cell="(\w+)" data-basis="(\w+)"/g)].map(([cell]) => cell);
  const drawn = cells(draw('policy', withOthers([list])));
  expect(drawn.length).toBeGreaterThan(10);
  expect(drawn).toEqual(cells(draw('policy')));
});

test('the three figures together keep their budget of elements', () => {
  const counts = names.map((name) => tagsOf(draw(name)).length);
  console.log(names.map((name, index) => `${name} ${counts[index]}`).join(', '));
  expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(790);
});
