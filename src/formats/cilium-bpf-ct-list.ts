import {
  attributeFields,
  type CiliumTuple,
  readAttributes,
  readTuple,
  type TupleAttribute,
  tupleFields,
  tupleName,
} from './cilium-tuple.ts';
import { isBlankLine, trim, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { everyLine, type Format, grammar } from './format.ts';
import tokens from './grammars/cilium-services.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';

/*
 * `cilium-dbg bpf ct list global`, the connection tracking maps (pkg/maps/ctmap/types.go, `CtEntry.String`):
 *
 *   TCP SVC 10.20.1.4:42222 -> 10.24.8.39:80 expires=158116 Packets=0 Bytes=0 RxFlagsSeen=0x00 LastRxReport=0 TxFlagsSeen=0x02 LastTxReport=158106 Flags=0x0010 [ SeenNonSyn ] RevNAT=20 SourceSecurityID=0 BackendID=7
 *   TCP OUT 10.20.1.4:42222 -> 10.20.0.15:80 expires=158116 RxPackets=4 RxBytes=900 … RevNAT=20 SourceSecurityID=6385 IfIndex=0
 *
 * Counters are one pair since Cilium 1.16, one for each direction before. A connection to a service has an entry towards
 * the service, which holds its backend, and one towards the backend. `expires` counts seconds on the agent's clock; with
 * -d `(remaining: 12 sec(s))` stands behind it. The maps are printed one after the other, in no order.
 */

/** One entry. */
export interface CiliumCtEntry extends CiliumTuple {
  line: number;
  /** `expires`, counters, `Flags`, `RevNAT`, `SourceSecurityID`, `BackendID`, … in the printed order. */
  attributes: TupleAttribute[];
  /** What `Flags` means: `SeenNonSyn`, `RxClosing`, `NodePort`, … */
  flags: Located[];
}

/** A parsed `cilium-dbg bpf ct list`. */
export interface CiliumCtList {
  format: 'cilium-bpf-ct-list';
  entries: CiliumCtEntry[];
}

const EXPECTED = '`TCP OUT 10.0.0.1:1024 -> 10.0.0.2:80 expires=… … SourceSecurityID=…`';
const HINT = 'Record `cilium-dbg bpf ct list global` without -o, or correct `format` in layers.yaml.';

/**
 * Reads `cilium-dbg bpf ct list`.
 * @throws {FormatError} on a line of another form
 */
export function parseCiliumCtList(text: string): CiliumCtList {
  const entries: CiliumCtEntry[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const found = readTuple(trim(line));
    const behind = found && readAttributes(found.rest);
    if (!found || behind?.attributes[0]?.key.value !== 'expires') {
      throw unreadable('cilium-bpf-ct-list', line, EXPECTED, HINT);
    }
    entries.push({ line: line.number, ...found.tuple, ...behind });
  }
  return { format: 'cilium-bpf-ct-list', entries };
}

/** The values of the list. An entry is named by protocol, direction and both ends. */
function ciliumCtListFields({ entries }: CiliumCtList): Field[] {
  return entries.flatMap((entry) => {
    const path = tupleName(entry);
    return [
      ...tupleFields(entry, path),
      ...attributeFields(entry.attributes, path),
      ...entry.flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
    ];
  });
}

export default {
  parse: parseCiliumCtList,
  fields: ciliumCtListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, ANY)),
  incompleteness: everyLine(/ -> .* expires=|^$/, 'a line that is not an entry'),
  empty: { format: 'cilium-bpf-ct-list', entries: [] },
  sample: { from: 'service-entries', head: 0 },
} satisfies Format<CiliumCtList>;
