import {
  attributeFields,
  type CiliumTuple,
  endFields,
  readAttributes,
  readEnd,
  readTuple,
  type TupleAttribute,
  type TupleEnd,
  tupleFields,
  tupleName,
} from './cilium-tuple.ts';
import { isBlankLine, match, part, trim, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { everyLine, type Format, grammar } from './format.ts';
import tokens from './grammars/cilium-services.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';

/*
 * `cilium-dbg bpf nat list`, the maps of source NAT (pkg/maps/nat, `Dump` of the entries):
 *
 *   TCP OUT 203.0.113.9:54120 -> 10.20.1.9:80 XLATE_SRC 192.0.2.5:54120 Created=12sec ago NeedsCT=1
 *   TCP IN 10.20.1.9:80 -> 192.0.2.5:54120 XLATE_DST 203.0.113.9:54120 Created=12sec ago NeedsCT=1
 *
 * One entry for the way out and one for the way back. Before Cilium 1.13 `HostLocal` stands in place of `NeedsCT`, and
 * `Created` is the agent's clock.
 */

/** One entry. */
export interface CiliumNatEntry extends CiliumTuple {
  line: number;
  /** `SRC` or `DST`: which end is rewritten. */
  rewrites: Located;
  /** To what. */
  to: TupleEnd;
  /** `Created`, `NeedsCT`, … */
  attributes: TupleAttribute[];
}

/** A parsed `cilium-dbg bpf nat list`. */
export interface CiliumNatList {
  format: 'cilium-bpf-nat-list';
  entries: CiliumNatEntry[];
}

const EXPECTED = '`TCP OUT 10.0.0.1:1024 -> 192.0.2.1:80 XLATE_SRC 192.0.2.2:1024 Created=… NeedsCT=…`';
const HINT = 'Record `cilium-dbg bpf nat list` without -o, or correct `format` in layers.yaml.';
const REWRITE = /^ +XLATE_(?<rewrites>SRC|DST) (?<to>[^ ]+)(?<rest>(?: .*)?)$/d;

/**
 * Reads `cilium-dbg bpf nat list`.
 * @throws {FormatError} on a line of another form
 */
export function parseCiliumNatList(text: string): CiliumNatList {
  const entries: CiliumNatEntry[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const found = readTuple(trim(line));
    const rewrite = found && match<'rewrites' | 'to' | 'rest'>(REWRITE, found.rest);
    const to = rewrite && readEnd(rewrite.to);
    const behind = rewrite && readAttributes(part(rewrite.rest, 0));
    if (!found || !rewrite || !to || !behind || behind.flags.length > 0) {
      throw unreadable('cilium-bpf-nat-list', line, EXPECTED, HINT);
    }
    const { attributes } = behind;
    entries.push({ line: line.number, ...found.tuple, rewrites: rewrite.rewrites, to, attributes });
  }
  return { format: 'cilium-bpf-nat-list', entries };
}

/** The values of the list. An entry is named by protocol, direction and both ends. */
function ciliumNatListFields({ entries }: CiliumNatList): Field[] {
  return entries.flatMap((entry) => {
    const path = tupleName(entry);
    return [
      ...tupleFields(entry, path),
      field(entry.rewrites, [...path, 'rewrites'], 'state'),
      ...endFields(entry.to, [...path, 'to']),
      ...attributeFields(entry.attributes, path),
    ];
  });
}

export default {
  parse: parseCiliumNatList,
  fields: ciliumNatListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, ANY)),
  incompleteness: everyLine(/ -> .* XLATE_|^$/, 'a line that is not an entry'),
  empty: { format: 'cilium-bpf-nat-list', entries: [] },
  sample: { from: 'needs-ct', head: 0 },
} satisfies Format<CiliumNatList>;
