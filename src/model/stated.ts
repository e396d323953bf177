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

/** The distinct values, sorted with numbers in numeric order. */
export function distinct(values: readonly Stated[]): string[] {
  return [...new Set(values.map(({ value }) => value))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** All the places of some statements. */
export function placesOf(statements: readonly Statement[]): Occurrence[] {
  return statements.flatMap(({ values }) => values.map(({ at }) => at));
}
