import type { Address } from '../formats/address.ts';
import { contains, type Network } from '../formats/iptables-save/network.ts';
import type { Match, PortRange, Rule } from '../formats/iptables-save.ts';
import { type AddressTypes, type Packet, REDACTED } from './packet.ts';
import type { State } from './state.ts';

/** Hook of the kernel a built-in chain hangs on. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** Probability of a match, or undefined where nobody can tell. */
export type Chance = number | undefined;

/** What matching needs besides the packet's state: the packet as it came, the node, and the hook and table it is at. */
export interface HookContext {
  packet: Packet;
  origin: { from: Address; to: Address };
  types: AddressTypes;
  hook: Hook;
  table: string;
  /** Notes something the answer rests on. */
  assume(text: string): void;
}

/**
 * How likely a rule matches: its conditions are joined by "and", so one that fails decides even where another
 * cannot be told.
 * @returns 0 to 1, or the first condition that cannot be told
 */
export function chanceOf(rule: Rule, state: State, context: HookContext): number | Match {
  let chance = 1;
  let because: Match | undefined;
  for (const match of rule.matches) {
    const one = matchChance(match, state, context);
    if (one === 0) return 0;
    if (one === undefined) because ??= match;
    else chance *= one;
  }
  return because ?? chance;
}

/** The first condition of a rule that the packet does not meet. */
export function failedMatch(rule: Rule, state: State, context: HookContext): Match | undefined {
  return rule.matches.find((match) => matchChance(match, state, context) === 0);
}

function lies(address: Address, network: Network, context: HookContext): boolean {
  if (network.base.length === 0) context.assume(REDACTED);
  return contains(network, address);
}

const certain = (is: boolean | undefined, negated: boolean): Chance =>
  is === undefined ? undefined : is !== negated ? 1 : 0;

function matchChance(match: Match, state: State, context: HookContext): Chance {
  const { negated } = match;
  switch (match.kind) {
    case 'source':
      return certain(state.from && lies(state.from, match.network, context), negated);
    case 'destination':
      return certain(lies(state.to, match.network, context), negated);
    case 'protocol':
      return certain(isProtocol(match.protocol.value, context), negated);
    case 'protocol-module':
      return certain(isProtocol(match.module.value, context), false);
    case 'comment':
      return 1;
    case 'nfacct':
      // Without a quota (kube-proxy sets none) the match only counts: net/netfilter/xt_nfacct.c.
      return 1;
    case 'in-interface':
    case 'out-interface':
      return certain(isInterface(match.kind, match.name.value, state, context), negated);
    case 'fragment':
      return certain(false, negated);
    case 'ports':
      return certain(portIs(match.ports, match.side, context.packet.fromPort, state.port), negated);
    case 'tcp-flags':
      return certain(flagsAre(match.mask, match.set), negated);
    case 'address-type':
      return certain(typeIs(match.side, match.types, state, context), negated);
    case 'mark':
      return certain((state.mark & match.mark.mask) >>> 0 === match.mark.mark, negated);
    case 'conntrack-state':
      return certain(isState(match.states, state, context), negated);
    case 'conntrack-original-address':
      return certain(
        lies(match.side === 'source' ? context.origin.from : context.origin.to, match.network, context),
        negated,
      );
    case 'conntrack-original-port':
      return certain(portIs(match.ports, match.side, context.packet.fromPort, context.packet.port), negated);
    case 'conntrack-protocol':
      return certain(isProtocol(match.protocol.value, context), negated);
    case 'conntrack-direction':
      return certain(match.direction.value === 'ORIGINAL', negated);
    case 'statistic-random': {
      // iptables keeps the probability as a whole number of 2^-31; the kernel draws 31 bits (xt_statistic.c).
      const chance = Math.round(match.chance * 2 ** 31) / 2 ** 31;
      return negated ? 1 - chance : chance;
    }
    case 'statistic-nth':
      context.assume(
        'How many packets a "--mode nth" rule has seen is not known: every position is taken as equally likely.',
      );
      return negated ? 1 - 1 / match.period : 1 / match.period;
    case 'recent':
      return certain(isRecent(match, state, context), negated);
    case 'physdev':
      // A packet that crosses no bridge port satisfies negated conditions only (xt_physdev.c).
      context.assume('The packet does not cross a port of a bridge (physdev).');
      return negated ? 1 : 0;
    case 'address-type-interface':
    case 'unknown':
      return undefined;
  }
}

const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '132': 'sctp' };

function isProtocol(name: string, { packet }: HookContext): boolean {
  return name === 'all' || name === '0' || (PROTOCOL_NUMBERS[name] ?? name.toLowerCase()) === packet.protocol;
}

function portIs(
  ports: readonly PortRange[],
  side: 'source' | 'destination' | 'either',
  source: number | undefined,
  destination: number,
): boolean | undefined {
  const within = (port: number | undefined) =>
    port === undefined ? undefined : ports.some(({ from, to }) => port >= from && port <= to);
  if (side === 'source') return within(source);
  if (side === 'destination') return within(destination);
  return within(destination) || within(source);
}

/** The first packet of a TCP connection carries SYN alone. */
function flagsAre(mask: readonly string[], set: readonly string[]): boolean {
  return mask.includes('SYN') === set.includes('SYN') && set.every((flag) => flag === 'SYN');
}

function typeIs(
  side: 'source' | 'destination',
  types: readonly { value: string }[],
  state: State,
  context: HookContext,
): boolean | undefined {
  const address = side === 'source' ? state.from : state.to;
  if (!address) return undefined;
  if (
    !context.packet.localAddresses &&
    types.some((type) => type.value === 'LOCAL') &&
    !context.types.isLocal(address)
  ) {
    const text = side === 'source' ? context.packet.from : state.toText;
    context.assume(`${text} is not an address of the node: none but loopback were stated.`);
  }
  const known = types.map((type) => context.types.has(address, type.value));
  return known.includes(true) ? true : known.includes(undefined) ? undefined : false;
}

function isInterface(
  kind: 'in-interface' | 'out-interface',
  name: string,
  state: State,
  context: HookContext,
): boolean | undefined {
  const inward = kind === 'in-interface';
  const { hook, packet, types } = context;
  // A packet that came back over loopback after OUTPUT is the one case in which both ends are the node itself.
  const looped = packet.entry === 'output' && (hook === 'PREROUTING' || hook === 'INPUT');
  const stated = looped ? 'lo' : inward ? packet.inInterface : packet.outInterface;
  const matches = (actual: string) => (name.endsWith('+') ? actual.startsWith(name.slice(0, -1)) : actual === name);
  // A packet the node sends came in nowhere, and before routing nobody knows where it goes: no name, an empty one.
  if (inward ? hook === 'OUTPUT' : hook === 'PREROUTING' || hook === 'INPUT') return matches('');
  if (stated !== undefined) return matches(stated);
  if (name === '+') return true;
  if (!inward && packet.entry === 'output' && types.isLocal(state.to)) return matches('lo');
  const end = inward ? context.origin.from : state.to;
  return name === 'lo' && !types.isLocal(end) ? false : undefined;
}

/** xt_conntrack: the state of the first packet, and the virtual states DNAT and SNAT once an address was rewritten. */
function isState(states: readonly { value: string }[], state: State, context: HookContext): boolean {
  const before = context.table === 'raw';
  return states.some(({ value }) => {
    if (!state.tracked) return value === 'UNTRACKED';
    if (before) return value === 'INVALID';
    if (value === 'NEW') context.assume('The packet is the first of its connection (conntrack state NEW).');
    return (
      value === 'NEW' ||
      (value === 'DNAT' && state.dnat !== undefined) ||
      (value === 'SNAT' && state.masquerade === true)
    );
  });
}

type Recent = Extract<Match, { kind: 'recent' }>;

/** The entry of a list that stands for this client: lists may keep sources or destinations. */
function isRecent(match: Recent, state: State, context: HookContext): boolean | undefined {
  if (match.action === 'set') return true;
  const listed = state.recent.has(match.list);
  if (!listed) {
    if (!context.packet.recentLists?.length) {
      context.assume(
        `${context.packet.from} has not been seen before: it is in no list of the recent match (session affinity).`,
      );
    }
    return false;
  }
  context.assume(`${context.packet.from} is in the list ${match.list}, seen within its time limit.`);
  return match.ttl || (match.hitcount ?? 1) > 1 ? undefined : true;
}

/** What a matching rule's own conditions leave behind: entries of the recent match. */
export function afterMatch(rule: Rule, state: State): void {
  for (const match of rule.matches) {
    if (match.kind !== 'recent' || match.action === 'rcheck' || match.action === 'update') continue;
    const recent = new Set(state.recent);
    if (match.action === 'set') recent.add(match.list);
    else recent.delete(match.list);
    state.recent = recent;
  }
}
