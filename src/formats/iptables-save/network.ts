import { type Address, isStandIn, parseAddress } from '../address.ts';

/**
 * An address or network as numbers: one 32-bit word for IPv4, four for IPv6; `mask` of the same length. Both are empty
 * where `client-1` stands in place of the address.
 */
export interface Network {
  family: 4 | 6;
  base: readonly number[];
  mask: readonly number[];
}

const DECIMAL = /^\d{1,3}$/;

/** Made once each: a large ruleset holds the same few masks ten thousands of times. */
const MASKS = { 4: maskTable(1), 6: maskTable(4) };

function maskTable(words: number): number[][] {
  return Array.from({ length: 32 * words + 1 }, (_, bits) => prefixMask(bits, words));
}

function prefixMask(bits: number, words: number): number[] {
  return Array.from({ length: words }, (_, index) => {
    const ones = Math.min(32, Math.max(0, bits - 32 * index));
    return ones === 0 ? 0 : (0xffffffff << (32 - ones)) >>> 0;
  });
}

/**
 * `address`, `address/prefix` or `address/mask`, as iptables prints a source or destination.
 * Bits of the address outside the mask are dropped, as the kernel does. Of what stands in place of an address nothing but
 * the family is known, by the length of the prefix.
 * @returns undefined where the text is none of these
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(host);
  if (!address && isStandIn(host))
    return { family: slash >= 0 && Number(text.slice(slash + 1)) > 32 ? 6 : 4, base: [], mask: [] };
  if (!address) return undefined;
  const { family, words } = address;
  if (slash < 0) return { family, base: words, mask: MASKS[family].at(-1) ?? [] };
  const suffix = text.slice(slash + 1);
  let mask: readonly number[] | undefined;
  if (DECIMAL.test(suffix)) mask = MASKS[family][Number(suffix)];
  else {
    const dotted = parseAddress(suffix);
    if (dotted?.family === family) mask = dotted.words;
  }
  if (!mask) return undefined;
  return { family, base: words.map((word, index) => (word & (mask[index] ?? 0)) >>> 0), mask };
}

/**
 * True where the address lies in the network; addresses of the other family never do, nor does any in a redacted one: its
 * value stands nowhere in clear.
 */
export function contains(network: Network, address: Address): boolean {
  if (network.family !== address.family || network.base.length === 0) return false;
  for (let index = 0; index < network.base.length; index++) {
    if (((address.words[index] ?? 0) & (network.mask[index] ?? 0)) >>> 0 !== network.base[index]) return false;
  }
  return true;
}
