import { type Columns, cellsOf, columnsOf } from './columns.ts';
import { isBlankLine, nothingThere, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/table.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';
import { isAbsent, valueFields } from './values.ts';

/*
 * `cilium-dbg endpoint list`, the pods of one node as the agent knows them (cilium-dbg/cmd/endpoint_list.go):
 *
 *   ENDPOINT   POLICY (ingress)   POLICY (egress)   IDENTITY   LABELS (source:key[=value])   IPv6   IPv4         STATUS
 *              ENFORCEMENT        ENFORCEMENT
 *   1094       Enabled            Disabled          18565      k8s:app=nginx                        10.20.0.15   ready
 *                                                              k8s:io.kubernetes.pod.namespace=netflow-test
 *   2865       Disabled           Disabled          4          reserved:health                      10.20.0.9    ready
 *
 * The labels take a line each. The number of an endpoint is not its identity.
 */

/** One endpoint. */
export interface CiliumEndpoint {
  line: number;
  id: Located;
  /** `Enabled`, `Disabled`, `Disabled (Audit)` or `Unknown`. */
  ingress: Located;
  egress: Located;
  /** Number of its identity; `<no label id>` before it has one. */
  identity: Located;
  labels: Located[];
  ipv6?: Located;
  ipv4?: Located;
  /** `ready`, `waiting-for-identity`, `regenerating`, `not-ready`, … */
  state: Located;
}

/** A parsed `cilium-dbg endpoint list`. */
export interface CiliumEndpointList {
  format: 'cilium-endpoint-list';
  endpoints: CiliumEndpoint[];
}

const NAMES = [
  'ENDPOINT',
  'POLICY (ingress)',
  'POLICY (egress)',
  'IDENTITY',
  'LABELS (source:key[=value])',
  'IPv6',
  'IPv4',
  'STATUS',
];
const EXPECTED = 'the headings ENDPOINT, POLICY (ingress), POLICY (egress), IDENTITY, LABELS, IPv6, IPv4 and STATUS';
const HINT = 'Record `cilium-dbg endpoint list` without -o and --no-headers, or correct `format` in layers.yaml.';

/**
 * Reads `cilium-dbg endpoint list`.
 * @throws {FormatError} without headings, and on a row of another form
 */
export function parseCiliumEndpointList(text: string): CiliumEndpointList {
  const endpoints: CiliumEndpoint[] = [];
  let columns: Columns | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line) || (columns && /^[ \t]*ENFORCEMENT[ \t]+ENFORCEMENT[ \t]*$/.test(line.value))) continue;
    if (!columns) {
      columns = columnsOf(line);
      if (columns.headings.map(({ value }) => value).join() !== NAMES.join()) {
        throw unreadable('cilium-endpoint-list', line, EXPECTED, HINT);
      }
      continue;
    }
    const cells = cellsOf(columns, line) ?? [];
    const [id, ingress, egress, identity, label, ipv6, ipv4, state] = cells;
    const filled = cells.filter(({ value }) => value !== '');
    const above = endpoints.at(-1);
    if (above && label && filled.length === 1 && filled[0] === label) {
      above.labels.push(label);
    } else if (id && /^\d+$/.test(id.value) && ingress?.value && egress?.value && identity?.value && state?.value) {
      endpoints.push({
        line: line.number,
        id,
        ingress,
        egress,
        identity,
        labels: label?.value ? [label] : [],
        ...(ipv6?.value && { ipv6 }),
        ...(ipv4?.value && { ipv4 }),
        state,
      });
    } else {
      throw unreadable('cilium-endpoint-list', line, 'an endpoint, or one more label of the one above', HINT);
    }
  }
  if (!columns) throw nothingThere('cilium-endpoint-list', text, EXPECTED, HINT);
  return { format: 'cilium-endpoint-list', endpoints };
}

/** The values of the list. An endpoint is named by its number. */
function ciliumEndpointListFields({ endpoints }: CiliumEndpointList): Field[] {
  return endpoints.flatMap(({ id, ingress, egress, identity, labels, ipv6, ipv4, state }) => {
    const path = [id.value];
    return [
      field(id, [...path, 'endpoint'], 'hash'),
      field(ingress, [...path, 'ingress'], 'state'),
      field(egress, [...path, 'egress'], 'state'),
      field(identity, [...path, 'identity'], isAbsent(identity.value) ? 'text' : 'identity'),
      ...labels.flatMap((label) => labelFields(label, [...path, 'labels'])),
      ...(ipv6 ? valueFields(ipv6, [...path, 'IPv6'], 'ip') : []),
      ...(ipv4 ? valueFields(ipv4, [...path, 'IPv4'], 'ip') : []),
      field(state, [...path, 'status'], 'state'),
    ];
  });
}

function labelFields(label: Located, path: readonly string[]): Field[] {
  return label.value.startsWith('reserved:') ? [field(label, path, 'text')] : valueFields(label, path);
}

export default {
  parse: parseCiliumEndpointList,
  fields: ciliumEndpointListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY)),
  incompleteness: headed(/^ENDPOINT\s/, '`ENDPOINT   POLICY (ingress) …`'),
  sample: { from: 'enforcement', head: 2 },
} satisfies Format<CiliumEndpointList>;
