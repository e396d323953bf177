import { isStandIn } from '../formats/address.ts';
import { afterMatch, chanceOf, failedMatch, type HookContext } from './matching.ts';
import { addressOf, REDACTED } from './packet.ts';
import type { Chain, PlacedRule, Program } from './program.ts';
import type { Activation, State, Tally, Visit } from './state.ts';

/**
 * Bounds of one walk. Rules of kube-proxy stay far below them; files that were made to explode, with many lots in a
 * row or chains that jump twice to the next, end as "cannot tell".
 */
const MAX_COMPARISONS = 50_000_000;
const MAX_VISITS = 500_000;
const MAX_BRANCHES = 25_000;
const MAX_DEPTH = 1000;

/** Where a packet is inside nested chains. A branch owns its innermost place; those behind it are shared. */
interface Position {
  activation: Activation;
  next: number;
  /** Where RETURN and the end of the chain lead; undefined in a built-in chain. */
  back: Position | undefined;
  /** Jumps from the built-in chain. */
  depth: number;
}

/** How a packet leaves a built-in chain; `accept` means on to the next one. */
export type Leaving = 'accept' | 'drop' | 'reject' | 'unknown';

/** What a walk tells besides the packet's fate. */
export interface Notes {
  missing: Set<string>;
  assumptions: Set<string>;
  unknown: Set<string>;
  /** Next number for a choice that cannot be made. */
  forks: number;
  /** Work done so far. */
  comparisons: number;
  visits: number;
  branches: number;
}

/** Notes of a walk that begins. */
export function newNotes(assumptions: readonly string[]): Notes {
  return {
    missing: new Set(),
    assumptions: new Set(assumptions),
    unknown: new Set(),
    forks: 0,
    comparisons: 0,
    visits: 0,
    branches: 0,
  };
}

/** Beyond this many undecided choices on one path the answer is "cannot tell" at once; it bounds the work. */
const MAX_FORKS = 8;

/**
 * Walks packets through one built-in chain and everything it leads to.
 * @param root the activation of that chain; visits of several packets add up in it
 * @param leave called for every branch with its state
 */
export function traverse(
  program: Program,
  root: Activation,
  start: State,
  context: HookContext,
  notes: Notes,
  leave: (state: State, how: Leaving) => void,
): void {
  const branches: { state: State; at: Position }[] = [
    { state: start, at: { activation: root, next: 0, back: undefined, depth: 0 } },
  ];
  for (let branch = branches.pop(); branch; branch = branches.pop()) {
    const { state } = branch;
    let at: Position | undefined = branch.at;
    while (at) {
      const placed: PlacedRule | undefined = at.activation.chain.rules[at.next];
      if (!placed) {
        const cut = cutOff(program, at.activation.chain);
        if (cut) {
          notes.missing.add(cut);
          leave(state, 'unknown');
          break;
        }
        if (!at.back) {
          leave(state, endOfBuiltIn(at.activation.chain, context, notes));
          break;
        }
        at = { ...at.back };
        continue;
      }
      if (++notes.comparisons > MAX_COMPARISONS || notes.visits > MAX_VISITS || notes.branches > MAX_BRANCHES) {
        notes.unknown.add('the walk has too many branches to be followed to the end');
        leave(state, 'unknown');
        break;
      }
      const visit = visitOf(at, placed, program.name, notes);
      tallyOf(visit, state).reached += state.chance;
      if (!placed.assumed) state.examined++;
      const chance = chanceOf(placed.rule, state, context);
      if (chance === 0) {
        visit.failed ??= failedMatch(placed.rule, state, context);
        at.next++;
        continue;
      }
      if (placed.assumed) noteAssumed(placed, program, notes);
      const following: Position = { ...at, next: at.next + 1 };
      if (typeof chance !== 'number') {
        visit.undecided = true;
        if (isHarmless(placed)) {
          at = following;
          continue;
        }
        notes.unknown.add(
          cannotTell(placed, program, `whether ${chance.kind === 'unknown' ? chance.text : 'it'} matches`),
        );
        if (state.forks.length >= MAX_FORKS) {
          leave(state, 'unknown');
          break;
        }
        const id = notes.forks++;
        notes.branches++;
        branches.push({
          state: { ...state, forks: [...state.forks, { id, matched: false }] },
          at: { ...following },
        });
        state.forks = [...state.forks, { id, matched: true }];
      } else if (chance < 1) {
        notes.branches++;
        branches.push({ state: { ...state, chance: state.chance * (1 - chance) }, at: { ...following } });
        state.chance *= chance;
      }
      tallyOf(visit, state).matched += state.chance;
      state.hits = { visit, before: state.hits };
      afterMatch(placed.rule, state);
      const next = follow(program, at, following, placed, visit, state, context, notes);
      if (typeof next === 'string') {
        leave(state, next);
        break;
      }
      at = next;
    }
  }
}

function visitOf(at: Position, placed: PlacedRule, table: string, notes: Notes): Visit {
  const { visits } = at.activation;
  const found = visits[at.next];
  if (found) return found;
  const visit: Visit = {
    placed,
    table,
    tallies: [],
    undecided: false,
    failed: undefined,
    step: undefined,
    entered: undefined,
  };
  visits[at.next] = visit;
  notes.visits++;
  return visit;
}

/** The tally of a rule for the choices on a branch. */
function tallyOf({ tallies }: Visit, { forks }: State): Tally {
  const last = tallies.at(-1);
  const found = last?.forks === forks ? last : tallies.find((tally) => tally.forks === forks);
  if (found) return found;
  const tally = { forks, reached: 0, matched: 0 };
  tallies.push(tally);
  return tally;
}

/** What a matching rule does: the next place, or how the packet leaves. */
function follow(
  program: Program,
  at: Position,
  following: Position,
  placed: PlacedRule,
  visit: Visit,
  state: State,
  context: HookContext,
  notes: Notes,
): Position | Leaving {
  const { target } = placed.rule;
  if (!target) return following;
  const { effect } = target;
  switch (effect.kind) {
    case 'none':
      return following;
    case 'accept':
      if (context.table === 'filter') state.accepted = true;
      return 'accept';
    case 'drop':
    case 'reject':
      return effect.kind;
    case 'return':
      return at.back ? { ...at.back } : endOfBuiltIn(at.activation.chain, context, notes);
    case 'mark':
      state.mark = ((state.mark & effect.and) ^ effect.xor) >>> 0;
      return following;
    case 'notrack':
      state.tracked = false;
      return following;
    case 'masquerade':
    case 'snat':
      state.masquerade = true;
      state.from = undefined;
      return 'accept';
    case 'dnat':
      state.dnat = effect.to.value;
      if ((effect.host?.value.includes('-') && !isStandIn(effect.host.value)) || effect.port?.value.includes('-')) {
        notes.unknown.add(cannotTell(placed, program, 'which address of the range is taken'));
        return 'unknown';
      }
      if (effect.host) {
        const redacted = isStandIn(effect.host.value);
        if (redacted) context.assume(REDACTED);
        state.to = redacted ? { family: state.to.family, words: [] } : addressOf(effect.host.value);
        state.toText = effect.host.value;
      }
      if (effect.port) state.port = Number(effect.port.value);
      return 'accept';
    case 'unprinted':
      notes.unknown.add(cannotTell(placed, program, `what ${target.name.value} does: iptables could not print it`));
      return 'unknown';
    case 'extension':
      notes.unknown.add(cannotTell(placed, program, `what the target ${target.name.value} does`));
      return 'unknown';
    case 'chain': {
      const chain = program.chains.get(target.name.value);
      if (!chain) {
        if (program.filtered) {
          notes.missing.add(`${program.name} ${target.name.value}`);
          if (placed.assumed) notes.unknown.add(`cannot tell, ${target.name.value} is not in this output`);
        } else notes.unknown.add(cannotTell(placed, program, `what the target ${target.name.value} does`));
        return 'unknown';
      }
      if (at.depth >= MAX_DEPTH || isLoop(at, chain)) {
        notes.unknown.add(cannotTell(placed, program, `where a loop of chains through ${chain.name} ends`));
        return 'unknown';
      }
      visit.entered ??= { chain, visits: [] };
      return { activation: visit.entered, next: 0, back: target.goto ? at.back : following, depth: at.depth + 1 };
    }
  }
}

/** The kernel refuses rulesets with loops; a broken file must not keep us walking. */
function isLoop(at: Position, chain: Chain): boolean {
  for (let place: Position | undefined = at; place; place = place.back)
    if (place.activation.chain === chain) return true;
  return false;
}

/** A rule whose match makes no difference. */
const isHarmless = ({ rule }: PlacedRule): boolean =>
  (!rule.target || rule.target.effect.kind === 'none') && !rule.matches.some((match) => match.kind === 'recent');

function endOfBuiltIn(chain: Chain, context: HookContext, notes: Notes): Leaving {
  if (!chain.declared && context.table === 'filter') {
    notes.assumptions.add(
      `The policy of ${context.table} ${chain.name} is ACCEPT: the file does not declare the chain.`,
    );
  }
  return chain.policy === 'DROP' ? 'drop' : 'accept';
}

/**
 * In a filtered file, the end of a chain that kube-proxy always closes with an unconditional rule means that this rule
 * is missing. Chains of Services with a Local policy and without local endpoints do end open.
 */
function cutOff(program: Program, chain: Chain): string | undefined {
  if (!program.filtered) return undefined;
  const closed =
    /^KUBE-(SVC|SVL|SEP)-/.test(chain.name) ||
    (chain.name.startsWith('KUBE-EXT-') &&
      !chain.rules.some(({ rule }) => rule.matches.some((match) => match.kind === 'address-type')));
  return closed ? `${program.name} ${chain.name}: its last rule` : undefined;
}

function noteAssumed(placed: PlacedRule, program: Program, notes: Notes): void {
  notes.assumptions.add(placed.assumed ?? '');
  notes.missing.add(`${program.name} ${placed.rule.text.slice('-A '.length)}`);
}

function cannotTell(placed: PlacedRule, program: Program, what: string): string {
  const { rule, number } = placed;
  return `line ${rule.line}, ${program.name} ${rule.chain.value} rule ${number}: cannot tell ${what}`;
}
