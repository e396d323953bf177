import { type Address, parseAddress } from '../formats/address.ts';
import type { Backend, Frontend } from '../model/frontends.ts';
import { addressOf, addressTypes, type Packet } from '../netfilter/packet.ts';

/** Where a packet comes from, as far as the service map tells it apart. */
export type Origin = 'outside' | 'pod' | 'node';

/** What the service map says about a packet. */
export interface ServiceLookup {
  /** The row that is used; undefined where no row matches and the packet passes untranslated. */
  frontend: Frontend | undefined;
  /** The row's own address, or the wildcard of a NodePort that stands for every address of the node. */
  matchedBy: 'address' | 'node-port' | undefined;
  /** Backends a new connection can be sent to. */
  backends: Backend[];
  /** What the answer rests on besides the list. */
  assumptions: string[];
  /** What cannot be told. */
  unknown: string[];
}

/**
 * Finds the row of Cilium's service list that a packet uses: a hash lookup by address, port and protocol (`lb4_key` of
 * bpf/lib/common.h), then, for addresses of the node, by port and protocol alone. Where a Service has two rows
 * (a Local traffic policy), one is that of traffic from inside the cluster. The agent's list does not show session
 * affinity, source ranges or the balancing algorithm, so that no shares are given.
 * @throws {TypeError} where an address of the packet is none
 */
export function lookupService(frontends: readonly Frontend[], packet: Packet, origin: Origin): ServiceLookup {
  const assumptions: string[] = [];
  const unknown: string[] = [];
  const to = addressOf(packet.to);
  const fitting = frontends.filter((frontend) => portFits(frontend, packet));
  let matchedBy: ServiceLookup['matchedBy'] = 'address';
  let rows = fitting.filter(({ address }) => address && isSame(parseAddress(address.value), to));
  if (rows.length === 0) {
    matchedBy = 'node-port';
    const wildcards = fitting.filter(({ address, family }) => !address && family === to.family);
    const isNodes = addressTypes(packet).isLocal(to);
    if (isNodes) rows = wildcards;
    else if (wildcards.length > 0 && !packet.localAddresses) {
      assumptions.push(`${packet.to} is not an address of the node: none but loopback were stated.`);
    }
  }
  const inside = origin === 'outside' ? undefined : rows.find((row) => row.inside);
  const frontend = inside ?? rows.find((row) => !row.inside);
  if (!frontend) return { frontend, matchedBy: undefined, backends: [], assumptions, unknown };
  if (!frontend.protocol) {
    assumptions.push(
      'The list does not tell protocols apart (Cilium before 1.17): the row is taken for every protocol.',
    );
  }
  const { backends, inactive, at } = frontend;
  if (backends.length === 0 && inactive.length > 0) {
    unknown.push(`line ${at.at.line}: cannot tell whether backends that are not active still receive connections`);
  }
  // Backends that a cluster mesh's affinity prefers are the only ones where there are any.
  const preferred = backends.filter((backend) => backend.preferred);
  return { frontend, matchedBy, backends: preferred.length > 0 ? preferred : backends, assumptions, unknown };
}

function portFits({ port, protocol }: Frontend, packet: Packet): boolean {
  return (
    Number(port.value) === packet.port &&
    (protocol === undefined || [packet.protocol, 'any'].includes(protocol.toLowerCase()))
  );
}

/** False for what stands in place of a redacted address, which none of the packet's is. */
const isSame = (one: Address | undefined, other: Address): boolean =>
  one?.family === other.family && one.words.every((word, index) => word === other.words[index]);
