import type { FormatId } from '../../src/formats/index.ts';
import type { NodeName, Place, Recipe, RecipeStep, SideId } from '../../src/recipe/schema.ts';

/** One output to record. */
export interface CaptureTask {
  /** `v1/l4-iptables-nat` */
  key: string;
  title: string;
  format: FormatId;
  place: Place;
  on: NodeName;
  /** Command lines with variables; the first whose variables the cluster has is run. */
  commands: readonly [string, ...string[]];
  timeoutMs: number | undefined;
}

/** Steps, then captures that may run side by side because nothing between them changes or measures time. */
export interface Stage {
  before: readonly RecipeStep[];
  captures: readonly CaptureTask[];
}

/** One layer of a recording, in order. */
export interface LayerPlan {
  id: string;
  title: string;
  stages: readonly Stage[];
  restore: readonly RecipeStep[];
}

/**
 * What a recording of one side does, in order.
 * Captures run side by side within a stage; a step or a capture that measures time stands alone.
 * @param only layer ids; empty for all
 */
export function buildPlan(recipe: Recipe, side: SideId, only: readonly string[] = []): LayerPlan[] {
  return recipe.layers
    .filter((layer) => only.length === 0 || only.includes(layer.id))
    .flatMap((layer): LayerPlan[] => {
      const stages: Stage[] = [];
      let before: RecipeStep[] = [...(layer.setup ?? [])];
      let open: CaptureTask[] | undefined;
      for (const row of layer.captures) {
        const own = row[side];
        if (!own) continue;
        before.push(...(own.before ?? row.before ?? []));
        const task: CaptureTask = {
          key: `${side}/${layer.id}-${own.id ?? row.id}`,
          title: own.title ?? row.title,
          format: own.format ?? row.format,
          place: own.where ?? 'local',
          on: own.on ?? 'node',
          commands: [own.command, ...(own.alternatives ?? [])],
          timeoutMs: own.timeout === undefined ? undefined : own.timeout * 1000,
        };
        // Debugging pods are told apart by when they appear, so they come one at a time.
        const alone = task.format === 'http-probe' || task.place === 'node';
        if (open && before.length === 0 && !alone) {
          open.push(task);
        } else {
          const captures = [task];
          stages.push({ before, captures });
          before = [];
          open = alone ? undefined : captures;
        }
      }
      return stages.length === 0 ? [] : [{ id: layer.id, title: layer.title, stages, restore: layer.restore ?? [] }];
    });
}

/** Every output a plan records, in order. */
export function plannedTasks(plan: readonly LayerPlan[]): CaptureTask[] {
  return plan.flatMap((layer) => layer.stages.flatMap((stage) => [...stage.captures]));
}
