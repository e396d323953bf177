import type { Check } from '../analysis/types.ts';
import type { Field } from '../formats/field.ts';
import type { Located, Span } from '../formats/types.ts';
import type { Occurrence, Subject } from './subject.ts';

/** A value with the place where an output states it. */
export interface Stated {
  /** In its usual notation: `80`, not `0050`. */
  value: string;
  at: Occurrence;
}

/** What one output says about one thing: a single value, or a set such as the endpoints. */
export interface Statement {
  /** Whose words these are: `Endpoints in v1/l3-endpoints`. */
  name: string;
  values: Stated[];
  /** How many more values the output counts without printing them (kubectl's `+ 3 more...`). */
  more: number;
}

/** How a check came out, without its name. */
export type Outcome = Pick<Check, 'status' | 'why' | 'evidence'>;

const lineStarts = new WeakMap<Subject, number[]>();

/** Where a piece of an output stands. */
export function occurrence(subject: Subject, { start, end }: Span): Occurrence {
  let starts = lineStarts.get(subject);
  if (!starts) {
    starts = [0];
    for (let feed = subject.text.indexOf('\n'); feed >= 0; feed = subject.text.indexOf('\n', feed + 1))
      starts.push(feed + 1);
    lineStarts.set(subject, starts);
  }
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const column = start - (starts[low] ?? 0) + 1;
  return { capture: subject.key, line: low + 1, column, length: end - start, start, end };
}

/** A value where an output states it. */
export function stated(subject: Subject, at: Located, value = at.value): Stated {
  return { value, at: occurrence(subject, at) };
}

/** A field as a statement's value. */
export function statedField(subject: Subject, field: Field): Stated {
  return stated(subject, field, field.means ?? field.value);
}

/** A statement by an output. */
export function statement(what: string, subject: Subject, values: Stated[], more = 0): Statement {
  return { name: `${what} in ${subject.key}`, values, more };
}

/** `a, b and c`; nothing for an empty list. */
export function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The distinct values, sorted with numbers in numeric order. */
export function distinct(values: readonly Stated[]): string[] {
  return [...new Set(values.map(({ value }) => value))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export const holds = (why: string, evidence: Occurrence[]): Outcome => ({ status: 'holds', why, evidence });
export const broken = (why: string, evidence: Occurrence[]): Outcome => ({ status: 'broken', why, evidence });
export const notComparable = (why: string, evidence: Occurrence[] = []): Outcome => ({
  status: 'not-comparable',
  why,
  evidence,
});

/** All the places of some statements. */
export function placesOf(statements: readonly Statement[]): Occurrence[] {
  return statements.flatMap(({ values }) => values.map(({ at }) => at));
}

/** What two sets of values do not share, in words; undefined where they are the same. */
export function disagreement(reference: Statement, other: Statement): string | undefined {
  const [a, b] = [distinct(reference.values), distinct(other.values)];
  const lacking = a.filter((value) => !b.includes(value));
  const added = b.filter((value) => !a.includes(value));
  const missing = other.more > 0 ? lacking.length - other.more : lacking.length;
  if (added.length === 0 && missing === 0) return undefined;
  if (a.length === 1 && b.length === 1 && other.more === 0)
    return `${reference.name} is ${a.join()}, ${other.name} is ${b.join()}`;
  const parts = [
    ...(missing !== 0 ? [`${inWords(lacking) || `${other.more} counted`} missing`] : []),
    ...(added.length > 0 ? [`${inWords(added)} besides`] : []),
  ];
  return `${other.name}, compared with ${reference.name}: ${parts.join(', ')}`;
}

/**
 * Holds where all statements name the same values, in any order. Statements without a value say nothing; with fewer than
 * two others there is nothing to compare.
 * @param what the thing they speak of, in words, for the sentence of an outcome
 */
export function agree(what: string, all: readonly Statement[]): Outcome {
  const statements = all.filter(({ values }) => values.length > 0);
  const places = placesOf(statements);
  // A list that kubectl cut short cannot serve as the measure of others.
  const reference = statements.find(({ more }) => more === 0) ?? statements[0];
  if (!reference) return notComparable(`no output states ${what}`);
  if (statements.length === 1) return notComparable(`only ${reference.name} states ${what}`, places);
  const wrong = statements.flatMap((other) => disagreement(reference, other) ?? []);
  return wrong.length > 0
    ? broken(wrong.join('; '), places)
    : holds(`${inWords(distinct(reference.values))}: ${statements.map(({ name }) => name).join(' = ')}`, places);
}

/** The worst of several outcomes: broken before not comparable before holds; their reasons are joined. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const status = (['broken', 'not-comparable', 'holds'] as const).find((one) =>
    outcomes.some((outcome) => outcome.status === one),
  );
  const telling = outcomes.filter((outcome) => outcome.status === status);
  return {
    status: status ?? 'not-comparable',
    why: telling.map(({ why }) => why).join('; '),
    evidence: outcomes.flatMap(({ evidence }) => evidence),
  };
}
