import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { acceptVerdicts } from '../../src/recipe/accept.ts';
import { parseRecipe } from '../../src/recipe/load.ts';

const source = readFileSync('layers.yaml', 'utf8');

test('nothing to accept changes nothing', () => {
  const same = new Map(parseRecipe(source).layers.map(({ id, expect: verdict }) => [id, verdict]));
  expect(acceptVerdicts(source, same)).toEqual({ source, accepted: [] });
});

test('only the words behind expect change, comments and line breaks stay', () => {
  const commented = source.replace('    expect: diverges\n', "    expect: 'diverges' # L4 always did\n");
  const { source: edited, accepted } = acceptVerdicts(
    commented,
    new Map([
      ['l4', 'identical'],
      ['l6', 'only-v1'],
    ]),
  );
  const [before, after] = [commented, edited].map((text) => text.split('\n'));
  const changed = (before ?? []).flatMap((line, index) => (line === after?.[index] ? [] : [[line, after?.[index]]]));
  expect(changed).toEqual([
    ["    expect: 'diverges' # L4 always did", '    expect: identical # L4 always did'],
    ['    expect: diverges', '    expect: only-v1'],
  ]);
  expect(accepted.map(({ layer, before: was, after: is }) => [layer, was, is])).toEqual([
    ['l4', 'diverges', 'identical'],
    ['l6', 'diverges', 'only-v1'],
  ]);
  for (const { line } of accepted) expect(before?.[line - 1]).toContain('expect:');
});
