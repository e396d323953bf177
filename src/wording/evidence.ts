import type { Check, Difference, Matched } from '../analysis/types.ts';
import type { ReportSummary } from '../report/report.ts';

/**
 * Columns of plain text, so that hundreds of pairs cost one element and can be marked and copied. Widths count code
 * points; a value of several lines, such as a block of YAML, stands on one.
 */
function columns(rows: readonly (readonly string[])[]): string {
  const onOneLine = (cell: string) =>
    cell
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .join(' ')
      .trim();
  const lines = rows.map((row) => row.map(onOneLine));
  const length = (cell: string) => [...cell].length;
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((row) => length(row[column] ?? ''))));
  return lines
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - length(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The pairs that were taken for the same without being equal; what is equal to the letter is only counted. */
export function matchedText(matched: readonly Matched[]): string {
  const unequal = matched.filter(({ by }) => by !== 'equal');
  return columns(unequal.map(({ path, v1, v2, by }) => [path, v1, '↔', v2, `(${by})`]));
}

/** The differences that are left, one a line. */
export function differencesText(differences: readonly Difference[]): string {
  return columns(differences.map(({ path, v1, v2, what }) => [path, v1?.text ?? '–', '≠', v2?.text ?? '–', what]));
}

const marks = { holds: '✓', broken: '✗', 'not-comparable': '○' } as const;

/** A sign for the status of a check that does not rest on colour. */
export function checkMark(status: Check['status']): string {
  return marks[status];
}

/** `27 cross-checks hold, none fails` */
export function checksHeading({ holds, broken }: ReportSummary['checks']): string {
  const fail = broken === 0 ? 'none fails' : `${broken} ${broken === 1 ? 'fails' : 'fail'}`;
  return `${holds === 1 ? '1 cross-check holds' : `${holds} cross-checks hold`}, ${fail}`;
}

/** `27 cross-checks hold, none fails, 2 are not comparable` */
export function checksText(checks: ReportSummary['checks']): string {
  const rest = checks['not-comparable'];
  return `${checksHeading(checks)}${rest > 0 ? `, ${rest} ${rest === 1 ? 'is' : 'are'} not comparable` : ''}`;
}
