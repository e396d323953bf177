import type { Fork, State, Tally } from './state.ts';
import type { Leaving } from './traverse.ts';

/**
 * How a packet ends: translated and let through (DNAT), refused, dropped, let through by a rule of the filter table
 * (ACCEPT), let through because no rule decided (NONE), or beyond what can be told (UNKNOWN).
 */
export type Verdict = 'DNAT' | 'REJECT' | 'DROP' | 'ACCEPT' | 'NONE' | 'UNKNOWN';

/** One possible end of a packet. */
export interface PacketOutcome {
  /** Address and port DNAT puts in place of the destination, in the words of the rule; null without DNAT. */
  target: string | null;
  verdict: Verdict;
  probability: number;
  /** True where the source is rewritten too; null where that cannot be told. */
  masquerade: boolean | null;
}

/** A branch that has come to its end. */
export interface Ending {
  state: State;
  how: Leaving;
}

/** Probabilities closer than this are the same: far below 2^-31, the kernel's grain. */
const SAME = 1e-12;

/** How one branch ends. */
export function outcomeOf({ state, how }: Ending): PacketOutcome {
  const ends = { drop: 'DROP', reject: 'REJECT', unknown: 'UNKNOWN', accept: 'NONE' } as const;
  const through = state.dnat !== undefined ? 'DNAT' : state.accepted ? 'ACCEPT' : 'NONE';
  return {
    target: state.dnat ?? null,
    verdict: how === 'accept' ? through : ends[how],
    probability: state.chance,
    masquerade: how === 'unknown' ? null : how === 'accept' && state.masquerade,
  };
}

/** What a walk can say of how often a rule is met. */
export interface Frequency {
  /** Probability that the packet is compared with the rule; null where that hangs on a choice nobody can make. */
  reached: number | null;
  /** Probability that it matches then; null likewise. */
  chance: number | null;
}

/** What the tallies of a rule say together. A figure that differs with a choice nobody can make is none. */
export function frequencyOf(tallies: readonly Tally[]): Frequency {
  const reached = agreedSum(
    tallies.map((tally) => ({ forks: tally.forks, weight: tally.reached })),
    0,
  );
  const chances = tallies.map((tally) => (tally.reached === 0 ? 0 : tally.matched / tally.reached));
  const [first = 0] = chances;
  return {
    reached: reached === null ? null : Math.min(1, reached),
    chance: chances.every((chance) => Math.abs(chance - first) < SAME) ? first : null,
  };
}

/** Adds up what stands beside each other; both sides of a choice must come to the same. */
function agreedSum(all: readonly { forks: readonly Fork[]; weight: number }[], depth: number): number | null {
  let sum = 0;
  const open = all.filter(({ forks, weight }) => {
    if (forks[depth] === undefined) sum += weight;
    return forks[depth] !== undefined;
  });
  for (const sides of Map.groupBy(open, ({ forks }) => forks[depth]?.id).values()) {
    const [matched = [], unmatched = []] = [true, false].map((side) =>
      sides.filter(({ forks }) => forks[depth]?.matched === side),
    );
    const [one, other] = [agreedSum(matched, depth + 1), agreedSum(unmatched, depth + 1)];
    if (one === null || other === null || Math.abs(one - other) > SAME) return null;
    sum += one;
  }
  return sum;
}

interface Settled {
  outcomes: PacketOutcome[];
  mean: number | null;
}

/**
 * Adds up the branches. Where the walk could not tell whether a rule matches it went both ways: what both ways agree
 * on stands, the rest is UNKNOWN, with at most the masquerade left open where the two differ in that alone.
 */
export function settle(endings: readonly Ending[]): {
  outcomes: PacketOutcome[];
  examined: { min: number; max: number; mean: number | null };
} {
  const { outcomes, mean } = settleFrom(endings, 0);
  const counts = endings.map(({ state }) => state.examined);
  const least = (values: readonly number[], pick: (a: number, b: number) => number) =>
    values.reduce((a, b) => pick(a, b), values[0] ?? 0);
  return { outcomes, examined: { min: least(counts, Math.min), max: least(counts, Math.max), mean } };
}

function settleFrom(endings: readonly Ending[], depth: number): Settled {
  const decided: PacketOutcome[] = [];
  let mean: number | null = 0;
  const forks = new Map<number, [Ending[], Ending[]]>();
  for (const ending of endings) {
    const fork = ending.state.forks[depth];
    if (fork) {
      const sides = forks.get(fork.id) ?? [[], []];
      sides[fork.matched ? 0 : 1].push(ending);
      forks.set(fork.id, sides);
    } else {
      decided.push(outcomeOf(ending));
      if (mean !== null) mean += ending.state.chance * ending.state.examined;
    }
  }
  for (const [matched, unmatched] of forks.values()) {
    const one = settleFrom(matched, depth + 1);
    const other = settleFrom(unmatched, depth + 1);
    decided.push(...agreed(one.outcomes, other.outcomes));
    const same = one.mean !== null && other.mean !== null && Math.abs(one.mean - other.mean) < 1e-6;
    mean = mean !== null && same ? mean + (one.mean ?? 0) : null;
  }
  return { outcomes: sum(decided, byAll), mean };
}

const byAll = ({ target, verdict, masquerade }: PacketOutcome): string => JSON.stringify([target, verdict, masquerade]);
const byFate = ({ target, verdict }: PacketOutcome): string => JSON.stringify([target, verdict]);

/** Outcomes that are the same, added up, in the order in which they first stand. */
function sum(outcomes: readonly PacketOutcome[], key: (outcome: PacketOutcome) => string): PacketOutcome[] {
  const found = new Map<string, PacketOutcome>();
  for (const outcome of outcomes) {
    const same = found.get(key(outcome));
    if (same) same.probability += outcome.probability;
    else found.set(key(outcome), { ...outcome });
  }
  return [...found.values()];
}

/**
 * What two equally heavy lists of outcomes have in common; the rest is UNKNOWN. An outcome with another probability on
 * the other side has none: the lower of the two would be a number that neither way gives.
 */
function agreed(one: readonly PacketOutcome[], other: readonly PacketOutcome[]): PacketOutcome[] {
  const total = one.reduce((weight, outcome) => weight + outcome.probability, 0);
  const exact = common(one, other, byAll, (outcome) => outcome.masquerade);
  const fate = common(exact.left, exact.right, byFate, () => null);
  const shared = [...exact.shared, ...fate.shared];
  const rest = total - shared.reduce((weight, outcome) => weight + outcome.probability, 0);
  if (rest > SAME) shared.push({ target: null, verdict: 'UNKNOWN', probability: rest, masquerade: null });
  return shared;
}

function common(
  one: readonly PacketOutcome[],
  other: readonly PacketOutcome[],
  key: (outcome: PacketOutcome) => string,
  masquerade: (outcome: PacketOutcome) => boolean | null,
): { shared: PacketOutcome[]; left: PacketOutcome[]; right: PacketOutcome[] } {
  const right = new Map(sum(other, key).map((outcome) => [key(outcome), outcome]));
  const shared: PacketOutcome[] = [];
  const left: PacketOutcome[] = [];
  for (const outcome of sum(one, key)) {
    const twin = right.get(key(outcome));
    if (twin && Math.abs(outcome.probability - twin.probability) < SAME) {
      shared.push({ ...outcome, masquerade: masquerade(outcome) });
      right.delete(key(outcome));
    } else left.push(outcome);
  }
  return { shared, left, right: [...right.values()] };
}
