import type { RowCounts, RowVerdict } from '../types.ts';
import type { FindingOf } from './finding.ts';

/** How the values of a row that both sides have compare. */
export interface RowCompared extends FindingOf<'row-compared'>, RowCounts {}

/** How rows compare. */
export type RowFinding = RowCompared;

/** What is the same and what differs in each row that both sides have, in page order. */
export function rowFindings(rows: readonly RowVerdict[]): RowFinding[] {
  const both = rows.filter(({ verdict }) => verdict === 'identical' || verdict === 'diverges');
  return both.map(
    (row): RowFinding => ({
      kind: 'row-compared',
      about: { layer: row.layer, row: row.row },
      places: [],
      ...row.counts,
    }),
  );
}
