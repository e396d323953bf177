import { expect, test } from 'vitest';
import { tally } from '../../src/figures/tally.ts';
import { tagsOf } from './wellformed.ts';

const drawn = (ticks: readonly string[], shape?: 'box' | 'bar') => tagsOf(tally(ticks, shape)?.text ?? '');
const count = (d = '') => d.split('M').length - 1;

test('one path for each kind, one tick for each thing', () => {
  const [svg, ...paths] = drawn(['miss', 'miss', 'hit', '', 'miss'], 'box');
  expect(svg).toMatchObject({ name: 'svg', attributes: { class: 'tally', 'aria-hidden': 'true' } });
  expect(paths.map(({ attributes }) => [attributes.class, count(attributes.d)])).toEqual([
    ['miss', 3],
    ['hit', 1],
  ]);
});

test('a gap parts two groups, and what failed is struck through', () => {
  const [, apart] = drawn(['hit', '', 'hit'], 'box');
  const [, together] = drawn(['hit', 'hit'], 'box');
  expect(apart?.attributes.d).not.toBe(together?.attributes.d);
  expect(drawn(['failed'])[1]?.attributes.d).toMatch(/l3-10$/);
});

test('many boxes become bars, many bars several lines, and what nobody counts is not drawn', () => {
  const size = (ticks: string[], shape: 'box' | 'bar') => {
    const { width, height } = drawn(ticks, shape)[0]?.attributes ?? {};
    return [Number(width), Number(height)] as const;
  };
  const many = (ticks: number) => Array<string>(ticks).fill('hit');
  expect(size(many(25), 'box')).toEqual(size(many(25), 'bar'));
  const [one, two] = [size(many(60), 'bar'), size(many(61), 'bar')];
  expect(two[0]).toBe(one[0]);
  expect(two[1]).toBe(2 * one[1]);
  expect(tally(many(241))).toBeUndefined();
  expect(tally(['', ''])).toBeUndefined();
  expect(tally([])).toBeUndefined();
});
