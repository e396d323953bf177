import { parseOutput } from '../../../src/formats/index.ts';
import { type Model, modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { loadRecipe, type PlannedCapture, plannedCaptures } from '../../../src/recipe/load.ts';
import { outputsOf } from './outputs.ts';
import { type Truth, truthOf } from './truth.ts';
import type { World } from './world.ts';

/** The recipe with every output, and what it plans. */
export const recipe = loadRecipe('.', { recording: true });
export const planned = plannedCaptures(recipe);

/** A world with what is true of it and what its outputs, as the project reads them, say. */
export interface ReadWorld {
  number: number | string;
  world: World;
  truth: Truth;
  model: Model;
  texts: ReadonlyMap<string, string>;
}

/**
 * Reads the outputs of a world.
 * @param plans the outputs that are read; the others cost their time
 */
export function readWorld(
  number: number | string,
  world: World,
  plans: readonly PlannedCapture[] = planned,
): ReadWorld {
  const texts = outputsOf(world);
  const subjects = plans.flatMap(({ key, side, layer, row, format }): Subject[] => {
    const text = texts.get(key);
    return text === undefined ? [] : [{ key, side, layer, row, text, parsed: parseOutput(format, text) }];
  });
  return { number, world, truth: truthOf(world), model: modelOf(subjects), texts };
}
