import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundObservations,
  confirmObservation,
  parseObservations,
  readObservations,
  staleObservations,
} from '../../src/captures/observations.ts';
import { readCaptures } from '../../src/captures/store.ts';
import { formatProblem, ProblemsError } from '../../src/problem.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
const SOURCE = `# Remarks.
- id: grep  # why it stands here
  at:
    v1/l4-iptables-nat: ${a}
    v2/l4-map: ${b}
  restsOn: { v1/l1-service: ${c} }
  text: >-
    Two lines.
- id: other
  at:
    v2/l4-map: ${b}
  text: One.
`;
const now = new Map([
  ['v1/l4-iptables-nat', a],
  ['v2/l4-map', b],
  ['v1/l1-service', c],
]);
const messages = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
};

test('those of the published trace are bound to the outputs as they are', () => {
  const keys = plannedCaptures(loadRecipe('.')).map(({ key }) => key);
  const { captures } = readCaptures('.', keys);
  const bound = boundObservations(
    readObservations('.'),
    new Map([...captures].map(([key, { fileSha256 }]) => [key, fileSha256])),
  );
  expect(bound.length).toBeGreaterThan(0);
  expect(bound.flatMap(({ replaced }) => replaced)).toEqual([]);
});

test('a project without remarks has none', () => {
  const root = mkdtempSync(join(tmpdir(), 'observations-'));
  try {
    expect(readObservations(root)).toEqual([]);
  } finally {
    rmSync(root, { recursive: true });
  }
  expect(parseObservations('# nothing\n')).toEqual([]);
});

describe('an output that was replaced', () => {
  const at = (...changes: [string, string][]) =>
    boundObservations(parseObservations(SOURCE), new Map([...now, ...changes])).map(({ at: places, replaced }) => ({
      at: places,
      replaced,
    }));
  test('takes the remark from that output alone', () => {
    expect(at(['v1/l4-iptables-nat', c])).toEqual([
      { at: ['v2/l4-map'], replaced: ['v1/l4-iptables-nat'] },
      { at: ['v2/l4-map'], replaced: [] },
    ]);
  });
  test('takes it from everywhere where the remark rests on it', () => {
    expect(at(['v1/l1-service', a])[0]).toEqual({ at: [], replaced: ['v1/l1-service'] });
  });
  test('is named, to be read again', () => {
    const bound = boundObservations(parseObservations(SOURCE), new Map([...now, ['v2/l4-map', c]]));
    expect(staleObservations(bound).map(formatProblem)).toMatchInlineSnapshot(`
      [
        "captures/observations.yaml:2: observation grep: expected the outputs it was written for; found another captures/v2/l4-map.txt. Read it again: correct or delete it, then \`npm run check -- --confirm grep\`.",
        "captures/observations.yaml:9: observation other: expected the outputs it was written for; found another captures/v2/l4-map.txt. Read it again: correct or delete it, then \`npm run check -- --confirm other\`.",
      ]
    `);
    expect(staleObservations(boundObservations(parseObservations(SOURCE), now))).toEqual([]);
  });
});

describe('confirming', () => {
  test('binds one anew and leaves everything else as it stands', () => {
    const changed = new Map([...now, ['v2/l4-map', c] as const]);
    const source = confirmObservation(SOURCE, 'grep', changed);
    const expected = SOURCE.split('\n').map((line, index) => (index === 4 ? line.replace(b, c) : line));
    expect(source).toBe(expected.join('\n'));
    const [grep, other] = boundObservations(parseObservations(source), changed);
    expect(grep?.replaced).toEqual([]);
    expect(other?.replaced).toEqual(['v2/l4-map']);
  });
  test('twice is once, whatever the digests', () => {
    const digest = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(fc.tuple(digest, digest, digest), ([x, y, z]) => {
        const digests = new Map([...now.keys()].map((key, index) => [key, ([x, y, z][index] ?? []).join('')]));
        const once = confirmObservation(SOURCE, 'grep', digests);
        expect(confirmObservation(once, 'grep', digests)).toBe(once);
        expect(boundObservations(parseObservations(once), digests)[0]?.replaced).toEqual([]);
      }),
    );
  });
  test('refuses what is not there', () => {
    expect(messages(() => confirmObservation(SOURCE, 'nothing', now))).toMatchInlineSnapshot(`
      [
        "captures/observations.yaml: expected one of grep, other; found "nothing". Name one of them.",
      ]
    `);
    expect(messages(() => confirmObservation(SOURCE, 'other', new Map()))).toMatchInlineSnapshot(`
      [
        "captures/observations.yaml:9: expected an output among v2/l4-map; found none of them. Delete the observation, or bring the output back.",
      ]
    `);
  });
});

test('what is wrong with the file is said with its line', () => {
  const wrong = [
    '- id: [',
    `- id: a\n  at: { v1/l1-a: ${a} }\n`,
    `- id: A\n  at: {}\n  text: x\n`,
    `- id: a\n  at: { v3/l1-a: ${a} }\n  text: x\n`,
    `- id: a\n  at: { v1/l1-a: 12 }\n  text: x\n  more: 1\n`,
    `${SOURCE}${SOURCE.slice(SOURCE.indexOf('- id: other'))}`,
    'a: 1\n',
  ];
  expect(wrong.map((source) => messages(() => parseObservations(source)))).toMatchInlineSnapshot(`
    [
      [
        "captures/observations.yaml:1: expected valid YAML; found "Flow sequence in block collection must be sufficiently indented and end with a ]". Correct the line.",
      ],
      [
        "captures/observations.yaml:1: key 0.text: expected text; found nothing. Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
      ],
      [
        "captures/observations.yaml:1: key 0.id: expected lower-case letters and digits, joined by single hyphens; found "A". Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
        "captures/observations.yaml:1: key 0.at: expected at least one output; found a mapping. Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
      ],
      [
        "captures/observations.yaml:1: key 0.at: expected an output such as v1/l4-iptables-nat; found "v3/l1-a". Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
      ],
      [
        "captures/observations.yaml:1: key 0.at.v1/l1-a: expected the SHA-256 of a capture file, 64 hexadecimal digits; found "12". Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
        "captures/observations.yaml:1: key 0.more: expected a known key; found the unknown key "more". Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
      ],
      [
        "captures/observations.yaml:13: expected each observation to be named once; found "other" again. Give one of them another id.",
      ],
      [
        "captures/observations.yaml:1: key : expected a list; found a mapping. Correct captures/observations.yaml; src/captures/observations.ts says what each key means.",
      ],
    ]
  `);
  fc.assert(fc.property(fc.string(), (source) => void messages(() => parseObservations(source))));
});
