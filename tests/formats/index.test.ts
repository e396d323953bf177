import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { readCaptures } from '../../src/captures/store.ts';
import { fieldsOf, formatIds, formatOf, type ParsedOutput, parseOutput } from '../../src/formats/index.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import { fixturesOf } from './support.ts';

const ROOT = `${import.meta.dirname}/../..`;

describe('the registry', () => {
  // iptables-save is tested on rulesets of its own.
  it.each(formatIds.filter((format) => format !== 'iptables-save'))('%s has fixtures', (format) => {
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
