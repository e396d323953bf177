import type { Located } from '../types.ts';
import { type Network, parseNetwork } from './network.ts';
import { type Group, isKnownModule, located, type Option } from './options.ts';
import { type Token, unreadable, withoutEscapes } from './tokens.ts';
import type { MarkValue, Match, PortRange } from './types.ts';

const HINT = 'Restore the line as iptables-save printed it.';
const NUMBER = /^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/;

function uint32(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}

/** What a rule's line lends to the reading of its words. */
interface Place {
  text: string;
  /** Offset of the line in the whole text. */
  start: number;
  line: number;
}

function number(token: Token | undefined, place: Place, what: string): number {
  const value = uint32(token?.value ?? '');
  if (value === undefined) throw unreadable(place.line, what, token?.value ?? 'nothing', HINT);
  return value;
}

function network(token: Token, line: number): { address: Located; network: Network } {
  const parsed = parseNetwork(token.value);
  if (!parsed) throw unreadable(line, 'an address or network', token.value, HINT);
  return { address: located(token), network: parsed };
}

/**
 * Ports as `80`, `80:90` or a list of them, each with its place.
 * @throws {FormatError} where one is not a number from 0 to 65535
 */
function portRanges(token: Token, line: number): PortRange[] {
  let start = token.start;
  return token.value.split(',').map((value) => {
    const [low = '', high] = value.split(':');
    const from = low === '' && high !== undefined ? 0 : Number(low);
    const to = high === undefined ? from : high === '' ? 65535 : Number(high);
    if (!/^(\d{1,5}|\d{0,5}:\d{0,5})$/.test(value) || value === ':' || from > 65535 || to > 65535) {
      throw unreadable(line, 'a port from 0 to 65535, or a range of them', value, HINT);
    }
    const range = { value, from, to, start, end: start + value.length };
    start = range.end + 1;
    return range;
  });
}

/**
 * `value/mask` in decimal or hexadecimal.
 * @throws {FormatError} where it is not that
 */
export function markValue(token: Token, line: number): MarkValue {
  const [mark, mask, ...rest] = token.value.split('/').map(uint32);
  if (mark === undefined || rest.length > 0 || (token.value.includes('/') && mask === undefined)) {
    throw unreadable(line, 'a mark such as 0x4000/0x4000', token.value, HINT);
  }
  return { ...located(token), mark, mask: mask ?? 0xffffffff };
}

/** The parts of a comma list, each with its place. */
function list(token: Token): Located[] {
  let start = token.start;
  return token.value.split(',').map((value) => {
    const item = { value, start, end: start + value.length };
    start = item.end + 1;
    return item;
  });
}

const base = ({ start, end, negated }: Option) => ({ start, end, negated });

/** The matches a group of options stands for; one option is one match, except where a module needs all of them. */
export function matchesOf(group: Group, place: Place): Match[] {
  const { name, options } = group;
  if (!group.isModule) return options.map((option) => shortMatch(option, place));
  const written = place.text.slice(group.start - place.start, group.end - place.start);
  const unknown = (text: string, span: { start: number; end: number; negated: boolean }): Match => ({
    kind: 'unknown',
    module: name.value,
    text,
    start: span.start,
    end: span.end,
    negated: span.negated,
  });
  if (!isKnownModule(name.value)) return [unknown(written, { ...group, negated: false })];
  if (name.value === 'recent') return [recent(group, place)];
  if (name.value === 'statistic') return [statistic(group, place)];
  if (options.length === 0) {
    if (!['tcp', 'udp', 'sctp'].includes(name.value)) {
      throw unreadable(place.line, `an option of the match ${name.value}`, 'none', HINT);
    }
    return [{ kind: 'protocol-module', module: located(name), start: group.start, end: group.end, negated: false }];
  }
  return options.map((option, index) => {
    const match =
      longMatch(option, name.value, place) ??
      unknown(place.text.slice(option.start - place.start, option.end - place.start), option);
    // A module's name belongs to its first option: hovering either shows the one condition.
    return index === 0 && group.start < match.start ? { ...match, start: group.start } : match;
  });
}

function shortMatch(option: Option, place: Place): Match {
  const value = option.values[0] as Token;
  switch (option.name) {
    case '-s':
      return { kind: 'source', ...network(value, place.line), ...base(option) };
    case '-d':
      return { kind: 'destination', ...network(value, place.line), ...base(option) };
    case '-p':
      return { kind: 'protocol', protocol: located(value), ...base(option) };
    case '-i':
      return { kind: 'in-interface', name: located(value), ...base(option) };
    case '-o':
      return { kind: 'out-interface', name: located(value), ...base(option) };
    default:
      return { kind: 'fragment', ...base(option) };
  }
}

/** One option of a module, or undefined where this option of the module is not known. */
function longMatch(option: Option, module: string, place: Place): Match | undefined {
  const value = option.values[0] as Token;
  const at = base(option);
  switch (option.name) {
    case '--comment':
      return {
        kind: 'comment',
        comment: located(value),
        text: value.quoted ? withoutEscapes(value.value) : value.value,
        ...at,
      };
    case '--sport':
    case '--sports':
    case '--source-port':
    case '--source-ports':
      return { kind: 'ports', side: 'source', ports: portRanges(value, place.line), ...at };
    case '--dport':
    case '--dports':
    case '--destination-port':
    case '--destination-ports':
      return { kind: 'ports', side: 'destination', ports: portRanges(value, place.line), ...at };
    case '--ports':
      return { kind: 'ports', side: 'either', ports: portRanges(value, place.line), ...at };
    case '--tcp-flags':
      return {
        kind: 'tcp-flags',
        mask: flags(value, place.line),
        set: flags(option.values[1] as Token, place.line),
        ...at,
      };
    case '--syn':
      return { kind: 'tcp-flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'], ...at };
    case '--src-type':
      return { kind: 'address-type', side: 'source', types: list(value), ...at };
    case '--dst-type':
      return { kind: 'address-type', side: 'destination', types: list(value), ...at };
    case '--limit-iface-in':
      return { kind: 'address-type-interface', direction: 'in', ...at };
    case '--limit-iface-out':
      return { kind: 'address-type-interface', direction: 'out', ...at };
    case '--mark':
      return { kind: 'mark', mark: markValue(value, place.line), ...at };
    case '--state':
    case '--ctstate':
      return { kind: 'conntrack-state', states: list(value), ...at };
    case '--ctorigsrc':
      return { kind: 'conntrack-original-address', side: 'source', ...network(value, place.line), ...at };
    case '--ctorigdst':
      return { kind: 'conntrack-original-address', side: 'destination', ...network(value, place.line), ...at };
    case '--ctorigsrcport':
      return { kind: 'conntrack-original-port', side: 'source', ports: portRanges(value, place.line), ...at };
    case '--ctorigdstport':
      return { kind: 'conntrack-original-port', side: 'destination', ports: portRanges(value, place.line), ...at };
    case '--ctproto':
      return { kind: 'conntrack-protocol', protocol: located(value), ...at };
    case '--ctdir':
      return { kind: 'conntrack-direction', direction: located(value), ...at };
    case '--nfacct-name':
      return { kind: 'nfacct', name: located(value), ...at };
    default:
      if (module !== 'physdev' || !option.name.startsWith('--physdev-')) return undefined;
      return { kind: 'physdev', option: option.name.slice('--physdev-'.length), name: value && located(value), ...at };
  }
}

function flags(token: Token, line: number): string[] {
  const all = ['SYN', 'ACK', 'FIN', 'RST', 'URG', 'PSH'];
  if (token.value === 'ALL') return all;
  if (token.value === 'NONE') return [];
  const names = token.value.split(',');
  const bad = names.find((name) => !all.includes(name));
  if (bad !== undefined) throw unreadable(line, `TCP flags such as SYN,ACK`, bad, HINT);
  return names;
}

/** The last option of that name; a repeated option overrides in iptables. */
const find = (options: readonly Option[], ...names: string[]): Option | undefined =>
  options.findLast((option) => names.includes(option.name));

function foreign(group: Group, place: Place, known: readonly string[]): Match | undefined {
  const option = group.options.find((candidate) => !known.includes(candidate.name));
  if (!option) return undefined;
  const text = place.text.slice(group.start - place.start, group.end - place.start);
  return { kind: 'unknown', module: group.name.value, text, start: group.start, end: group.end, negated: false };
}

function recent(group: Group, place: Place): Match {
  const { options } = group;
  const actions = ['set', 'rcheck', 'update', 'remove'] as const;
  const unknown = foreign(group, place, [
    ...actions.map((name) => `--${name}`),
    ...['--name', '--seconds', '--hitcount', '--reap', '--rttl', '--rsource', '--rdest', '--mask'],
  ]);
  const mask = find(options, '--mask')?.values[0]?.value;
  const wide = mask !== undefined && !['255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'].includes(mask);
  if (unknown) return unknown;
  const chosen = actions.filter((action) => find(options, `--${action}`));
  const [action] = chosen;
  if (!action || chosen.length > 1) {
    throw unreadable(
      place.line,
      'one of --set, --rcheck, --update, --remove',
      chosen.join(' ') || 'none of them',
      HINT,
    );
  }
  const option = (name: string) => find(options, name);
  const count = (name: string) => option(name) && number(option(name)?.values[0], place, `a number after ${name}`);
  const name = option('--name')?.values[0];
  return {
    kind: 'recent',
    action,
    // A mask other than the whole address makes it a list of networks; kept apart so that it is not mixed up.
    list: `${name?.value ?? 'DEFAULT'}${wide ? `/${mask}` : ''}`,
    name: name && located(name),
    seconds: count('--seconds'),
    hitcount: count('--hitcount'),
    reap: option('--reap') !== undefined,
    ttl: option('--rttl') !== undefined,
    side: option('--rdest') ? 'destination' : 'source',
    start: group.start,
    end: group.end,
    negated: find(options, `--${action}`)?.negated ?? false,
  };
}

function statistic(group: Group, place: Place): Match {
  const { options } = group;
  const unknown = foreign(group, place, ['--mode', '--probability', '--every', '--packet']);
  if (unknown) return unknown;
  const mode = find(options, '--mode')?.values[0]?.value;
  const span = { start: group.start, end: group.end };
  if (mode === 'random') {
    const option = find(options, '--probability');
    const value = option?.values[0];
    const chance = Number(value?.value);
    if (!option || !value || !/^\d*\.?\d+$/.test(value.value) || chance > 1) {
      throw unreadable(place.line, 'a probability from 0 to 1', value?.value ?? 'none', HINT);
    }
    return { kind: 'statistic-random', probability: located(value), chance, ...span, negated: option.negated };
  }
  if (mode === 'nth') {
    const option = find(options, '--every');
    const every = option?.values[0];
    const period = number(every, place, 'a number after --every');
    const packet = find(options, '--packet');
    const offset = packet ? number(packet.values[0], place, 'a number after --packet') : 0;
    if (!option || !every || period === 0) throw unreadable(place.line, 'a number from 1 after --every', '0', HINT);
    return { kind: 'statistic-nth', every: located(every), period, packet: offset, ...span, negated: option.negated };
  }
  throw unreadable(place.line, 'the mode random or nth', mode ?? 'none', HINT);
}
