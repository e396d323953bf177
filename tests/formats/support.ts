import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormatId } from '../../src/formats/index.ts';
import { fieldsOf, parseOutput } from '../../src/formats/index.ts';
import type { Rule } from '../../src/formats/iptables-save.ts';
import { FormatError, type Located } from '../../src/formats/types.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/formats');
/** Runs of each fuzz property. */
const RUNS = 10_000;

/** The fixtures of a format: `<format>--<case>.out`, and the expected parse beside it in `.json`. */
export function fixturesOf(format: FormatId): { name: string; text: string; expected: string }[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.startsWith(`${format}--`) && file.endsWith('.out'))
    .sort()
    .map((file) => ({
      name: file.slice(format.length + 2, -'.out'.length),
      text: readFileSync(join(FIXTURES, file), 'utf8'),
      expected: join(FIXTURES, file.replace(/\.out$/, '.json')),
    }));
}

/** Every located value inside a parsed output. */
function locatedIn(parsed: unknown): Located[] {
  if (parsed === null || typeof parsed !== 'object') return [];
  const own = 'value' in parsed && 'start' in parsed ? [parsed as Located] : [];
  return [...own, ...Object.values(parsed).flatMap(locatedIn)];
}

/** Fails unless every value stands where it says, and the fields are in order, apart and named once. */
function expectPlaced(format: FormatId, text: string): void {
  const parsed = parseOutput(format, text);
  for (const { value, start, end } of locatedIn(parsed)) {
    if (start < 0 || end - start !== value.length || text.slice(start, end) !== value) {
      expect({ value, start, end }).toEqual({ value: text.slice(start, end), start, end });
    }
  }
  let last = 0;
  const paths = new Set<string>();
  for (const field of fieldsOf(parsed)) {
    const { start, end, value, parts = [], path } = field;
    if (start < last || end <= start || text.slice(start, end) !== value) expect(field).toBe(`apart, from ${last} on`);
    for (const part of parts) {
      if (part.start < start || part.end > end || text.slice(part.start, part.end) !== part.value) {
        expect(part).toBe(`inside ${value}`);
      }
    }
    const name = JSON.stringify(path);
    if (paths.has(name)) expect(name).toBe('named once');
    paths.add(name);
    last = end;
  }
}

/** A rule of iptables in one line: what it is made of; the values stand among the fields. */
function compactRule({ chain, matches, target, counters }: Rule): string {
  const conditions = matches.map((match) => {
    const what = match.kind === 'unknown' ? `unknown (${match.text})` : match.kind;
    return match.negated ? `not ${what}` : what;
  });
  const to = target ? ` -> ${target.name.value} (${target.goto ? 'goto ' : ''}${target.effect.kind})` : '';
  const counted = counters ? ` [${counters.packets}:${counters.bytes}]` : '';
  return `${chain.value}: ${conditions.join(', ') || 'always'}${to}${counted}`;
}

/** A parsed output as it is kept in a fixture: located values as `value@start`. */
function compact(parsed: unknown): unknown {
  if (typeof parsed === 'bigint') return `${parsed}n`;
  if (Array.isArray(parsed)) return parsed.map(compact);
  if (parsed === null || typeof parsed !== 'object') return parsed;
  if ('matches' in parsed) return compactRule(parsed as Rule);
  if ('value' in parsed && 'start' in parsed && Object.keys(parsed).length <= 4) {
    return `${(parsed as Located).value}@${(parsed as Located).start}`;
  }
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, compact(value)]));
}

/** What a fixture says: the parse, the fields, and the text with the fields blotted out. */
function expectation(format: FormatId, text: string): string {
  const parsed = parseOutput(format, text);
  const fields = fieldsOf(parsed);
  let rest = text;
  for (const { start, end } of fields) {
    rest = rest.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, '·') + rest.slice(end);
  }
  const lines = fields.map(({ kind, path, value, means, parts }) => {
    const meaning = means === undefined ? '' : ` (${means})`;
    const pieces = parts ? ` [${parts.map((part) => `${part.kind} ${part.value}`).join(', ')}]` : '';
    return `${kind} ${path.join(' | ')} = ${value}${meaning}${pieces}`;
  });
  return `${JSON.stringify({ parsed: compact(parsed), fields: lines, rest: rest.split('\n') }, null, 1)}\n`;
}

/** Paths, kinds and values, without places. */
function meaning(format: FormatId, text: string): unknown {
  const clean = (value: string) => value.replaceAll('\r', '').trimEnd();
  return fieldsOf(parseOutput(format, text)).map(({ path, kind, value }) => [
    path.map(clean).join(),
    kind,
    clean(value),
  ]);
}

/** A text after a few edits such as a bad transfer or a careless hand makes. */
function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    kind: fc.constantFrom('delete', 'insert', 'repeat', 'swap', 'cut', 'shift'),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    insert: fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('\t', '\r', ' ', '  ', '\n', ':', '(', '"', '\\', '<none>', '—', '😀', '- '),
    ),
  });
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) =>
    edits.reduce((now, { kind, at, length, insert }) => {
      const from = at % (now.length + 1);
      const piece = now.slice(from, from + length);
      switch (kind) {
        case 'delete':
          return now.slice(0, from) + now.slice(from + length);
        case 'insert':
          return now.slice(0, from) + insert + now.slice(from);
        case 'repeat':
          return now.slice(0, from) + piece + now.slice(from);
        case 'swap':
          return now.slice(0, from) + insert + now.slice(from + length);
        case 'cut':
          return now.slice(0, from);
        default:
          return now.slice(from) + now.slice(0, from);
      }
    }, text),
  );
}

/** True where the parser read the text; false where it refused in its own words. Anything else fails. */
function readable(format: FormatId, text: string): boolean {
  try {
    expectPlaced(format, text);
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.format).toBe(format);
    if (error.line < 1 || error.line > text.split('\n').length || /[\n\r]/.test(error.message)) {
      expect(error.message).toBe('a message of one line about a line that is there');
    }
    return false;
  }
}

/** The error a parser throws; fails where it reads the text. */
export function refusal(format: FormatId, text: string): string {
  try {
    parseOutput(format, text);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error(`${format} reads ${JSON.stringify(text.slice(0, 200))}`);
}

/**
 * What is true of every format.
 * @param blanks false where blanks at a line's end can be part of a value
 * @param refuses false for a format that takes any text
 */
export function checkFormat(format: FormatId, { blanks = true, refuses = true } = {}): void {
  const fixtures = fixturesOf(format);
  // Fuzzing starts from short texts: a long one spends the same time on fewer kinds of damage.
  const seeds = fixtures.map(({ text }) => text.slice(0, 1200));

  describe(`${format}: fixtures`, () => {
    it('are there', () => {
      expect(fixtures.length).toBeGreaterThan(0);
    });
    it.each(fixtures)('$name', async ({ text, expected }) => {
      expect(existsSync(expected) || process.env.CI === undefined, `${expected} is missing`).toBe(true);
      await expect(expectation(format, text)).toMatchFileSnapshot(expected);
      expectPlaced(format, text);
    });
    it.each(fixtures)('$name means the same with other line ends', ({ text }) => {
      const unix = text.replaceAll('\r\n', '\n');
      const expected = meaning(format, unix);
      for (const other of [
        unix.replaceAll('\n', '\r\n'),
        ...(blanks ? [unix.replaceAll('\n', ' \t\n'), unix.replaceAll('\n', '   \r\n')] : []),
        unix.replace(/\n$/, ''),
        `${unix}\n`,
      ]) {
        expect(meaning(format, other)).toEqual(expected);
        expectPlaced(format, other);
      }
    });
  });

  describe(`${format}: any text`, () => {
    it('arbitrary', () => {
      const words = [
        ...new Set(seeds.flatMap((text) => text.split(/\b/)).slice(0, 400)),
        '\n',
        '\r\n',
        '\t',
        '  ',
        '\u0000',
      ];
      const text = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((all) => all.join('')),
      );
      fc.assert(
        fc.property(text, (any) => void readable(format, any)),
        { numRuns: RUNS },
      );
    });
    it('damaged outputs', () => {
      let read = 0;
      fc.assert(
        fc.property(mutated(seeds), (any) => {
          if (readable(format, any)) read++;
        }),
        { numRuns: RUNS },
      );
      // Both ends must be met, or the property says nothing about one of them.
      expect(read).toBeGreaterThan(0);
      if (refuses) expect(read).toBeLessThan(RUNS);
    });
  });
}
