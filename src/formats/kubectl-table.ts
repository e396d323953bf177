import { cellsOf, columnsOf, isSqueezed, looksLikeHeadings, type Table, type TableRow } from './columns.ts';
import { isBlankLine, nothingThere, unreadable } from './cut.ts';
import type { Field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/table.json' with { type: 'json' };
import { hintOf } from './hints.ts';
import { ANY, bag, INDEX, kubectlShape } from './shape.ts';
import { type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * Tables of `kubectl get` (also `-o wide` and `-o custom-columns`) and of `gcloud … list`:
 *
 *   NAME    TYPE           CLUSTER-IP    EXTERNAL-IP     PORT(S)        AGE
 *   nginx   LoadBalancer   10.24.9.186   136.64.249.50   80:31057/TCP   50m
 *
 * Several kinds at once (`kubectl get pods,svc`) give one table each, with a blank line between them.
 * Without objects both tools print nothing here (the message goes to standard error).
 */

/** A parsed `kubectl get` or `gcloud … list`. */
export interface KubectlTables {
  format: 'kubectl-table';
  tables: Table[];
}

const HINT =
  'If the command has `--no-headers` or another output format, record it without, or correct `format` in layers.yaml.';

/** For a table whose columns are not where the tool puts them. */
const MOVED =
  'The columns were moved after the tool had printed them, so that nobody can say which value is whose: record it again.';

/**
 * Reads the tables of `kubectl get` or `gcloud … list`.
 * @throws {FormatError} on an empty output, on a table without headings, and on a value that stands under no heading or
 * could stand under two
 */
export function parseKubectlTable(text: string): KubectlTables {
  const tables: Table[] = [];
  let columns: ReturnType<typeof columnsOf> | undefined;
  let rows: TableRow[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) {
      columns = undefined;
    } else if (columns) {
      const cells = cellsOf(columns, line);
      if (!cells) throw unreadable('kubectl-table', line, 'every value under a heading', MOVED);
      rows.push({ line: line.number, cells });
    } else {
      if (isSqueezed(line)) {
        throw unreadable('kubectl-table', line, 'headings at least two blanks apart', MOVED);
      }
      if (!looksLikeHeadings(line)) {
        throw unreadable('kubectl-table', line, 'the headings of a table, such as NAME and AGE', HINT);
      }
      columns = columnsOf(line);
      rows = [];
      tables.push({ headings: columns.headings, rows });
    }
  }
  if (tables.length === 0) {
    throw nothingThere(
      'kubectl-table',
      text,
      'the headings of a table, such as NAME and AGE',
      'Record it again: without objects kubectl says so on standard error only.',
    );
  }
  return { format: 'kubectl-table', tables };
}

/**
 * The values of the tables. A row is named by NAME (after NAMESPACE, where there is one), an event by OBJECT and REASON,
 * any other by its first cell.
 */
function kubectlTableFields({ tables }: KubectlTables): Field[] {
  return tables.flatMap((table) => tableFields(table, nameColumns(table.headings)));
}

/** The values of one table, each row named by the cells in the columns `named`. */
export function tableFields(
  { headings, rows }: Table,
  named: readonly number[],
  path: readonly string[] = [],
): Field[] {
  return rows.flatMap(({ cells }) => {
    const name = named.flatMap((column) => cells[column]?.value || []);
    return cells.flatMap((cell, column) => {
      const heading = headings[column]?.value ?? '';
      return valueFields(cell, [...path, ...name, heading], hintOf(heading));
    });
  });
}

/** The columns that name a row; events have no name but what happened to whom. */
const NAMING = [['NAMESPACE', 'NAME'], ['NAME'], ['NAMESPACE', 'OBJECT', 'REASON'], ['OBJECT', 'REASON']];

function nameColumns(headings: readonly Located[]): number[] {
  const names = headings.map(({ value }) => value.toUpperCase());
  const naming = NAMING.find((all) => all.every((name) => names.includes(name)));
  return naming?.map((name) => names.indexOf(name)) ?? [0];
}

export default {
  parse: parseKubectlTable,
  fields: kubectlTableFields,
  grammar: grammar(tokens),
  shape: kubectlShape(bag(ANY), bag(ANY, ANY, INDEX), bag(ANY, ANY, ANY, INDEX)),
  incompleteness: headed(/^[A-Z][A-Z0-9_()-]*(?: [A-Z0-9_()-]+)*(?:\s|$)/, 'a line of column names'),
  sample: { from: 'v1-l1-service-ips', head: 1 },
} satisfies Format<KubectlTables>;
