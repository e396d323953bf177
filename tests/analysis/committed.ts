import { type Comparison, compareAll } from '../../src/analysis/compare.ts';
import { readCaptures } from '../../src/captures/store.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';

/** The committed recipe and captures, for tests that work on what the page shows. */
export const recipe = loadRecipe('.');
const planned = plannedCaptures(recipe);
const stored = readCaptures(
  '.',
  planned.map(({ key }) => key),
).captures;

/** Decoded text of every committed capture, by key. */
export type Texts = ReadonlyMap<string, string>;

export const texts: Texts = new Map(planned.map(({ key }) => [key, stored.get(key)?.text ?? '']));

const parsed = new Map<string, Subject>();

/** Parses the outputs; what has not changed is parsed once. */
export function subjectsOf(of: Texts): Subject[] {
  return planned.flatMap(({ key, side, layer, row, format }) => {
    const text = of.get(key);
    if (text === undefined) return [];
    const before = parsed.get(key);
    if (before?.text === text) return [before];
    const subject = { key, side, layer, row, text, parsed: parseOutput(format, text) };
    if (text === texts.get(key)) parsed.set(key, subject);
    return [subject];
  });
}

/** Compares the outputs by the committed recipe. */
export function compared(of: Texts = texts): Comparison {
  return compareAll(modelOf(subjectsOf(of)), recipe.layers);
}
