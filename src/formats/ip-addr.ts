import { isAddress, STAND_IN } from './address.ts';
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
 *
 * With a program at the driver's hook `xdp/id:227` or `xdpgeneric/id:227` stands behind the mtu, and `prog/xdp id 227
 * tag 3b185187f1855c4c jited` below; several programs give one such line each. `vf 0     link/ether …` is a virtual
 * function, and with -d a line says what kind of interface it is (`veth numtxqueues 1 …`). (iproute2: ip/ipaddress.c,
 * ip/iplink_xdp.c)
 */

/** A word and the word that says what it is, such as `mtu 1460`. */
export interface LinkAttribute {
  name: Located;
  value: Located;
}

/** An XDP program of an interface. */
export interface XdpProgram {
  /** `xdp`, `xdpgeneric`, `xdpoffload` or `xdpmulti`. */
  mode: Located;
  id?: Located;
  name?: Located;
  /** Digest of its instructions. */
  tag?: Located;
  /** What else is said: `jited`, `load_time`, … */
  more: Located[];
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
  programs?: XdpProgram[];
  /** Virtual functions, and what `-d` says of the kind of interface: the words of each line. */
  details?: Located[][];
}

const HEAD = /^(?<index>\d+): (?<name>[^ :@]+)(?:@(?<link>[^ :]+))?: <(?<flags>[A-Z0-9_,-]*)>(?<rest>.*)$/d;
const LINK = /^link\/(?<type>[a-z0-9_]+)(?: (?<mac>[0-9a-f:.]+))?(?<rest>(?: .*)?)$/d;
const ADDRESS = new RegExp(
  String.raw`^(?<family>inet6?) (?<ip>[0-9A-Fa-f.:]+|${STAND_IN})(?:/(?<length>\d{1,3}))?(?<rest>(?: .*)?)$`,
  'd',
);
/** In the first line, with the number of the program; without it where several are attached. */
const XDP = /(?:^| )(?<mode>xdp[a-z]*)(?:\/id:(?<id>\d+))?(?= |$)/d;
const PROGRAM =
  /^prog\/(?<mode>xdp[a-z]*)(?: id (?<id>\d+))?(?: name (?<name>[^ ]+))?(?: tag (?<tag>[0-9a-f]+))?(?<rest>(?: .*)?)$/d;
const VIRTUAL_FUNCTION = /^vf \d+ /;
/** `veth numtxqueues 1 numrxqueues 1 gso_max_size 65536 …`, `bridge_slave state forwarding …`, `tun type tap …`. */
const KIND = /^[a-z][a-z0-9_]*(?: |$)/;
const LIFETIME = /^valid_lft [^ ]+ preferred_lft [^ ]+$/;
const ALTNAME = /^altname (?<name>[^ ]+)$/d;
/** Words of an address line that stand alone; every other word says what the next one is. */
const PAIRED = new Set(['peer', 'brd', 'scope', 'valid_lft', 'preferred_lft', 'metric', 'proto']);

/** The first line of an interface; undefined where it is none. */
export function readInterface(content: Located, line: number): NetworkInterface | undefined {
  const head = match<'index' | 'name' | 'flags' | 'rest', 'link'>(HEAD, content);
  const xdp = head && match<'mode', 'id'>(XDP, head.rest);
  const attributes = head && pairs(words(head.rest).filter(({ start }) => start !== xdp?.mode.start));
  if (!head || !attributes) return undefined;
  const { index, name, link, flags } = head;
  const all = [...flags.value.matchAll(/[^,]+/g)].map((flag) => part(flags, flag.index, flag.index + flag[0].length));
  return {
    line,
    index,
    name,
    ...(link && { link }),
    flags: all,
    attributes,
    altnames: [],
    addresses: [],
    ...(xdp && { programs: [{ mode: xdp.mode, ...(xdp.id && { id: xdp.id }), more: [] }] }),
  };
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
  if (link.linkType && readDetail(link, content)) return true;
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

/** A program, a virtual function, or what -d says; all stand below the line `link/…` and above the addresses. */
function readDetail(link: NetworkInterface, content: Located): boolean {
  const program = match<'mode' | 'rest', 'id' | 'name' | 'tag'>(PROGRAM, content);
  if (program) {
    const { rest, ...found } = program;
    link.programs = [...(link.programs ?? []), { ...found, more: words(rest) }];
    return true;
  }
  if (link.addresses.length > 0) return false;
  const isDetail = KIND.test(content.value) && !/^(?:inet6?|altname|valid_lft|link) /.test(content.value);
  if (!isDetail && !VIRTUAL_FUNCTION.test(content.value)) return false;
  link.details = [...(link.details ?? []), words(content)];
  return true;
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
    ...(link.link ? [field(link.link, [...path, 'link'], /^if\d+$/.test(link.link.value) ? 'inode' : 'hash')] : []),
    ...link.flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
    ...attributes(link.attributes, path),
    ...(link.linkType ? [field(link.linkType, [...path, 'link type'], 'state')] : []),
    ...(link.mac ? [field(link.mac, [...path, 'mac'], kindOf('brd', link.mac.value))] : []),
    ...link.altnames.map((name, index) => field(name, [...path, 'altname', String(index)], 'name')),
    ...(link.programs ?? []).flatMap(({ mode, id, name, tag, more }, index) => {
      const own = [...path, 'program', String(index)];
      return [
        field(mode, [...own, 'mode'], 'state'),
        ...(id ? [field(id, [...own, 'id'], 'inode')] : []),
        ...(name ? [field(name, [...own, 'name'], 'name')] : []),
        ...(tag ? [field(tag, [...own, 'tag'], 'hash')] : []),
        ...more.map((word, place) => field(word, [...own, String(place)], kindOf('', word.value))),
      ];
    }),
    ...(link.details ?? []).flatMap((detail, index) =>
      detail.map((word, place) =>
        field(word, [...path, 'detail', String(index), String(place)], detailKind(word.value)),
      ),
    ),
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

function detailKind(value: string): Field['kind'] {
  if (isAddress(value)) return 'ip';
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5},?$/.test(value) ? 'mac' : kindOf('', value);
}

function kindOf(name: string, value: string): Field['kind'] {
  if (name === 'link-netnsid') return 'inode';
  if (name === 'peer' && value.includes('/')) return 'prefix';
  if (name === 'brd' || name === 'peer') return /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/.test(value) ? 'mac' : 'ip';
  return /^\d+$/.test(value) ? 'number' : 'state';
}
