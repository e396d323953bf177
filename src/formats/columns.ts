import { eastAsianWidth } from 'get-east-asian-width';
import { part, segments } from './cut.ts';
import type { Located } from './types.ts';

/*
 * Tables whose columns stand under their headings, as text/tabwriter (kubectl, cilium-dbg) and gcloud print them:
 *
 *   NAME    TYPE           CLUSTER-IP    EXTERNAL-IP
 *   nginx   LoadBalancer   10.24.9.186   136.64.249.50
 *
 * Headings and cells may hold single blanks, so that only two blanks or a tab end a cell. An empty cell is known by its
 * place alone. tabwriter counts a column in code points, gcloud in terminal cells (a wide character takes two).
 */

/** One row of a table: as many cells as there are headings, in their order; an empty cell is an empty value. */
export interface TableRow {
  /** 1-based line in the output. */
  line: number;
  cells: Located[];
}

/** A table with its headings. */
export interface Table {
  headings: Located[];
  rows: TableRow[];
}

const TAB_STOP = 8;
/** Columns of sentences, which may hold two blanks in a row. */
const SENTENCE = /message|note|reason|summary|details|description|command/i;
/** Most columns that are read; no tool here prints a third of it. */
const MAX_COLUMNS = 64;
type Measure = (char: string) => number;
const codePoints: Measure = () => 1;
const terminalCells: Measure = (char) => eastAsianWidth(char.codePointAt(0) ?? 0);

/** The column at which each offset stands; offsets ascend. Linear in the length of the line. */
function columnsAt(value: string, offsets: readonly number[], measure: Measure): number[] {
  const columns: number[] = [];
  let offset = 0;
  let column = 0;
  for (const wanted of offsets) {
    while (offset < wanted) {
      const char = String.fromCodePoint(value.codePointAt(offset) ?? 0);
      column = char === '\t' ? column - (column % TAB_STOP) + TAB_STOP : column + measure(char);
      offset += char.length;
    }
    columns.push(column);
  }
  return columns;
}

/** Where the columns of a table begin. */
export interface Columns {
  headings: Located[];
  /** Column of each heading, once for each way of measuring. */
  starts: readonly { measure: Measure; at: number[] }[];
}

/** Reads the line with the headings. */
export function columnsOf(line: Located): Columns {
  const headings = segments(line);
  const offsets = headings.map((heading) => heading.start - line.start);
  return {
    headings,
    starts: [codePoints, terminalCells].map((measure) => ({ measure, at: columnsAt(line.value, offsets, measure) })),
  };
}

/**
 * Reads the cells of a row.
 * A row that stands under its headings is read by place. One that does not (`kubectl get -w` widens columns as it goes)
 * is read in order, if it has a value for every heading. Never are two values one cell.
 * @returns one cell a heading; undefined where a value stands under no heading
 */
export function cellsOf(columns: Columns, line: Located): Located[] | undefined {
  const found = segments(line);
  for (const { measure, at } of columns.starts) {
    const cells = byPlace(columns, line, found, measure, at);
    if (cells) return cells;
  }
  return found.length === columns.headings.length ? found : undefined;
}

function byPlace(
  { headings }: Columns,
  line: Located,
  found: Located[],
  measure: Measure,
  starts: number[],
): Located[] | undefined {
  const edges = columnsAt(
    line.value,
    found.flatMap((segment) => [segment.start - line.start, segment.end - line.start]),
    measure,
  );
  const cells: (Located | undefined)[] = starts.map(() => undefined);
  let column = -1;
  /** Two pieces are one cell where the next column shows that the row is in its place, or where sentences stand. */
  const goesOn = (at: number, next: number | undefined) => {
    const boundary = starts[at + 1];
    return boundary === undefined ? SENTENCE.test(headings[at]?.value ?? '') : next !== undefined && next <= boundary;
  };
  for (const [index, segment] of found.entries()) {
    const from = edges[index * 2] ?? 0;
    const to = edges[index * 2 + 1] ?? 0;
    while ((starts[column + 1] ?? Number.POSITIVE_INFINITY) <= from) column++;
    const open = cells[column];
    // Two blanks inside a value leave a piece that begins under no heading but follows one that does.
    if (column < 0 || (!open && starts[column] !== from)) return undefined;
    if (to >= (starts[column + 1] ?? Number.POSITIVE_INFINITY)) return undefined;
    if (open && !goesOn(column, edges[(index + 1) * 2])) return undefined;
    cells[column] = open ? part(line, open.start - line.start, segment.end - line.start) : segment;
  }
  // An empty cell stands behind the value before it, or where the line begins.
  let end = line.start;
  return cells.map((cell) => {
    end = cell?.end ?? end;
    return cell ?? { value: '', start: end, end };
  });
}

/** `PORT(S)`, `NOMINATED NODE`, `IP_ADDRESS`, `LABELS (source:key[=value])`; not `10.0.0.1`, `<none>`, `50m`. */
const HEADING = /^[A-Za-z][A-Za-z0-9_ /.%()[\]:=-]*$/;

/** Two headings with a single blank between them: columns that were squeezed together. No tool has a column of that name. */
const SQUEEZED = /^(?:NAME|NAMESPACE) [A-Z]|[A-Z] AGE$/;

/** True for headings that something moved together. */
export function isSqueezed(line: Located): boolean {
  const names = segments(line).map(({ value }) => value);
  return names.some((name) => SQUEEZED.test(name)) && names.every((name) => /^[A-Z][A-Z0-9() /_-]*$/.test(name));
}

/**
 * True where a line can be the headings of a table: some names, none that looks like a value. Two columns may have one
 * name (`-o custom-columns`, `-L` with one label twice) where all are in capitals, so that no row is taken for them.
 */
export function looksLikeHeadings(line: Located): boolean {
  const names = segments(line).map(({ value }) => value);
  return (
    names.length > 0 &&
    names.length <= MAX_COLUMNS &&
    (new Set(names).size === names.length || !names.some((name) => /[a-z]/.test(name))) &&
    names.every((name) => HEADING.test(name) && !SQUEEZED.test(name))
  );
}
