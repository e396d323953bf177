import type { HttpProbe, HttpProbeRequest } from '../../formats/http-probe.ts';
import type { FormatId, ParsedOutput } from '../../formats/index.ts';
import type { Model } from '../../model/model.ts';
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

/** The output of a capture in one of some formats. */
export function outputOf<Format extends FormatId>(
  context: ProseContext,
  key: string,
  ...formats: Format[]
): Extract<ParsedOutput, { format: Format }> {
  const { parsed } = subjectOf(context, key);
  if ((formats as readonly string[]).includes(parsed.format))
    return parsed as Extract<ParsedOutput, { format: Format }>;
  throw new ClaimError(
    `an output of the format ${formats.join(' or ')}`,
    `${key} of the format ${parsed.format}`,
    'Use a function for that format, or another output.',
  );
}

/** A value that must be there. */
export function present<Value>(value: Value | undefined, what: string, key: string): Value {
  if (value !== undefined) return value;
  throw new ClaimError(what, `none in ${key}`, 'Use another output, or leave the sentence out.');
}

/** A request got an answer, whatever it said; 000 is curl's word for none. */
export function isAnswered({ status }: HttpProbeRequest): boolean {
  return status.value !== '000';
}

/** Requests of a probe that were answered, or that were not, which must be there. */
export function requestsThat(context: ProseContext, key: string, answered: boolean): HttpProbeRequest[] {
  const { requests }: HttpProbe = outputOf(context, key, 'http-probe');
  const some = requests.filter((request) => isAnswered(request) === answered);
  if (some.length > 0) return some;
  throw new ClaimError(
    `a request that was ${answered ? '' : 'not '}answered`,
    `none among the ${requests.length} of ${key}`,
    'Use another output, or leave the sentence out.',
  );
}

/** The middle of some times in seconds; the mean of the two middle ones for an even number. */
export function median(requests: readonly HttpProbeRequest[]): number {
  const times = requests.map(({ time }) => Number(time.value)).sort((a, b) => a - b);
  const middle = times.length >> 1;
  return times.length % 2 === 1 ? (times[middle] ?? 0) : ((times[middle - 1] ?? 0) + (times[middle] ?? 0)) / 2;
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
