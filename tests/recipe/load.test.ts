import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ProblemsError } from '../../src/problem.ts';
import { parseRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import { recipeJsonSchema } from '../../src/recipe/schema.ts';

const good = `title: Two
sides:
  - { id: v1, label: left, short: left, colour: amber }
  - { id: v2, label: right, short: right, colour: teal }
layers:
  - id: l1
    title: First
    summary: A layer.
    expect: identical
    captures:
      - id: ips
        title: Addresses
        format: kubectl-table
        v1: { command: kubectl get svc }
        v2: { command: kubectl get svc, id: other, title: Others, format: plain }
`;

function messageOf(text: string): string {
  try {
    parseRecipe(text);
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

test('the committed recipe names the 37 published outputs', () => {
  const planned = plannedCaptures(parseRecipe(readFileSync('layers.yaml', 'utf8')));
  expect(planned.filter(({ recipe }) => !recipe.recordOnly).length).toBe(37);
});

test('what a side leaves out comes from its row', () => {
  const [left, right] = plannedCaptures(parseRecipe(good));
  expect(left).toMatchObject({ key: 'v1/l1-ips', title: 'Addresses', format: 'kubectl-table' });
  expect(right).toMatchObject({ key: 'v2/l1-other', title: 'Others', format: 'plain' });
});

test('a layer has any number from 1', () => {
  const numbered = (id: string) => parseRecipe(good.replace('id: l1', `id: ${id}`)).layers[0]?.id;
  for (const id of ['l9', 'l10', 'l100', 'l1234']) expect(numbered(id)).toBe(id);
  for (const id of ['l0', 'l01', 'l', 'L1', 'l1a']) expect(() => numbered(id)).toThrow(/l and a number from 1/);
});

test('public/layers.schema.json is the schema; `npm run schema` writes it', () => {
  expect(readFileSync('public/layers.schema.json', 'utf8')).toBe(recipeJsonSchema());
});

test('every field of the schema is described', () => {
  const bare: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, value] of Object.entries(
      (node as { properties?: Record<string, { description?: string }> }).properties ?? {},
    )) {
      if (!value.description && !('anyOf' in value)) bare.push(`${path}.${key}`);
    }
    for (const [key, value] of Object.entries(node)) walk(value, `${path}.${key}`);
  };
  walk(JSON.parse(recipeJsonSchema()), '');
  expect(bare).toEqual([]);
});

describe('refusals', () => {
  const cases: Record<string, string> = {
    'an empty file': '',
    'only a comment': '# nothing\n',
    'a list instead of a mapping': '- a\n',
    'a tab': good.replace('    title: First', '\ttitle: First'),
    'not YAML': good.replace('title: Two', 'title: "Two'),
    'a key twice': good.replace('title: Two', 'title: Two\ntitle: Three'),
    'an unknown key': good.replace('    summary:', '    sumary:'),
    'an unknown format': good.replace('format: plain', 'format: csv'),
    'a wrong type': good.replace('title: First', 'title: [First]'),
    'an id that leaves captures/': good.replace('id: ips', 'id: ../../etc/passwd'),
    'an absolute id': good.replace('id: other', 'id: /etc/passwd'),
    'a layer id that is a path': good.replace('id: l1', 'id: l1/../..'),
    'a row without sides': good.replace(/ {8}v[12]: .*\n/g, ''),
    'sides in the wrong order': good.replace('id: v1', 'id: x').replace('id: v2', 'id: v1').replace('id: x', 'id: v2'),
    'a layer twice': `${good}${good.slice(good.indexOf('  - id: l1'))}`,
    'a file named twice': good.replace(
      /(v2: .*\n)/,
      '$1      - { id: ips, title: Again, format: plain, v1: { command: x } }\n',
    ),
    'expect against the sides present': good.replace('expect: identical', 'expect: only-v2'),
    'expect of two sides with one present': good.replace(/ {8}v2: .*\n/, ''),
    'several problems at once': good
      .replace('title: Two', 'titel: Two')
      .replace('colour: teal', 'colour: pink')
      .replace('format: plain', 'format: 7'),
    'an alias': good.replace('title: Two', 'title: &t Two').replace('title: First', 'title: *t'),
    'a bomb of aliases': `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)
      .join('\n')}\n`,
    'a rule for keys': good.replace(
      'layers:',
      'recording: { namespace: n, redactions: [{ rule: r, find: private-key, role: x }] }\nlayers:',
    ),
    'control characters in a value': good.replace('id: ips', 'id: "a\\e[31mb\\u202e"'),
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => {
      const message = messageOf(text);
      expect(message.split('\n').slice(0, 4).join('\n')).toMatchSnapshot();
      for (const line of message.split('\n')) {
        expect(line).toMatch(/^layers\.yaml:\d+: .*expected .+; found .+\. [A-Z].+\.$/);
      }
    });
  }
});
