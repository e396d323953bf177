import type { Match, Rule, Ruleset } from '../formats/iptables-save.ts';
import { completeFixedChains } from './fixed-chains.ts';
import type { Hook, HookContext } from './matching.ts';
import { type Ending, frequencyOf, outcomeOf, type PacketOutcome, settle } from './outcome.ts';
import { addressOf, addressTypes, type Packet } from './packet.ts';
import { type Program, programsOf } from './program.ts';
import { type Activation, type State, startOf, type Visit } from './state.ts';
import { type Leaving, type Notes, newNotes, traverse } from './traverse.ts';

export type { PacketOutcome, Verdict } from './outcome.ts';
export type { Packet } from './packet.ts';

/** One rule of the file on the packet's way. */
export interface Step {
  table: string;
  chain: string;
  /** 1-based position in the chain, counting the rules that stand in the file. */
  rule: number;
  /** The line as it stands. */
  text: string;
  /** 1-based line of the output. */
  line: number;
  /** True where it matches on at least one branch. */
  matched: boolean;
  /** Probability that the packet is compared with it; null where that cannot be told. */
  reached: number | null;
  /** Probability that it matches once it is compared; null where that cannot be told. */
  chance: number | null;
  /** How many jumps lead here from the built-in chain. */
  depth: number;
  /** The rule as read. */
  read: Rule;
  /** The first condition the packet does not meet; undefined where it meets all, on the first branch that did not. */
  failed: Match | undefined;
}

/** One way through the rules, from the packet's arrival to its end. */
export interface Branch {
  outcome: PacketOutcome;
  /** Rules of the file compared with the packet on this way. */
  examined: number;
  /** Those that match, as positions in {@link Walk.steps}, in order. */
  matched: number[];
}

/** Everything the rules of a file say about one packet. */
export interface Walk {
  /** Every possible end with its probability; the probabilities add up to 1. */
  outcomes: PacketOutcome[];
  /** Number of rules of the file compared with the packet, jumps included; the mean is null where it cannot be told. */
  examined: { min: number; max: number; mean: number | null };
  /** In the order of examination; where branches part, one after the other. */
  steps: Step[];
  /** Every way through the rules, in the order of the steps. */
  branches: Branch[];
  /** Tables, chains and rules the walk needs and the file does not hold. */
  missing: string[];
  /** What the answer rests on besides the file. */
  assumptions: string[];
  /** What cannot be told, with its line. */
  unknown: string[];
}

/** A ruleset made ready for packets of both families; make it once, walk often. */
export interface WalkableRuleset {
  programs(family: 4 | 6): { programs: Map<string, Program>; assumptions: readonly string[] };
}

/** Indexes a ruleset by table and chain, and completes kube-proxy's fixed chains where the file lacks it. */
export function walkable(ruleset: Ruleset): WalkableRuleset {
  const made = new Map<4 | 6, { programs: Map<string, Program>; assumptions: readonly string[] }>();
  return {
    programs(family) {
      let found = made.get(family);
      if (!found) {
        const assumptions = new Set<string>();
        const programs = programsOf(ruleset, family, (text) => assumptions.add(text));
        completeFixedChains(programs);
        found = { programs, assumptions: [...assumptions] };
        made.set(family, found);
      }
      return found;
    },
  };
}

/** A built-in chain of a table, as the kernel calls it. */
type Stage = readonly [table: string, hook: Hook];

/** Netfilter's order of tables at each hook (nf_ip_hook_priorities of linux/netfilter_ipv4.h). */
const ARRIVING: readonly Stage[] = [
  ['raw', 'PREROUTING'],
  ['mangle', 'PREROUTING'],
  ['nat', 'PREROUTING'],
];
const DELIVERED: readonly Stage[] = [
  ['mangle', 'INPUT'],
  ['filter', 'INPUT'],
  ['security', 'INPUT'],
  ['nat', 'INPUT'],
];
const FORWARDED: readonly Stage[] = [
  ['mangle', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['security', 'FORWARD'],
  ['mangle', 'POSTROUTING'],
  ['nat', 'POSTROUTING'],
];
const SENT: readonly Stage[] = [
  ['raw', 'OUTPUT'],
  ['mangle', 'OUTPUT'],
  ['nat', 'OUTPUT'],
  ['filter', 'OUTPUT'],
  ['security', 'OUTPUT'],
  ['mangle', 'POSTROUTING'],
  ['nat', 'POSTROUTING'],
];
/** Over loopback a packet keeps its connection: nat, consulted once per direction of translation, is not asked again. */
const LOOPED: readonly Stage[] = [
  ['raw', 'PREROUTING'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'INPUT'],
  ['filter', 'INPUT'],
  ['security', 'INPUT'],
];

/**
 * Walks the first packet of a connection through the rules of a node: every rule in the kernel's order, every branch
 * with its probability. Routing is taken as given (no martian addresses, a route to every backend).
 * @throws {TypeError} where an address of the packet is none
 */
export function walk(rules: WalkableRuleset, packet: Packet): Walk {
  const origin = { from: addressOf(packet.from), to: addressOf(packet.to) };
  const { programs, assumptions } = rules.programs(origin.to.family);
  const notes = newNotes(assumptions);
  const types = addressTypes(packet);
  const activations: { activation: Activation; table: string }[] = [];
  const endings: Ending[] = [];
  const end = (state: State, how: Leaving) => endings.push({ state, how });
  noteMissingTables(programs, packet, notes);

  const run = (stages: readonly Stage[], states: State[]): State[] => {
    let current = states;
    for (const [table, hook] of stages) {
      const program = programs.get(table);
      if (!program) continue;
      const chain = program.chains.get(hook);
      if (!chain) {
        if (['nat', 'filter'].includes(table) && hook !== 'INPUT') notes.missing.add(`${table} ${hook}`);
        continue;
      }
      const activation: Activation = { chain, visits: [] };
      const context: HookContext = {
        packet,
        origin,
        types,
        hook,
        table,
        assume: (text) => notes.assumptions.add(text),
      };
      const next: State[] = [];
      for (const state of current) {
        // Without connection tracking there is no translation: nf_nat is never called.
        if (table === 'nat' && !state.tracked) next.push(state);
        else {
          traverse(program, activation, state, context, notes, (after, how) => {
            if (how === 'accept') next.push(after);
            else if (how === 'unknown' && table === 'nat' && hook === 'POSTROUTING')
              next.push({ ...after, masquerade: null });
            else end(after, how);
          });
        }
      }
      activations.push({ activation, table });
      current = next;
    }
    return current;
  };

  const first = run(packet.entry === 'output' ? SENT : ARRIVING, [startOf(packet)]);
  const local = first.filter((state) => types.isLocal(state.to));
  const others = first.filter((state) => !types.isLocal(state.to));
  const rest =
    packet.entry === 'output'
      ? [...others, ...run(local.length > 0 ? LOOPED : [], local)]
      : [...run(others.length > 0 ? FORWARDED : [], others), ...run(local.length > 0 ? DELIVERED : [], local)];
  for (const state of rest) end(state, 'accept');

  const steps: Step[] = [];
  for (const { activation, table } of activations) addSteps(activation, table, 0, steps);
  const ways = endings.map((ending) => ({ ending, branch: branchOf(ending) }));
  ways.sort((a, b) => inOrder(a.branch.matched, b.branch.matched));
  const { outcomes, examined } = settle(ways.map(({ ending }) => ending));
  return {
    outcomes,
    examined,
    steps,
    branches: ways.map(({ branch }) => branch),
    missing: [...notes.missing],
    assumptions: [...notes.assumptions],
    unknown: [...notes.unknown],
  };
}

function noteMissingTables(programs: Map<string, Program>, packet: Packet, notes: Notes): void {
  for (const table of ['nat', 'filter']) {
    if (programs.has(table)) continue;
    notes.missing.add(`table ${table}`);
    const what = table === 'nat' ? 'translates the packet' : 'rejects, drops or accepts the packet';
    notes.assumptions.add(`No rule of the ${table} table ${what}: the file lacks that table.`);
  }
  if (!packet.localAddresses && packet.entry === 'output') {
    notes.assumptions.add(`${packet.from} is an address of the node, since the node sends the packet.`);
  }
}

/** The rules of an activation in order, each followed by those of the chain it leads to. */
function addSteps(activation: Activation, table: string, depth: number, steps: Step[]): void {
  for (const visit of activation.visits) {
    const { placed, entered } = visit;
    if (!placed.assumed) visit.step = steps.push(stepOf(visit, table, depth)) - 1;
    if (entered) addSteps(entered, table, placed.assumed ? depth : depth + 1, steps);
  }
}

function stepOf({ placed, tallies, undecided, failed }: Visit, table: string, depth: number): Step {
  const { rule, number } = placed;
  const { reached, chance } = frequencyOf(tallies);
  return {
    table,
    chain: rule.chain.value,
    rule: number,
    text: rule.text,
    line: rule.line,
    matched: tallies.some(({ matched }) => matched > 0),
    reached,
    chance: undecided ? null : chance,
    depth,
    read: rule,
    failed,
  };
}

function branchOf(ending: Ending): Branch {
  const matched: number[] = [];
  for (let hit = ending.state.hits; hit; hit = hit.before) {
    if (hit.visit.step !== undefined) matched.push(hit.visit.step);
  }
  return { outcome: outcomeOf(ending), examined: ending.state.examined, matched: matched.reverse() };
}

/** Branches in the order in which they part: the one that takes the earlier rule first. */
function inOrder(one: readonly number[], other: readonly number[]): number {
  for (const [index, step] of one.entries()) {
    const difference = step - (other[index] ?? Number.POSITIVE_INFINITY);
    if (difference !== 0) return difference;
  }
  return one.length < other.length ? 1 : 0;
}
