import type { Field } from '../../formats/field.ts';
import { outcomeOf } from '../../model/probes.ts';
import type { Subject } from '../../model/subject.ts';
import { shortened, VALUE } from '../../words.ts';
import type { RoleValue } from '../types.ts';
import { type Criterion, rolesOf } from './criterion.ts';
import { type Labels, labelsOf } from './refinement.ts';
import type { RuleId } from './rules.ts';
import { isForm, type Leaf, type Node, treeOf } from './tree.ts';

/** Two values that were compared, or one that has nothing at its place on the other side. */
export interface Pair {
  path: string;
  v1?: Field;
  v2?: Field;
  /** What made them the same: `equal`, a role or a rule; undefined where they differ. */
  by?: string;
  /** What the difference means, in words. */
  what?: string;
  /**
   * True where another difference already says it, as that of a median says it of each request: it is no difference of
   * its own, and where a rule set it aside it counts there.
   */
  implied?: boolean;
}

const MOMENTARY: RuleId = 'momentary-socket';
/** Largest table for the alignment of two sequences; past it members are compared by place. */
const MAX_ALIGNMENT = 1_000_000;
/** Most members without an equal that are searched for their likest; past it they are compared in order. */
const MAX_ALIKE = 300;

/** Compares two outputs of one format, value by value, in the order of V1's text. */
export function comparePairs(v1: Subject, v2: Subject, values: readonly RoleValue[]): Pair[] {
  const left = treeOf(v1, rolesOf(values, 'v1'));
  const right = treeOf(v2, rolesOf(values, 'v2'));
  const comparison = new Comparison(labelsOf(left, right));
  comparison.nodes(left.root, right.root);
  const setAside = (at: Field, side: 'v1' | 'v2'): Pair => ({ path: at.path.join(' / '), [side]: at, by: MOMENTARY });
  comparison.pairs.push(...[...left.momentary].map((at) => setAside(at, 'v1')));
  comparison.pairs.push(...[...right.momentary].map((at) => setAside(at, 'v2')));
  const place = ({ v1: one, v2: other }: Pair) => one?.start ?? other?.start ?? 0;
  return comparison.pairs.sort((a, b) => place(a) - place(b));
}

/** True where values of the two outputs were matched across their order. */
export function isReordered(pairs: readonly Pair[]): boolean {
  let last = -1;
  for (const { v1, v2, by } of pairs) {
    if (!v1 || !v2 || by === undefined) continue;
    if (v2.start < last) return true;
    last = v2.start;
  }
  return false;
}

class Comparison {
  readonly pairs: Pair[] = [];
  readonly #labels: Labels;
  readonly #numbers = new Map<Node, string>();
  readonly #meanings = new Map<string, string>();

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  nodes(one: Node | undefined, other: Node | undefined): void {
    if (one?.leaf || other?.leaf) this.#leaves(one?.leaf, other?.leaf);
    for (const key of new Set([...(one?.keyed.keys() ?? []), ...(other?.keyed.keys() ?? [])])) {
      this.nodes(one?.keyed.get(key), other?.keyed.get(key));
    }
    this.#bags([...(one?.bag.values() ?? [])], [...(other?.bag.values() ?? [])]);
    this.#sequences([...(one?.sequence.values() ?? [])], [...(other?.sequence.values() ?? [])]);
  }

  #leaves(one: Leaf | undefined, other: Leaf | undefined): void {
    const path = (one ?? other)?.path ?? '';
    const values = { ...(one && { v1: one.field }), ...(other && { v2: other.field }) };
    const by = matchOf(one, other, this.#labels);
    const form = [one, other].some((leaf) => leaf && isForm(leaf.field));
    if (form && (by !== undefined || !one || !other)) return;
    this.pairs.push(by === undefined ? { path, ...values, what: wordsOf(one, other) } : { path, ...values, by });
  }

  #bags(left: Node[], right: Node[]): void {
    const waiting = Map.groupBy(right, (node) => this.#text(node));
    const used = new Map<string, number>();
    const taken = new Set<Node>();
    const alone: Node[] = [];
    for (const node of left) {
      const text = this.#text(node);
      const place = used.get(text) ?? 0;
      const other = waiting.get(text)?.[place];
      if (other) {
        used.set(text, place + 1);
        taken.add(other);
        this.nodes(node, other);
      } else alone.push(node);
    }
    this.#alike(
      alone,
      right.filter((node) => !taken.has(node)),
    );
  }

  /** Members without an equal: each with the one it shares most values with. */
  #alike(left: Node[], right: Node[]): void {
    const open = new Set(right);
    const search = left.length * right.length <= MAX_ALIKE * MAX_ALIKE;
    for (const node of left) {
      const best = search ? this.#likest(node, open) : open.values().next().value;
      if (best) open.delete(best);
      this.nodes(node, best);
    }
    for (const node of open) this.nodes(undefined, node);
  }

  #likest(node: Node, open: Iterable<Node>): Node | undefined {
    let best: Node | undefined;
    let most = 0;
    for (const candidate of open) {
      const shared = this.#shared(node, candidate);
      if (shared > most) [best, most] = [candidate, shared];
    }
    return best;
  }

  #sequences(left: Node[], right: Node[]): void {
    for (const [one, other] of aligned(left, right, (node) => this.#text(node))) this.nodes(one, other);
  }

  /** A short text that is equal for two nodes of the same meaning: what a node holds is written once, then numbered. */
  #text(node: Node): string {
    let number = this.#numbers.get(node);
    if (number === undefined) {
      const held = [
        node.leaf ? (this.#labels.get(node.leaf) ?? '') : '',
        ...[...node.keyed].map(([key, child]) => `${key}:${this.#text(child)}`).sort(),
        ...[...node.bag.values()].map((child) => `*${this.#text(child)}`).sort(),
        ...[...node.sequence.values()].map((child) => `-${this.#text(child)}`),
      ].join('\u0001');
      number = this.#meanings.get(held) ?? String(this.#meanings.size);
      this.#meanings.set(held, number);
      this.#numbers.set(node, number);
    }
    return number;
  }

  /** How alike two members are: values in common, names counting most. */
  #shared(one: Node, other: Node): number {
    const parts = (node: Node) => new Map([...node.keyed].map(([key, child]) => [key, this.#text(child)]));
    const right = parts(other);
    let shared = one.keyed.size === 0 && other.keyed.size === 0 ? 1 : 0;
    for (const [key, text] of parts(one)) {
      if (right.get(key) !== text) continue;
      shared += /^(?:NAME|Reason|name|client|frontend)$/.test(key) ? 10 : 1;
    }
    return shared;
  }
}

/** Why two values are the same; undefined where they are not. */
function matchOf(one: Leaf | undefined, other: Leaf | undefined, labels: Labels): string | undefined {
  if (!one || !other) return isRepetition(one ?? other) ? 'count' : undefined;
  if (labels.get(one) === labels.get(other)) {
    return one.field.value === other.field.value ? 'equal' : byOf(one.criterion, other.criterion);
  }
  return uncounted(one.criterion, other.criterion) || uncounted(other.criterion, one.criterion) ? 'count' : undefined;
}

function byOf(one: Criterion, other: Criterion): string {
  return one.by ?? other.by ?? 'equal';
}

/** kubectl prints how often and since when from the second event on, and when a container restarted from the first. */
function isRepetition(leaf: Leaf | undefined): boolean {
  const last = leaf?.field.path.at(-1);
  return (
    leaf?.criterion.type === 'free' &&
    /^(?:count|age)$/.test(leaf.criterion.by) &&
    /^(?:count|span|ago)$/.test(last ?? '')
  );
}

/** `-` stands where nothing was counted. */
function uncounted(one: Criterion, other: Criterion): boolean {
  return one.type === 'literal' && one.text === '-' && other.type === 'free' && other.by === ('count' satisfies RuleId);
}

function wordsOf(one: Leaf | undefined, other: Leaf | undefined): string {
  if (!one || !other) return `${other ? 'V2' : 'V1'} only: ${said((one ?? other) as Leaf)}`;
  const [left, right] = [one.criterion, other.criterion];
  if (left.type === 'bound' && right.type === 'bound' && left.class === right.class) {
    return `${left.words} on both sides, but not the one that stands for it elsewhere in this output`;
  }
  if (left.type === 'bound' && right.type === 'bound' && left.words === right.words) {
    return `${left.words} on both sides, but not counterparts`;
  }
  return `${said(one)} on V1, ${said(other)} on V2`;
}

/** A value in words that hold for any capture of the same meaning. */
function said({ criterion, field }: Leaf): string {
  if (field.kind === 'http-status')
    return outcomeOf(field.value) === 'none' ? 'no answer' : `answered with ${field.value}`;
  if (criterion.type === 'bound') return criterion.words;
  if (criterion.type === 'free') return `${/^[aeiou]/.test(criterion.class) ? 'an' : 'a'} ${criterion.class}`;
  return `“${shortened(criterion.text, VALUE)}”`;
}

/**
 * Aligns two sequences by their longest common part; members between two anchors go together in order.
 * Past {@link MAX_ALIGNMENT} cells only equal beginnings and ends are anchors.
 */
export function aligned<T>(
  left: readonly T[],
  right: readonly T[],
  textOf: (one: T) => string,
): [T | undefined, T | undefined][] {
  const a = left.map(textOf);
  const b = right.map(textOf);
  const result: [T | undefined, T | undefined][] = [];
  let [from, endA, endB] = [0, a.length, b.length];
  while (from < endA && from < endB && a[from] === b[from]) from++;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1];
  for (let index = 0; index < from; index++) result.push([left[index], right[index]]);
  let [i, j] = [from, from];
  for (const [x, y] of [...anchors(a.slice(from, endA), b.slice(from, endB)), [endA - from, endB - from] as const]) {
    while (i < from + x || j < from + y) {
      result.push([i < from + x ? left[i++] : undefined, j < from + y ? right[j++] : undefined]);
    }
    if (i < endA && j < endB) result.push([left[i++], right[j++]]);
  }
  for (let index = 0; endA + index < a.length; index++) result.push([left[endA + index], right[endB + index]]);
  return result;
}

/** The places of a longest common subsequence. */
function anchors(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > MAX_ALIGNMENT) return [];
  const width = b.length + 1;
  const length = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return found;
}
