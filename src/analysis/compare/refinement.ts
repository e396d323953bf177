import type { Leaf, Node, Tree } from './tree.ts';

/** A label for each leaf, from the colours of both sides: the same word for what is taken for the same. */
export type Labels = ReadonlyMap<Leaf, string>;

/** Rounds of the refinement: from an address to its chain, to the chain before it, to that chain's Service. */
const ROUNDS = 4;

/**
 * The colour of a value: two hashes of 32 bits. Two values that share one by accident are taken for interchangeable,
 * which can only add differences, never hide one: the comparison itself is exact.
 */
interface Signature {
  low: number;
  high: number;
}

/** A value that is matched one to one, with where it stands. */
interface Individual {
  class: number;
  leaves: Leaf[];
  signature: Signature;
}

/** The individuals of one side, and what is needed to refine their signatures. */
interface Side {
  individuals: Individual[];
  of: Map<Leaf, Individual>;
  /** The leaves of each record, without those of the records inside it. */
  records: Map<Node, Leaf[]>;
}

/** Numbers texts, so that a text is hashed once. */
type Numbering = (text: string) => number;

/**
 * Pairs the values of two outputs that are matched one to one, by colour refinement (the one-dimensional
 * Weisfeiler-Leman method): every value starts with the colour of its class, and each round colours it anew by its
 * places and the colours beside it there. Values of one colour are interchangeable and are paired in text order; what
 * is left over is paired within its class, so that only the places where the two differ come out as differences.
 * Linear in the number of values.
 */
export function labelsOf(v1: Tree, v2: Tree): Labels {
  const numbers = new Map<string, number>();
  const number: Numbering = (text) => {
    const found = numbers.get(text) ?? numbers.size;
    numbers.set(text, found);
    return found;
  };
  const labels = new Map<Leaf, string>();
  for (const tree of [v1, v2]) {
    for (const leaf of tree.leaves) if (leaf.criterion.type !== 'bound') labels.set(leaf, plainLabel(leaf));
  }
  const [left, right] = [sideOf(v1, number), sideOf(v2, number)];
  for (let round = 0; round < ROUNDS; round++) for (const side of [left, right]) refine(side, number);
  let pairs = 0;
  const label = (leaves: readonly Leaf[]) => {
    // No text of an output holds this character, so that a label is no literal.
    const name = `\u0000${pairs++}`;
    for (const leaf of leaves) labels.set(leaf, name);
  };
  const pair = (one: Individual, other: Individual) => label([...one.leaves, ...other.leaves]);
  const whole = ({ class: kind, signature: { low, high } }: Individual) => `${kind} ${low} ${high}`;
  const first = pairUp(left.individuals, right.individuals, whole, pair);
  const second = pairUp(first.left, first.right, (one) => String(one.class), pair);
  for (const one of [...second.left, ...second.right]) label(one.leaves);
  return labels;
}

function plainLabel({ criterion }: Leaf): string {
  return criterion.type === 'literal' ? criterion.text : criterion.type === 'free' ? `{${criterion.class}}` : '';
}

function pairUp(
  left: readonly Individual[],
  right: readonly Individual[],
  key: (one: Individual) => string,
  pair: (one: Individual, other: Individual) => void,
): { left: Individual[]; right: Individual[] } {
  const waiting = Map.groupBy(right, key);
  const used = new Map<string, number>();
  const alone: Individual[] = [];
  const taken = new Set<Individual>();
  for (const one of left) {
    const name = key(one);
    const place = used.get(name) ?? 0;
    const other = waiting.get(name)?.[place];
    if (!other) {
      alone.push(one);
      continue;
    }
    used.set(name, place + 1);
    taken.add(other);
    pair(one, other);
  }
  return { left: alone, right: right.filter((one) => !taken.has(one)) };
}

function sideOf({ leaves }: Tree, number: Numbering): Side {
  const found = new Map<string, Individual>();
  const of = new Map<Leaf, Individual>();
  for (const leaf of leaves) {
    const { criterion } = leaf;
    if (criterion.type !== 'bound') continue;
    const key = `${criterion.class}\u0000${criterion.raw}`;
    const kind = number(criterion.class);
    const one = found.get(key) ?? { class: kind, leaves: [], signature: { low: kind, high: kind } };
    found.set(key, one);
    one.leaves.push(leaf);
    of.set(leaf, one);
  }
  return { individuals: [...found.values()], of, records: Map.groupBy(leaves, ({ record }) => record) };
}

/** The finishing step of MurmurHash3: every bit of the input changes half of the bits of the result. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** One round of the refinement. */
function refine({ individuals, of, records }: Side, number: Numbering): void {
  const own = (leaf: Leaf): Signature => {
    const place = number(leaf.path);
    const signature = of.get(leaf)?.signature;
    const { low, high } = signature ?? { low: number(plainLabel(leaf)), high: number(plainLabel(leaf)) };
    return { low: mix(mix(place + 0x1f3d) ^ low), high: mix((mix(place + 0x77a1) + high) | 0) };
  };
  const described = new Map<Node, Signature>();
  for (const [record, leaves] of records) described.set(record, sum(leaves.map(own)));
  const next = individuals.map(({ leaves }) =>
    sum(
      leaves.map((leaf) => {
        const [here, around] = [own(leaf), described.get(leaf.record) ?? { low: 0, high: 0 }];
        return { low: mix(mix(here.low) ^ around.low), high: mix((mix(here.high) + around.high) | 0) };
      }),
    ),
  );
  for (const [index, one] of individuals.entries()) one.signature = next[index] ?? one.signature;
}

/** Order means nothing here, so hashes are added. */
function sum(all: readonly Signature[]): Signature {
  let [low, high] = [all.length, all.length];
  for (const one of all) {
    low = (low + one.low) | 0;
    high = (high + one.high) | 0;
  }
  return { low, high };
}
