import type { Field } from '../formats/field.ts';
import { hintOf } from '../formats/hints.ts';
import type { Located } from '../formats/types.ts';
import { valueFields } from '../formats/values.ts';
import type { Subject } from './subject.ts';

/** A row of a `kubectl get` or `gcloud … list` table. Headings are asked for in upper case, with `_` for a space. */
export interface Row {
  subject: Subject;
  /** True where it is the only row of its table. */
  alone: boolean;
  has(heading: string): boolean;
  /** The cell under the first of the headings that the table has; undefined where it is empty or `<none>`. */
  cell(...headings: string[]): Located | undefined;
  /** The values of that cell, taken apart. */
  at(...headings: string[]): Field[];
}

/** The table rows of an output. */
export function rowsIn(subject: Subject): Row[] {
  const { parsed } = subject;
  if (parsed.format !== 'kubectl-table') return [];
  return parsed.tables.flatMap(({ headings, rows }) => {
    const names = headings.map(({ value }) => value.toUpperCase().replaceAll(' ', '_'));
    return rows.map(({ cells }): Row => {
      const cell = (...wanted: string[]) => {
        const at = cells[names.findIndex((name) => wanted.includes(name))];
        return at?.value === '' || at?.value === '<none>' ? undefined : at;
      };
      return {
        subject,
        alone: rows.length === 1,
        has: (heading) => names.includes(heading),
        cell,
        at(...wanted) {
          const own = cell(...wanted);
          return own ? valueFields(own, [], hintOf(headings[cells.indexOf(own)]?.value ?? '')) : [];
        },
      };
    });
  });
}
