import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeholders, variables } from '../../src/recipe/command.ts';
import { parseRecipe, withoutUnrecorded } from '../../src/recipe/load.ts';

describe('placeholders', () => {
  test.each([
    ['a {{vip}} b', [['vip', false]]],
    ["a '{{vip}}'", [['vip', true]]],
    ['a "{{vip}}"', [['vip', true]]],
    [
      'a "$(b {{vip}})" {{pod}}',
      [
        ['vip', false],
        ['pod', false],
      ],
    ],
    ['a "$(b "{{vip}}")"', [['vip', true]]],
    ["a '\"' {{vip}}", [['vip', false]]],
    ['a \\" {{vip}}', [['vip', false]]],
    ["a '$(' {{vip}}", [['vip', false]]],
    [
      '(a {{vip}}) "{{pod}}"',
      [
        ['vip', false],
        ['pod', true],
      ],
    ],
    ['-o jsonpath=\'{.a}{"\\n"}\'', []],
    ['{{ vip }}', [['vip', false]]],
    ['{{}}', [['', false]]],
  ])('%s', (command, expected) => {
    expect(placeholders(command).map(({ name, quoted }) => [name, quoted])).toEqual(expected);
  });

  test('stand where they say, in any text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{{vip}}', "'", '"', '$(', ')', '\\', ' ', 'x', '{', '}}')), (parts) => {
        const command = parts.join('');
        for (const { name, start, end } of placeholders(command)) {
          expect(command.slice(start, end).replace(/[{}\s]/g, '')).toBe(name);
        }
      }),
    );
  });
});

const recipe = (capture: string, more = '') => `
title: t
sides:
  - { id: v1, label: a, short: a, colour: amber }
  - { id: v2, label: b, short: b, colour: teal }
layers:
  - id: l1
    title: t
    summary: s
    expect: only-v1
    ${more}
    captures:
      - ${capture}
      - { id: fixed, title: t, format: plain, v1: { command: ls } }
`;

describe('the recipe refuses', () => {
  test.each([
    ['an unknown variable', "{ id: a, title: t, format: plain, v1: { command: 'ls {{nope}}' } }", ''],
    ['a variable inside quotes', `{ id: a, title: t, format: plain, v1: { command: "ls '{{pod}}'" } }`, ''],
    [
      'the same in an alternative',
      `{ id: a, title: t, format: plain, v1: { command: ls, alternatives: ["ls '{{pod}}'"] } }`,
      '',
    ],
    [
      'the same in a step',
      '{ id: a, title: t, format: plain, v1: { command: ls } }',
      "setup: [{ run: 'ls {{nope}}' }]",
    ],
    ['a step of two kinds', '{ id: a, title: t, format: plain, v1: { command: ls } }', 'setup: [{ run: ls, wait: 3 }]'],
    ['an unknown place', '{ id: a, title: t, format: plain, v1: { command: ls, where: moon } }', ''],
    ['a command of two lines', '{ id: a, title: t, format: plain, v1: { command: "a\\nb" } }', ''],
  ])('%s', (_name, capture, more) => {
    let message = 'nothing';
    try {
      parseRecipe(recipe(capture, more));
    } catch (error) {
      message = (error as Error).message.replace(Object.keys(variables).join(', '), 'VARIABLES');
    }
    expect(message).toMatchSnapshot();
  });
});

describe('outputs that only a recording has', () => {
  const parsed = parseRecipe(recipe('{ id: extra, title: t, format: plain, v1: { command: ls, recordOnly: true } }'));

  test('are left out while there is no file', () => {
    const shown = withoutUnrecorded(parsed, () => false);
    expect(shown.layers[0]?.captures.map(({ id }) => id)).toEqual(['fixed']);
  });

  test('are there once there is one', () => {
    const asked: string[] = [];
    const shown = withoutUnrecorded(parsed, (key) => asked.push(key) > 0);
    expect(shown).toEqual(parsed);
    expect(asked).toEqual(['v1/l1-extra']);
  });
});
