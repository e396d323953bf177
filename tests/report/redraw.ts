import { readFileSync } from 'node:fs';
import type { ReportJson } from '../../src/report/schema.ts';

/* The failover timeline and the policy matrix as text, from report.json alone: `node tests/report/redraw.ts report.json`. */

/** One row of marks for each probe, as many as requests: `·` answered, `✗` failed, `!` answered late. */
export function timeline({ figures: { timeline } }: ReportJson): string[] {
  return (timeline?.data.rows ?? []).flatMap(({ name, sides }) =>
    (['v1', 'v2'] as const).map((side) => {
      const marks = sides[side]?.requests.map(({ answered, slow }) => (answered ? (slow ? '!' : '·') : '✗'));
      return `${side.toUpperCase()} ${name}: ${marks?.join('') ?? 'not captured'}`;
    }),
  );
}

/** One line for each source, a cell for each column: `+` allowed, `-` denied, `?` neither; observed in brackets. */
export function matrix({ figures: { policy } }: ReportJson): string[] {
  const signs = { allowed: '+', denied: '-', unknown: '?' };
  return (policy?.data ?? []).flatMap(({ columns, rows }) => [
    columns.map(({ title }) => title).join(' | '),
    ...rows.map(({ source, cells }) => {
      const marks = cells.map(({ verdict, basis }) =>
        basis === 'none' ? ' ' : basis === 'observed' ? `[${signs[verdict]}]` : signs[verdict],
      );
      return `${source.id}: ${marks.join(' | ')}`;
    }),
  ]);
}

if (import.meta.main) {
  const json = JSON.parse(readFileSync(process.argv[2] ?? 'dist/report.json', 'utf8')) as ReportJson;
  console.log([...timeline(json), '', ...matrix(json)].join('\n'));
}
