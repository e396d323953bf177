import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProblemsError } from '../../src/problem.ts';
import { proseEntries } from '../../src/recipe/prose.ts';

const recipe = `title: Two
layers:
  - id: l1
    title: First
    summary: >-
      One {{ a() }}
      two {{ b() }}
    figure: "three"
    captures:
      - id: ips
        title: Addresses
        absent: no {{ c() }}
        v1: { command: x, note: left }
        v2:
          command: y
          flag: flag
`;

test('texts come in file order with subject, place and line', () => {
  expect(proseEntries(recipe).map(({ lineOf: _lineOf, ...entry }) => entry)).toMatchInlineSnapshot(`
    [
      {
        "line": 5,
        "subject": "layer l1, key summary",
        "text": "One {{ a() }} two {{ b() }}",
      },
      {
        "line": 12,
        "subject": "layer l1, capture ips, key absent",
        "text": "no {{ c() }}",
      },
      {
        "line": 13,
        "subject": "layer l1, capture ips, side v1, key note",
        "text": "left",
      },
    ]
  `);
});

test('a piece of a folded text is found on its own line', () => {
  const [summary] = proseEntries(recipe);
  expect(summary?.text).toBe('One {{ a() }} two {{ b() }}');
  expect(['{{ a() }}', '{{ b() }}', 'elsewhere'].map((piece) => summary?.lineOf(piece))).toEqual([6, 7, 5]);
});

test('what is no recipe has no texts, and what is no YAML is refused in words', () => {
  for (const text of ['', 'a', '- a', 'layers: 3', 'layers:\n  - captures: x\n  - 4\n'])
    expect(proseEntries(text)).toEqual([]);
  expect(() => proseEntries('layers: [*a]')).toThrow(ProblemsError);
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        proseEntries(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProblemsError);
      }
    }),
  );
});
