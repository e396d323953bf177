import { isAddress, STAND_IN } from './address.ts';
import { match, part } from './cut.ts';
import { type Field, type FieldKind, field } from './field.ts';
import type { Located } from './types.ts';

/*
 * Entries of Cilium's connection tracking and NAT maps begin alike (pkg/tuple, `Dump`):
 *
 *   TCP OUT 10.20.1.4:42222 -> 10.20.0.8:80 …
 *   TCP SVC [fd00::4]:42222 -> [fd00:10::1]:80 …
 *   TCP OUT 10.24.8.39:80 -> 10.20.1.4:42222 service …
 *
 * and go on with `key=value`. Older versions print IPv6 without brackets, and service entries as OUT with `service`.
 */

/** An address with a port. */
export interface TupleEnd {
  ip: Located;
  port: Located;
}

/** What names an entry. */
export interface CiliumTuple {
  protocol: Located;
  /** `IN`, `OUT` or `SVC`: seen from the endpoint, or towards a service. */
  direction: Located;
  source: TupleEnd;
  destination: TupleEnd;
  /** `related`, `service`. */
  marks: Located[];
}

/** A `key=value`, with what stands in parentheses behind it. */
export interface TupleAttribute {
  key: Located;
  value: Located;
  remark?: Located;
}

const END = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]+|${STAND_IN}|\[${STAND_IN}\])`;
const TUPLE = new RegExp(
  String.raw`^(?<protocol>[A-Za-z][A-Za-z0-9]*) (?<direction>IN|OUT|SVC) (?<source>${END}):(?<sport>\d{1,5}) -> (?<destination>${END}):(?<dport>\d{1,5})(?<marks>(?: (?:related|service))*)`,
  'd',
);

/** Reads the beginning of an entry; undefined where the line does not begin so. */
export function readTuple(content: Located): { tuple: CiliumTuple; rest: Located } | undefined {
  const found = match<'protocol' | 'direction' | 'source' | 'sport' | 'destination' | 'dport' | 'marks'>(
    TUPLE,
    content,
  );
  const source = found && endOf(found.source, found.sport);
  const destination = found && endOf(found.destination, found.dport);
  if (!found || !source || !destination) return undefined;
  const { protocol, direction, marks } = found;
  const all = [...marks.value.matchAll(/[a-z]+/g)].map((mark) => part(marks, mark.index, mark.index + mark[0].length));
  return {
    tuple: { protocol, direction, source, destination, marks: all },
    rest: part(content, marks.end - content.start),
  };
}

function endOf(host: Located, port: Located): TupleEnd | undefined {
  const ip = host.value.startsWith('[') ? part(host, 1, host.value.length - 1) : host;
  return isAddress(ip.value) ? { ip, port } : undefined;
}

/** Reads `address:port`. */
export function readEnd(at: Located): TupleEnd | undefined {
  const found = match<'host' | 'port'>(new RegExp(`^(?<host>${END}):(?<port>\\d{1,5})$`, 'd'), at);
  return found && endOf(found.host, found.port);
}

/** `key=value`, `[ Flags ]`, `(remarks)`; `12sec ago` is one value. */
const PIECE =
  /(?<key>[A-Za-z][A-Za-z0-9]*)=(?<value>[^ ]*(?: ago(?= |$))?)|\[(?<flags>[A-Za-z0-9= ]*)\]|\((?<remark>[^()]*(?:\([^()]*\)[^()]*)*)\)|(?<foreign>[^ ]+)/dg;

/** Reads what stands behind; undefined where something else stands among it. */
export function readAttributes(rest: Located): { attributes: TupleAttribute[]; flags: Located[] } | undefined {
  const attributes: TupleAttribute[] = [];
  const flags: Located[] = [];
  for (const { indices } of rest.value.matchAll(PIECE)) {
    const { key, value, flags: names, remark } = indices?.groups ?? {};
    const last = attributes.at(-1);
    if (key && value) attributes.push({ key: part(rest, ...key), value: part(rest, ...value) });
    else if (remark && last && !last.remark) last.remark = part(rest, ...remark);
    else if (names) {
      const inside = part(rest, ...names);
      for (const name of inside.value.matchAll(/[^ ]+/g)) {
        flags.push(part(inside, name.index, name.index + name[0].length));
      }
    } else return undefined;
  }
  return { attributes, flags };
}

/** How an entry is named in paths. */
export function tupleName({ protocol, direction, source, destination, marks }: CiliumTuple): string[] {
  const end = ({ ip, port }: TupleEnd) => `${ip.value} ${port.value}`;
  return [[protocol, direction, ...marks].map(({ value }) => value).join(' '), `${end(source)} -> ${end(destination)}`];
}

/** The values of an entry's beginning. */
export function tupleFields(
  { protocol, direction, source, destination, marks }: CiliumTuple,
  path: readonly string[],
): Field[] {
  return [
    field(protocol, [...path, 'protocol'], 'protocol'),
    field(direction, [...path, 'direction'], 'state'),
    ...endFields(source, [...path, 'source']),
    ...endFields(destination, [...path, 'destination']),
    ...marks.map((mark, index) => field(mark, [...path, 'marks', String(index)], 'state')),
  ];
}

/** The values of an end. */
export function endFields({ ip, port }: TupleEnd, path: readonly string[]): Field[] {
  return [field(ip, [...path, 'ip'], 'ip'), field(port, [...path, 'port'], 'port')];
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  SourceSecurityID: 'identity',
  BackendID: 'hash',
  RevNAT: 'hash',
  revnat: 'hash',
  IfIndex: 'inode',
  Flags: 'state',
  flags: 'state',
  RxFlagsSeen: 'state',
  TxFlagsSeen: 'state',
  Created: 'age',
  HostLocal: 'number',
  NeedsCT: 'number',
  proxyport: 'port',
  NatPort: 'port',
};

/** The values behind a beginning: counters and times, unless their key says otherwise. */
export function attributeFields(attributes: readonly TupleAttribute[], path: readonly string[]): Field[] {
  return attributes.flatMap(({ key, value, remark }) => {
    const own = [...path, key.value];
    return [
      ...(value.value === '' ? [] : [field(value, own, KINDS[key.value] ?? 'count')]),
      ...(remark ? [field(remark, [...own, 'remark'], 'age')] : []),
    ];
  });
}
