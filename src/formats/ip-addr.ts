import { STAND_IN } from './address.ts';
import { match, part, words } from './cut.ts';
import { type Field, field } from './field.ts';
import type { Line, Located } from './types.ts';

/*
 * `ip addr show` of iproute2 and of busybox:
 *
 *   2: eth0@if12: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1460 qdisc noqueue state UP qlen 1000
 *       link/ether a6:b1:ed:39:f3:a4 brd ff:ff:ff:ff:ff:ff link-netnsid 0
 *       altname enp0s3
 *       inet 10.20.0.9/24 brd 10.20.0.255 scope global eth0
 *          valid_lft forever preferred_lft forever
 *       inet6 fe80::a4b1:edff:fe39:f3a4/64 scope link
 */

/** A word and the word that says what it is, such as `mtu 1460`. */
export interface LinkAttribute {
  name: Located;
  value: Located;
}

/** One address of an interface. */
export interface InterfaceAddress {
  line: number;
  /** `inet` or `inet6`. */
  family: Located;
  ip: Located;
  /** Length of the prefix in bits; /32 where it is not printed. */
  prefixLength?: Located;
  /** `peer`, `brd`, `scope`, `valid_lft`, `preferred_lft`. */
  attributes: LinkAttribute[];
  /** `dynamic`, `noprefixroute`, `deprecated`, and the label, which repeats the interface's name. */
  flags: Located[];
}

/** One interface. */
export interface NetworkInterface {
  line: number;
  index: Located;
  name: Located;
  /** What stands behind `@`: the other end of a veth pair, `if12` where it is in another namespace. */
  link?: Located;
  flags: Located[];
  /** `mtu`, `qdisc`, `state`, `group`, `qlen`, and of the link layer `brd`, `link-netnsid`. */
  attributes: LinkAttribute[];
  /** `ether`, `loopback`, …, from the line `link/…`. */
  linkType?: Located;
  /** Hardware address; of a tunnel, an IP address. */
  mac?: Located;
  altnames: Located[];
  addresses: InterfaceAddress[];
}

const HEAD = /^(?<index>\d+): (?<name>[^ :@]+)(?:@(?<link>[^ :]+))?: <(?<flags>[A-Z0-9_,-]*)>(?<rest>.*)$/d;
const LINK = /^link\/(?<type>[a-z0-9_]+)(?: (?<mac>[0-9a-f:.]+))?(?<rest>(?: .*)?)$/d;
const ADDRESS = new RegExp(
  String.raw`^(?<family>inet6?) (?<ip>[0-9A-Fa-f.:]+|${STAND_IN})(?:/(?<length>\d{1,3}))?(?<rest>(?: .*)?)$`,
  'd',
);
const LIFETIME = /^valid_lft [^ ]+ preferred_lft [^ ]+$/;
const ALTNAME = /^altname (?<name>[^ ]+)$/d;
/** Words of an address line that stand alone; every other word says what the next one is. */
const PAIRED = new Set(['peer', 'brd', 'scope', 'valid_lft', 'preferred_lft', 'metric', 'proto']);

/** The first line of an interface; undefined where it is none. */
export function readInterface(content: Located, line: number): NetworkInterface | undefined {
  const head = match<'index' | 'name' | 'flags' | 'rest', 'link'>(HEAD, content);
  const attributes = head && pairs(words(head.rest));
  if (!head || !attributes) return undefined;
  const { index, name, link, flags } = head;
  const all = [...flags.value.matchAll(/[^,]+/g)].map((flag) => part(flags, flag.index, flag.index + flag[0].length));
  return { line, index, name, ...(link && { link }), flags: all, attributes, altnames: [], addresses: [] };
}

/** Adds a further line of an interface; false where it is none. */
export function extendInterface(link: NetworkInterface, content: Located, { number }: Line): boolean {
  const hardware = match<'type' | 'rest', 'mac'>(LINK, content);
  if (hardware && !link.linkType) {
    const more = pairs(words(hardware.rest));
    if (!more) return false;
    link.linkType = hardware.type;
    if (hardware.mac) link.mac = hardware.mac;
    link.attributes.push(...more);
    return true;
  }
  const altname = match<'name'>(ALTNAME, content);
  if (altname) {
    link.altnames.push(altname.name);
    return true;
  }
  const address = match<'family' | 'ip' | 'rest', 'length'>(ADDRESS, content);
  if (address) {
    const { family, ip, length, rest } = address;
    const attributes: LinkAttribute[] = [];
    const flags: Located[] = [];
    const all = words(rest);
    for (let at = 0; at < all.length; at++) {
      const word = all[at] as Located;
      const value = PAIRED.has(word.value) ? all[++at] : undefined;
      if (value) attributes.push({ name: word, value });
      else flags.push(word);
    }
    link.addresses.push({ line: number, family, ip, ...(length && { prefixLength: length }), attributes, flags });
    return true;
  }
  const lifetime = LIFETIME.test(content.value) ? pairs(words(content)) : undefined;
  link.addresses.at(-1)?.attributes.push(...(lifetime ?? []));
  return lifetime !== undefined && link.addresses.length > 0;
}

/** Words taken two by two; undefined where one is left over. */
function pairs(all: readonly Located[]): LinkAttribute[] | undefined {
  if (all.length % 2 !== 0) return undefined;
  return all.flatMap((name, index) => {
    const value = all[index + 1];
    return index % 2 === 0 && value ? [{ name, value }] : [];
  });
}

/** The values of an interface, named by its name. */
export function interfaceFields(link: NetworkInterface): Field[] {
  const path = [link.name.value];
  const attributes = (all: readonly LinkAttribute[], below: readonly string[]) =>
    all.map(({ name, value }) => field(value, [...below, name.value], kindOf(name.value, value.value)));
  return [
    field(link.index, [...path, 'index'], 'inode'),
    field(link.name, [...path, 'name'], 'name'),
    ...(link.link ? [field(link.link, [...path, 'link'], 'hash')] : []),
    ...link.flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
    ...attributes(link.attributes, path),
    ...(link.linkType ? [field(link.linkType, [...path, 'link type'], 'state')] : []),
    ...(link.mac ? [field(link.mac, [...path, 'mac'], kindOf('brd', link.mac.value))] : []),
    ...link.altnames.map((name, index) => field(name, [...path, 'altname', String(index)], 'name')),
    ...link.addresses.flatMap(({ family, ip, prefixLength, attributes: more, flags }, index) => {
      const own = [...path, family.value, String(index)];
      return [
        field(family, [...own, 'family'], 'state'),
        field(ip, [...own, 'ip'], 'ip'),
        ...(prefixLength ? [field(prefixLength, [...own, 'prefix length'], 'number')] : []),
        ...attributes(more, own),
        ...flags.map((flag, place) => field(flag, [...own, 'flags', String(place)], 'state')),
      ];
    }),
  ];
}

function kindOf(name: string, value: string): Field['kind'] {
  if (name === 'link-netnsid') return 'inode';
  if (name === 'peer' && value.includes('/')) return 'prefix';
  if (name === 'brd' || name === 'peer') return /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/.test(value) ? 'mac' : 'ip';
  return /^\d+$/.test(value) ? 'number' : 'state';
}
