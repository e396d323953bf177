import { distinct, placesOf, type Statement, sizeOf } from '../../model/stated.ts';
import type { Occurrence } from '../../model/subject.ts';
import { examplesInWords, reasonsInWords } from '../../words.ts';
import type { Check } from '../types.ts';

/** How a check came out, without its name. */
export type CheckResult = Pick<Check, 'status' | 'why' | 'evidence'>;

export const holds = (why: string, evidence: Occurrence[]): CheckResult => ({ status: 'holds', why, evidence });
export const broken = (why: string, evidence: Occurrence[]): CheckResult => ({ status: 'broken', why, evidence });
export const notComparable = (why: string, evidence: Occurrence[] = []): CheckResult => ({
  status: 'not-comparable',
  why,
  evidence,
});

/**
 * What two sets of values do not share, in words; undefined where they are or may be the same. kubectl prints the first
 * three of a list, each command in its own order, and counts the rest; a list with the endpoints that are not ready may
 * hold more than one without.
 */
function disagreement(reference: Statement, other: Statement): string | undefined {
  const [a, b] = [distinct(reference.values), distinct(other.values)];
  const [unreadyA, unreadyB] = [reference.unready ?? false, other.unready ?? false];
  const longer = sizeOf(other) - sizeOf(reference);
  const lacking = a.filter((value) => !b.includes(value));
  const added = b.filter((value) => !a.includes(value));
  // So many may be missing or be there besides, without a contradiction.
  const mayLack = other.more + (unreadyA && !unreadyB ? Math.max(0, -longer) : 0);
  const mayAdd = reference.more + (unreadyB && !unreadyA ? Math.max(0, longer) : 0);
  const sized = longer === 0 || (longer > 0 ? unreadyB && !unreadyA : unreadyA && !unreadyB);
  if (sized && lacking.length <= mayLack && added.length <= mayAdd) return undefined;
  if (a.length === 1 && b.length === 1 && reference.more + other.more === 0)
    return `${reference.name} is ${a.join()}, ${other.name} is ${b.join()}`;
  if (!sized && reference.more + other.more > 0)
    return `${reference.name} holds ${sizeOf(reference)}, ${other.name} ${sizeOf(other)}`;
  const parts = [
    ...(lacking.length > 0 ? [`${examplesInWords(lacking)} missing`] : []),
    ...(added.length > 0 ? [`${examplesInWords(added)} besides`] : []),
  ];
  return `${other.name}, compared with ${reference.name}: ${parts.join(', ')}`;
}

/**
 * Holds where all statements name the same values, in any order. Statements without a value say nothing; with fewer than
 * two others there is nothing to compare.
 * @param what the thing they speak of, in words, for the sentence of a result
 */
export function agree(what: string, all: readonly Statement[]): CheckResult {
  const statements = all.filter(({ values }) => values.length > 0);
  const places = placesOf(statements);
  // A list that kubectl cut short is a poor measure of others.
  const reference = statements.find(({ more, unready }) => more === 0 && !unready) ?? statements[0];
  if (!reference) return notComparable(`no output states ${what}`);
  if (statements.length === 1) return notComparable(`only ${reference.name} states ${what}`, places);
  const wrong = statements.flatMap((other) => disagreement(reference, other) ?? []);
  if (wrong.length > 0) return broken(reasonsInWords(wrong), places);
  const { more } = reference;
  const values = examplesInWords([...distinct(reference.values), ...(more > 0 ? [`${more} more`] : [])]);
  const longest = Math.max(...statements.map(sizeOf)) - sizeOf(reference);
  const rest = longest > 0 ? `; ${longest} more where those that are not ready are listed, too` : '';
  return holds(`${values}: ${statements.map(({ name }) => name).join(' = ')}${rest}`, places);
}

/** The worst of several results: broken before not comparable before holds; their reasons are joined. */
export function together(results: readonly CheckResult[]): CheckResult {
  const status = (['broken', 'not-comparable', 'holds'] as const).find((one) =>
    results.some((result) => result.status === one),
  );
  const telling = results.filter((result) => result.status === status);
  return {
    status: status ?? 'not-comparable',
    why: reasonsInWords(telling.map(({ why }) => why)),
    evidence: results.flatMap(({ evidence }) => evidence),
  };
}
