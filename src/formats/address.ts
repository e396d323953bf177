import { isIP } from 'node:net';

/**
 * What the recorder writes in place of an address that must not be published: the role of the redaction rule
 * (`recording.redactions` in layers.yaml) and a number, such as `client-1`. Names may look the same, so that it is taken
 * for an address only where an address stands.
 */
export const STAND_IN = String.raw`[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[1-9]\d*`;
const WHOLE = new RegExp(`^${STAND_IN}$`);

/** True for what stands in place of an address. */
export function isStandIn(text: string): boolean {
  return WHOLE.test(text);
}

/** True for an IPv4 or IPv6 address, and for what stands in place of one. */
export function isAddress(text: string): boolean {
  return isIP(text) > 0 || isStandIn(text);
}

/** An address as numbers: one 32-bit word for IPv4, four for IPv6. */
export interface Address {
  family: 4 | 6;
  words: readonly number[];
}

const DECIMAL = /^\d{1,3}$/;
const HEXTET = /^[0-9a-fA-F]{1,4}$/;

function parseV4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    const byte = Number(part);
    if (!DECIMAL.test(part) || byte > 255) return undefined;
    word = word * 256 + byte;
  }
  return word;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): number[] | undefined => {
    if (half === '') return [];
    const parts = half.split(':');
    const last = parts.at(-1) ?? '';
    const tail = last.includes('.') ? parseV4(last) : undefined;
    if (last.includes('.') && tail === undefined) return undefined;
    const hextets = tail === undefined ? parts : parts.slice(0, -1);
    if (!hextets.every((part) => HEXTET.test(part))) return undefined;
    const values = hextets.map((part) => Number.parseInt(part, 16));
    return tail === undefined ? values : [...values, tail >>> 16, tail & 0xffff];
  };
  const head = groups(halves[0] ?? '');
  const rest = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (!head || !rest) return undefined;
  const gap = 8 - head.length - rest.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const all = [...head, ...new Array<number>(gap).fill(0), ...rest];
  return [0, 2, 4, 6].map((index) => (all[index] ?? 0) * 65536 + (all[index + 1] ?? 0));
}

/**
 * An IPv4 or IPv6 address (RFC 4291 text form) as 32-bit words.
 * @returns undefined where the text is not an address
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const words = parseV6(text);
    return words && { family: 6, words };
  }
  const word = parseV4(text);
  return word === undefined ? undefined : { family: 4, words: [word] };
}

/**
 * The notation of the kernel's socket tables (net/ipv4/tcp_ipv4.c): 32-bit words in the byte order of the machine, which
 * is little-endian on every machine GKE and kind run on. `0F00140A` is 10.20.0.15.
 * @param hex 8 or 32 hexadecimal digits
 */
export function parseKernelAddress(hex: string): Address {
  const swapped = hex.replace(/(..)(..)(..)(..)/g, '$4$3$2$1');
  return { family: hex.length === 8 ? 4 : 6, words: hexWords(swapped) };
}

/** 8 or 32 hexadecimal digits in network order. */
export function parseHexAddress(hex: string): Address {
  return { family: hex.length === 8 ? 4 : 6, words: hexWords(hex) };
}

function hexWords(hex: string): number[] {
  return [...hex.matchAll(/.{8}/g)].map(([word]) => Number.parseInt(word, 16));
}

/** The IPv4 address of an IPv4-mapped one (RFC 4291); any other address as it is. */
export function unmapped(address: Address): Address {
  const [a, b, c, last = 0] = address.words;
  return address.words.length === 4 && a === 0 && b === 0 && c === 0xffff ? { family: 4, words: [last] } : address;
}

/** In the usual notation; IPv6 in eight groups without leading zeros, or `::`. */
export function formatAddress({ family, words }: Address): string {
  if (family === 4) return [24, 16, 8, 0].map((bits) => ((words[0] ?? 0) >>> bits) & 255).join('.');
  if (words.every((word) => word === 0)) return '::';
  return words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(':');
}
