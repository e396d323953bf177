import { expect, test } from 'vitest';
import { readRun } from '../../src/captures/run.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import { buildReport } from '../../src/report/report.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { outputsOf } from '../support/recordings/outputs.ts';
import { projectOf } from '../support/recordings/project.ts';
import { published } from '../support/recordings/published.ts';
import { truthOf } from '../support/recordings/truth.ts';
import type { Cluster, World } from '../support/recordings/world.ts';

/* Worlds at random, as the project reads what is written of them. */

const cases: { number: number | string; world: World }[] = [
  ...Array.from({ length: 60 }, (_, index) => ({ number: index + 1, world: worldOf(index + 1) })),
  { number: 'where nothing tells of the scaling', world: untold() },
  { number: 'where a pod is not ready', world: unready('bystander') },
  { number: 'where the pod that is looked into is not ready', world: unready('inspected') },
];
const planned = new Map(plannedCaptures(loadRecipe('.', { recording: true })).map((plan) => [plan.key, plan]));

function recorded<T>(world: World, read: (root: string) => T): T {
  using project = projectOf(world);
  return read(project.root);
}

/** A world whose pods were recreated, without the output that says so. */
function untold(): World {
  for (let number = 1; ; number++) {
    const { v2 } = worldOf(number);
    if (v2?.pods.length !== 2) continue;
    return { v2: { ...v2, inspection: { ...v2.inspection, pod: v2.left } }, omitted: ['v2/l6-local-asymmetric'] };
  }
}

/** A world in which one of three pods is no endpoint: one of no part, or the one that is looked into. */
function unready(which: 'bystander' | 'inspected'): World {
  const idle = <Side extends Cluster>(side: Side): Side => {
    const { pod } = side.inspection;
    const one = side.pods.find(
      ({ name }) => (which === 'inspected') === (name === pod.name) && name !== side.left.name,
    );
    const pods = side.pods.map((each) => ({ ...each, ready: each.name !== one?.name }));
    return { ...side, pods };
  };
  for (let number = 1; ; number++) {
    const { v1, v2 } = worldOf(number);
    const usable = [v1, v2].every((side) => side?.pods.length === 3 && side.inspection.pod !== side.left);
    if (v1 && v2 && usable) return { v1: idle(v1), v2: idle(v2), omitted: [] };
  }
}

test.each(cases)('world $number is read, and nothing in it contradicts itself', ({ world }) => {
  const texts = new Map([...outputsOf(world)].filter(([key]) => planned.has(key)));
  for (const [key, text] of texts) parseOutput(planned.get(key)?.format ?? 'plain', text);
  const { captures, checks } = recorded(world, (root) => buildReport(root, { draft: true }));
  const read = captures.flatMap(({ key, stored }) => (stored ? [[key, stored.text] as const] : []));
  expect(new Map(read)).toEqual(texts);
  const broken = checks.filter(({ status }) => status === 'broken');
  expect(broken.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
});

test('a side is recorded with its environment and the order of its outputs', () => {
  const whole = ({ v2, omitted }: World) => v2?.wording === 'recorded' && omitted.length === 0;
  const world = cases.find((one) => whole(one.world))?.world ?? published;
  const { run, report } = recorded(world, (root) => ({
    run: readRun(root, 'v2'),
    report: buildReport(root, { draft: true }),
  }));
  expect(run?.nodes.map(({ name }) => name)).toEqual(world.v2?.nodes.map(({ name }) => name));
  const keys = [...outputsOf(world).keys()].filter((key) => key.startsWith('v2/') && planned.has(key));
  expect(new Set(run?.order)).toEqual(new Set(keys));
  const observe = report.captures.find(({ key }) => key === 'v2/l7-hubble-observe')?.stored?.header;
  expect(observe).toMatchObject({ origin: 'recorded', exitCode: 0, run: run?.run });
  expect(observe?.command).toMatch(/^kubectl -n gke-managed-dpv2-observability exec .* -- hubble observe /);
});

test('the published world makes a report without an edit', () => {
  const { checks } = recorded(published, (root) => buildReport(root, { draft: true }));
  expect(checks.filter(({ status }) => status === 'broken')).toEqual([]);
});

test('a world is the same each time', () => {
  expect(outputsOf(worldOf(7))).toEqual(outputsOf(worldOf(7)));
  expect(outputsOf(worldOf(7))).not.toEqual(outputsOf(worldOf(8)));
});

test('five hundred worlds reach the ends of the range', () => {
  const seen = new Set<string>();
  for (let number = 1; number <= 500; number++) {
    const world = worldOf(number);
    const { v1, v2, probes, outputs } = truthOf(world);
    for (const side of [v1, v2]) {
      if (!side) continue;
      seen.add(`${side.pods} pods`).add(`${side.nodes.length} nodes`);
      const { l1 } = side.ages;
      seen.add(l1 < 120 ? 'seconds old' : l1 < 10_800 ? 'minutes old' : l1 < 691_200 ? 'days old' : 'older');
    }
    if (!v1 || !v2) seen.add(v1 ? 'no v2' : 'no v1');
    for (const { requests, answered, slow, answeredAfterLastFailure } of probes.values()) {
      if (requests === 1) seen.add('a single request');
      if (answered === 0) seen.add('no answer');
      if (answered === requests) seen.add('all answers');
      if (slow.length > 0) seen.add('slow answers');
      if (answeredAfterLastFailure !== undefined)
        seen.add(answeredAfterLastFailure > 0 ? 'recovered' : 'fails to the end');
    }
    const { observed, drops, policy } = v2?.traffic ?? {};
    if (observed) seen.add(observed.flows === 0 ? 'no flows' : observed.flows > 400 ? 'over 400 flows' : 'flows');
    if (observed?.flows === 1) seen.add('one flow');
    if (drops) seen.add(drops.dropped === 0 ? 'no drops' : drops.dropped === 1 ? 'one drop' : 'drops');
    if (policy) seen.add(!policy.present ? 'no policy' : policy.peers.length === 0 ? 'nobody let in' : 'a policy');
    const layers = new Set([...outputs].map((key) => key.slice(0, 5)));
    if (v2 && !layers.has('v2/l7')) seen.add('a layer missing');
    if (v1 && v2 && outputs.has('v1/l3-endpoints') !== outputs.has('v2/l3-endpoints')) seen.add('a one-sided row');
  }
  expect([...seen].sort()).toMatchInlineSnapshot(`
    [
      "1 nodes",
      "1 pods",
      "2 nodes",
      "2 pods",
      "3 nodes",
      "3 pods",
      "4 nodes",
      "4 pods",
      "5 nodes",
      "5 pods",
      "6 pods",
      "a layer missing",
      "a one-sided row",
      "a policy",
      "a single request",
      "all answers",
      "days old",
      "drops",
      "fails to the end",
      "flows",
      "minutes old",
      "no answer",
      "no drops",
      "no flows",
      "no policy",
      "no v1",
      "no v2",
      "nobody let in",
      "older",
      "one drop",
      "one flow",
      "over 400 flows",
      "recovered",
      "seconds old",
      "slow answers",
    ]
  `);
}, 60_000);
