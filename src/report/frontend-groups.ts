import type { AlignedLine, AlignedPair } from '../analysis/align.ts';
import { type FrontendKind, kindsOf } from '../model/kinds.ts';
import { dataplaneOf, type Model } from '../model/model.ts';
import { OWN_CHAIN } from '../model/rule-index.ts';
import type { Subject } from '../model/subject.ts';

/** Whose lines they are, in the order of the page: one frontend's, what several frontends of the Service share, the rest. */
export const lineGroups = ['vip', 'cluster-ip', 'node-port', 'shared', 'rest'] as const satisfies readonly (
  | FrontendKind
  | 'shared'
  | 'rest'
)[];
/** Whose lines they are. */
export type LineGroup = (typeof lineGroups)[number];

/**
 * Lays two kinds of output of the dataplane beside each other, so that the lines of one frontend of the Service stand
 * together; within a group each side keeps its own order, first beside first. Other outputs are one group without name.
 */
export function frontendGroups(
  model: Model,
  v1: Subject,
  v2: Subject,
  aligned: readonly AlignedPair[],
): { pairs: AlignedPair[]; groups: [first: number, of: LineGroup][] } {
  const [left, right] = [groupsOf(model, v1), groupsOf(model, v2)];
  const lines = (side: 'v1' | 'v2', of: (line: AlignedLine) => boolean) =>
    aligned
      .flatMap((pair) => pair[side] ?? [])
      .filter(of)
      .sort((a, b) => a.number - b.number);
  const pairs: AlignedPair[] = [];
  const groups: [first: number, of: LineGroup][] = [];
  for (const group of lineGroups) {
    const ones = lines('v1', ({ number }) => (left.get(number) ?? 'rest') === group);
    const others = lines('v2', ({ number }) => (right.get(number) ?? 'rest') === group);
    const length = Math.max(ones.length, others.length);
    if (length > 0) groups.push([pairs.length, group]);
    for (let index = 0; index < length; index++) {
      const [one, other] = [ones[index], others[index]];
      pairs.push({ ...(one && { v1: one }), ...(other && { v2: other }) });
    }
  }
  return { pairs, groups: groups.length > 1 ? groups : [] };
}

/** The lines of an output that are the traced Service's, by number. */
function groupsOf(model: Model, subject: Subject): Map<number, LineGroup> {
  const groups = new Map<number, LineGroup>();
  const output = dataplaneOf(model, subject);
  if (!output) return groups;
  const add = (line: number, group: LineGroup) =>
    groups.set(line, (groups.get(line) ?? group) === group ? group : 'shared');
  const { frontends, ruleset } = output;
  for (const { own, at, backends, inactive } of frontends) {
    if (!own) continue;
    add(at.at.line, own);
    // A row names its own backends; rules of several frontends lead to the same ones, which come below.
    if (!ruleset) for (const backend of [...backends, ...inactive]) add(backend.at.at.line, own);
  }
  const kindOf = kindsOf(model.sides[subject.side].service);
  for (const entrance of ruleset?.own.entrances ?? []) {
    const own = kindOf(entrance);
    if (own) add(entrance.rule.line, own);
  }
  const rest = (line: number) => groups.has(line) || groups.set(line, 'shared');
  const chains = new Set(ruleset?.own.rules.map(({ chain }) => chain.value));
  for (const { line } of ruleset?.own.rules ?? []) rest(line);
  for (const { name, line } of ruleset?.ruleset.tables.flatMap((table) => table.chains) ?? []) {
    if (OWN_CHAIN.test(name.value) && chains.has(name.value)) rest(line);
  }
  return groups;
}
