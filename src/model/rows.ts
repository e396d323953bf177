import type { Table, TableRow } from '../formats/columns.ts';
import type { Field } from '../formats/field.ts';
import { hintOf } from '../formats/hints.ts';
import { valueFields } from '../formats/values.ts';
import type { Subject } from './subject.ts';

/** A row of a `kubectl get` or `gcloud … list` table. */
export interface Row {
  subject: Subject;
  /** True where it is the only row of its table. */
  alone: boolean;
  has(heading: string): boolean;
  /** The values of the cell under a heading (upper case), taken apart. */
  at(heading: string): Field[];
}

/** Every table row of the outputs. */
export function rowsOf(subjects: readonly Subject[]): Row[] {
  return subjects.flatMap((subject) => {
    const { parsed } = subject;
    if (parsed.format !== 'kubectl-table') return [];
    return parsed.tables.flatMap((table) => table.rows.map((row) => rowOf(subject, table, row)));
  });
}

function rowOf(subject: Subject, { headings, rows }: Table, { cells }: TableRow): Row {
  const place = (heading: string) => headings.findIndex(({ value }) => value.toUpperCase() === heading);
  return {
    subject,
    alone: rows.length === 1,
    has: (heading) => place(heading) >= 0,
    at(heading) {
      const cell = cells[place(heading)];
      return cell ? valueFields(cell, [], hintOf(heading)) : [];
    },
  };
}

/** The name in a row, without the `service/` or `pod/` that `kubectl get a,b` puts before it. */
export function nameIn(row: Row): Field | undefined {
  return row.at('NAME').at(-1);
}
