import { type FormatId, parseOutput } from '../../../src/formats/index.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';
import type { SideId } from '../../../src/recipe/schema.ts';
import { worldOf } from './generate.ts';
import { outputsOf } from './outputs.ts';
import type { CiliumSide, KubeProxySide, World } from './world.ts';

/** What a newer recipe records besides, whether or not the committed one does. */
export const BESIDES: readonly (readonly [key: string, format: FormatId])[] = [
  ['v1/l6-cluster-mode-conntrack', 'conntrack-list'],
  ['v2/l6-cluster-mode-ct', 'cilium-bpf-ct-list'],
  ['v2/l6-cluster-mode-nat', 'cilium-bpf-nat-list'],
  ['v2/l4-cilium-status', 'cilium-status'],
  ['v2/l5-pod-attachments', 'bpftool-net'],
  ['v2/l5-pod-programs', 'bpftool-prog'],
  ['v2/l8-policy-map-numeric', 'cilium-policy-map'],
  ['v2/l8-ipcache', 'cilium-bpf-ipcache-list'],
  ['v2/l8-endpoints', 'cilium-endpoint-list'],
];

interface Plan {
  key: string;
  side: SideId;
  layer: string;
  row: string;
  format: FormatId;
}

const recipe: Plan[] = plannedCaptures(loadRecipe('.', { recording: true }));
const besides = BESIDES.filter(([key]) => !recipe.some((plan) => plan.key === key)).map(([key, format]): Plan => {
  const [, side, layer = '', row = ''] = /^(v[12])\/(l\d)-(.+)$/.exec(key) ?? [];
  return { key, side: side as SideId, layer, row, format };
});
/** Page order: what belongs to a row of the recipe by its name stands behind it, anything else at the end of its layer. */
const plans = besides.reduce((all, plan) => {
  const own = all.findLastIndex(
    ({ side, layer, row }) => side === plan.side && layer === plan.layer && plan.row.startsWith(`${row}-`),
  );
  const last = all.findLastIndex(({ layer }) => layer === plan.layer);
  return all.toSpliced((own < 0 ? last : own) + 1, 0, plan);
}, recipe);

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
