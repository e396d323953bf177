import { dataplaneOf, type Model } from '../model/model.ts';
import { probeOf } from '../model/probes.ts';
import { occurrence } from '../model/stated.ts';
import type { Subject } from '../model/subject.ts';
import { sideIds, type Verdict } from '../recipe/schema.ts';
import { examples, shortened, VALUE } from '../words.ts';
import { rowCounts } from './compare/counts.ts';
import { compareMappings } from './compare/mapping.ts';
import { comparePairs, isReordered, type Pair } from './compare/pairs.ts';
import { answeredApart, classNotes, probeNotes, probeWords, timedPairs } from './compare/probe.ts';
import { isRule } from './compare/rules.ts';
import { roleValues } from './roles.ts';
import type { Difference, LayerVerdict, RoleValue, RowVerdict } from './types.ts';

export { expectationProblems } from './compare/expectation.ts';
export { type RuleId, rules } from './compare/rules.ts';

/** The verdicts on all rows and layers, and the role values they rest on. */
export interface Comparison {
  rows: RowVerdict[];
  layers: LayerVerdict[];
  values: RoleValue[];
  /** The rows that both sides have, with the pairs of values behind their verdicts. */
  both: BothSides[];
}

/** The two outputs of a row with what was compared between them. */
export interface BothSides {
  v1: Subject;
  v2: Subject;
  pairs: readonly Pair[];
  verdict: RowVerdict;
}

/** What decides a row: the pairs of values and what goes beyond them. */
export interface ComparedRow {
  pairs: Pair[];
  mapping?: 'same' | 'different';
  why?: string;
  notes: string[];
}

/**
 * Compares the two outputs of a row by what they mean.
 * - one format: value by value, after role values and the declared {@link rules} are set aside;
 * - probes: by outcome and the latency class of the medians as well, with outliers named in the notes;
 * - NAT rules against a service map: by the mapping from frontends to backends;
 * - any other two formats cannot be compared and diverge.
 * @throws {RangeError} without any output
 */
export function compareRow(
  model: Model,
  v1: Subject | undefined,
  v2: Subject | undefined,
  values: readonly RoleValue[],
): RowVerdict {
  if (v1 && v2) return compareBoth(model, v1, v2, values).verdict;
  const only = v1 ?? v2;
  if (!only) throw new RangeError('a row without outputs has no verdict');
  const { side, layer, row } = only;
  const probe = probeOf(model, only);
  return {
    layer,
    row,
    verdict: `only-${side}`,
    why: `Only ${side.toUpperCase()} has this output${probe ? `: ${probeWords(probe)}` : ''}.`,
    matched: [],
    differences: [],
    counts: rowCounts([], []),
    rules: [],
    notes: probe ? probeNotes(probe) : [],
  };
}

/** {@link compareRow} for a row that both sides have, with the pairs of values behind the verdict. */
export function compareBoth(model: Model, v1: Subject, v2: Subject, values: readonly RoleValue[]): BothSides {
  const compared = comparedRow(model, v1, v2, values);
  return { v1, v2, pairs: compared.pairs, verdict: verdictOf(v1, v2, compared) };
}

function comparedRow(model: Model, v1: Subject, v2: Subject, values: readonly RoleValue[]): ComparedRow {
  const { format } = v1.parsed;
  if (format === v2.parsed.format) {
    const pairs = comparePairs(v1, v2, values);
    const [left, right] = [probeOf(model, v1), probeOf(model, v2)];
    if (!left || !right) return { pairs, notes: [] };
    const [one, other] = [probeWords(left), probeWords(right)];
    return {
      pairs: timedPairs(left, right, pairs),
      why: one === other ? one : `V1: ${one}; V2: ${other}`,
      notes: [...classNotes(left, right), ...probeNotes(left), ...probeNotes(right)],
    };
  }
  const [one, other] = [dataplaneOf(model, v1), dataplaneOf(model, v2)];
  if (one && other) return compareMappings(one, other, values);
  return {
    pairs: [],
    why: `${format} on V1 and ${v2.parsed.format} on V2 cannot be compared value by value`,
    notes: [],
  };
}

function verdictOf(v1: Subject, v2: Subject, compared: ComparedRow): RowVerdict {
  const { pairs, mapping, notes } = compared;
  const subjects = { v1, v2 };
  const differences = pairs
    .filter(({ by, implied }) => by === undefined && !implied)
    .map((pair): Difference => {
      const on = (side: 'v1' | 'v2') => {
        const at = pair[side];
        return at && { [side]: { text: at.value, at: occurrence(subjects[side], at) } };
      };
      return { path: pair.path, ...on('v1'), ...on('v2'), what: pair.what ?? '' };
    });
  const matched = pairs.flatMap(({ path, by, v1: one, v2: other }) =>
    by === undefined ? [] : [{ path, v1: one?.value ?? '', v2: other?.value ?? '', by }],
  );
  const same = v1.parsed.format === v2.parsed.format;
  const identical = same && differences.length === 0;
  const applied = new Set(matched.map(({ by }) => by).filter(isRule));
  if (same && isReordered(pairs)) applied.add('order');
  return {
    layer: v1.layer,
    row: v1.row,
    verdict: identical ? 'identical' : 'diverges',
    why: whyOf(compared, differences, identical),
    matched,
    differences,
    counts: rowCounts(matched, differences),
    rules: [...applied].sort(),
    notes,
    ...(mapping && { mapping }),
  };
}

function whyOf({ why, mapping }: ComparedRow, differences: readonly Difference[], identical: boolean): string {
  if (mapping && why) return why;
  const of = why ? ` (${why})` : '';
  if (identical) return `Every value agrees once role values and declared rules are matched${of}.`;
  // Only probes have a reason in words and no mapping.
  const { answered, others } = why ? answeredApart(differences) : { answered: [], others: differences };
  const [first] = others;
  if (!first && answered.length === 0) return `The outputs are of different kinds${of}.`;
  const more = others.length > 1 ? `, and ${others.length - 1} more` : '';
  const left = first ? [`${shortened(first.path.replaceAll(' / ', ' '), VALUE)}: ${first.what}${more}`] : [];
  return `${[...answered, ...left].join('; ')}${of}.`;
}

/**
 * The verdict on a layer: identical where every row is, only one side's where the other has no output, else diverging.
 * @param titles titles of rows by their ids; one without a title is called by its id
 * @throws {RangeError} without rows
 */
export function layerVerdict(
  rows: readonly RowVerdict[],
  titles: ReadonlyMap<string, string> = new Map(),
): LayerVerdict {
  const [first] = rows;
  if (!first) throw new RangeError('a layer without rows has no verdict');
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  const total = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  const { layer } = first;
  for (const verdict of ['identical', 'only-v1', 'only-v2'] as const) {
    if (count(verdict) !== rows.length) continue;
    const side = verdict === 'only-v1' ? 'V1' : 'V2';
    const same =
      rows.length === 1
        ? 'The row is the same on both sides.'
        : `${rows.length === 2 ? 'Both rows' : `All ${total}`} are the same on both sides.`;
    return { layer, verdict, why: verdict === 'identical' ? same : `Only ${side} has outputs here.` };
  }
  const compared = rows.filter(({ verdict }) => verdict === 'identical' || verdict === 'diverges');
  const differing = compared.filter(({ verdict }) => verdict === 'diverges');
  const alone = rows.filter((row) => !compared.includes(row));
  const [only] = rows;
  if (only && rows.length === 1) return { layer, verdict: 'diverges', why: only.why };
  const one = differing.length === 1;
  const shares = [
    ...(compared.length === 1 ? [`The one pair ${one ? 'differs' : 'is the same on both sides'}.`] : []),
    ...(compared.length > 1 ? [`${differing.length} of ${compared.length} pairs ${one ? 'differs' : 'differ'}.`] : []),
    ...(alone.length > 0
      ? [`${alone.length} ${alone.length === 1 ? 'output was' : 'outputs were'} captured on one side only.`]
      : []),
  ];
  const reasons = examples([...differing, ...alone].map((row) => `${titles.get(row.row) ?? row.row}: ${row.why}`));
  return { layer, verdict: 'diverges', why: shortened([...shares, ...reasons].join(' ')) };
}

/**
 * Compares everything: finds the roles, then each row and each layer in the order of the recipe. Rows and layers without
 * an output are left out.
 */
export function compareAll(
  model: Model,
  layers: readonly { id: string; captures: readonly { id: string; title: string }[] }[],
): Comparison {
  const values = roleValues(model);
  const found = new Map(model.subjects.map((subject) => [`${subject.layer} ${subject.row} ${subject.side}`, subject]));
  const both: BothSides[] = [];
  const rows = layers.flatMap((layer) =>
    layer.captures.flatMap((row) => {
      const [v1, v2] = sideIds.map((side) => found.get(`${layer.id} ${row.id} ${side}`));
      if (!v1 || !v2) return v1 || v2 ? [compareRow(model, v1, v2, values)] : [];
      const compared = compareBoth(model, v1, v2, values);
      both.push(compared);
      return [compared.verdict];
    }),
  );
  const byLayer = Map.groupBy(rows, ({ layer }) => layer);
  const verdicts = layers.flatMap(({ id, captures }) => {
    const own = byLayer.get(id);
    return own ? [layerVerdict(own, new Map(captures.map((row) => [row.id, row.title])))] : [];
  });
  return { rows, layers: verdicts, values, both };
}
