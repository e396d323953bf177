import { isAddress } from './address.ts';
import { isBlankLine, match, part, trim, unreadable } from './cut.ts';
import { type Field, type FieldKind, field } from './field.ts';
import { everyLine, type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `conntrack -L`, one connection a line (libnetfilter_conntrack: src/conntrack/snprintf_default.c):
 *
 *   tcp      6 86394 ESTABLISHED src=10.20.1.4 dst=10.24.9.186 sport=42222 dport=80 src=10.20.0.8 dst=10.20.1.4 sport=80 dport=42222 [ASSURED] mark=0 use=1
 *   udp      17 27 src=10.20.1.4 dst=10.24.0.10 sport=5353 dport=53 [UNREPLIED] src=10.20.0.6 dst=10.20.1.4 sport=53 dport=5353 mark=0 use=1
 *   icmp     1 29 src=10.20.1.4 dst=192.0.2.1 type=8 code=0 id=7 src=192.0.2.1 dst=10.20.1.4 type=0 code=0 id=7 mark=0 use=1
 *
 * First how the connection began, then what its replies look like: after a DNAT their source is the backend. Times are
 * seconds until the entry goes. With -o extended (and in /proc/net/nf_conntrack) `ipv4     2` stands in front; with
 * accounting each direction has `packets=5 bytes=430`. An offloaded connection has no time. The number of entries goes to
 * standard error, as `conntrack v1.4.7 (conntrack-tools): 3 flow entries have been shown.`
 */

/** A `key=value`. */
export interface ConntrackAttribute {
  key: Located;
  value: Located;
}

/** One direction of a connection. */
export interface ConntrackTuple {
  source: Located;
  destination: Located;
  sourcePort?: Located;
  destinationPort?: Located;
  /** Only with accounting (net.netfilter.nf_conntrack_acct). */
  packets?: Located;
  bytes?: Located;
  /** `type`, `code` and `id` of ICMP, keys of GRE. */
  others: ConntrackAttribute[];
}

/** One connection. */
export interface ConntrackEntry {
  line: number;
  /** `ipv4` or `ipv6`, where it is printed. */
  family?: Located;
  protocol: Located;
  /** Seconds until the entry is dropped. */
  timeout?: Located;
  /** Of TCP, SCTP and DCCP: `ESTABLISHED`, `SYN_SENT`, `TIME_WAIT`, … */
  state?: Located;
  original: ConntrackTuple;
  reply: ConntrackTuple;
  /** `ASSURED`, `UNREPLIED`, `OFFLOAD`, … without their brackets. */
  flags: Located[];
  /** `mark`, `use`, `zone`, `id`, … */
  attributes: ConntrackAttribute[];
}

/** A parsed `conntrack -L`. */
export interface ConntrackList {
  format: 'conntrack-list';
  entries: ConntrackEntry[];
  /** How many entries conntrack says it has shown, where its message stands among them. */
  shown?: Located;
}

const EXPECTED =
  '`tcp      6 86394 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1`';
const HINT = 'Record `conntrack -L` without -o xml or save, or correct `format` in layers.yaml.';
const HEAD =
  /^(?:\[[A-Z]+\] +)?(?:(?<family>ipv[46]) +\d+ +)?(?<protocol>[a-z][a-z0-9-]*) +(?<number>\d+) +(?:(?<timeout>\d+) +)?(?:(?<state>[A-Z][A-Z0-9_]+) +)?(?=src=|\[)/d;
const SHOWN = /^conntrack v[^ ]+ \(conntrack-tools\): (?<shown>\d+) flow entries have been shown\.$/d;
/** `[ASSURED]`, `[start=Fri Nov 20 09:15:02 2026]`, `key=value`. */
const PIECE = /\[(?<flag>[^[\]]*)\]|(?<key>[a-z][a-z0-9-]*)=(?<value>[^ ]*)|(?<foreign>[^ ]+)/dg;
const TUPLE: Readonly<Record<string, Exclude<keyof ConntrackTuple, 'others'>>> = {
  src: 'source',
  dst: 'destination',
  sport: 'sourcePort',
  dport: 'destinationPort',
  packets: 'packets',
  bytes: 'bytes',
};
const OTHERS = new Set(['type', 'code', 'id', 'srckey', 'dstkey']);

/**
 * Reads `conntrack -L`. No connections give no output.
 * @throws {FormatError} on a line of another form
 */
export function parseConntrackList(text: string): ConntrackList {
  const list: ConntrackList = { format: 'conntrack-list', entries: [] };
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const shown = match<'shown'>(SHOWN, content);
    const entry = shown ? undefined : readEntry(content, line);
    if (shown && !list.shown) list.shown = shown.shown;
    else if (entry) list.entries.push(entry);
    else throw unreadable('conntrack-list', line, EXPECTED, HINT);
  }
  return list;
}

function readEntry(content: Located, { number }: Line): ConntrackEntry | undefined {
  const head = match<'protocol', 'family' | 'timeout' | 'state'>(HEAD, content);
  if (!head) return undefined;
  const { family, protocol, timeout, state } = head;
  const rest = part(content, HEAD.exec(content.value)?.[0].length ?? 0);
  const tuples: Partial<ConntrackTuple>[] = [];
  const others: ConntrackAttribute[][] = [];
  const flags: Located[] = [];
  const attributes: ConntrackAttribute[] = [];
  for (const { indices } of rest.value.matchAll(PIECE)) {
    const { flag, key, value } = indices?.groups ?? {};
    if (flag) flags.push(part(rest, ...flag));
    if (flag) continue;
    if (!key || !value) return undefined;
    const attribute = { key: part(rest, ...key), value: part(rest, ...value) };
    const name = TUPLE[attribute.key.value];
    if (name === 'source') {
      tuples.push({});
      others.push([]);
    }
    const tuple = tuples.at(-1);
    const more = others.at(-1);
    if (name && tuple && !tuple[name]) tuple[name] = attribute.value;
    else if (name) return undefined;
    else if (isOther(attribute, protocol, more)) more?.push(attribute);
    else attributes.push(attribute);
  }
  const [original, reply] = tuples.map((tuple, index) => whole(tuple, others[index] ?? []));
  if (!original || !reply || tuples.length > 2) return undefined;
  return {
    line: number,
    ...(family && { family }),
    protocol,
    ...(timeout && { timeout }),
    ...(state && { state }),
    original,
    reply,
    flags,
    attributes,
  };
}

/** `id=` is ICMP's in a tuple, and the entry's at the end of the line. */
function isOther({ key }: ConntrackAttribute, protocol: Located, more: readonly ConntrackAttribute[] = []): boolean {
  if (!OTHERS.has(key.value) || more.some((one) => one.key.value === key.value)) return false;
  return key.value !== 'id' || protocol.value.startsWith('icmp');
}

function whole(tuple: Partial<ConntrackTuple>, others: ConntrackAttribute[]): ConntrackTuple | undefined {
  const { source, destination, ...rest } = tuple;
  if (!source || !destination || !isAddress(source.value) || !isAddress(destination.value)) return undefined;
  return { source, destination, ...rest, others };
}

const KINDS: Readonly<Record<string, FieldKind>> = { use: 'count', id: 'hash', 'delta-time': 'count' };

/** The values of the list. A connection is named by its protocol and how it began. */
function conntrackListFields({ entries, shown }: ConntrackList): Field[] {
  return [
    ...entries.flatMap((entry) => {
      const { family, protocol, timeout, state, original, reply, flags, attributes } = entry;
      const path = [protocol.value, `${endName(original, 'source')} -> ${endName(original, 'destination')}`];
      return [
        ...(family ? [field(family, [...path, 'family'], 'state')] : []),
        field(protocol, [...path, 'protocol'], 'protocol'),
        ...(timeout ? [field(timeout, [...path, 'timeout'], 'count')] : []),
        ...(state ? [field(state, [...path, 'state'], 'state')] : []),
        ...tupleFields(original, [...path, 'original']),
        ...tupleFields(reply, [...path, 'reply']),
        ...flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
        ...attributes.map(({ key, value }) => field(value, [...path, key.value], KINDS[key.value] ?? 'number')),
      ];
    }),
    ...(shown ? [field(shown, ['shown'], 'count')] : []),
  ];
}

function endName(tuple: ConntrackTuple, end: 'source' | 'destination'): string {
  const port = tuple[`${end}Port`];
  return port ? `${tuple[end].value} ${port.value}` : tuple[end].value;
}

function tupleFields(tuple: ConntrackTuple, path: readonly string[]): Field[] {
  const { source, destination, sourcePort, destinationPort, packets, bytes, others } = tuple;
  return [
    field(source, [...path, 'source', 'ip'], 'ip'),
    field(destination, [...path, 'destination', 'ip'], 'ip'),
    ...(sourcePort ? [field(sourcePort, [...path, 'source', 'port'], 'port')] : []),
    ...(destinationPort ? [field(destinationPort, [...path, 'destination', 'port'], 'port')] : []),
    ...(packets ? [field(packets, [...path, 'packets'], 'count')] : []),
    ...(bytes ? [field(bytes, [...path, 'bytes'], 'count')] : []),
    ...others.map(({ key, value }) => field(value, [...path, key.value], 'number')),
  ];
}

export default {
  parse: parseConntrackList,
  fields: conntrackListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, ANY)),
  incompleteness: everyLine(/ src=.* src=/, 'a line that is not a connection'),
  empty: { format: 'conntrack-list', entries: [] },
  sample: { from: 'extended-accounting', head: 0 },
} satisfies Format<ConntrackList>;
