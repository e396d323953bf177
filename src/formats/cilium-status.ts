import { cellsOf, columnsOf, looksLikeHeadings, type Table } from './columns.ts';
import { indentOf, isBlankLine, keyed, nothingThere, part, segments, trim, unreadable } from './cut.ts';
import type { Field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { hintOf } from './hints.ts';
import { tableFields } from './kubectl-table.ts';
import { shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * `cilium-dbg status --verbose` (pkg/client, `FormatStatusResponse`):
 *
 *   KVStore:                Disabled
 *   KubeProxyReplacement:   True   [eth0 192.0.2.5 (Direct Routing)]
 *   Masquerading:           BPF   [eth0]   10.20.0.0/14 [IPv4: Enabled, IPv6: Disabled]
 *   Controller Status:      2/2 healthy
 *     Name             Last success   Last error   Count   Message
 *     link-cache       12s ago        never        0       no error
 *   KubeProxyReplacement Details:
 *     Status:               True
 *     Socket LB:            Enabled
 *     Socket LB Coverage:   Hostns-only
 *     Services:
 *     - ClusterIP:      Enabled
 *   Modules Health:   Stopped(0) Degraded(0) OK(53)
 *
 * Lines further in belong to the key above them; tables are known by their headings. What answers a Service without
 * backends and how far monitor events are aggregated does not stand here: `cilium-dbg config --all` says both.
 */

/** One line below a key. */
export interface StatusLine {
  line: number;
  /** Without `- `. */
  key?: Located;
  /** What stands behind the key, or the whole line, between gaps of two blanks. */
  values: Located[];
}

/** A key with what stands behind and below it. */
export interface StatusEntry extends StatusLine {
  key: Located;
  lines: StatusLine[];
  table?: Table;
}

/** A parsed `cilium-dbg status`. */
export interface CiliumStatus {
  format: 'cilium-status';
  entries: StatusEntry[];
  /** `True`, `False`; before Cilium 1.14 `Strict`, `Probe`, `Partial`, `Disabled`. */
  kubeProxyReplacement?: Located;
  /** `Enabled` where connections to a Service are translated at connect(); before 1.10 not printed. */
  socketLb?: Located;
  /** `Full`, or `Hostns-only` where pods are left out; before 1.14 not printed. */
  socketLbCoverage?: Located;
  /** How backends on other nodes are reached: `SNAT`, `DSR`, `Hybrid`. */
  nodePortMode?: Located;
  /** `BPF`, `IPTables`, `Disabled`, with what stands behind it. */
  masquerading?: Located;
  /** `BPF` or `Legacy`. */
  hostRouting?: Located;
}

const EXPECTED = '`Kubernetes:   Ok   …` and the other lines of `cilium-dbg status`';
const HINT = 'Record `cilium-dbg status --verbose` without -o and --brief, or correct `format` in layers.yaml.';
/** Keys of which one begins every status. */
const FIRST = /^(?:KVStore|ContainerRuntime|Kubernetes|KubeProxyReplacement|Cilium)$/;
/** The tree of modules, which older versions do not set in. */
const TREE = /^[├└│]/;
const HEADINGS = /^(?:Name|Protocol)[ \t]{2,}/;

/**
 * Reads `cilium-dbg status`.
 * @throws {FormatError} on an empty output, on another first line, and on a line that is neither `Key:` nor further in
 */
export function parseCiliumStatus(text: string): CiliumStatus {
  const lines = linesOf(text);
  const entries: StatusEntry[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as Line;
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const inside = indentOf(line.value) > 0 || TREE.test(content.value);
    const above = entries.at(-1);
    const pair = inside ? undefined : keyed(content);
    if (pair && (above || FIRST.test(pair.key.value))) {
      const values = pair.value ? segments(pair.value) : [];
      entries.push({ line: line.number, key: pair.key, values, lines: [] });
    } else if (!inside || !above) {
      throw unreadable('cilium-status', line, EXPECTED, HINT);
    } else if (!above.table && HEADINGS.test(content.value) && looksLikeHeadings(line)) {
      const { table, next } = readTable(lines, index);
      above.table = table;
      index = next - 1;
    } else {
      above.lines.push(readLine(content, line));
    }
  }
  if (entries.length === 0) throw nothingThere('cilium-status', text, EXPECTED, HINT);
  return { format: 'cilium-status', entries, ...factsOf(entries) };
}

function readLine(content: Located, { number }: Line): StatusLine {
  const item = content.value.startsWith('- ') ? trim(part(content, 2)) : content;
  const pair = keyed(item);
  if (!pair) return { line: number, values: segments(item) };
  return { line: number, key: pair.key, values: pair.value ? segments(pair.value) : [] };
}

/** Rows of a table; the next line without a cell for each heading is none of them. */
function readTable(lines: readonly Line[], from: number): { table: Table; next: number } {
  const columns = columnsOf(lines[from] as Line);
  const table: Table = { headings: columns.headings, rows: [] };
  let next = from + 1;
  for (; next < lines.length; next++) {
    const line = lines[next] as Line;
    const cells = isBlankLine(line) || indentOf(line.value) === 0 ? undefined : cellsOf(columns, line);
    if (!cells) break;
    table.rows.push({ line: line.number, cells });
  }
  return { table, next };
}

function factsOf(entries: readonly StatusEntry[]): Omit<CiliumStatus, 'format' | 'entries'> {
  const entry = (name: string) => entries.find(({ key }) => key.value === name);
  const details = entry('KubeProxyReplacement Details')?.lines ?? [];
  const detail = (name: string) => details.find(({ key }) => key?.value === name)?.values[0];
  const facts = {
    kubeProxyReplacement: entry('KubeProxyReplacement')?.values[0],
    socketLb: detail('Socket LB'),
    socketLbCoverage: detail('Socket LB Coverage'),
    nodePortMode: detail('Mode'),
    masquerading: entry('Masquerading')?.values[0],
    hostRouting: entry('Host Routing')?.values[0],
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** The values of a status, each under its key; a row of a table under its first cell. */
function ciliumStatusFields({ entries }: CiliumStatus): Field[] {
  return entries.flatMap((entry) => {
    const path = [entry.key.value];
    return [
      ...valuesOf(entry, path),
      ...entry.lines.flatMap((line) => valuesOf(line, line.key ? [...path, line.key.value] : path)),
      ...(entry.table ? tableFields(entry.table, [0], path).map(asState) : []),
    ];
  });
}

/** Below `Node` the health of nodes stands, not their names. */
function asState(at: Field): Field {
  return at.path.at(-1) === 'Node' ? { ...at, kind: 'state' } : at;
}

function valuesOf({ values }: StatusLine, path: readonly string[]): Field[] {
  return values.flatMap((value, index) =>
    valueFields(value, index === 0 ? path : [...path, String(index)], hintOf(path.at(-1) ?? '')),
  );
}

export default {
  parse: parseCiliumStatus,
  fields: ciliumStatusFields,
  grammar: grammar(tokens),
  shape: shape(),
  incompleteness: ({ tail }) =>
    /^(?:Cluster health|Modules Health):/m.test(tail) ? undefined : 'the line `Cluster health:` is missing',
  sample: { from: 'verbose-1-16', head: 0 },
} satisfies Format<CiliumStatus>;
