import type { WalkedPacket, WalkRule, WalkStep, WalkWay } from '../../report/figure-data.ts';
import { drawsLots } from '../../wording/walk.ts';

type Rules = WalkedPacket['rules'];

/** A chain as the packet goes down it. */
export interface Chain {
  table: string;
  name: string;
  rows: Row[];
  /** Its rules that the packet is not compared with. */
  over: WalkRule[];
}

/** A rule of a chain, with the chains it leads into and the ways that end at it. */
export interface Row {
  step: WalkStep;
  /** Its place among all rules that are compared, from 0. */
  index: number;
  inner: Chain[];
  ways: WalkWay[];
}

/** A rule by itself, or a run of rules of which none matches. */
export type Item = Row | Row[];

/** The longest run of rules without a match that is drawn rule by rule. */
const LONGEST = 16;
/** Of a longer one, how many are drawn so at either end. */
const ENDS = 3;

/** The chains of a walk, each standing at the rule that leads into it. */
export function pathOf({ steps, passedOver, ways }: Rules): Chain[] {
  const roots: Chain[] = [];
  const open: { chain: Chain; depth: number }[] = [];
  const over = Map.groupBy(passedOver, ({ table, chain }) => `${table} ${chain}`);
  for (const [index, step] of steps.entries()) {
    while ((open.at(-1)?.depth ?? 0) > step.depth) open.pop();
    const last = open.at(-1);
    const row: Row = { step, index, inner: [], ways: ways.filter(({ end }) => end === index) };
    if (last?.depth === step.depth) {
      if (last.chain.name === step.chain && last.chain.table === step.table) {
        last.chain.rows.push(row);
        continue;
      }
      open.pop();
    }
    const key = `${step.table} ${step.chain}`;
    const chain: Chain = { table: step.table, name: step.chain, rows: [row], over: over.get(key) ?? [] };
    over.delete(key);
    (open.at(-1)?.chain.rows.at(-1)?.inner ?? roots).push(chain);
    open.push({ chain, depth: step.depth });
  }
  return roots;
}

/** The rules of a chain, with the inside of a long run without a match as one. */
export function itemsOf(rows: readonly Row[]): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < rows.length; ) {
    const end = rows.findIndex(({ step, inner }, index) => index >= at && (step.chance !== 0 || inner.length > 0));
    const run = rows.slice(at, end < 0 ? rows.length : end);
    if (run.length > LONGEST) items.push(...run.slice(0, ENDS), run.slice(ENDS, -ENDS), ...run.slice(-ENDS));
    else items.push(...run);
    at += run.length;
    const turn = rows[at];
    if (turn) items.push(turn);
    at++;
  }
  return items;
}

/**
 * The chain that has most to show beside the chains it leads into: where there is room, these stand beside it and not
 * below. Undefined where no chain leads into another.
 */
export function longest(chains: readonly Chain[]): Chain | undefined {
  const all = chains.flatMap(function within(chain): Chain[] {
    return [chain, ...chain.rows.flatMap(({ inner }) => inner.flatMap(within))];
  });
  const turn = ({ rows }: Chain) => rows.findIndex(({ inner }) => inner.length > 0);
  const [first] = all.filter((chain) => turn(chain) >= 0 && !hasArms(chain)).sort((a, b) => turn(b) - turn(a));
  return first;
}

const hasArms = ({ rows }: Chain): boolean => rows.some(({ step }) => drawsLots(step));

/**
 * What is drawn as an arm: a rule of a chain that draws lots, with the chain it leads into on one line.
 * @returns the rules of that chain, or undefined where it is no arm or its way is too long for a line
 */
export function armOf({ rows }: Chain, row: Row): Row[] | undefined {
  const first = rows.findIndex(({ step }) => drawsLots(step));
  if (first < 0 || rows.indexOf(row) < first || !row.step.matched) return undefined;
  const [inner, ...others] = row.inner;
  const short = inner && others.length === 0 && inner.rows.length <= 4 && inner.over.length === 0;
  return short && inner.rows.every((each) => each.inner.length === 0) ? inner.rows : undefined;
}
