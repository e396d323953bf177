import { isRule, type RuleId } from '../compare/rules.ts';
import { type Role, type RowVerdict, roles } from '../types.ts';
import type { FindingOf } from './finding.ts';

/** How many values of a row compare in which way. */
export interface RowCounts {
  /** Pairs of values, and values that one side alone has. */
  values: number;
  equal: number;
  /** Matched because they play the same part in the trace, in the order of the roles. */
  byRole: { role: Role; count: number }[];
  /** Set aside by a declared rule, most first. */
  aside: { rule: RuleId; count: number }[];
  different: number;
}

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
      ...rowCounts(row),
    }),
  );
}

/** Counts the values of a row by how they compare. */
export function rowCounts({ matched, differences }: Pick<RowVerdict, 'matched' | 'differences'>): RowCounts {
  const counts = new Map<string, number>();
  for (const { by } of matched) counts.set(by, (counts.get(by) ?? 0) + 1);
  const rules = [...counts].flatMap(([rule, count]) => (isRule(rule) ? [{ rule, count }] : []));
  return {
    values: matched.length + differences.length,
    equal: counts.get('equal') ?? 0,
    byRole: roles.flatMap((role) => {
      const count = counts.get(role);
      return count === undefined ? [] : [{ role, count }];
    }),
    aside: rules.sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1)),
    different: differences.length,
  };
}
