import { distinct, placesOf, type Statement } from '../../model/stated.ts';
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

/** What two sets of values do not share, in words; undefined where they are the same. */
function disagreement(reference: Statement, other: Statement): string | undefined {
  const [a, b] = [distinct(reference.values), distinct(other.values)];
  const lacking = a.filter((value) => !b.includes(value));
  const added = b.filter((value) => !a.includes(value));
  const missing = other.more > 0 ? lacking.length - other.more : lacking.length;
  if (added.length === 0 && missing === 0) return undefined;
  if (a.length === 1 && b.length === 1 && other.more === 0)
    return `${reference.name} is ${a.join()}, ${other.name} is ${b.join()}`;
  const parts = [
    ...(missing !== 0 ? [`${examplesInWords(lacking) || `${other.more} counted`} missing`] : []),
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
  // A list that kubectl cut short cannot serve as the measure of others.
  const reference = statements.find(({ more }) => more === 0) ?? statements[0];
  if (!reference) return notComparable(`no output states ${what}`);
  if (statements.length === 1) return notComparable(`only ${reference.name} states ${what}`, places);
  const wrong = statements.flatMap((other) => disagreement(reference, other) ?? []);
  return wrong.length > 0
    ? broken(reasonsInWords(wrong), places)
    : holds(
        `${examplesInWords(distinct(reference.values))}: ${statements.map(({ name }) => name).join(' = ')}`,
        places,
      );
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
