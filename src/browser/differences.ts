/** "What differs": both sides of a row line by line, what was matched and what is left marked. */

import type { DifferenceRange, RowDifferences } from '../report/differences.ts';

const KINDS = ['role', 'rule', 'different'];
let rows: RowDifferences[] | undefined;

/** The row an output belongs to; undefined where the other side has none. */
export function rowOf(key: string): RowDifferences | undefined {
  rows ??= JSON.parse(document.querySelector('#differences')?.textContent ?? '[]') as RowDifferences[];
  return rows.find(({ v1, v2 }) => v1 === key || v2 === key);
}

const linesOf = (key: string) => document.querySelector(`pre[data-capture="${key}"]`)?.textContent?.split('\n') ?? [];

/** One line with its marks, as table cell. */
function cell(text: string | undefined, ranges: DifferenceRange[], alone: boolean): HTMLTableCellElement {
  const td = document.createElement('td');
  if (text === undefined) {
    td.className = 'none';
    return td;
  }
  const content = alone ? td.appendChild(document.createElement('ins')) : td;
  let at = 0;
  for (const [start, end, kind, why] of ranges) {
    const mark = document.createElement('mark');
    mark.className = KINDS[kind] ?? '';
    mark.title = why;
    mark.textContent = text.slice(start, end);
    content.append(text.slice(at, start), mark);
    at = end;
  }
  content.append(text.slice(at) || '\u200b');
  return td;
}

/** Both outputs of a row side by side. */
export function differencesTable({ v1, v2, pairs, apart }: RowDifferences): HTMLTableElement {
  const table = document.createElement('table');
  if (apart) table.createCaption().textContent = apart;
  const head = table.createTHead().insertRow();
  for (const key of [v1, v2]) {
    const th = document.createElement('th');
    th.scope = 'col';
    th.textContent = key;
    head.append(th);
  }
  const [left, right] = [linesOf(v1), linesOf(v2)];
  const body = table.createTBody();
  for (const [a, b, marks1, marks2] of pairs) {
    body
      .insertRow()
      .append(
        cell(a ? left[a - 1] : undefined, marks1, !apart && b === 0),
        cell(b ? right[b - 1] : undefined, marks2, !apart && a === 0),
      );
  }
  return table;
}
