import {
  type Address,
  formatAddress,
  parseAddress,
  parseHexAddress,
  parseKernelAddress,
  unmapped,
} from '../../src/formats/address.ts';
import { contains, parseNetwork } from '../../src/formats/iptables-save/network.ts';

/** An address in a text, in whatever notation. */
export interface FoundAddress {
  /** Half-open range of the characters that are the address: without port, prefix length or the domain behind it. */
  start: number;
  end: number;
  /** The same for every notation of one address. */
  address: Address;
}

/** Prefixes below which the last word is an IPv4 address: compatible (RFC 4291), translated (RFC 7915), NAT64 (RFC 6052, 8215). */
const CARRIERS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [0, 0, 0xffff0000],
  [0x64ff9b, 0, 0],
  [0x64ff9b, 0x10000, 0],
];

/** The address behind a notation: an IPv4 address that IPv6 carries is that IPv4 address. */
function behind(address: Address): Address {
  const plain = unmapped(address);
  const [a, b, c, last = 0] = plain.words;
  const carried = plain.family === 6 && CARRIERS.some(([x, y, z]) => a === x && b === y && c === z);
  return carried && last > 0xffff ? { family: 4, words: [last] } : plain;
}

/** Addresses that name nobody: IANA special-purpose registries (RFC 6890), private, shared, documentation. */
const SPECIAL = [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001:db8::/32 3fff::/20',
].flatMap((line) => line.split(' ').flatMap((block) => parseNetwork(block) ?? []));

/** True for an address that could lead to a person or a machine of theirs. Of IPv6 that is 2000::/3 (RFC 4291). */
export function isPublic(address: Address): boolean {
  const unicast = address.family === 4 || (address.words[0] ?? 0) >>> 29 === 1;
  return unicast && !SPECIAL.some((network) => contains(network, address));
}

/** As {@link isPublic}, for an address in the usual notation; false for what is none. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isPublic(behind(address));
}

/** A text that is the same for every notation of an address; undefined where there is no address. */
export function identityOf(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(behind(address));
}

/** What inet_aton(3) reads: one to four numbers, decimal, octal or hexadecimal. The URL standard asks for the same. */
function parseLoose(text: string): Address | undefined {
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  return url && parseAddress(url.hostname);
}

const dotted = (text: string) => (/(?<![\da-f])0[\dx]/i.test(text) && parseLoose(text)) || parseAddress(text);
const backwards = (text: string) => text.split('.').reverse();

/** Nine groups are an address and a port, as `netstat` and older Cilium print them. */
function colons(text: string): Address | undefined {
  return (
    parseAddress(text) ??
    (text.split(':').length === 9 ? parseAddress(text.slice(0, text.lastIndexOf(':'))) : undefined)
  );
}

interface Notation {
  /** Without this it cannot be there, which is quick to see. */
  hint?: RegExp;
  pattern: RegExp;
  read(text: string): Address | undefined;
  /** How many of the characters are the address; all of them unless given. */
  length?(text: string): number;
}

const OCTETS = String.raw`\d{1,3}(?:\.\d{1,3}){2,3}`;
const KEY =
  '(?:(?<![A-Za-z])(?:ip|IP|ipv4|IPv4|addr|ADDR|Addr|address|Address|ADDRESS|saddr|daddr|src|dst)|(?<=[a-z])(?:IP|Ip|Addr|Address))';

/** Where two notations overlap, the one that stands first here is the one that is read. */
const NOTATIONS: readonly Notation[] = [
  {
    // Names of RFC 3596, such as 1.0.0.0.….8.b.d.0.1.0.0.2.ip6.arpa; with fewer labels, a network.
    hint: /\.ip6\.arpa/i,
    pattern: /(?<![\w.])(?:[0-9a-f]\.){11,31}[0-9a-f](?=\.ip6\.arpa\b)/gi,
    read: (text) => parseHexAddress(backwards(text).join('').padEnd(32, '0')),
  },
  {
    // RFC 1035, and the names Google gives its machines.
    hint: /\.in-addr\.arpa|\.bc\.googleusercontent\.com/i,
    pattern: new RegExp(`(?<![\\w.])${OCTETS}(?=\\.in-addr\\.arpa\\b|\\.bc\\.googleusercontent\\.com\\b)`, 'gi'),
    read: (text) => parseAddress([...backwards(text), '0'].slice(0, 4).join('.')),
  },
  {
    hint: /:[0-9a-f]{0,4}:/i,
    pattern:
      /(?:(?<![\w:.])|(?<=[g-z_]:)|(?<=\w{5}:))(?:[0-9a-f]{0,4}:){2,8}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4}|(?<=::))(?!\w|:[0-9a-f:])/gi,
    read: colons,
    length: (text) => (parseAddress(text) ? text.length : text.lastIndexOf(':')),
  },
  {
    hint: /%3a[0-9a-f]{0,4}%3a/i,
    pattern: /(?<![0-9a-z])(?:[0-9a-f]{0,4}%3a){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?![0-9a-z])/gi,
    read: (text) => parseAddress(text.replace(/%3a/gi, ':')),
  },
  {
    // Labels of sslip.io, and of pods in the cluster's own domain.
    hint: /[23][0-9a-f]{3}-[0-9a-f-]/i,
    pattern: /(?<![0-9a-z.])[23][0-9a-f]{3}-(?:[0-9a-f]{0,4}-){1,6}[0-9a-f]{0,4}(?=\.[a-z])/gi,
    read: (text) => parseAddress(text.replaceAll('-', ':')),
  },
  {
    // A fifth number is the port, as tcpdump prints it; more numbers are an object identifier or a version.
    pattern: /(?<!\d|\d\.|\bv)\d{1,4}(?:\.\d{1,4}){3}(?!\d|\.\d+\.\d|\.\d{6})/g,
    read: dotted,
  },
  {
    // Dots escaped for a regular expression or a URL, or put in brackets; hexadecimal bytes.
    hint: /\d(?:\\|%2e|\[\.)|0x[0-9a-f]{1,2}\./i,
    pattern:
      /(?<![\w.])(?:0x[0-9a-f]{1,2}|\d{1,4})(?:(?:\\{0,4}\.|%2e|\[\.\])(?:0x[0-9a-f]{1,2}|\d{1,4})){3}(?!\w|\.\d)/gi,
    read: (text) => dotted(text.replace(/\\+\.|%2e|\[\.\]/gi, '.')),
  },
  {
    // ip-34-72-78-182.ec2.internal, 34-72-78-182.nip.io, or alone; not the tail of some name.
    hint: /\d-\d{1,3}-\d{1,3}-\d/,
    pattern:
      /(?:(?<![\w-])|(?<=(?<![a-z0-9])(?:ip|ec2|host|static|dynamic|dyn|dhcp|dsl|cpe|client|c|pool|node|vm|server|api|h|s)-))\d{1,3}(?:-\d{1,3}){3}(?![\w-])/gi,
    read: (text) => parseAddress(text.replaceAll('-', '.')),
  },
  {
    // /proc/net/tcp, tcp6, udp, udp6, raw; and the two columns of /proc/net/route.
    hint: /(?<=[0-9A-F]{8}):[0-9A-F]{4}(?![0-9A-Za-z:])|\t[0-9A-F]{8}\t/,
    pattern:
      /(?<![0-9A-Za-z])(?:[0-9A-F]{24})?[0-9A-F]{8}(?=:[0-9A-F]{4}(?![0-9A-Za-z:]))|(?<=\t)[0-9A-F]{8}(?=\t[0-9A-F]{4,8}\t)/g,
    read: parseKernelAddress,
  },
  {
    // /proc/net/if_inet6 and ipv6_route; tc's u32 matches on the source and the destination of IPv4.
    hint: /(?<=[0-9a-f]{32}) [0-9a-f]{2} |match [0-9a-f]{8}\//,
    pattern: /(?<![0-9a-z])[0-9a-f]{32}(?= [0-9a-f]{2} )|(?<=match )[0-9a-f]{8}(?=\/[0-9a-f]{8} at 1[26]\b)/g,
    read: parseHexAddress,
  },
  {
    // One to four numbers are an address where the host of a URL stands; behind other schemes, such as containerd://1.7.27,
    // they are a version.
    hint: /(?:https?|wss?|ftp|ssh|tcp|udp|tls|grpc):\/\/(?:[^\s/@]{0,64}@)?\d/i,
    pattern:
      /(?<=\b(?:https?|wss?|ftp|ssh|tcp|udp|tls|grpc):\/\/(?:[^\s/@]{0,64}@)?)(?:0x[0-9a-f]{1,8}|\d{1,11})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,11})){0,3}(?=[/:\s"'`<>()?#,;]|$)/gi,
    read: parseLoose,
  },
  {
    // One number, where a key says that it is an address.
    hint: /(?:ip|ipv4|addr|address|src|dst)["']?\s{0,3}[:=]\s{0,3}["']?[0-9a-f]{8}|0x[0-9a-f]{8}/i,
    pattern: new RegExp(
      String.raw`(?<=${KEY}["']?\s{0,3}[:=]\s{0,3}["']?)(?:0x[0-9a-fA-F]{8}|0[0-9a-fA-F]{7}|(?=\d*[a-f])[0-9a-f]{8}|[1-9]\d{7,9})(?![\w.:-])`,
      'g',
    ),
    read: (text) =>
      /^[1-9]\d*$/.test(text) ? parseLoose(text) : parseHexAddress(text.replace(/^0x/, '').toLowerCase()),
  },
];

/** Which characters have been read; kept, so that a large output does not make one for each of its pieces. */
let taken = new Uint8Array(0);

function isTaken(start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (taken[at] === 1) return true;
  return false;
}

/**
 * The addresses of a text, in order and without overlaps.
 * @param wanted tells which; all of them unless given
 */
export function findAddresses(text: string, wanted: (address: Address) => boolean = () => true): FoundAddress[] {
  const found: FoundAddress[] = [];
  if (taken.length < text.length) taken = new Uint8Array(text.length);
  taken.fill(0, 0, text.length);
  for (const { hint, pattern, read, length } of NOTATIONS) {
    if (hint && !hint.test(text)) continue;
    for (const { 0: match, index: start } of text.matchAll(pattern)) {
      const printed = read(match);
      const end = start + (length ? length(match) : match.length);
      if (printed === undefined || isTaken(start, end)) continue;
      taken.fill(1, start, end);
      const address = behind(printed);
      if (wanted(address)) found.push({ start, end, address });
    }
  }
  return found.sort((one, other) => one.start - other.start);
}

/**
 * Notations that only mean an address if it is known from elsewhere, because any number looks like them.
 * @returns texts in lower case
 */
export function bareNotations(address: Address): string[] {
  const hex = address.words.map((word) => word.toString(16).padStart(8, '0'));
  const kernel = hex.map((word) => word.replace(/(..)(..)(..)(..)/, '$4$3$2$1')).join('');
  const all = [hex.join(''), kernel, `0x${hex.join('')}`, `0x${kernel}`];
  return address.family === 4 ? [...all, String(address.words[0])] : all;
}

/** What {@link bareNotations} look like. */
export const BARE = /(?<![\w.-])(?:(?:0x)?(?:[0-9a-f]{24})?[0-9a-f]{8}|\d{8,10})(?![\w.-])/gi;
