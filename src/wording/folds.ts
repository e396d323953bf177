import type { RowCompared } from '../analysis/findings/rows.ts';
import type { Role } from '../analysis/types.ts';
import { counted, grouped } from '../words.ts';
import { asideLabel } from './findings/rows.ts';
import { roleLabel } from './words.ts';

/** `24 lines`; where the sides differ in length `24 | 25 lines`. */
export function linesText(lines: readonly number[]): string {
  const different = [...new Set(lines)];
  return different.length === 1
    ? counted(different[0] as number, 'line')
    : `${different.map(grouped).join(' | ')} lines`;
}

/** `44 values` */
export function valuesText({ values }: RowCompared): string {
  return counted(values, 'value');
}

const times = (what: string, count: number) => (count === 1 ? what : `${what} ×${grouped(count)}`);

/** What the values of a row were matched by, besides being equal: `ClusterIP ×2`; and what was set aside: `age ×4, count`. */
export function matchedBy({ byRole, aside }: RowCompared): { roles: { role: Role; text: string }[]; aside: string } {
  return {
    roles: byRole.map(({ role, count }) => ({ role, text: times(roleLabel(role), count) })),
    aside: aside.map(({ rule, count }) => times(asideLabel(rule), count)).join(', '),
  };
}

/** All rows of a layer together: `3 pairs, 58 values, none differs`. */
export function pairsText(rows: readonly RowCompared[]): string {
  const [values, different] = [rows.map((row) => row.values), rows.map((row) => row.different)].map((counts) =>
    counts.reduce((sum, count) => sum + count, 0),
  ) as [number, number];
  const rest = different === 0 ? 'none differs' : `${grouped(different)} ${different === 1 ? 'differs' : 'differ'}`;
  return `${counted(rows.length, 'pair')}, ${counted(values, 'value')}, ${rest}`;
}
