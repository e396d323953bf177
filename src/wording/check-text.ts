import { styleText } from 'node:util';
import type { Check, Difference, LayerVerdict, RowVerdict } from '../analysis/types.ts';
import { formatProblem, type Problem, printable } from '../problem.ts';
import type { Verdict } from '../recipe/schema.ts';
import { shortened, VALUE } from '../words.ts';

/** Everything `npm run check` prints. */
export interface Evidence {
  /** In page order. */
  layers: readonly { id: string; title: string; expect: Verdict }[];
  verdicts: readonly LayerVerdict[];
  rows: readonly RowVerdict[];
  checks: readonly Check[];
  claims: {
    /** How many expressions the prose holds. */
    expressions: number;
    warnings: readonly Problem[];
  };
  /** Lines of the single-variable audit; absent where neither side says what it was recorded in. */
  audit?: readonly string[];
  /** Number of outputs. */
  outputs: number;
  /** Lines of a capture file above its output, by capture, so that a place is named as an editor counts it. */
  headerLines: ReadonlyMap<string, number>;
}

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Verdict | Check['status'], Style>> = {
  identical: 'dim',
  diverges: 'yellow',
  'only-v1': 'yellow',
  'only-v2': 'cyan',
  holds: 'green',
  broken: 'red',
  'not-comparable': 'dim',
};
/** Width of the longest status. */
const WIDTH = 'not-comparable'.length;

/**
 * The evidence as text for a terminal: layers with their rows, checks, claims and the audit.
 * @param options.colour true where the text goes to a terminal; without it there is no escape sequence in it
 */
export function formatEvidence(evidence: Evidence, options: { colour?: boolean } = {}): string {
  const paint = (style: Style, text: string) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const status = (name: Verdict | Check['status'], width = WIDTH) => paint(STYLES[name], name.padEnd(width));
  const sections = [
    evidence.layers.flatMap((layer) => layerLines(layer, evidence, status)),
    checkLines(evidence, status),
    claimLines(evidence.claims, paint),
    ...(evidence.audit ? [['Single-variable audit', ...evidence.audit.map((line) => `  ${printable(line)}`)]] : []),
    [summary(evidence)],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

type Status = (name: Verdict | Check['status'], width?: number) => string;

function layerLines({ id, title, expect }: Evidence['layers'][number], evidence: Evidence, status: Status): string[] {
  const own = evidence.verdicts.find(({ layer }) => layer === id);
  if (!own) return [`${id.toUpperCase().padEnd(4)}no verdict: no output could be compared  ${title}`];
  const unexpected = own.verdict === expect ? '' : `  (layers.yaml expects ${expect})`;
  return [
    `${id.toUpperCase().padEnd(4)}${status(own.verdict, 10)} ${title}${unexpected}`,
    `    ${printable(own.why)}`,
    ...evidence.rows.filter(({ layer }) => layer === id).flatMap((row) => rowLines(row, evidence, status)),
  ];
}

function rowLines(
  { row, verdict, why, matched, differences, rules, notes }: RowVerdict,
  evidence: Evidence,
  status: Status,
): string[] {
  const other = matched.filter(({ by }) => by !== 'equal').length;
  const counts =
    matched.length > 0
      ? ` ${matched.length} ${matched.length === 1 ? 'value' : 'values'} matched, ${other} of them not letter for letter`
      : '';
  const applied = rules.length > 0 ? ` (${rules.join(', ')})` : '';
  return [
    `    ${status(verdict, 10)} ${row}: ${printable(why)}`,
    ...(counts === '' ? [] : [`               ${counts.trim()}${applied}`]),
    ...differences.map((difference) => `               ${printable(differenceText(difference, evidence))}`),
    ...notes.map((note) => `               note: ${printable(note)}`),
  ];
}

/** `captures/v1/l4-iptables-nat.txt:40` */
function place(capture: string, line: number, { headerLines }: Evidence): string {
  return `captures/${capture}.txt:${line + (headerLines.get(capture) ?? 0)}`;
}

function differenceText({ path, v1, v2, what }: Difference, evidence: Evidence): string {
  const side = (one: Difference['v1']) =>
    one ? `${shortened(one.text, VALUE)} (${place(one.at.capture, one.at.line, evidence)})` : 'nothing';
  return `${shortened(path, VALUE)}: ${side(v1)} | ${side(v2)}: ${what}`;
}

function checkLines(evidence: Evidence, status: Status): string[] {
  const { checks } = evidence;
  if (checks.length === 0) return [];
  return [
    `Checks: ${checkCounts(checks)}`,
    ...checks.flatMap((check) => [
      `  ${status(check.status)} ${check.id}: ${check.title}`,
      `  ${' '.repeat(WIDTH)} ${printable(check.why)}${check.status === 'broken' ? brokenPlaces(check, evidence) : ''}`,
    ]),
  ];
}

/** Where to look: the lines a broken check compared, a few for each output. */
function brokenPlaces(check: Check, evidence: Evidence): string {
  const lines = Map.groupBy(check.evidence, ({ capture }) => capture);
  const places = [...lines].map(([capture, all]) => {
    const numbers = [...new Set(all.map(({ line }) => line))].sort((a, b) => a - b);
    const [first = 1, ...more] = numbers.slice(0, 5);
    const rest = more.map((line) => `,${line + (evidence.headerLines.get(capture) ?? 0)}`).join('');
    return `${place(capture, first, evidence)}${rest}${numbers.length > 5 ? ',…' : ''}`;
  });
  return places.length > 0 ? ` [${places.join(' ')}]` : '';
}

/** `34 hold, 0 broken, 14 not comparable`. */
export function checkCounts(checks: readonly Check[]): string {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  return `${count('holds')} hold, ${count('broken')} broken, ${count('not-comparable')} not comparable`;
}

function claimLines(
  { expressions, warnings }: Evidence['claims'],
  paint: (style: Style, text: string) => string,
): string[] {
  const numbers = `${expressions} ${expressions === 1 ? 'expression' : 'expressions'} of the prose computed`;
  const warned = `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  return [
    `Claims: ${numbers}, ${warned}`,
    ...warnings.map((warning) => `  ${paint('yellow', 'warning')} ${printable(formatProblem(warning))}`),
  ];
}

function summary({ outputs, layers, verdicts, checks }: Evidence): string {
  const differ = verdicts.filter(({ verdict }) => verdict !== 'identical').length;
  return `${outputs} outputs; ${differ} of ${layers.length} layers differ; checks: ${checkCounts(checks)}.`;
}
