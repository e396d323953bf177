import { type CiliumAddress, ciliumAddressFields, parseCiliumAddress } from './cilium-address.ts';
import { type Columns, cellsOf, columnsOf } from './columns.ts';
import { isBlankLine, match, nothingThere, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/cilium-services.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';

/*
 * `cilium-dbg service list` (`cilium service list` before 1.15), the agent's view of the services:
 *
 *   ID   Frontend               Service Type    Backend
 *   14   10.24.14.246:53/TCP    ClusterIP       1 => 10.20.0.6:53/TCP (active)
 *                                               2 => 10.20.1.5:53/TCP (terminating)
 *   15   10.24.3.59:8443/TCP    ClusterIP
 *
 * Newer versions leave out ID; older ones the protocol, oldest the state. `(Remote)` behind the type and `(preferred)`
 * behind a backend belong to cluster mesh. (cilium-dbg/cmd/service_list.go)
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
  /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalIPs`, `HostPort` or `LocalRedirect`. */
  type: Located;
  remote?: Located;
  backends: CiliumBackend[];
}

/** A parsed `cilium-dbg service list`. */
export interface CiliumServiceList {
  format: 'cilium-service-list';
  services: CiliumService[];
}

const EXPECTED = 'the headings Frontend, Service Type and Backend';
const HINT = 'Record `cilium-dbg service list` without -o and with its headings, or correct `format` in layers.yaml.';
const TYPE = /^(?<type>[A-Za-z]+)(?: \((?<remote>Remote)\))?$/d;
const BACKEND = /^(?<slot>\d+) => (?<address>[^ ]+)(?: \((?<state>[a-z-]+)\))?(?: \((?<preferred>preferred)\))?$/d;

/**
 * Reads `cilium-dbg service list`.
 * @throws {FormatError} without headings, and on a row or backend of another form
 */
export function parseCiliumServiceList(text: string): CiliumServiceList {
  const services: CiliumService[] = [];
  let columns: Columns | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    if (!columns) {
      columns = columnsOf(line);
      if (!/^(?:ID,)?Frontend,Service Type,Backend$/.test(columns.headings.map(({ value }) => value).join())) {
        throw unreadable('cilium-service-list', line, EXPECTED, HINT);
      }
      continue;
    }
    const [backendCell, typeCell, frontendCell, id] = (cellsOf(columns, line) ?? []).reverse();
    const goesOn = frontendCell?.value === '' && typeCell?.value === '' && !id?.value;
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
  if (!columns) throw nothingThere('cilium-service-list', text, EXPECTED, HINT);
  return { format: 'cilium-service-list', services };
}

function row(line: number, id?: Located, frontendCell?: Located, typeCell?: Located): CiliumService | undefined {
  const frontend = frontendCell && parseCiliumAddress(frontendCell);
  const found = typeCell && match<'type', 'remote'>(TYPE, typeCell);
  if (!frontend || !found || (id && !/^\d+$/.test(id.value))) return undefined;
  const { type, remote } = found;
  return { line, ...(id && { id }), frontend, type, ...(remote && { remote }), backends: [] };
}

/** The values of the list. A service is named by its frontend, a backend by its slot. */
export function ciliumServiceListFields({ services }: CiliumServiceList): Field[] {
  return services.flatMap(({ id, frontend, type, remote, backends }) => {
    const path = [frontendName(frontend)];
    return [
      ...(id ? [field(id, [...path, 'ID'], 'hash')] : []),
      ...ciliumAddressFields(frontend, [...path, 'frontend']),
      field(type, [...path, 'type'], 'state'),
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
