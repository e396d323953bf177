import type { Field, FieldKind } from '../../formats/field.ts';
import { meaning } from '../../model/fields.ts';
import type { Subject } from '../../model/subject.ts';
import type { Role } from '../types.ts';

/** The roles whose values are plain numbers: these count only where a field says what the number is. */
const NUMERIC: Partial<Record<FieldKind, Role>> = { port: 'node-port', identity: 'identity' };

/** A word of an output: letters, digits, dots, hyphens and underscores, or an IPv6 address. */
const WORD = /[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?/g;

/** True for a name that nothing else is likely to be called, so that it may be looked for in any text. */
function isTelling(value: string): boolean {
  return /[-.:\d]/.test(value);
}

/**
 * Every place where a value with a role stands as a value: fields that mean it, and the same word anywhere in the text
 * (in comments, for example). A number counts only where a field says that it is a port or an identity.
 * @param roleOf the values of the output's side, by {@link valueKey}
 */
export function occurrencesOf<T>(
  { text }: Subject,
  fields: readonly Field[],
  roleOf: ReadonlyMap<string, T>,
  found: (value: T, start: number, end: number) => void,
): void {
  const covered = new Set<number>();
  const take = (value: T | undefined, start: number, end: number) => {
    if (value === undefined || covered.has(start)) return;
    covered.add(start);
    found(value, start, end);
  };
  for (const at of fields) take(roleOf.get(valueKey(numericRole(at), meaning(at))), at.start, at.end);
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    if (isTelling(word)) take(roleOf.get(valueKey(undefined, word)), match.index, match.index + word.length);
  }
}

/** The numeric role a field can have; a bare number is a NodePort where it is one of the Service's. */
export function numericRole({ kind, path }: Field): Role | undefined {
  return kind === 'number' && path.length === 1 && path[0] === 'value' ? 'node-port' : NUMERIC[kind];
}

/** Key under which a value is looked up: numbers by role, anything else by itself. */
export function valueKey(role: Role | undefined, value: string): string {
  return role === 'node-port' || role === 'identity' ? `${role} ${value}` : value;
}
