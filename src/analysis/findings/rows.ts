import { sideIds } from '../../recipe/schema.ts';
import { isRule, type RuleId } from '../compare/rules.ts';
import { type Role, type RowVerdict, roles } from '../types.ts';
import type { FindingOf } from './finding.ts';

/** How the values of a row that both sides have compare. */
export interface RowCompared extends FindingOf<'row-compared'> {
  /** Pairs of values, and values that one side alone has. */
  values: number;
  equal: number;
  /** Matched because they play the same part in the trace, in the order of the roles. */
  byRole: { role: Role; count: number }[];
  /** Set aside by a declared rule, most first. */
  aside: { rule: RuleId; count: number }[];
  different: number;
}

/** A row that one side alone has. */
export interface RowOneSided extends FindingOf<'row-one-sided'> {
  about: FindingOf<'row-one-sided'>['about'] & { side: 'v1' | 'v2' };
}

/** Every row of a layer is the same on both sides. */
export interface RowsAgree extends FindingOf<'rows-agree'> {
  rows: number;
}

/** How rows compare. */
export type RowFinding = RowCompared | RowOneSided | RowsAgree;

/** What is the same and what differs in each row, in page order; a layer in which all is the same says so first. */
export function rowFindings(rows: readonly RowVerdict[]): RowFinding[] {
  return [...Map.groupBy(rows, ({ layer }) => layer)].flatMap(([layer, own]): RowFinding[] => {
    const agree = own.every(({ verdict }) => verdict === 'identical');
    return [
      ...(agree ? [{ kind: 'rows-agree' as const, about: { layer }, places: [], rows: own.length }] : []),
      ...ofRows(own),
    ];
  });
}

function ofRows(rows: readonly RowVerdict[]): RowFinding[] {
  return rows.map(({ layer, row, verdict, matched, differences }): RowFinding => {
    const only = sideIds.find((side) => verdict === `only-${side}`);
    if (only) return { kind: 'row-one-sided', about: { layer, row, side: only }, places: [] };
    const counts = new Map<string, number>();
    for (const { by } of matched) counts.set(by, (counts.get(by) ?? 0) + 1);
    const rules = [...counts].flatMap(([rule, count]) => (isRule(rule) ? [{ rule, count }] : []));
    return {
      kind: 'row-compared',
      about: { layer, row },
      places: [],
      values: matched.length + differences.length,
      equal: counts.get('equal') ?? 0,
      byRole: roles.flatMap((role) => {
        const count = counts.get(role);
        return count === undefined ? [] : [{ role, count }];
      }),
      aside: rules.sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1)),
      different: differences.length,
    };
  });
}
