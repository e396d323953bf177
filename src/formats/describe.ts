import { cellsOf, columnsOf, looksLikeHeadings, type Table, type TableRow } from './columns.ts';
import { indentOf, isBlankLine, keyed, nothingThere, part, segments, trim, unreadable } from './cut.ts';
import { areBackends, backendCells, backendFields } from './describe-ingress.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { hintOf } from './hints.ts';
import { tableFields } from './kubectl-table.ts';
import { ANY, bag, INDEX, kubectlShape } from './shape.ts';
import { MAX_DEPTH } from './tree.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { isAbsent, valueFields } from './values.ts';

/*
 * `kubectl describe` (kubectl/pkg/describe):
 *
 *   Annotations:              cloud.google.com/neg: {"ingress":true}
 *                             networking.gke.io/target-pool: ac97…
 *   Port:                     <unset>  80/TCP
 *   Endpoints:                10.20.0.8:80,10.20.0.9:80,10.20.1.13:80 + 3 more...
 *   Events:
 *     Type    Reason                Age                From                Message
 *     ----    ------                ----               ----                -------
 *     Normal  EnsuringLoadBalancer  46m (x4 over 50m)  service-controller  Ensuring load balancer
 *
 * A key may stand several times (Port, TargetPort, NodePort, Endpoints once a port). A line as deep as the values above
 * it goes on with them; one less deep is an entry of its own below them. Objects are separated by blank lines.
 *
 * ConfigMaps and Secrets underline the titles of their data, and a ConfigMap's keys:
 *
 *   Data
 *   ====
 *   nginx.conf:
 *   ----
 *   listen 80;
 *
 * Namespaces have titles without a colon (`Resource Quotas`); `No resource quota.` and the `No events.` of older kubectl
 * stand in place of a section. Backends of an Ingress stand one step further in than their headings.
 */

/** A key with what stands behind and below it. */
export interface DescribeEntry {
  key: Located;
  /** What stands behind the key, then one value for each line that goes on with it. */
  values: Located[];
  /** Keys further in. `- ` of a list is an entry with the key `-`. */
  entries: DescribeEntry[];
  /** Table below the key, such as that of Events; known by the line of dashes under its headings. */
  table?: Table;
}

/** A parsed `kubectl describe`: the top-level entries of each object. */
export interface Description {
  format: 'describe';
  objects: DescribeEntry[][];
}

/** kubectl begins every description with it. */
const FIRST = '`Name:` in the first line';
const HINT =
  'If this is not the output of `kubectl describe`, correct `format` in layers.yaml; otherwise record it again.';
/** The line under the headings of a table. */
const DASHES = /^[ \t]*--[- \t]*$/;
/** The line under the title of a ConfigMap's or Secret's data. */
const UNDERLINE = /^=+[ \t]*$/;
/** What kubectl says in place of a section. */
const NOTHING = /^No [A-Za-z]+(?: [a-z]+)*\.$/;
/** Titles of a Namespace's sections. */
const TITLE = /^Resource (?:Quotas|Limits)$/;
/** What stands below the data: of an object without events, or the headings of their table in the next line. */
const EVENTS = /^Events:[ \t]*(?:<none>[ \t]*)?$/;

interface Open {
  entry: DescribeEntry;
  indent: number;
  /** Column of the values, where the entry has one. */
  valueColumn: number | undefined;
}

/**
 * Reads `kubectl describe`.
 * @throws {FormatError} on an empty output and on a line that is neither an entry nor goes on with one
 */
export function parseDescribe(text: string): Description {
  const lines = linesOf(text);
  const objects: DescribeEntry[][] = [];
  let stack: Open[] = [];
  let afterBlank = true;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as Line;
    if (isBlankLine(line)) {
      afterBlank = true;
      continue;
    }
    const indent = indentOf(line.value);
    if (objects.length > 0 && indent === 0 && UNDERLINE.test(lines[index + 1]?.value ?? '')) {
      const { entry, next } = readData(lines, index);
      objects.at(-1)?.push(entry);
      stack = [];
      index = next - 1;
      continue;
    }
    const known = stack.findLast((open) => open.valueColumn !== undefined && indent >= open.valueColumn);
    if (indent === 0) {
      if (afterBlank && line.value.startsWith('Name:')) objects.push([]);
      if (objects.length === 0) throw unreadable('describe', line, FIRST, HINT);
      stack = [];
    } else {
      while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
    }
    afterBlank = false;
    const below = stack.at(-1);
    const content = trim(line);
    if (below && DASHES.test(lines[index + 1]?.value ?? '') && looksLikeHeadings(line)) {
      const { table, next } = readTable(lines, index, indent);
      // Each quota of a Namespace is a name and a table below it.
      const named = TITLE.test(below.entry.key.value) ? below.entry.entries.at(-1) : undefined;
      (named ?? below.entry).table = table;
      index = next - 1;
    } else if (indent === 0 && (NOTHING.test(content.value) || TITLE.test(content.value))) {
      const entry = { key: content, values: NOTHING.test(content.value) ? [content] : [], entries: [] };
      objects.at(-1)?.push(entry);
      stack = [{ entry, indent, valueColumn: undefined }];
    } else if (known && indent > 0) {
      known.entry.values.push(trim(line));
    } else {
      const opened = entriesOf(part(line, indent), indent);
      if (opened.length > 0) {
        const siblings = below?.entry.entries ?? objects.at(-1);
        siblings?.push((opened[0] as Open).entry);
        stack.push(...opened);
        if (stack.length > MAX_DEPTH)
          throw unreadable('describe', line, `at most ${MAX_DEPTH} levels of entries`, HINT);
      } else if (below) {
        below.entry.values.push(trim(line));
      } else {
        throw unreadable('describe', line, '`Key: value`, or a line further in than the key it belongs to', HINT);
      }
    }
  }
  if (objects.length === 0) throw nothingThere('describe', text, FIRST, HINT);
  return { format: 'describe', objects };
}

/** `Key: value`, `- Key: value` (an entry inside an entry), or nothing of the kind. */
function entriesOf(content: Located, indent: number): Open[] {
  if (content.value.startsWith('- ')) {
    const inner = indentOf(content.value.slice(1)) + 1;
    const behind = trim(part(content, inner));
    // A list in a list does not occur; its dashes are left as text.
    const [child] = behind.value.startsWith('- ') ? [] : entriesOf(behind, indent + inner);
    const dash: DescribeEntry = { key: part(content, 0, 1), values: [], entries: child ? [child.entry] : [] };
    if (!child) dash.values.push(behind);
    return [{ entry: dash, indent, valueColumn: undefined }, ...(child ? [child] : [])];
  }
  const found = keyed(content);
  if (!found) return [];
  const { key, value } = found;
  return [
    {
      entry: { key, values: value ? [value] : [], entries: [] },
      indent,
      valueColumn: value && indent + value.start - content.start,
    },
  ];
}

/**
 * The data of a ConfigMap or Secret: what stands below `key:` and `----` is the key's, blank lines and all, up to the next
 * key, title or object. Two objects have two blank lines between them.
 */
function readData(lines: readonly Line[], from: number): { entry: DescribeEntry; next: number } {
  const entry: DescribeEntry = { key: trim(lines[from] as Line), values: [], entries: [] };
  let open: DescribeEntry | undefined;
  let next = from + 2;
  for (; next < lines.length; next++) {
    const line = lines[next] as Line;
    const after = lines[next + 1]?.value ?? '';
    if (isBlankLine(line)) continue;
    const ends =
      UNDERLINE.test(after) ||
      (EVENTS.test(line.value) && (line.value.includes('<none>') || /^ +Type +Reason/.test(after))) ||
      (line.value.startsWith('Name:') && next > 1 && [1, 2].every((back) => isBlankLine(lines[next - back] as Line)));
    if (ends) break;
    const [pair] = entriesOf(trim(line), 0);
    if (pair && pair.entry.values.length === 0 && pair.entry.key.value !== '-' && /^-+[ \t]*$/.test(after)) {
      open = pair.entry;
      entry.entries.push(open);
      next++;
    } else if (open) {
      open.values.push(trim(line));
    } else if (pair) {
      entry.entries.push(pair.entry);
    } else {
      throw unreadable('describe', line, '`key:` above `----`, or `key:  12 bytes`', HINT);
    }
  }
  return { entry, next };
}

/** Headings, dashes, and the rows below them that are as far in. */
function readTable(lines: readonly Line[], from: number, indent: number): { table: Table; next: number } {
  const columns = columnsOf(lines[from] as Line);
  const rows: TableRow[] = [];
  const backends = areBackends(columns.headings);
  let next = from + 2;
  for (; next < lines.length; next++) {
    const line = lines[next] as Line;
    if (isBlankLine(line) || indentOf(line.value) < indent) break;
    const cells = (backends && backendCells(line, indent)) || cellsOf(columns, line);
    // Below a Namespace's quota comes the name of the next one.
    if (!cells && keyed(trim(line))?.key.value === 'Name') break;
    if (!cells) throw unreadable('describe', line, 'every value under a heading of the table', HINT);
    rows.push({ line: line.number, cells });
  }
  return { table: { headings: columns.headings, rows }, next };
}

/**
 * The values of a description. With several objects the path begins with namespace and name. Rows of Events are named by
 * their reason.
 */
export function describeFields({ objects }: Description): Field[] {
  return objects.flatMap((entries) => {
    const value = (name: string) => entries.find(({ key }) => key.value === name)?.values[0]?.value || [];
    return entriesFields(entries, objects.length > 1 ? [value('Namespace'), value('Name')].flat() : []);
  });
}

function entriesFields(entries: readonly DescribeEntry[], path: readonly string[]): Field[] {
  let item = 0;
  return entries.flatMap(({ key, values, entries: inner, table }) => {
    const own = [...path, key.value === '-' ? String(item++) : key.value];
    const reason = table?.headings.findIndex(({ value }) => value === 'Reason') ?? -1;
    return [
      ...values.flatMap((value, index) => lineFields(value, own, index)),
      ...entriesFields(inner, own),
      ...(table ? fieldsOfTable(table, Math.max(reason, 0), own) : []),
    ];
  });
}

function fieldsOfTable(table: Table, named: number, path: readonly string[]): Field[] {
  return areBackends(table.headings) ? backendFields(table, path) : tableFields(table, [named], path);
}

/** One line of values: `http  8080/TCP` is a name and a port, `key: value` and `key=value` name what they hold. */
function lineFields(value: Located, path: readonly string[], index: number): Field[] {
  const hint = hintOf(path.at(-1) ?? '');
  const pair = keyed(value);
  if (pair?.value) return valueFields(pair.value, [...path, pair.key.value], hintOf(pair.key.value));
  const [first, second, ...more] = segments(value);
  if (first && second && more.length === 0 && hint === 'port') {
    return [
      field(first, [...path, 'name'], isAbsent(first.value) ? 'text' : 'name'),
      ...valueFields(second, path, hint),
    ];
  }
  return valueFields(value, index === 0 || value.value.includes('=') ? path : [...path, String(index)], hint);
}

export default {
  parse: parseDescribe,
  fields: describeFields,
  grammar: grammar(tokens),
  shape: kubectlShape(
    bag(/^(?:Endpoints|LoadBalancer Ingress|LoadBalancer Source Ranges|External IPs)$/, INDEX),
    bag('Events', ANY),
  ),
  incompleteness: ({ head }) => (/^Name:\s/.test(head) ? undefined : 'it does not start with `Name:`'),
  sample: { from: 'v1-l1-service-detail', head: 0, between: '\n\n' },
} satisfies Format<Description>;
