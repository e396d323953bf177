import { styleText } from 'node:util';
import type { AuditRow } from '../analysis/audit.ts';
import type { Check, Difference, RowVerdict } from '../analysis/types.ts';
import { formatProblem, printable } from '../problem.ts';
import type { Verdict } from '../recipe/schema.ts';
import type { Report, ReportLayer, ReportSummary } from '../report/report.ts';
import { counted, shortened, VALUE } from '../words.ts';
import { comparedWords } from './differences.ts';
import { findingsAbout, findingText } from './findings.ts';
import { verdictsText } from './headlines.ts';

/** The parts of the report that `npm run check` prints. */
export type Checked = Pick<
  Report,
  'summary' | 'layers' | 'findings' | 'checks' | 'observations' | 'audit' | 'captures'
>;

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
 * The report as text for a terminal: layers with their rows, findings, checks, observations and the audit.
 * @param options.colour true where the text goes to a terminal; without it there is no escape sequence in it
 */
export function checkText(report: Checked, options: { colour?: boolean } = {}): string {
  const paint = (style: Style, text: string) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const status = (name: Verdict | Check['status'], width = WIDTH) => paint(STYLES[name], name.padEnd(width));
  const places = placesOf(report);
  const sections = [
    report.layers.flatMap((layer) => layerLines(layer, report.findings, places, status)),
    checkLines(report, places, status),
    observationLines(report.observations, paint),
    ['Single-variable audit', ...auditLines(report.audit).map((line) => `  ${printable(line)}`)],
    [summaryLine(report)],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** Lines of a capture file above its output, so that a place is named as an editor counts it. */
type Places = (capture: string, line: number) => number;

function placesOf({ captures }: Checked): Places {
  const above = new Map(captures.map(({ key, stored }) => [key, stored?.headerLines ?? 0]));
  return (capture, line) => line + (above.get(capture) ?? 0);
}

type Status = (name: Verdict | Check['status'], width?: number) => string;

function layerLines(
  { id, title, expect, verdict, why, rows }: ReportLayer,
  findings: Checked['findings'],
  places: Places,
  status: Status,
): string[] {
  const unexpected = verdict === expect ? '' : `  (layers.yaml expects ${expect})`;
  return [
    `${id.toUpperCase().padEnd(4)}${status(verdict, 10)} ${title}${unexpected}`,
    `    ${printable(why)}`,
    ...findingLines(findingsAbout(findings, id), 4),
    ...rows.flatMap(({ id: row, evidence }) => [
      ...(evidence ? rowLines(evidence, places, status) : []),
      ...findingLines(
        findings.filter(({ about }) => about.layer === id && about.row === row),
        15,
      ),
    ]),
  ];
}

function findingLines(findings: Checked['findings'], indent: number): string[] {
  return findings.map((finding) => {
    const side = finding.about.side ? `${finding.about.side.toUpperCase()}: ` : '';
    return `${' '.repeat(indent)}finding: ${side}${printable(findingText(finding))}`;
  });
}

function rowLines(evidence: RowVerdict, places: Places, status: Status): string[] {
  const { row, verdict, why, matched, differences, notes } = evidence;
  return [
    `    ${status(verdict, 10)} ${row}: ${printable(why)}`,
    ...(matched.length > 0 ? [`               ${comparedWords(evidence)}`] : []),
    ...differences.map((difference) => `               ${printable(differenceText(difference, places))}`),
    ...notes.map((note) => `               note: ${printable(note)}`),
  ];
}

function differenceText({ path, v1, v2, what }: Difference, places: Places): string {
  const side = (one: Difference['v1']) =>
    one
      ? `${shortened(one.text, VALUE)} (captures/${one.at.capture}.txt:${places(one.at.capture, one.at.line)})`
      : 'nothing';
  return `${shortened(path, VALUE)}: ${side(v1)} | ${side(v2)}: ${what}`;
}

function checkLines({ checks, summary }: Checked, places: Places, status: Status): string[] {
  if (checks.length === 0) return [];
  return [
    `Checks: ${checkCounts(summary.checks)}`,
    ...checks.flatMap((check) => [
      `  ${status(check.status)} ${check.id}: ${check.title}`,
      `  ${' '.repeat(WIDTH)} ${printable(check.why)}${check.status === 'broken' ? brokenPlaces(check, places) : ''}`,
    ]),
  ];
}

/** Where to look: the lines a broken check compared, a few for each output. */
function brokenPlaces(check: Check, places: Places): string {
  const lines = Map.groupBy(check.evidence, ({ capture }) => capture);
  const named = [...lines].map(([capture, all]) => {
    const numbers = [...new Set(all.map(({ line }) => places(capture, line)))].sort((a, b) => a - b);
    return `captures/${capture}.txt:${numbers.slice(0, 5).join(',')}${numbers.length > 5 ? ',…' : ''}`;
  });
  return named.length > 0 ? ` [${named.join(' ')}]` : '';
}

/** `34 hold, 0 broken, 14 not comparable`. */
export function checkCounts({ holds, broken, 'not-comparable': rest }: ReportSummary['checks']): string {
  return `${holds} hold, ${broken} broken, ${rest} not comparable`;
}

function observationLines(
  { shown, stale }: Checked['observations'],
  paint: (style: Style, text: string) => string,
): string[] {
  return [
    `Observations: ${shown} beside their outputs, ${stale.length} to be read again`,
    ...stale.map((problem) => `  ${paint('yellow', 'read again')} ${printable(formatProblem(problem))}`),
  ];
}

/** One line per fact: what is the same, or not recorded, on one line, the rest spelled out. */
export function auditLines(rows: readonly AuditRow[]): string[] {
  const labels = (what: string, some: readonly AuditRow[]) =>
    some.length > 0 ? [`${what}: ${some.map(({ label }) => label).join(', ')}`] : [];
  const named = (outcome: AuditRow['outcome']) => rows.filter((row) => row.outcome === outcome);
  const missing = (v1: boolean, v2: boolean) =>
    named('not-recorded').filter((row) => (row.v1 === undefined) === v1 && (row.v2 === undefined) === v2);
  return [
    ...named('differs').map(
      ({ variable, label, v1, v2 }) => `${variable ? 'the variable' : 'differs'}: ${label}: ${v1} | ${v2}`,
    ),
    ...labels('same', named('same')),
    ...labels('recorded on V1 only', missing(false, true)),
    ...labels('recorded on V2 only', missing(true, false)),
    ...labels('not recorded', missing(true, true)),
  ];
}

function summaryLine({ captures, layers, summary }: Checked): string {
  return `${captures.length} outputs; ${counted(layers.length, 'layer')}: ${verdictsText(summary.verdicts)}; checks: ${checkCounts(summary.checks)}.`;
}
