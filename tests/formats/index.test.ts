import { readdirSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { readCaptures } from '../../src/captures/store.ts';
import { fieldsOf, formatIds, formatOf, type ParsedOutput, parseOutput } from '../../src/formats/index.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import { fixturesOf } from './support.ts';

const ROOT = `${import.meta.dirname}/../..`;
const FIXTURES = `${ROOT}/tests/fixtures/formats`;

describe('the registry', () => {
  it.each(formatIds)('%s has fixtures', (format) => {
    expect(fixturesOf(format).length).toBeGreaterThan(0);
  });

  it.each(formatIds)('%s is parsed to what its name says, from its own sample', (id) => {
    const { sample, grammar } = formatOf(id);
    const path = sample.from.includes('/') ? sample.from : `tests/fixtures/formats/${id}--${sample.from}.out`;
    const bytes = readFileSync(`${ROOT}/${path}`);
    const text = sample.from.includes('/') ? bodyText(decodeCapture(bytes, path).body) : bytes.toString('utf8');
    expect(parseOutput(id, text).format).toBe(id);
    expect(typeof grammar === 'string' ? grammar : grammar.scopeName).toBeTruthy();
    expect(text.split('\n').length).toBeGreaterThan(sample.head);
  });

  it('is a union that `format` tells apart', () => {
    const parsed: ParsedOutput = parseOutput('http-probe', '200 0.1\n');
    expect(parsed.format === 'http-probe' && parsed.requests.length).toBe(1);
    expect(fieldsOf(parsed).map(({ path }) => path)).toEqual([
      ['request', '1', 'status'],
      ['request', '1', 'time'],
    ]);
  });

  it('numbers paths that come again', () => {
    const fields = fieldsOf(parseOutput('kubectl-table', 'NAME   AGE\na      1s\na      2s\n'));
    expect(fields.map(({ path }) => path.join())).toEqual(['a,NAME', 'a,AGE', 'a,NAME#2', 'a,AGE#2']);
  });
});

describe('the fixtures', () => {
  const seen = new Map(
    readFileSync(`${FIXTURES}/SEEN.md`, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, name, where] = /^\| `([^`]+)` \| (.+) \|$/.exec(line) ?? [];
        return name && where ? [[name, where] as const] : [];
      }),
  );
  /** Those of the first data set, named after their capture, need no other source. */
  const own = readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.out') && !/--v[12]-l\d-/.test(file))
    .map((file) => file.slice(0, -'.out'.length));

  it.each(own)('%s names where its shape was seen', (name) => {
    expect(seen.get(name)).toMatch(/^https:\/\/[^ ]+\/|and https:/);
  });

  it('are all that the table names', () => {
    expect([...seen.keys()].sort()).toEqual([...own].sort());
  });

  it('hold no address but those for documentation, private ones, and what everybody has', () => {
    /** Of the first fixtures, which came with the trace. */
    const first = new Set('34.72.78.182 34.72.78.183 104.198.14.52 90.110.5.2 34.1.2.3 162.195.118.115'.split(' '));
    const allowed =
      /^(?:0\.|10\.|127\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|2(?:2[4-9]|[3-5]\d)\.)/;
    const foreign = own.flatMap((name) => {
      const text = readFileSync(`${FIXTURES}/${name}.out`, 'utf8');
      const found = text.match(/(?<![\d.-])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]|-\d)/g) ?? [];
      return found.filter((ip) => isIPv4(ip) && !allowed.test(ip) && !first.has(ip)).map((ip) => `${name}: ${ip}`);
    });
    expect(foreign).toEqual([]);
  });
});

describe('the published captures', () => {
  const planned = plannedCaptures(loadRecipe(ROOT));
  const { captures, problems } = readCaptures(
    ROOT,
    planned.map(({ key }) => key),
  );

  it('are all there', () => {
    expect(problems).toEqual([]);
    expect(captures.size).toBe(planned.length);
  });

  it.each(planned.map(({ key, format }) => ({ key, format })))('$key is read as $format', ({ key, format }) => {
    const text = captures.get(key)?.text ?? '';
    const fields = fieldsOf(parseOutput(format, text));
    expect(fields.length).toBeGreaterThan(0);
    // Letters and digits that no field holds are headings, keys and fixed words; no address may be among them.
    let rest = text;
    for (const { start, end } of fields) rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
    expect(rest).not.toMatch(/\d{1,3}(?:\.\d{1,3}){3}|\b[0-9a-f]{8}\b|:\d/);
  });
});
