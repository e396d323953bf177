import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dryRun } from '../../../scripts/capture/dry-run.ts';
import { parseOptions } from '../../../scripts/capture/options.ts';
import { buildPlan, plannedTasks } from '../../../scripts/capture/plan.ts';
import { requiredTools } from '../../../scripts/capture/session.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';

const recipe = loadRecipe(process.cwd(), { recording: true });
const access = { nodeAccess: 'debug', debugImage: 'i', sshHost: 'h', sudo: false } as const;

describe('the plan', () => {
  test('records every output of the recipe, the published 37 included', () => {
    const keys = (['v1', 'v2'] as const).flatMap((side) => plannedTasks(buildPlan(recipe, side)).map(({ key }) => key));
    expect(keys.sort()).toEqual(
      plannedCaptures(recipe)
        .map(({ key }) => key)
        .sort(),
    );
    const published = JSON.parse(readFileSync('tests/fixtures/published-keys.json', 'utf8')) as string[];
    expect(published).toHaveLength(37);
    expect(keys).toEqual(expect.arrayContaining(published));
  });

  test('runs side by side only what neither changes nor measures anything', () => {
    for (const side of ['v1', 'v2'] as const) {
      for (const stage of buildPlan(recipe, side).flatMap((layer) => layer.stages)) {
        if (stage.captures.length > 1) {
          expect(stage.captures.filter(({ format, place }) => format === 'http-probe' || place === 'node')).toEqual([]);
        }
      }
    }
  });

  test('a layer whose steps change the cluster has steps that put it back', () => {
    for (const layer of recipe.layers) {
      const steps = [...(layer.setup ?? []), ...layer.captures.flatMap((row) => row.before ?? [])];
      const changing = steps.filter(({ run }) => /\b(patch|scale|apply|delete)\b/.test(run ?? ''));
      if (changing.length > 0) expect(layer.restore, layer.id).toBeDefined();
    }
  });

  test('steps of a row that a side lacks are left out on that side', () => {
    const layers = recipe.layers.map((layer) => ({
      ...layer,
      captures: layer.captures.map(({ v2, ...row }) => (row.id === 'local-converged' || !v2 ? row : { ...row, v2 })),
    }));
    const pauses = (side: 'v1' | 'v2') =>
      buildPlan({ ...recipe, layers }, side, ['l6']).flatMap((layer) =>
        layer.stages.flatMap((stage) => stage.before.map((step) => step.wait)),
      );
    expect(pauses('v1')).toContain(130);
    expect(pauses('v2')).not.toContain(130);
  });

  test('steps of one side stand in place of those of the row', () => {
    const pauses = (side: 'v1' | 'v2') =>
      buildPlan(recipe, side, ['l6']).flatMap((layer) =>
        layer.stages.flatMap(({ before, captures }) => before.map(({ wait }) => [wait, captures[0]?.key])),
      );
    expect(pauses('v1')).toContainEqual([130, 'v1/l6-local-converged-counters-before']);
    expect(pauses('v2')).toContainEqual([130, 'v2/l6-local-converged']);
    expect(pauses('v1').filter(([wait]) => wait === 130)).toHaveLength(1);
  });

  test('--only chooses layers', () => {
    expect(buildPlan(recipe, 'v2', ['l7', 'l8']).map(({ id }) => id)).toEqual(['l7', 'l8']);
    expect(buildPlan(recipe, 'v1', ['l7'])).toEqual([]);
  });

  test('the tools it needs', () => {
    expect(requiredTools(buildPlan(recipe, 'v1'), access)).toEqual(['kubectl', 'gcloud', 'curl', 'date']);
    expect(requiredTools(buildPlan(recipe, 'v1', ['l4']), { ...access, nodeAccess: 'ssh' })).toEqual([
      'kubectl',
      'ssh',
    ]);
    expect(requiredTools(buildPlan(recipe, 'v2', ['l3']), access)).toEqual(['kubectl']);
  });
});

describe('a dry run', () => {
  test('prints every command of both sides', async () => {
    await expect(`${dryRun(recipe, parseOptions([]))}\n`).toMatchFileSnapshot('../../fixtures/dry-run.txt');
  });

  test('of one layer, over ssh, in another namespace', () => {
    const printed = dryRun(
      recipe,
      parseOptions(['--side', 'v1', '--only', 'l4', '--node-access', 'ssh', '--namespace', 'x']),
    );
    expect(printed.split('\n# ').at(-2)).toMatchInlineSnapshot(`
      "v1: L4 DNAT rewrite
      ssh -T -o BatchMode=yes -o ConnectTimeout=10 -- {{node}} 'sudo -n iptables-save'   # v1/l4-iptables-nat
      "
    `);
    expect(printed).toContain('kubectl -n x apply -f workload/workload.yaml\n');
  });
});
