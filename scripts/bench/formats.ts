import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { fieldsOf, parseOutput } from '../../src/formats/index.ts';
import { FormatError } from '../../src/formats/types.ts';
import { type FormatId, formatIds } from '../../src/recipe/schema.ts';

/*
 * Time of each parser on 1, 2, 4 and 8 MB, and how it grows: 8 is linear from 1 to 8 MB, 64 would be quadratic.
 * First real outputs made long, then single lines that invite backtracking. YAML is read up to 4 MB: half the sizes.
 * Usage: node scripts/bench/formats.ts [format …]
 */

const FIXTURES = join(import.meta.dirname, '../../tests/fixtures/formats');
const RULES = join(import.meta.dirname, '../../captures/v1/l4-iptables-nat.txt');
const SIZES = [1, 2, 4, 8];
/** The share of each size that a format is measured with. */
const SHARE: Readonly<Partial<Record<FormatId, number>>> = { yaml: 0.45 };
const MB = 1024 * 1024;

/** The output each format is grown from, and how many of its first lines are not repeated. */
const SOURCES: Readonly<Record<FormatId, readonly [file: string, head: number]>> = {
  'kubectl-table': ['v1-l1-service-ips', 1],
  describe: ['v1-l1-service-detail', 0],
  yaml: ['v1-l2-target-pool', 0],
  'key-value': ['v1-l6-local-asymmetric', 0],
  'iptables-save': ['', 28],
  'cilium-service-list': ['v2-l4-ebpf-service-map', 1],
  'cilium-bpf-lb-list': ['slots', 1],
  'cilium-policy-map': ['v2-l8-policy-map', 1],
  'hubble-flows': ['v2-l7-hubble-observe', 0],
  'hubble-flows-json': ['all-events', 0],
  'hubble-status': ['unavailable', 5],
  'http-probe': ['v1-l6-cluster-mode', 0],
  'pod-network': ['iproute2-tcp6', 0],
  plain: ['addresses', 0],
};

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

function grown(format: FormatId, size: number): string {
  const [file, head] = SOURCES[format];
  const captured = bodyText(decodeCapture(readFileSync(RULES), RULES).body);
  const source = format === 'iptables-save' ? captured : readFileSync(join(FIXTURES, `${format}--${file}.out`), 'utf8');
  const text = `${source.replace(/\n*$/, '')}\n`;
  const lines = text.split('\n').slice(0, -1);
  // Objects of describe and documents of YAML are apart; a status has no more lines, but nodes.
  const before = { describe: '\n\n', yaml: '---\n' }[format as string] ?? '';
  const body = format === 'hubble-status' ? ['  - node-1'] : lines.slice(head);
  const piece = `${before}${body.join('\n')}\n`;
  const wanted = size * MB * (SHARE[format] ?? 1);
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

const label = (format: FormatId) => (SHARE[format] ? `${format} (sizes × ${SHARE[format]})` : format);
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
      const { parse, fields } = time(format, piece.repeat((size * MB * (SHARE[format] ?? 1)) / piece.length));
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
