import { readFileSync } from 'node:fs';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { captureFile } from '../../src/captures/store.ts';
import { parseOutput } from '../../src/formats/index.ts';
import type { Subject } from '../../src/model/subject.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';

const plans = plannedCaptures(loadRecipe('.'));
/** Keys of the published outputs in page order. */
export const publishedKeys = plans.map(({ key }) => key);
const texts = new Map(
  plans.map(({ key }) => [key, bodyText(decodeCapture(readFileSync(captureFile(key)), captureFile(key)).body)]),
);

/** A change to one output: its key, what to replace, and by what. */
export type Edit = readonly [key: string, from: string | RegExp, to: string];

/** The published outputs, parsed, with changes; each change must change something. */
export function published(...edits: Edit[]): Subject[] {
  const changed = new Map(texts);
  for (const [key, from, to] of edits) {
    const before = changed.get(key);
    const after = before?.replace(from, to);
    if (before === undefined || after === before) throw new Error(`${key} has no ${from}`);
    changed.set(key, after as string);
  }
  return plans.map(({ key, side, layer, row, format }) => {
    const text = changed.get(key) as string;
    return { key, side, layer, row, text, parsed: parseOutput(format, text) };
  });
}

/** The published outputs after the same replacements everywhere. */
export function publishedEverywhere(replace: (text: string) => string): Subject[] {
  return plans.map(({ key, side, layer, row, format }) => {
    const text = replace(texts.get(key) as string);
    return { key, side, layer, row, text, parsed: parseOutput(format, text) };
  });
}
