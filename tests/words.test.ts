import { expect, test } from 'vitest';
import { counted, examplesInWords, grouped, inWords, reasonsInWords, shortened } from '../src/words.ts';

const letters = [...'abcdefgh'];

test('a list in words', () => {
  expect([0, 1, 2, 3].map((count) => inWords(letters.slice(0, count)))).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

test('of many words, five and how many more', () => {
  expect(examplesInWords(letters.slice(0, 5))).toBe('a, b, c, d and e');
  expect(examplesInWords(letters)).toBe('a, b, c, d, e and 3 more');
});

test('of many reasons, or long ones, those that a message has room for', () => {
  expect([0, 1, 2].map((count) => reasonsInWords(letters.slice(0, count)))).toEqual(['', 'a', 'a; b']);
  expect(reasonsInWords(letters)).toBe('a; b; c; d; e; 3 more');
  const long = letters.map((letter) => letter.repeat(200));
  expect(reasonsInWords(long)).toBe(`${long[0]}; ${long[1]}; 6 more`);
});

test('a long text is cut between characters', () => {
  expect(shortened('abcdef', 6)).toBe('abcdef');
  expect(shortened('abcdefg', 6)).toBe('abcde…');
  expect(shortened('abcd😀fg', 6)).toBe('abcd…');
});

test('digits are grouped by commas, whatever the locale', () => {
  expect([0, 999, 1000, 12_093, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '12,093', '1,234,567']);
});

test('a number with its noun', () => {
  expect([0, 1, 2, 4000].map((count) => counted(count, 'rule'))).toEqual([
    '0 rules',
    '1 rule',
    '2 rules',
    '4,000 rules',
  ]);
  const nouns = ['entry', 'address', 'switch', 'day'];
  expect(nouns.map((noun) => counted(2, noun))).toEqual(['2 entries', '2 addresses', '2 switches', '2 days']);
  expect(counted(2, 'time of day', 'times of day')).toBe('2 times of day');
});
