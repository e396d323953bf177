import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { type FormatId, fieldsOf, formatIds, formatOf, parseOutput } from '../../src/formats/index.ts';
import { FormatError } from '../../src/formats/types.ts';

/*
 * Time of each parser on 1, 2, 4 and 8 MB, and how it grows: 8 is linear from 1 to 8 MB, 64 would be quadratic.
 * First real outputs made long, then single lines that invite backtracking. YAML is read up to 4 MB: half the sizes.
 * Usage: node scripts/bench/formats.ts [format …]
 */

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'tests/fixtures/formats');
const SIZES = [1, 2, 4, 8];
const MB = 1024 * 1024;

/** Pieces that a careless pattern reads again and again. */
const PIECES = [
  'a',
  ' ',
  'a ',
  'a: ',
  '(',
  '1.',
  ':',
  '=',
  'a,',
  '"',
  '[',
  '- ',
  ' -> ',
  'BY FORWARDED ',
  ' + 1 more',
  '\t',
  '\\',
];

const shareOf = (format: FormatId) => formatOf(format).sample.share ?? 1;

function grown(format: FormatId, size: number): string {
  const { from, head, between = '', repeat } = formatOf(format).sample;
  const path = from.includes('/') ? join(ROOT, from) : join(FIXTURES, `${format}--${from}.out`);
  const bytes = readFileSync(path);
  const source = from.includes('/') ? bodyText(decodeCapture(bytes, from).body) : bytes.toString('utf8');
  const lines = source.replace(/\n*$/, '').split('\n');
  const piece = `${between}${repeat ?? lines.slice(head).join('\n')}\n`;
  const wanted = size * MB * shareOf(format);
  return `${lines.slice(0, head).join('\n')}${head > 0 ? '\n' : ''}${piece.repeat(Math.ceil(wanted / piece.length))}`;
}

/** Milliseconds for parsing and for the fields. */
function time(format: FormatId, text: string): { parse: number; fields: number; read: boolean } {
  const start = performance.now();
  try {
    const parsed = parseOutput(format, text);
    const middle = performance.now();
    fieldsOf(parsed);
    return { parse: middle - start, fields: performance.now() - middle, read: true };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { parse: performance.now() - start, fields: 0, read: false };
  }
}

const label = (format: FormatId) => (shareOf(format) === 1 ? format : `${format} (sizes × ${shareOf(format)})`);
const wanted = formatIds.filter((format) => process.argv.length < 3 || process.argv.includes(format));
const row = (name: string, cells: readonly string[]) =>
  console.log(name.padEnd(28), cells.map((c) => c.padStart(9)).join(''));

row('real outputs, parse ms', [...SIZES.map((size) => `${size} MB`), '8:1', 'fields']);
for (const format of wanted) {
  time(format, grown(format, 1));
  const times = SIZES.map((size) => time(format, grown(format, size)));
  if (!times.every(({ read }) => read)) throw new Error(`${format}: the grown output is not read`);
  const [first, , , last] = times.map(({ parse }) => parse);
  row(label(format), [
    ...times.map(({ parse }) => parse.toFixed(0)),
    ((last ?? 0) / (first ?? 1)).toFixed(1),
    (times.at(-1)?.fields ?? 0).toFixed(0),
  ]);
}

row('one line, worst piece, ms', [...SIZES.map((size) => `${size} MB`), '8:1', 'piece']);
for (const format of wanted) {
  const rows = PIECES.map((piece) => ({
    piece,
    times: SIZES.map((size) => {
      const { parse, fields } = time(format, piece.repeat((size * MB * shareOf(format)) / piece.length));
      return parse + fields;
    }),
  }));
  const worst = rows.reduce((a, b) => ((b.times.at(-1) ?? 0) > (a.times.at(-1) ?? 0) ? b : a));
  const [first, , , last] = worst.times;
  row(label(format), [
    ...worst.times.map((ms) => ms.toFixed(0)),
    ((last ?? 0) / Math.max(first ?? 1, 1)).toFixed(1),
    JSON.stringify(worst.piece),
  ]);
}
