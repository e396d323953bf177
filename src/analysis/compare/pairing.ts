import type { Leaf, Node, Tree } from './tree.ts';

/** What each leaf is compared by once values are paired: the same word on both sides for the same meaning. */
export type Labels = ReadonlyMap<Leaf, string>;

/** How often signatures are refined: from an address to its chain, to the chain before it, to that chain's Service. */
const ROUNDS = 4;

/** A value that is matched one to one, with where it stands. */
interface Individual {
  class: string;
  leaves: Leaf[];
  signature: string;
}

/**
 * Pairs the values of two outputs that are matched one to one. Values that stand at the same places beside the same
 * values are interchangeable and are paired in text order; what is left over is paired within its class, so that only
 * the places where the two differ come out as differences. Linear in the number of values, but for sorting.
 */
export function labelsOf(v1: Tree, v2: Tree): Labels {
  const sides = [v1, v2].map(individualsOf);
  const names = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) for (const side of sides) refine(side, names);
  const labels = new Map<Leaf, string>();
  for (const tree of [v1, v2]) {
    for (const leaf of tree.leaves) if (leaf.token.type !== 'bound') labels.set(leaf, plainLabel(leaf));
  }
  const [left = [], right = []] = sides;
  let pairs = 0;
  const pair = (one: Individual, other: Individual) => {
    const name = `{${one.class}} ${++pairs}`;
    for (const leaf of [...one.leaves, ...other.leaves]) labels.set(leaf, name);
  };
  const rest1 = pairUp(left, right, (one) => `${one.class} ${one.signature}`, pair);
  const rest2 = pairUp(rest1.left, rest1.right, (one) => one.class, pair);
  for (const [side, alone] of [rest2.left, rest2.right].entries()) {
    for (const one of alone) for (const leaf of one.leaves) labels.set(leaf, `{${one.class}} v${side + 1} ${++pairs}`);
  }
  return labels;
}

function plainLabel({ token }: Leaf): string {
  return token.type === 'literal' ? token.text : token.type === 'free' ? `{${token.class}}` : '';
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

function individualsOf({ leaves }: Tree): Individual[] {
  const found = new Map<string, Individual>();
  for (const leaf of leaves) {
    const { token } = leaf;
    if (token.type !== 'bound') continue;
    const key = `${token.class}\u0000${token.raw}`;
    const one = found.get(key) ?? { class: token.class, leaves: [], signature: '' };
    found.set(key, one);
    one.leaves.push(leaf);
  }
  return [...found.values()];
}

/** One round: a value is told apart by its places and by what stands beside it there. Signatures stay short numbers. */
function refine(individuals: readonly Individual[], names: Map<string, number>): void {
  const own = new Map<Leaf, string>();
  for (const one of individuals) for (const leaf of one.leaves) own.set(leaf, `${one.class} ${one.signature}`);
  const records = new Map<Node, string>();
  const describe = (record: Node): string => {
    let text = records.get(record);
    if (text === undefined) {
      text = shorten(
        leavesIn(record)
          .map((leaf) => `${leaf.path}=${own.get(leaf) ?? plainLabel(leaf)}`)
          .sort()
          .join('\u0000'),
        names,
      );
      records.set(record, text);
    }
    return text;
  };
  const next = individuals.map(({ leaves }) =>
    shorten(
      leaves
        .map((leaf) => `${leaf.path} in ${describe(leaf.record)}`)
        .sort()
        .join('\u0000'),
      names,
    ),
  );
  for (const [index, one] of individuals.entries()) one.signature = next[index] ?? '';
}

function shorten(text: string, names: Map<string, number>): string {
  let name = names.get(text);
  if (name === undefined) {
    name = names.size;
    names.set(text, name);
  }
  return String(name);
}

/** The leaves of a record, without those of the records inside it. */
function leavesIn(record: Node): Leaf[] {
  const found: Leaf[] = [];
  const visit = (node: Node) => {
    if (node.leaf) found.push(node.leaf);
    for (const child of node.keyed.values()) visit(child);
  };
  visit(record);
  return found;
}
