import { type CiliumAddress, ciliumAddressFields, parseCiliumAddress } from './cilium-address.ts';
import { frontendName } from './cilium-service-list.ts';
import { type Columns, cellsOf, columnsOf } from './columns.ts';
import { isBlankLine, match, nothingThere, segments, splitAt, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/cilium-services.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `cilium-dbg bpf lb list`, the map itself, in no order:
 *
 *   SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)
 *   10.24.8.39:80/TCP (0)         0.0.0.0:0 (20) (0) [ClusterIP, non-routable]
 *   10.24.8.39:80/TCP (1)         10.20.0.15:80/TCP (20) (1)
 *   0.0.0.0:32179/TCP/i (0)       0.0.0.0:0 (31) (0) [NodePort, Local, two-scopes]
 *
 * Slot 0 is the service itself, with its flags; every other slot is a backend. Before 1.15 the slots of a service
 * stand below it without its address, and the oldest versions print no slot. `grep` takes the headings away, and whatever
 * it was not asked for: such a list is read by the form of its cells and marked. (cilium-dbg/cmd/bpf_lb_list.go)
 */

/** One entry of the map. */
export interface LbEntry {
  line: number;
  /** Address of the service; printed once for several entries before 1.15, then shared by them. */
  service: CiliumAddress;
  /** True where this entry's line prints the service's address. */
  printed: boolean;
  /** Slot as printed behind the service's address. */
  serviceSlot?: Located;
  /** Address of the backend; the unspecified address in the entry of the service itself. */
  backend?: CiliumAddress;
  revNat?: Located;
  slot?: Located;
  /** Flags of the service: its type, then `Local`, `non-routable`, `sessionAffinity`, … */
  flags: Located[];
  /** Port of the proxy that a layer 7 load balancer sends to. */
  proxyPort?: Located;
  /** Backend identifier that the map names but does not hold. */
  missing?: Located;
}

/** A parsed `cilium-dbg bpf lb list`. */
export interface CiliumLbList {
  format: 'cilium-bpf-lb-list';
  entries: LbEntry[];
  /** True where the headings are missing: entries may be, too. */
  filtered?: true;
}

const EXPECTED = 'the headings SERVICE ADDRESS and BACKEND ADDRESS';
const HINT =
  'Record `cilium-dbg bpf lb list` without --frontends, --backends, --revnat, --source-ranges and -o, or correct `format`.';
const SERVICE = /^(?<address>[^ ]+)(?: \((?<slot>\d+)\))?$/d;
const TARGET =
  /^(?<address>[^ ]+) \((?<revNat>\d+)\)(?: \((?<slot>\d+)\))?(?: \[(?<flags>[^[\]]*)\])?(?: \(L7LB Proxy Port: (?<proxyPort>\d+)\))?$/d;
const MISSING = /^backend (?<missing>\d+) not found$/d;

/** The two cells of an entry, where the headings are missing; the service's is empty where the line has none. */
function byForm(line: Line): Located[] {
  const [first, second, ...more] = segments(line);
  if (!first || more.length > 0) return [];
  return second ? [first, second] : [{ value: '', start: line.start, end: line.start }, first];
}

/**
 * Reads `cilium-dbg bpf lb list`.
 * @throws {FormatError} on a first line that is neither headings nor an entry, and on an entry of another form
 */
function parseCiliumLbList(text: string): CiliumLbList {
  const entries: LbEntry[] = [];
  let columns: Columns | undefined;
  let filtered = false;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    if (!columns && !filtered) {
      const found = columnsOf(line);
      if (/^SERVICE ADDRESS,BACKEND ADDRESS/.test(found.headings.map(({ value }) => value).join())) {
        columns = found;
        continue;
      }
      filtered = true;
      const [service] = byForm(line);
      const address = service && match<'address', 'slot'>(SERVICE, service)?.address;
      if (!address || !parseCiliumAddress(address)) throw unreadable('cilium-bpf-lb-list', line, EXPECTED, HINT);
    }
    const [serviceCell, targetCell] = (columns ? cellsOf(columns, line) : byForm(line)) ?? [];
    const named = serviceCell && match<'address', 'slot'>(SERVICE, serviceCell);
    const service = named ? parseCiliumAddress(named.address) : serviceCell?.value === '' && entries.at(-1)?.service;
    const target = targetCell && readTarget(targetCell);
    if (!service || !target) {
      throw unreadable('cilium-bpf-lb-list', line, '`service (slot)   backend (revnat) (slot) [flags]`', HINT);
    }
    const printed = named !== undefined;
    entries.push({ line: line.number, service, printed, ...(named?.slot && { serviceSlot: named.slot }), ...target });
  }
  if (!columns && !filtered) throw nothingThere('cilium-bpf-lb-list', text, EXPECTED, HINT);
  return { format: 'cilium-bpf-lb-list', entries, ...(filtered && { filtered }) };
}

type Target = Pick<LbEntry, 'backend' | 'revNat' | 'slot' | 'flags' | 'proxyPort' | 'missing'>;

function readTarget(cell: Located): Target | undefined {
  const missing = match<'missing'>(MISSING, cell);
  if (missing) return { flags: [], missing: missing.missing };
  const found = match<'address' | 'revNat', 'slot' | 'flags' | 'proxyPort'>(TARGET, cell);
  const backend = found && parseCiliumAddress(found.address);
  if (!found || !backend) return undefined;
  const { revNat, slot, flags, proxyPort } = found;
  return {
    backend,
    revNat,
    ...(slot && { slot }),
    flags: flags ? splitAt(flags, ',').filter(({ value }) => value !== '') : [],
    ...(proxyPort && { proxyPort }),
  };
}

/**
 * The values of the map. An entry is named by the service's address and its slot; without slots, by its place below the
 * service. Reverse NAT numbers are allocated and carry no meaning of their own.
 */
function ciliumLbListFields({ entries }: CiliumLbList): Field[] {
  return entries.flatMap((entry) => {
    const { service, printed, serviceSlot, backend, revNat, slot, flags, proxyPort, missing } = entry;
    const path = [frontendName(service), serviceSlot?.value ?? slot?.value ?? 'entry'];
    return [
      ...(printed ? ciliumAddressFields(service, [...path, 'service']) : []),
      ...(serviceSlot ? [field(serviceSlot, [...path, 'service', 'slot'], 'number')] : []),
      ...(backend ? ciliumAddressFields(backend, [...path, 'backend']) : []),
      ...(revNat ? [field(revNat, [...path, 'revnat'], 'hash')] : []),
      ...(slot ? [field(slot, [...path, 'slot'], 'number')] : []),
      ...flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
      ...(proxyPort ? [field(proxyPort, [...path, 'proxy port'], 'port')] : []),
      ...(missing ? [field(missing, [...path, 'missing'], 'hash')] : []),
    ];
  });
}

export default {
  parse: parseCiliumLbList,
  fields: ciliumLbListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, ANY)),
  incompleteness: headed(/^SERVICE ADDRESS\s/, '`SERVICE ADDRESS …`'),
  sample: { from: 'slots', head: 1 },
} satisfies Format<CiliumLbList>;
