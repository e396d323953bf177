import { parseOutput } from '../../../src/formats/index.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';
import { worldOf } from './generate.ts';
import { outputsOf } from './outputs.ts';
import type { CiliumSide, KubeProxySide, World } from './world.ts';

const plans = plannedCaptures(loadRecipe('.', { recording: true }));

/** A change to one output: its key, what to replace, and by what. */
export type Edit = readonly [key: string, from: string | RegExp, to: string];

/**
 * The outputs of a world, parsed, with changes; each change must change something.
 * @param texts what the world writes, unless it is told otherwise
 */
export function subjectsOf(world: World, edits: readonly Edit[] = [], texts = outputsOf(world)): Subject[] {
  const changed = new Map(texts);
  for (const [key, from, to] of edits) {
    const before = changed.get(key);
    const after = before?.replace(from, to);
    if (after === undefined || after === before) throw new Error(`${key} has no ${from}`);
    changed.set(key, after);
  }
  return plans.flatMap(({ key, side, layer, row, format }) => {
    const text = changed.get(key);
    return text === undefined ? [] : [{ key, side, layer, row, text, parsed: parseOutput(format, text) }];
  });
}

/** A world of which everything was recorded that a newer recipe asks for. */
export interface TellingWorld extends World {
  v1: KubeProxySide & Required<Pick<KubeProxySide, 'tracked'>>;
  v2: CiliumSide & Required<Pick<CiliumSide, 'tracked' | 'inside' | 'policy'>>;
}

/** The first world in which everything was recorded and something holds besides; without omissions. */
export function tellingWorld(also: (world: TellingWorld) => boolean = () => true): TellingWorld {
  for (let number = 1; number < 5000; number++) {
    const { v1, v2 } = worldOf(number);
    if (!v1?.tracked || !v2?.tracked || !v2.inside || !v2.policy) continue;
    const world = { v1, v2, omitted: [] } as TellingWorld;
    if (also(world)) return world;
  }
  throw new Error('no world is like that');
}
