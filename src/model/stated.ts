import type { Field } from '../formats/field.ts';
import type { Located, Span } from '../formats/types.ts';
import { meaning } from './fields.ts';
import type { Occurrence, Subject } from './subject.ts';

/** A value with the place where an output states it. */
export interface Stated {
  /** In its usual notation: `80`, not `0050`. */
  value: string;
  at: Occurrence;
  /** Of a NodePort, the port of the Service it stands for, where the output says so. */
  port?: string;
}

/** What one output says about one thing: a single value, or a set such as the endpoints. */
export interface Statement {
  /** `v1/l3-endpoints` */
  capture: string;
  /** Whose words these are: `Endpoints in v1/l3-endpoints`. */
  name: string;
  /** The same with the thing they are about: `EXTERNAL-IP of svc/nginx in v1/l1-service-ips`. */
  how: string;
  values: Stated[];
  /** How many more values the output counts without printing them (kubectl's `+ 3 more...`). */
  more: number;
  /** True for a list of endpoints that holds those of pods which are not ready, too. */
  unready?: boolean;
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

/** Values where an output states them, by name; those it does not state are left out. */
export function statedAll<Name extends string>(
  subject: Subject,
  all: Readonly<Record<Name, Located | undefined>>,
): { [name in Name]?: Stated } {
  const there = Object.entries<Located | undefined>(all).flatMap(([name, at]) =>
    at ? [[name, stated(subject, at)]] : [],
  );
  return Object.fromEntries(there) as { [name in Name]?: Stated };
}

/** A field as a statement's value. */
export function statedField(subject: Subject, field: Field): Stated {
  return stated(subject, field, meaning(field));
}

/** `address:port`, which stands in the text as one piece where both stand side by side. */
export function joined(subject: Subject, ip: Located, port: Located | undefined): Stated {
  if (!port) return stated(subject, ip);
  const host = ip.value.includes(':') ? `[${ip.value}]` : ip.value;
  const value = `${host}:${port.value}`;
  return stated(subject, { value, start: ip.start, end: port.start > ip.end ? port.end : ip.end });
}

/**
 * A statement by an output.
 * @param what the words of its name
 * @param about what {@link Statement.how} says instead
 */
export function statement(
  what: string,
  { key }: Pick<Subject, 'key'>,
  values: Stated[],
  more = 0,
  about = what,
): Statement {
  const by = (words: string) => `${words} in ${key}`;
  return { capture: key, name: by(what), how: by(about), values, more };
}

/** The distinct values, sorted with numbers in numeric order. */
export function distinct(values: readonly Stated[]): string[] {
  return [...new Set(values.map(({ value }) => value))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The distinct values of some statements, as {@link distinct}. */
export function valuesOf(statements: readonly Statement[]): string[] {
  return distinct(statements.flatMap(({ values }) => values));
}

/** How many values an output states, those it counts without printing included. */
export function sizeOf({ values, more }: Statement): number {
  return new Set(values.map(({ value }) => value)).size + more;
}

/** The first statement that prints all of its values. */
export function completeList(statements: readonly Statement[]): Statement | undefined {
  return statements.find(({ more }) => more === 0);
}

/** What the output of a key states among some statements. */
export function statedBy(statements: readonly Statement[], key: string): Statement | undefined {
  return statements.find(({ capture }) => capture === key);
}

/** All the places of some statements. */
export function placesOf(statements: readonly Statement[]): Occurrence[] {
  return statements.flatMap(({ values }) => values.map(({ at }) => at));
}
