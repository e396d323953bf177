import { type Difference, type Matched, type RowCounts, roles } from '../types.ts';
import { isRule } from './rules.ts';

/** Counts the values of a row by how they compare. */
export function rowCounts(matched: readonly Matched[], differences: readonly Difference[]): RowCounts {
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
