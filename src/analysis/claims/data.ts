import type { FormatId } from '../../formats/index.ts';
import type { Model, SideModel } from '../../model/model.ts';
import type { Probe } from '../../model/probes.ts';
import type { Subject } from '../../model/subject.ts';
import { examples } from '../../words.ts';
import { firstDigit } from '../compare/latency.ts';

/** What expressions may be about. */
export interface ProseContext {
  /** What the outputs say. */
  model: Model;
  /** Keys of every output the recipe names, whether it is recorded or not. */
  outputs: readonly string[];
  /** Number of layers of the recipe. */
  layers: number;
}

/** An expression that the data cannot answer. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  readonly expected: string;
  readonly found: string;
  readonly fix: string;

  constructor(expected: string, found: string, fix: string) {
    super(`expected ${expected}; found ${found}. ${fix}`);
    this.expected = expected;
    this.found = found;
    this.fix = fix;
  }
}

/** The output of a capture. */
export function subjectOf({ model, outputs }: ProseContext, key: string): Subject {
  const subject = model.subjects.find((one) => one.key === key);
  if (subject) return subject;
  if (outputs.includes(key))
    throw new ClaimError(
      `the output ${key}`,
      'no output that could be read',
      'Record it, or correct what stands in its file.',
    );
  const near = outputs.filter((other) => other.slice(0, 5) === key.slice(0, 5));
  throw new ClaimError(
    `an output of the recipe${near.length > 0 ? `, such as ${examples(near).join(', ')}` : ''}`,
    JSON.stringify(key),
    'Correct the key: it is the path below captures/ without .txt.',
  );
}

/** A value that must be there. */
export function present<Value>(value: Value | undefined, what: string, key: string): Value {
  if (value !== undefined) return value;
  throw new ClaimError(what, `none in ${key}`, 'Use another output, or leave the sentence out.');
}

/** The probe that an output is. */
export function probeFrom(context: ProseContext, key: string): Probe {
  return factOf(context, key, ({ probes }) => probes, 'http-probe');
}

/**
 * What the model holds of one output.
 * @param formats those it is read from
 * @throws {ClaimError} where the output is not there or has another format
 */
export function factOf<Fact extends { capture: string } | { subject: Subject }>(
  context: ProseContext,
  key: string,
  facts: (model: SideModel) => readonly Fact[],
  ...formats: FormatId[]
): Fact {
  const { side, parsed } = subjectOf(context, key);
  const all = facts(context.model.sides[side]);
  const found = all.find((fact) => ('capture' in fact ? fact.capture : fact.subject.key) === key);
  if (found && formats.includes(parsed.format)) return found;
  throw new ClaimError(
    `an output of the format ${formats.join(' or ')}`,
    `${key} of the format ${parsed.format}`,
    'Use a function for that format, or another output.',
  );
}

/** How long requests with one outcome took, of which there must be some. */
export function typicalSeconds(context: ProseContext, key: string, which: 'answered' | 'failed'): number {
  const probe = probeFrom(context, key);
  const { typical } = probe[which];
  if (typical !== undefined) return typical;
  throw new ClaimError(
    `a request that was ${which === 'answered' ? '' : 'not '}answered`,
    `none among the ${probe.requests.length} of ${key}`,
    'Use another output, or leave the sentence out.',
  );
}

const WORDS = (
  'zero one two three four five six seven eight nine ten eleven twelve ' +
  'thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
).split(' ');

/** A whole number up to twenty as a word, a greater one in digits. */
export function numberInWords(value: string | number, style: 'words' | 'Words'): string {
  if (typeof value !== 'number')
    throw new ClaimError('a number to write in words', JSON.stringify(value), `Leave out \`| ${style}\`.`);
  const word = WORDS[value] ?? String(value);
  return style === 'words' ? word : word.charAt(0).toUpperCase() + word.slice(1);
}

/** Most decimals a time is printed with: curl measures microseconds. */
const MAX_DECIMALS = 6;

/** `6.0 s`, `0.05 s`: one decimal from a second up, two below, unless told otherwise; never 0 for what took some time. */
export function inSeconds(seconds: number, decimals = seconds >= 1 ? 1 : 2): string {
  const fixed = seconds.toFixed(Math.min(decimals, MAX_DECIMALS));
  if (decimals <= MAX_DECIMALS) return `${Number(fixed) > 0 ? fixed : firstDigit(seconds)} s`;
  throw new ClaimError(`at most ${MAX_DECIMALS} decimals`, String(decimals), 'Ask for fewer.');
}
