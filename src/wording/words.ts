import type { Role } from '../analysis/types.ts';
import type { ProsePart } from '../recipe/prose-parts.ts';
import type { Verdict } from '../recipe/schema.ts';
import type { Report, ReportCapture } from '../report/report.ts';
import { counted, grouped } from '../words.ts';
import { html, type Markup } from './html.ts';

const verdictLabels: Record<Verdict, string> = {
  identical: 'identical',
  diverges: 'differs',
  'only-v1': 'only on V1',
  'only-v2': 'only on V2',
};

/** A verdict in words. */
export function verdictLabel(verdict: Verdict): string {
  return verdictLabels[verdict];
}

const roleLabels: Record<Role, string> = {
  vip: 'VIP',
  'cluster-ip': 'ClusterIP',
  'node-port': 'NodePort',
  'pod-ip': 'pod IP',
  pod: 'pod',
  node: 'node',
  chain: 'netfilter chain',
  identity: 'identity',
  'forwarding-rule': 'forwarding rule',
  'client-ip': 'client address',
  'node-ip': 'node address',
};

/** The heading of the page on one line. */
export function headlineText(headline: Report['headline']): string {
  return headline.map((parts) => parts.map(({ text }) => text).join('')).join(' ');
}

/** The roles that some values have, in the order of the legend. */
export function rolesOf(values: readonly { role: Role }[]): Role[] {
  return (Object.keys(roleLabels) as Role[]).filter((role) => values.some((value) => value.role === role));
}

/** A role in words. */
export function roleLabel(role: Role): string {
  return roleLabels[role];
}

/** A probability in a sentence: `33.3 %`, `100 %`. */
export function percentText(probability: number): string {
  return `${(probability * 100).toFixed(probability === 1 ? 0 : 1)} %`;
}

/** Seconds as a reader says them, on one line: `120 s`, `6.0 s`, `0.05 s`, `0.0003 s`; never 0 for what took some time. */
export function secondsText(seconds: number): string {
  if (seconds >= 60) return `${Math.round(seconds)}\u00A0s`;
  for (let decimals = seconds >= 0.995 ? 1 : 2; decimals < 6; decimals++) {
    const text = seconds.toFixed(decimals);
    if (Number(text) > 0 || seconds === 0) return `${text}\u00A0s`;
  }
  return `${seconds.toFixed(6)}\u00A0s`;
}

const FAILURES: Readonly<Record<number, string>> = {
  7: 'could not connect',
  28: 'timed out',
  52: 'got an empty reply',
  56: 'lost the connection',
};

/** How a request ended that got no answer, by curl's exit code (curl(1), EXIT CODES): a verb in the past tense. */
export function failureWords(exit: number): string {
  return FAILURES[exit] ?? 'failed';
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1 Jul 2026` or `1 Jul 2026, 17:12:03 UTC`, from the header's UTC date or time; Intl would take longer than the page. */
export function formatWhen(when: string): string {
  const date = new Date(when);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return when.includes('T') ? `${day}, ${date.toISOString().slice(11, 19)} UTC` : day;
}

/** Where an output comes from, in the order it is read; what is not known says so. */
export function provenance({ stored, lines }: ReportCapture): string[] {
  if (!stored) return ['not recorded yet'];
  const { header, body } = stored;
  const { where, durationMs, stderr } = header ?? {};
  const redacted = (header?.redactions ?? []).reduce((sum, { count }) => sum + count, 0);
  return [
    header?.origin ?? 'origin not recorded',
    header?.when === undefined ? 'time not recorded' : formatWhen(header.when),
    ...(where === undefined
      ? []
      : [where === 'local' ? 'run locally' : `run ${where.startsWith('node ') ? 'on' : 'in'} ${where}`]),
    header?.exitCode === undefined ? 'exit code not recorded' : `exit code ${header.exitCode}`,
    ...(durationMs === undefined ? [] : [`took ${took(durationMs)}`]),
    `${counted(lines, 'line')} · ${grouped(body.length)} B`,
    ...(stderr ? [`${counted(stderr.trimEnd().split('\n').length, 'line')} on stderr`] : []),
    ...(redacted === 0 ? [] : [`${counted(redacted, 'place')} redacted`]),
  ];
}

/** `688 ms`, `7.2 s`. */
function took(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${grouped(Math.round(ms / 100) / 10)} s`;
}

/** Prose of the recipe as HTML: code as code, a number with a source of its own with that source at hand. */
export function proseHtml(parts: readonly ProsePart[]): string {
  return html`${parts.map(partHtml)}`.text;
}

function partHtml({ text, code, source }: ProsePart): Markup {
  const said = code ? html`<code>${text}</code>` : html`${text}`;
  return source === undefined ? said : html`<data value="${text}" title="source: ${source}">${said}</data>`;
}
