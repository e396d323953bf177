import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatProblem } from '../../src/problem.ts';
import { proseEntries } from '../../src/recipe/prose.ts';
import { timelyWords } from '../../src/recipe/timeless.ts';

const recipe = (summary: string) => `layers:
  - id: l1
    summary: ${JSON.stringify(summary)}
`;
const found = (summary: string) => timelyWords(proseEntries(recipe(summary))).map((problem) => problem.found);

test('the recipe holds for every recording', () => {
  expect(timelyWords(proseEntries(readFileSync('layers.yaml', 'utf8'))).map(formatProblem)).toEqual([]);
});

test('numerals, number words and sides of the screen are found', () => {
  expect(found('The first three took 1.1 s, both on the left; None of twenty, all in half the time, twice 8')).toEqual(
    ['1.1', '8', 'first', 'three', 'both', 'None', 'twenty', 'all', 'half', 'twice', 'on the left'].map((word) =>
      JSON.stringify(word),
    ),
  );
});

test('names, code and marked sources are no numbers', () => {
  expect(found('L4 of V2 by IPv4: `10 of 20` in [[8 s|GCE default]], alone and someone')).toEqual([]);
});

test('a backtick that nothing closes, and a mark without a source, hide no number', () => {
  expect(found('It is `10 of them')).toEqual(['"10"']);
  expect(found('It takes [[8 s]], or [[ 9 s|]]')).toEqual(['"[[8 s]]"', '"[[ 9 s|]]"', '"8"', '"9"']);
});

test('the message names the line and what to do', () => {
  expect(timelyWords(proseEntries(recipe('All of it'))).map(formatProblem)).toMatchInlineSnapshot(`
    [
      "layers.yaml:3: layer l1, key summary: expected words that hold for every recording; found "All". Leave it to a finding, which counts it; or write a remark on this recording into captures/observations.yaml; a number with a source of its own is marked [[8 s|its source]].",
    ]
  `);
});
