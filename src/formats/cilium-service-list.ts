import { type CiliumAddress, ciliumAddressFields, parseCiliumAddress } from './cilium-address.ts';
import { type Columns, cellsOf, columnsOf } from './columns.ts';
import { isBlankLine, match, nothingThere, segments, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/cilium-services.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `cilium-dbg service list` (`cilium service list` before 1.15), the agent's view of the services:
 *
 *   ID   Frontend               Service Type    Backend
 *   14   10.24.14.246:53/TCP    ClusterIP       1 => 10.20.0.6:53/TCP (active)
 *                                               2 => 10.20.1.5:53/TCP (terminating)
 *   15   10.24.3.59:8443/TCP    ClusterIP
 *
 * Newer versions leave out ID; older ones the protocol, oldest the state and, before 1.6, the type. `(Remote)` behind the
 * type and `(preferred)` behind a backend belong to cluster mesh. `grep` takes the headings away, and whatever it was not
 * asked for: such a list is read by the form of its cells and marked. (cilium-dbg/cmd/service_list.go)
 */

/** One backend of a service. */
export interface CiliumBackend {
  line: number;
  /** Position in the list, from 1. */
  slot: Located;
  address: CiliumAddress;
  /** `active`, `terminating`, `terminating-not-serving`, `quarantined` or `maintenance`. */
  state?: Located;
  preferred?: Located;
}

/** One service, with its backends in the printed order. */
export interface CiliumService {
  line: number;
  id?: Located;
  frontend: CiliumAddress;
  /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalIPs`, `HostPort` or `LocalRedirect`; absent before 1.6. */
  type?: Located;
  remote?: Located;
  backends: CiliumBackend[];
}

/** A parsed `cilium-dbg service list`. */
export interface CiliumServiceList {
  format: 'cilium-service-list';
  services: CiliumService[];
  /** True where the headings are missing: services and backends may be, too. */
  filtered?: true;
}

const EXPECTED = 'the headings Frontend, Service Type and Backend';
const HINT = 'Record `cilium-dbg service list` without -o and with its headings, or correct `format` in layers.yaml.';
const TYPE = /^(?<type>[A-Za-z]+)(?: \((?<remote>Remote)\))?$/d;
const BACKEND = /^(?<slot>\d+) => (?<address>[^ ]+)(?: \((?<state>[a-z-]+)\))?(?: \((?<preferred>preferred)\))?$/d;

/** The cells of a row: ID, frontend, type, backend. */
type Cells = readonly [id?: Located, frontend?: Located, type?: Located, backend?: Located];
const HEADINGS = /^(?:ID,)?Frontend,(?:Service Type,)?Backend$/;

/** The cells by their headings; undefined where a value stands under none. */
function byHeadings(columns: Columns, line: Line): Cells | undefined {
  const cells = cellsOf(columns, line);
  const at = (name: string) => cells?.[columns.headings.findIndex(({ value }) => value === name)];
  return cells && [at('ID'), at('Frontend'), at('Service Type'), at('Backend')];
}

/** The cells by their form, where the headings are missing. */
function byForm(line: Line): Cells {
  const left = segments(line);
  const none = { value: '', start: line.start, end: line.start };
  if (left.length === 1 && BACKEND.test(left[0]?.value ?? '')) return [undefined, none, none, left[0]];
  const id = /^\d+$/.test(left[0]?.value ?? '') ? left.shift() : undefined;
  const frontend = left.shift();
  const type = TYPE.test(left[0]?.value ?? '') ? left.shift() : undefined;
  const backend = left.shift();
  // A row that was cut off has neither.
  return left.length > 0 || !(type || backend) ? [] : [id, frontend, type, backend ?? none];
}

/**
 * Reads `cilium-dbg service list`.
 * @throws {FormatError} on a first line that is neither headings nor a service, and on a row or backend of another form
 */
function parseCiliumServiceList(text: string): CiliumServiceList {
  const services: CiliumService[] = [];
  let columns: Columns | undefined;
  let filtered = false;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    if (!columns && !filtered) {
      const found = columnsOf(line);
      if (HEADINGS.test(found.headings.map(({ value }) => value).join())) {
        columns = found;
        continue;
      }
      filtered = true;
      const [, frontend] = byForm(line);
      if (!frontend || !parseCiliumAddress(frontend)) throw unreadable('cilium-service-list', line, EXPECTED, HINT);
    }
    const [id, frontendCell, typeCell, backendCell] = (columns ? byHeadings(columns, line) : byForm(line)) ?? [];
    const goesOn = frontendCell?.value === '' && !typeCell?.value && !id?.value;
    const service = goesOn ? services.at(-1) : row(line.number, id, frontendCell, typeCell);
    const found = backendCell && match<'slot' | 'address', 'state' | 'preferred'>(BACKEND, backendCell);
    const address = found && parseCiliumAddress(found.address);
    if (!service || !backendCell || (backendCell.value !== '' && !address)) {
      throw unreadable('cilium-service-list', line, 'a service, or `1 => address:port (state)` below one', HINT);
    }
    if (!goesOn) services.push(service);
    if (found && address) {
      const { slot, state, preferred } = found;
      service.backends.push({
        line: line.number,
        slot,
        address,
        ...(state && { state }),
        ...(preferred && { preferred }),
      });
    }
  }
  if (!columns && !filtered) throw nothingThere('cilium-service-list', text, EXPECTED, HINT);
  return { format: 'cilium-service-list', services, ...(filtered && { filtered }) };
}

function row(line: number, id?: Located, frontendCell?: Located, typeCell?: Located): CiliumService | undefined {
  const frontend = frontendCell && parseCiliumAddress(frontendCell);
  const found = typeCell && match<'type', 'remote'>(TYPE, typeCell);
  if (!frontend || (typeCell && !found) || (id && !/^\d+$/.test(id.value))) return undefined;
  const { type, remote } = found ?? {};
  return { line, ...(id && { id }), frontend, ...(type && { type }), ...(remote && { remote }), backends: [] };
}

/** The values of the list. A service is named by its frontend, a backend by its slot. */
function ciliumServiceListFields({ services }: CiliumServiceList): Field[] {
  return services.flatMap(({ id, frontend, type, remote, backends }) => {
    const path = [frontendName(frontend)];
    return [
      ...(id ? [field(id, [...path, 'ID'], 'hash')] : []),
      ...ciliumAddressFields(frontend, [...path, 'frontend']),
      ...(type ? [field(type, [...path, 'type'], 'state')] : []),
      ...(remote ? [field(remote, [...path, 'remote'], 'state')] : []),
      ...backends.flatMap(({ slot, address, state, preferred }) => {
        const own = [...path, 'backends', slot.value];
        return [
          field(slot, [...own, 'slot'], 'number'),
          ...ciliumAddressFields(address, own),
          ...(state ? [field(state, [...own, 'state'], 'state')] : []),
          ...(preferred ? [field(preferred, [...own, 'preferred'], 'state')] : []),
        ];
      }),
    ];
  });
}

/** `10.24.0.10:53/TCP`: how a frontend is named in paths. */
export function frontendName({ ip, port, protocol, scope }: CiliumAddress): string {
  const host = ip.value.includes(':') ? `[${ip.value}]` : ip.value;
  return `${host}:${port.value}${protocol ? `/${protocol.value}` : ''}${scope ? `/${scope.value}` : ''}`;
}

export default {
  parse: parseCiliumServiceList,
  fields: ciliumServiceListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, 'backends', ANY)),
  incompleteness: headed(/^ID\s+Frontend\s/, '`ID   Frontend …`'),
  sample: { from: 'v2-l4-ebpf-service-map', head: 1 },
} satisfies Format<CiliumServiceList>;
