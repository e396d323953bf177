import { type Address, parseAddress } from '../formats/address.ts';
import { contains, parseNetwork } from '../formats/iptables-save/network.ts';

/** The first packet of a connection, and what is known about it and the node. */
export interface Packet {
  /** Source address. */
  from: string;
  /** Source port, where it is known. */
  fromPort?: number | undefined;
  /** Destination address, before any translation. */
  to: string;
  /** Destination port. */
  port: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  /** Where it meets the rules: arriving at the node (also from a pod), or sent by the node itself. */
  entry: 'prerouting' | 'output';
  /** The node's own addresses besides loopback; undefined where they are not known. */
  localAddresses?: readonly string[] | undefined;
  inInterface?: string | undefined;
  outInterface?: string | undefined;
  /** Lists of the recent match that hold the client: the names of endpoint chains it was sent to before. */
  recentLists?: readonly string[] | undefined;
}

/** What a walk rests on where a rule holds `client-1` in place of an address. */
export const REDACTED = 'An address that was replaced before recording is taken to be none of this packet’s.';

const LOOPBACK = [parseNetwork('127.0.0.0/8'), parseNetwork('::1/128')].filter((network) => network !== undefined);
const MULTICAST = [parseNetwork('224.0.0.0/4'), parseNetwork('ff00::/8')].filter((network) => network !== undefined);

const key = (address: Address): string => `${address.family}:${address.words.join(',')}`;

/** The address types of xt_addrtype that can be told without the node's routing table. */
export interface AddressTypes {
  isLocal(address: Address): boolean;
  /** True or false, or undefined where only the routing table knows. */
  has(address: Address, type: string): boolean | undefined;
}

/**
 * Which addresses are the node's own: the given ones and loopback. The source of a packet the node sends is its own.
 * @throws {TypeError} where an address is none
 */
export function addressTypes(packet: Packet): AddressTypes {
  const own = new Set((packet.localAddresses ?? []).map((text) => key(addressOf(text))));
  if (packet.entry === 'output') own.add(key(addressOf(packet.from)));
  const isLocal = (address: Address) => own.has(key(address)) || LOOPBACK.some((network) => contains(network, address));
  const isMulticast = (address: Address) => MULTICAST.some((network) => contains(network, address));
  const isBroadcast = (address: Address) => address.family === 4 && address.words[0] === 0xffffffff;
  return {
    isLocal,
    has(address, type) {
      switch (type) {
        case 'LOCAL':
          return isLocal(address);
        case 'MULTICAST':
          return isMulticast(address);
        case 'BROADCAST':
          return isBroadcast(address) ? true : isLocal(address) || isMulticast(address) ? false : undefined;
        case 'UNICAST':
          return isLocal(address) || isMulticast(address) || isBroadcast(address) ? false : undefined;
        default:
          return isLocal(address) || isMulticast(address) || isBroadcast(address) ? false : undefined;
      }
    },
  };
}

/**
 * An address as numbers.
 * @throws {TypeError} where the text is no IPv4 or IPv6 address
 */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new TypeError(`expected an IPv4 or IPv6 address; found ${JSON.stringify(text)}`);
  return address;
}
