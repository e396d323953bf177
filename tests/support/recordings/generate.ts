import fc from 'fast-check';
import { Draw } from './drawn/draw.ts';
import { drawCilium, drawKubeProxy } from './drawn/sides.ts';
import { toldWhy } from './drawn/why.ts';
import { outputsOf } from './outputs.ts';
import type { World } from './world.ts';

/*
 * Worlds at random, over the range of what can be recorded: 1 to 6 pods, 1 to 5 nodes, probes of any pattern, Services
 * of any age, flows from none to 500, a policy or none, outputs missing on one side or both, a side missing. A world is
 * consistent by construction: pods change only where the recipe scales the Deployment.
 */

/** Outputs that a recording may lack, because an older recipe or the published set has none. */
const RECORD_ONLY = ['v1/l6-local-filter-table', 'v2/l4-ebpf-lb-map', 'v2/l7-hubble-observe-json'];

function drawWorld(draw: Draw): World {
  const sides = draw.of(['both', 'both', 'both', 'both', 'both', 'both', 'both', 'both', 'v1', 'v2']);
  const world: World = {
    ...(sides !== 'v2' && { v1: drawKubeProxy(draw) }),
    ...(sides !== 'v1' && { v2: drawCilium(draw) }),
    omitted: [],
  };
  const keys = [...outputsOf(world).keys()];
  const layer = draw.of(['v1/l6', 'v2/l6', 'v2/l7', 'v2/l8', 'v1/l1', 'v2/l3']);
  const omitted = [
    ...RECORD_ONLY.filter(() => draw.chance(0.4)),
    ...(draw.chance(0.35) ? draw.some(keys, draw.int(1, Math.min(5, keys.length))) : []),
    ...(draw.chance(0.08) ? keys.filter((key) => key.startsWith(layer)) : []),
  ];
  // Drawn last, so that the rest of a world is what it was before a recipe asked for more.
  return toldWhy(draw, { ...world, omitted: [...new Set(omitted)] });
}

/** Spreads numbers that follow each other: the generator's first draws would be alike. */
const SPREAD = 0x9e3779b1;

/** What is drawn for a number, the same each time. */
export function drawnBy<Drawn>(number: number, make: (draw: Draw) => Drawn): Drawn {
  const drawn = fc.gen().map((value) => make(new Draw(value)));
  const [one] = fc.sample(drawn, { seed: Math.imul(number, SPREAD), numRuns: 1, unbiased: true });
  return one as Drawn;
}

/** The world of a number, the same each time. */
export function worldOf(number: number): World {
  return drawnBy(number, drawWorld);
}
