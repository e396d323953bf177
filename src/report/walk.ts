import type { PacketWalk } from '../analysis/packets.ts';
import type { RoleValue } from '../analysis/types.ts';
import type { Match, Rule } from '../formats/iptables-save.ts';
import type { Branch, Packet, Step, Walk } from '../netfilter/walk.ts';
import type { Counters } from './counted.ts';
import type { WalkedPacket, WalkRule, WalkStep, WalkWay } from './figure-data.ts';

type Ask = WalkRule['asks'][number];

/**
 * One packet on both sides, as plain data.
 * @param counters undefined where none were recorded around a probe that sends such packets
 */
export function walkedPacket(
  { label, notes, rules, services }: PacketWalk,
  values: readonly RoleValue[],
  counters?: Counters,
): WalkedPacket {
  const roles = rolesIn(values);
  const { examined, steps, outcomes, assumptions, missing, unknown } = rules.walk;
  return {
    label,
    notes,
    rules: {
      capture: rules.capture,
      packet: packetOf(rules.packet, roles(rules.capture)),
      examined,
      steps: steps.map((step) => stepOf(step, counters)),
      passedOver: rules.passedOver.map(({ table, rule }) => ruleOf(rule, table)),
      ways: waysOf(rules.walk).map((way) => ({ ...way, ...roles(rules.capture)(way.target) })),
      outcomes,
      assumptions,
      missing,
      unknown,
      ...(counters && { countedDuring: counters.probe }),
    },
    ...(services && { service: serviceOf(services, roles(services.capture)) }),
  };
}

type Roles = (endpoint: string | null) => { role?: string };

/** What an address, with a port or without, is on the side an output stands on. */
function rolesIn(values: readonly RoleValue[]): (capture: string) => Roles {
  const known = new Map(values.map(({ side, value, role }) => [`${side} ${value}`, role]));
  return (capture) => (endpoint) => {
    const host = endpoint?.replace(/:\d+(?:\/\w+)?$/, '').replace(/^\[(.*)\]$/, '$1');
    const role = known.get(`${capture.split('/')[0]} ${host}`);
    return role === undefined ? {} : { role };
  };
}

function packetOf({ from, to, port, protocol }: Packet, roles: Roles): WalkedPacket['rules']['packet'] {
  return { from, to, port, protocol, ...roles(to) };
}

function serviceOf(
  { capture, packet, lookup, rows }: NonNullable<PacketWalk['services']>,
  roles: Roles,
): NonNullable<WalkedPacket['service']> {
  const found = lookup.frontend;
  return {
    capture,
    packet: packetOf(packet, roles),
    rows: rows.map(({ at, name }) => ({ line: at.at.line, address: name })),
    ...(found && {
      row: {
        line: found.at.at.line,
        last: Math.max(...[found, ...found.backends, ...found.inactive].map(({ at }) => at.at.line)),
        ...(found.id !== undefined && { id: found.id }),
        address: found.name,
        surrogate: lookup.matchedBy === 'node-port',
        type: found.type?.name ?? '',
        backends: lookup.backends.map(({ at, name }) => ({ line: at.at.line, address: name, ...roles(name) })),
      },
    }),
    assumptions: lookup.assumptions,
    unknown: lookup.unknown,
  };
}

function stepOf(step: Step, counters: Counters | undefined): WalkStep {
  const { table, matched, chance, depth, read, failed } = step;
  const decided = failed ? asked(read).indexOf(failed) : -1;
  const counted = counters?.rose(step);
  return {
    ...ruleOf(read, table),
    depth,
    matched,
    chance,
    ...(decided >= 0 && { failed: decided }),
    ...(counted !== undefined && { counted }),
  };
}

/** What a rule asks; comments, counting and naming a protocol's module ask nothing. */
function asked({ matches }: Rule): Match[] {
  return matches.filter(({ kind }) => !['comment', 'nfacct', 'protocol-module'].includes(kind));
}

function ruleOf(rule: Rule, table: string): WalkRule {
  const comment = rule.matches.find((match) => match.kind === 'comment');
  return {
    table,
    chain: rule.chain.value,
    line: rule.line,
    text: rule.text,
    ...(comment && { comment: comment.text }),
    asks: asked(rule).map((match) => ({ ...askOf(match, rule), not: match.negated })),
    does: doesOf(rule),
  };
}

/** A condition as its kind and the words of the rule. */
function askOf(match: Match, rule: Rule): Omit<Ask, 'not'> {
  const printed = () => rule.text.slice(match.start - rule.start, match.end - rule.start);
  switch (match.kind) {
    case 'source':
    case 'destination':
      return { kind: match.kind, value: match.address.value };
    case 'protocol':
      return { kind: 'protocol', value: match.protocol.value };
    case 'ports':
      return { kind: `${match.side}-port`, value: match.ports.map(({ value }) => value).join(', ') };
    case 'address-type':
      return { kind: `${match.side}-type`, value: match.types.map(({ value }) => value).join(', ') };
    case 'mark':
      return { kind: 'mark', value: match.mark.value };
    case 'conntrack-state':
      return { kind: 'state', value: match.states.map(({ value }) => value).join(', ') };
    case 'statistic-random':
      return { kind: 'random', value: match.probability.value };
    case 'statistic-nth':
      return { kind: 'nth', value: String(match.period) };
    case 'recent':
      return { kind: `recent-${match.action}`, value: match.list };
    case 'in-interface':
    case 'out-interface':
      return { kind: match.kind, value: match.name.value };
    case 'conntrack-original-address':
      return { kind: `original-${match.side}`, value: match.address.value };
    default:
      return { kind: 'other', value: printed() };
  }
}

/** What a rule does with a packet that meets all its conditions. */
function doesOf({ target }: Rule): WalkRule['does'] {
  if (!target) return { kind: 'none' };
  const { effect, goto, name, options } = target;
  switch (effect.kind) {
    case 'chain':
      return { kind: goto ? 'goto' : 'jump', value: name.value };
    case 'dnat':
    case 'snat':
      return { kind: effect.kind, value: effect.to.value };
    case 'mark':
      return {
        kind: 'mark',
        value: options.map((option) => `${option.name} ${option.values.map(({ value }) => value).join(' ')}`).join(' '),
      };
    case 'none':
    case 'extension':
    case 'unprinted':
      return { kind: effect.kind === 'none' ? 'none' : 'unknown', value: name.value };
    default:
      return { kind: effect.kind };
  }
}

/**
 * The ways that end alike at the same rule, as one. Shares are told only where they add up: where the walk went both
 * ways at a rule it could not decide, they do not.
 */
function waysOf({ branches, steps }: Walk): WalkWay[] {
  const told = Math.abs(branches.reduce((sum, { outcome }) => sum + outcome.probability, 0) - 1) < 1e-9;
  const ways = new Map<string, WalkWay>();
  for (const branch of branches) {
    const { verdict, target, probability, masquerade } = branch.outcome;
    const end = endOf(branch, steps);
    const key = JSON.stringify([end, verdict, target, masquerade]);
    const { min, max } = ways.get(key)?.examined ?? { min: branch.examined, max: branch.examined };
    ways.set(key, {
      verdict,
      target,
      masquerade,
      share: told ? (ways.get(key)?.share ?? 0) + probability : null,
      examined: { min: Math.min(min, branch.examined), max: Math.max(max, branch.examined) },
      ...(end !== undefined && { end }),
    });
  }
  return [...ways.values()];
}

/** The rule that decides a way: the last one that rewrites the destination, or drops or refuses the packet. */
function endOf({ outcome: { verdict }, matched }: Branch, steps: readonly Step[]): number | undefined {
  const kinds: Partial<Record<typeof verdict, string>> = { DNAT: 'dnat', DROP: 'drop', REJECT: 'reject' };
  return matched.findLast((index) => steps[index]?.read.target?.effect.kind === kinds[verdict]);
}
