import { STAND_IN } from './address.ts';
import { type Columns, cellsOf, columnsOf, looksLikeHeadings } from './columns.ts';
import { isBlankLine, match, nothingThere, trim, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/table.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * `cilium-dbg bpf policy get <endpoint>`, what one endpoint may be sent and may send:
 *
 *   POLICY   DIRECTION   LABELS (source:key[=value])   PORT/PROTO   PROXY PORT   AUTH TYPE   BYTES   PACKETS   PREFIX
 *   Allow    Ingress     reserved:host                 ANY          NONE         disabled    -       -         0
 *                        reserved:remote-node
 *   Allow    Egress      ANY                           53/UDP       36447        disabled    138     2         24
 *
 * The labels of one identity take a line each. With -n the column is IDENTITY and holds its number, which also stands
 * among the labels where it could not be resolved. Older versions have no POLICY, AUTH TYPE or PREFIX; newer ones add
 * columns. With --all each map follows the lines `Endpoint ID:` and `Path:`, before Cilium 1.14 the map's path and a
 * colon. (cilium-dbg/cmd/bpf_policy_get.go; before, cilium/cmd/bpf_policy_get.go)
 */

/** A cell under a heading this parser does not know by name. */
export interface PolicyCell {
  heading: Located;
  value: Located;
}

/** One entry of a policy map. */
export interface PolicyEntry {
  line: number;
  /** `Allow` or `Deny`; absent in versions that know no deny. */
  policy?: Located;
  /** `Ingress` or `Egress`. */
  direction: Located;
  /** Labels of the peer's identity; `ANY` for every identity. */
  labels: Located[];
  /** Number of the peer's identity, where it is printed instead of the labels. */
  identity?: Located;
  /** `ANY`, `80/TCP` or `80-90/TCP`. */
  port: Located;
  /** Port of the proxy, or `NONE`. */
  proxyPort: Located;
  authType?: Located;
  /** `-` where the kernel keeps no count. */
  bytes: Located;
  packets: Located;
  prefix?: Located;
  others: PolicyCell[];
}

/** The map of one endpoint. */
export interface PolicyMap {
  endpoint?: Located;
  path?: Located;
  entries: PolicyEntry[];
}

/** A parsed `cilium-dbg bpf policy get`. */
export interface CiliumPolicyMaps {
  format: 'cilium-policy-map';
  maps: PolicyMap[];
}

const EXPECTED = 'the headings DIRECTION, LABELS or IDENTITY, PORT/PROTO, PROXY PORT, BYTES and PACKETS';
const HINT = 'Record `cilium-dbg bpf policy get <endpoint>` without -o and with its headings, or correct `format`.';
const LABELS = 'LABELS (source:key[=value])';
const NEEDED = ['DIRECTION', 'PORT/PROTO', 'PROXY PORT', 'BYTES', 'PACKETS'];
const KNOWN = [...NEEDED, LABELS, 'IDENTITY', 'POLICY', 'AUTH TYPE', 'PREFIX'];
const PATH = /^(?<path>\/[^ ]*\/cilium_policy_[^ /:]+):$/d;
const ABOUT = /^(?<key>Endpoint ID|Path): (?<value>[^ ]+)$/d;
/** Printed below the headings of an empty map. */
const EMPTY = /^Policy stats empty\b/;

/**
 * Reads `cilium-dbg bpf policy get`.
 * @throws {FormatError} without headings, and on a row of another form
 */
function parseCiliumPolicyMap(text: string): CiliumPolicyMaps {
  const maps: PolicyMap[] = [];
  let columns: Columns | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const about = match<'key' | 'value'>(ABOUT, content);
    const path = match<'path'>(PATH, content)?.path;
    if (path) {
      columns = undefined;
      maps.push({ path, entries: [] });
    } else if (about?.key.value === 'Endpoint ID') {
      columns = undefined;
      maps.push({ endpoint: about.value, entries: [] });
    } else if (about) {
      const map = maps.at(-1);
      if (!map || columns) throw unreadable('cilium-policy-map', line, '`Endpoint ID:` before `Path:`', HINT);
      map.path = about.value;
    } else if (!columns) {
      columns = headings(line);
      if (maps.length === 0) maps.push({ entries: [] });
    } else if (!EMPTY.test(content.value)) {
      const entries = maps.at(-1)?.entries ?? [];
      addRow(entries, columns, line);
    }
  }
  if (!columns) throw nothingThere('cilium-policy-map', text, EXPECTED, HINT);
  return { format: 'cilium-policy-map', maps };
}

function headings(line: Line): Columns {
  const columns = columnsOf(line);
  const names = new Set(columns.headings.map(({ value }) => value));
  if (
    !looksLikeHeadings(line) ||
    !NEEDED.every((name) => names.has(name)) ||
    names.has(LABELS) === names.has('IDENTITY')
  ) {
    throw unreadable('cilium-policy-map', line, EXPECTED, HINT);
  }
  return columns;
}

function addRow(entries: PolicyEntry[], columns: Columns, line: Line): void {
  const cells = cellsOf(columns, line);
  const fail = () => unreadable('cilium-policy-map', line, 'an entry, or one more label of the entry above', HINT);
  if (!cells) throw fail();
  const at = (name: string) => cells[columns.headings.findIndex(({ value }) => value === name)];
  const labels = at(LABELS);
  const filled = cells.filter(({ value }) => value !== '');
  const above = entries.at(-1);
  if (labels && filled.length === 1 && filled[0] === labels && above) {
    above.labels.push(labels);
    return;
  }
  const [direction, port, proxyPort, bytes, packets] = NEEDED.map(at);
  const identity = at('IDENTITY') ?? (labels && /^\d+$/.test(labels.value) ? labels : undefined);
  const complete = direction?.value && port?.value && proxyPort?.value && bytes?.value && packets?.value;
  if (!complete || !(identity ?? labels)?.value || !/^(?:Ingress|Egress)$/.test(direction.value)) throw fail();
  const [policy, authType, prefix] = ['POLICY', 'AUTH TYPE', 'PREFIX'].map(at);
  entries.push({
    line: line.number,
    ...(policy && { policy }),
    direction,
    labels: labels && !identity ? [labels] : [],
    ...(identity && { identity }),
    port,
    proxyPort,
    ...(authType && { authType }),
    bytes,
    packets,
    ...(prefix && { prefix }),
    others: columns.headings.flatMap((heading, index) => {
      const value = cells[index];
      return KNOWN.includes(heading.value) || !value?.value ? [] : [{ heading, value }];
    }),
  });
}

/** Number of a map's endpoint; the map's path ends in it, with leading zeros. */
export function endpointOf({ endpoint, path }: PolicyMap): string | undefined {
  return endpoint?.value ?? /_0*(\d+)$/.exec(path?.value ?? '')?.[1];
}

/** The values of the maps. An entry is named by direction, identity or labels, and port. */
function ciliumPolicyMapFields({ maps }: CiliumPolicyMaps): Field[] {
  return maps.flatMap((one) => {
    const { endpoint, path, entries } = one;
    const number = endpointOf(one);
    const map = number ? [number] : [];
    return [
      ...(endpoint ? [field(endpoint, [...map, 'endpoint'], 'hash')] : []),
      ...(path ? [field(path, [...map, 'path'], 'text')] : []),
      ...entries.flatMap((entry) => entryFields(entry, map)),
    ];
  });
}

function entryFields(entry: PolicyEntry, map: readonly string[]): Field[] {
  const { policy, direction, labels, identity, port, proxyPort, authType, bytes, packets, prefix, others } = entry;
  const peer = identity?.value ?? labels.map(({ value }) => value).join(' ');
  const path = [...map, direction.value, peer, port.value];
  const count = (at: Located, name: string) => field(at, [...path, name], at.value === '-' ? 'text' : 'count');
  return [
    ...(policy ? [field(policy, [...path, 'policy'], 'state')] : []),
    field(direction, [...path, 'direction'], 'state'),
    ...(identity ? [field(identity, [...path, 'identity'], 'identity')] : []),
    ...labels.flatMap((label) => labelFields(label, [...path, 'labels'])),
    ...valueFields(port, [...path, 'port']),
    ...valueFields(proxyPort, [...path, 'proxy port'], 'port'),
    ...(authType ? [field(authType, [...path, 'auth'], 'state')] : []),
    count(bytes, 'bytes'),
    count(packets, 'packets'),
    ...(prefix ? [field(prefix, [...path, 'prefix'], 'number')] : []),
    ...others.flatMap(({ heading, value }) => valueFields(value, [...path, heading.value])),
  ];
}

/** `k8s:role=frontend`, `reserved:host`, `cidr:10.0.0.0/8`, `ANY`: the source and the key lead to the value. */
const RESERVED = /^reserved:(?<name>[a-z0-9-]+)$/d;
const CIDR = new RegExp(String.raw`^cidr:(?<cidr>[0-9A-Fa-f.:/-]+|${STAND_IN}/\d{1,3})$`, 'd');

function labelFields(label: Located, path: readonly string[]): Field[] {
  const reserved = match<'name'>(RESERVED, label);
  if (reserved) return [field(reserved.name, [...path, 'reserved', reserved.name.value], 'identity')];
  const cidr = match<'cidr'>(CIDR, label);
  return cidr ? valueFields(cidr.cidr, [...path, 'cidr'], 'ip') : valueFields(label, path);
}

export default {
  parse: parseCiliumPolicyMap,
  fields: ciliumPolicyMapFields,
  grammar: grammar(tokens),
  shape: shape(
    bag(/^\d+$/),
    bag(/^(?:Ingress|Egress)$/, ANY),
    bag(/^(?:Ingress|Egress)$/, ANY, ANY),
    bag(/^\d+$/, /^(?:Ingress|Egress)$/, ANY),
  ),
  incompleteness: headed(/^POLICY\s+DIRECTION\s/, '`POLICY   DIRECTION …`'),
  sample: { from: 'v2-l8-policy-map', head: 1 },
} satisfies Format<CiliumPolicyMaps>;
