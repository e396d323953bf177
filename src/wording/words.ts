import { type ProseContext, type ProsePart, proseParts } from '../analysis/claims.ts';
import type { Role } from '../analysis/types.ts';
import { ProblemsError } from '../problem.ts';
import type { Verdict } from '../recipe/schema.ts';
import type { ReportCapture } from '../report/report.ts';

const verdictLabels: Record<Verdict, string> = {
  identical: 'identical',
  diverges: 'diverges',
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
  chain: 'iptables chain',
  identity: 'identity',
  'forwarding-rule': 'forwarding rule',
  'client-ip': 'client address',
  'node-ip': 'node address',
};

/** A role in words. */
export function roleLabel(role: Role): string {
  return roleLabels[role];
}

/** Text as HTML, for element content and double-quoted attributes. */
export function textHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** `12,093`: digits grouped by commas, whatever the machine's locale. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 Jul 2026` or `1 Jul 2026, 17:12:03 UTC`, from the header's UTC date or time. */
export function formatWhen(when: string): string {
  const date = new Date(when);
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
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

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

/**
 * Prose of the recipe as HTML: words between backticks as code, each expression as what it comes to, with the
 * expression at hand. While editing, an expression the outputs do not answer is shown as it stands.
 */
export function proseHtml(prose: string, context: ProseContext): string {
  try {
    return proseParts(prose, context).map(partHtml).join('');
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return textHtml(prose);
  }
}

function partHtml({ text, code, from }: ProsePart): string {
  const html = code ? `<code>${textHtml(text)}</code>` : textHtml(text);
  if (!from) return html;
  const how = from.kind === 'expression' ? `computed: ${from.text}` : `source: ${from.text}`;
  return `<data value="${textHtml(text)}" title="${textHtml(how)}">${html}</data>`;
}
