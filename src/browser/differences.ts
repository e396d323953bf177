/** "What differs": both sides of a row line by line, what was matched and what is left marked. */

import type { DifferenceRange, SaidDifferences } from '../report/differences.ts';

const KINDS = ['', 'rule', 'different', 'implied'];
let rows: SaidDifferences[] | undefined;

/** The row an output belongs to; undefined where the other side has none. */
export function rowOf(key = ''): SaidDifferences | undefined {
  rows ??= JSON.parse(document.querySelector<HTMLDataElement>('#differences')?.value ?? '[]') as SaidDifferences[];
  return rows.find(({ v1, v2 }) => v1 === key || v2 === key);
}

const linesOf = (key: string) => document.querySelector(`pre[data-capture="${key}"]`)?.textContent?.split('\n') ?? [];

/** One line with its marks; its number is drawn by the style, so that no selection holds it. */
function fill(td: HTMLElement, number: number, lines: string[], ranges: DifferenceRange[]): void {
  const text = lines[number - 1];
  if (text === undefined) return;
  td.dataset.n = `${number}`;
  let at = 0;
  for (const [start, end, kind, why] of ranges) {
    const mark = document.createElement('mark');
    mark.className = kind ? (KINDS[kind] ?? '') : `role ${why}`;
    mark.title = why;
    mark.textContent = text.slice(start, end);
    td.append(text.slice(at, start), mark);
    at = end;
  }
  td.append(text.slice(at));
}

/** Both outputs of a row side by side. `over` is what stands over each. */
export function differencesTable({ v1, v2, pairs, folds, groups, heads, apart }: SaidDifferences, over: Node[]) {
  const table = document.createElement('table');
  const body = table.createTBody();
  /** A row of cells, the markup being ours; what outputs say is put into it as text. */
  const row = (name: string, cells: string) => {
    const tr = body.insertRow();
    tr.className = name;
    tr.innerHTML = cells;
    return [...tr.querySelectorAll<HTMLElement>(':not(:has(*))')] as [HTMLElement, HTMLElement, HTMLElement];
  };
  const [left, right] = [linesOf(v1), linesOf(v2)];
  const [one, , other] = row('over', '<th scope=col><td class=seam><th scope=col>');
  one.append(over[0] as Node);
  other.append(over[1] as Node);
  table.createTHead().append(body.rows[0] as Node);
  if (apart) table.createCaption().textContent = apart;
  for (const [index, [a, b, marks1, marks2, likeness]] of pairs.entries()) {
    const group = groups.findIndex(([first]) => first === index);
    if (group >= 0) row('group', '<th colspan=3>')[0].textContent = heads[group] ?? '';
    const fold = folds.find(([first, last]) => first <= index && index <= last);
    if (fold?.[0] === index) {
      const [to = 0, same] = pairs[fold[1]] ?? [];
      row('fold', '<td colspan=3><button>')[0].textContent =
        `⋯ ${fold[1] - index + 1} lines the same on both sides, ${a === b && to === same ? '' : 'V1 '}${a}–${to}`;
    }
    const [td1, seam, td2] = row(`is${likeness}`, '<td class=v1><td class=seam><td class=v2>');
    fill(td1, a, left, marks1);
    seam.textContent = '=≈≠≠'.charAt(likeness);
    fill(td2, b, right, marks2);
    (seam.parentElement as HTMLElement).hidden = Boolean(fold);
  }
  table.addEventListener('pointerdown', ({ target }) => {
    const side = (target as Element).closest('.v1, .v2')?.className;
    if (side) table.dataset.from = side;
  });
  table.addEventListener('click', ({ target }) => {
    const fold = (target as Element).closest('.fold');
    for (let tr = fold?.nextElementSibling as HTMLElement; tr?.hidden; tr = tr.nextElementSibling as HTMLElement)
      tr.hidden = false;
    if (!fold) return;
    (table.parentElement as HTMLElement).focus();
    fold.remove();
  });
  // Of a table the browser would copy tabs and both sides; here it is the lines of the side the selection began on.
  table.addEventListener('copy', (event) => {
    const range = getSelection()?.getRangeAt(0);
    if (!range || !table.dataset.from) return;
    const lines = range.cloneContents().querySelectorAll(`.${table.dataset.from}[data-n]`);
    const text = [...lines].map((td) => td.textContent).join('\n') || `${range}`;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  });
  return table;
}
