import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import * as z from 'zod';
import { type Problem, ProblemsError, quote } from '../problem.ts';
import { complaints, pathText } from '../validate.ts';
import { readYaml } from '../yaml.ts';
import { CAPTURES_DIR, captureFile, OBSERVATIONS_FILE } from './store.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a capture file, 64 hexadecimal digits');
const outputs = z.record(z.string().regex(/^v[12]\/[a-z0-9-]+$/, 'an output such as v1/l4-iptables-nat'), digest);
const observation = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case letters and digits, joined by single hyphens')
    .meta({ description: 'Names the observation for `npm run check -- --confirm`.' }),
  at: outputs
    .refine((at) => Object.keys(at).length > 0, { message: 'at least one output' })
    .meta({ description: 'The outputs it stands beside, each with the digest it was written for.' }),
  restsOn: outputs.optional().meta({ description: 'Other outputs without which it would not hold.' }),
  text: z.string().min(1, 'text').meta({ description: 'What an author noticed in this recording.' }),
});
const observationsSchema = z.array(observation);

/**
 * An author's remark on one recording, bound to the files of the outputs it speaks of: another recording has another
 * header, even where the same was printed.
 */
export type Observation = z.output<typeof observation> & {
  /** 1-based line of its id in captures/observations.yaml. */
  line: number;
};

/** Path of the observations relative to the project root. */
export const observationsFile = `${CAPTURES_DIR}/${OBSERVATIONS_FILE}`;

const FIX = 'Correct captures/observations.yaml; src/captures/observations.ts says what each key means.';

/**
 * Reads the text of captures/observations.yaml.
 * @throws {ProblemsError} where it is no YAML, not of the form above, or names an id twice
 */
export function parseObservations(source: string): Observation[] {
  const { document, lines } = readYaml(observationsFile, source, 'failsafe');
  const data: unknown = document.contents === null ? [] : document.toJS();
  const result = observationsSchema.safeParse(data);
  const lineOf = (index: number) => {
    const item = isSeq(document.contents) ? document.contents.items[index] : undefined;
    return isMap(item) && item.range ? lines.linePos(item.range[0]).line : 1;
  };
  if (!result.success) {
    throw new ProblemsError(
      complaints(result.error, data).map(({ path, expected, found }) => ({
        file: observationsFile,
        line: typeof path[0] === 'number' ? lineOf(path[0]) : 1,
        subject: `key ${pathText(path)}`,
        expected,
        found,
        fix: FIX,
      })),
    );
  }
  const all = result.data.map((one, index): Observation => ({ ...one, line: lineOf(index) }));
  const again = all.filter((one, index) => all.findIndex(({ id }) => id === one.id) < index);
  if (again.length === 0) return all;
  throw new ProblemsError(
    again.map(({ id, line }) => ({
      file: observationsFile,
      line,
      expected: 'each observation to be named once',
      found: `${quote(id)} again`,
      fix: 'Give one of them another id.',
    })),
  );
}

/**
 * The observations of a project; none where it has no such file.
 * @throws {ProblemsError} as {@link parseObservations}
 */
export function readObservations(root: string): Observation[] {
  const path = join(root, observationsFile);
  return statSync(path, { throwIfNoEntry: false }) ? parseObservations(readFileSync(path, 'utf8')) : [];
}

/** Where an observation stands now, and what has been replaced since it was written. */
export interface BoundObservation {
  observation: Observation;
  /** The outputs it still stands beside. */
  at: string[];
  /** Outputs it speaks of that are others now, or gone. */
  replaced: string[];
}

/**
 * Holds every observation against the outputs as they are.
 * @param digests SHA-256 of every capture file, by key
 */
export function boundObservations(
  observations: readonly Observation[],
  digests: ReadonlyMap<string, string>,
): BoundObservation[] {
  return observations.map((observation) => {
    const changed = (outputs: Readonly<Record<string, string>> = {}) =>
      Object.entries(outputs).flatMap(([key, sha256]) => (digests.get(key) === sha256 ? [] : [key]));
    const [own, others] = [changed(observation.at), changed(observation.restsOn)];
    const at = others.length > 0 ? [] : Object.keys(observation.at).filter((key) => !own.includes(key));
    return { observation, at, replaced: [...own, ...others] };
  });
}

/** What to read again, each with the outputs that were replaced. */
export function staleObservations(bound: readonly BoundObservation[]): Problem[] {
  return bound.flatMap(({ observation: { id, line }, replaced }) => {
    if (replaced.length === 0) return [];
    const [first = ''] = replaced;
    const more = replaced.length > 1 ? ` and ${replaced.length - 1} more` : '';
    return [
      {
        file: observationsFile,
        line,
        subject: `observation ${id}`,
        expected: 'the outputs it was written for',
        found: `another ${captureFile(first)}${more}`,
        fix: `Read it again: correct or delete it, then \`npm run check -- --confirm ${id}\`.`,
      },
    ];
  });
}

/**
 * The text of captures/observations.yaml with one observation bound to the outputs as they are. Everything else stays as
 * it stands, comments included. Outputs that are gone are left out; without one to stand at the text stays.
 * @throws {ProblemsError} where no observation has that id, or none of its outputs is there
 */
export function confirmObservation(source: string, id: string, digests: ReadonlyMap<string, string>): string {
  const known = parseObservations(source);
  const own = known.find((one) => one.id === id);
  const refuse = (expected: string, found: string, fix: string): never => {
    throw new ProblemsError([{ file: observationsFile, ...(own && { line: own.line }), expected, found, fix }]);
  };
  if (!own) {
    const ids = known.map((one) => one.id);
    return refuse(`one of ${ids.slice(0, 20).join(', ') || 'no observation'}`, quote(id), 'Name one of them.');
  }
  if (!Object.keys(own.at).some((key) => digests.has(key))) {
    const gone = Object.keys(own.at).slice(0, 5).join(', ');
    return refuse(`an output among ${gone}`, 'none of them', 'Delete the observation, or bring the output back.');
  }
  const { document } = readYaml(observationsFile, source, 'failsafe');
  const item = isSeq(document.contents)
    ? document.contents.items.find((one) => isMap(one) && String(one.get('id')) === id)
    : undefined;
  const edits: { from: number; to: number; text: string }[] = [];
  for (const name of ['at', 'restsOn']) {
    const map = isMap(item) ? item.get(name) : undefined;
    if (!isMap(map)) continue;
    for (const { key, value } of (map as YAMLMap<Scalar<string>, Scalar<string>>).items) {
      const now = digests.get(key.value);
      if (now === undefined || !isScalar(value) || !value.range) continue;
      edits.push({ from: value.range[0], to: value.range[1], text: now });
    }
  }
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: now }) => text.slice(0, from) + now + text.slice(to), source);
}
