import { type Address, parseAddress } from '../formats/address.ts';
import type { CiliumBackend, CiliumService } from '../formats/cilium-service-list.ts';
import { addressOf, addressTypes, type Packet } from '../netfilter/packet.ts';

/** Where a packet comes from, as far as the service map tells it apart. */
export type Origin = 'outside' | 'pod' | 'node';

/** What the service map says about a packet. */
export interface ServiceLookup {
  /** The row that is used; undefined where no row matches and the packet passes untranslated. */
  service: CiliumService | undefined;
  /** The row's own address, or the wildcard of a NodePort that stands for every address of the node. */
  matchedBy: 'address' | 'node-port' | undefined;
  /** Backends a new connection can be sent to. */
  backends: CiliumBackend[];
  /** What the answer rests on besides the list. */
  assumptions: string[];
  /** What cannot be told. */
  unknown: string[];
}

/**
 * Finds the row of `cilium-dbg service list` a packet uses: a hash lookup by address, port and protocol (`lb4_key` of
 * bpf/lib/common.h), then, for addresses of the node, by port and protocol alone. Where a Service has two rows
 * (a Local traffic policy), `/i` is that of traffic from inside the cluster. The agent's list does not show session
 * affinity, source ranges or the balancing algorithm, so that no shares are given.
 * @throws {TypeError} where an address of the packet is none
 */
export function lookupService(services: readonly CiliumService[], packet: Packet, origin: Origin): ServiceLookup {
  const assumptions: string[] = [];
  const unknown: string[] = [];
  const to = addressOf(packet.to);
  const fits = (service: CiliumService) => portFits(service, packet);
  let matchedBy: ServiceLookup['matchedBy'] = 'address';
  let rows = services.filter((service) => fits(service) && isSame(parseAddress(service.frontend.ip.value), to));
  if (rows.length === 0) {
    matchedBy = 'node-port';
    const wildcards = services.filter((service) => fits(service) && isUnspecified(service, to));
    const isNodes = addressTypes(packet).isLocal(to);
    if (isNodes) rows = wildcards;
    else if (wildcards.length > 0 && !packet.localAddresses) {
      assumptions.push(`${packet.to} is not an address of the node: none but loopback were stated.`);
    }
  }
  const inside = rows.find((service) => service.frontend.scope !== undefined);
  const service = (origin === 'outside' ? undefined : inside) ?? rows.find((row) => row.frontend.scope === undefined);
  if (!service) return { service, matchedBy: undefined, backends: [], assumptions, unknown };
  if (!service.frontend.protocol) {
    assumptions.push(
      'The list does not tell protocols apart (Cilium before 1.17): the row is taken for every protocol.',
    );
  }
  const backends = usable(service);
  if (backends.length === 0 && service.backends.length > 0) {
    unknown.push(`line ${service.line}: cannot tell whether backends that are not active still receive connections`);
  }
  return { service, matchedBy, backends, assumptions, unknown };
}

function portFits({ frontend }: CiliumService, packet: Packet): boolean {
  const protocol = frontend.protocol?.value.toLowerCase();
  return (
    Number(frontend.port.value) === packet.port &&
    (protocol === undefined || [packet.protocol, 'any'].includes(protocol))
  );
}

/** False for what stands in place of a redacted address, which none of the packet's is. */
const isSame = (one: Address | undefined, other: Address): boolean =>
  one?.family === other.family && one.words.every((word, index) => word === other.words[index]);

/** `0.0.0.0` or `::`, of the packet's family. */
function isUnspecified({ frontend }: CiliumService, to: Address): boolean {
  const address = parseAddress(frontend.ip.value);
  return address?.family === to.family && address.words.every((word) => word === 0);
}

/** Active backends; those preferred by a cluster mesh's affinity alone where there are any. Old lists show no state. */
function usable({ backends }: CiliumService): CiliumBackend[] {
  const active = backends.filter(({ state }) => state === undefined || state.value === 'active');
  const preferred = active.filter((backend) => backend.preferred !== undefined);
  return preferred.length > 0 ? preferred : active;
}
