import type { Verdict } from '../recipe/schema.ts';
import type { ReportCapture } from '../report.ts';

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
  const size = `${grouped(lines)} ${lines === 1 ? 'line' : 'lines'} · ${grouped(body.length)} B`;
  return [
    header?.origin ?? 'origin not recorded',
    header?.when === undefined ? 'time not recorded' : formatWhen(header.when),
    header?.exitCode === undefined ? 'exit code not recorded' : `exit code ${header.exitCode}`,
    size,
  ];
}

/** Plain prose as HTML: words between backticks are set as code. */
export function proseHtml(prose: string): string {
  return prose
    .split('`')
    .map((part, index) => {
      const html = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return index % 2 === 1 ? `<code>${html}</code>` : html;
    })
    .join('');
}
