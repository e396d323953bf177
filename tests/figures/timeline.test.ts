import { expect, test } from 'vitest';
import { figuresIn } from '../../src/figures/index.ts';
import { figureWords } from '../../src/wording/figures.ts';
import { published } from '../analysis/subjects.ts';
import { subjectsOf, type TellingWorld, tellingWorld } from '../support/recordings/subjects.ts';
import type { Probe } from '../support/recordings/world.ts';
import { figureData } from './data.ts';
import { tagsOf } from './wellformed.ts';

/* The timeline of probes that say when each request began and who answered. */

const mixed = ({ requests }: Probe) => new Set(requests.map(({ status }) => status === '000')).size === 2;
const world = tellingWorld(
  ({ v1, v2 }) => mixed(v1.probes.localFailover) && mixed(v2.probes.clusterMode) && v2.pods.length > 2,
);
const probesOf = (of: TellingWorld) =>
  (['v1', 'v2'] as const).flatMap((side) => {
    const { clusterMode, localSymmetric, localFailover, localConverged } = of[side].probes;
    const all = { clusterMode, localSymmetric, localFailover, localConverged };
    const keys = ['cluster-mode', 'local-symmetric', 'local-failover', 'local-converged'];
    return Object.values(all).flatMap((probe, index) => (probe ? [{ key: `${side}/l6-${keys[index]}`, probe }] : []));
  });

function draw(subjects = subjectsOf(world)): string {
  const { timeline } = figureData(subjects);
  return timeline ? figuresIn(timeline.layer, { timeline }).join('') : '';
}

/** The lane of a probe, and what follows it up to the end of its marks. */
function laneOf(drawing: string, key: string): { lane: string; who: string } {
  const [, lane = '', rest = ''] =
    new RegExp(`<svg class="lane[^>]*aria-label="${key}:[^>]*>(.*?)</svg>(.*?)(?=<svg class="axis|</div>)`, 's').exec(
      drawing,
    ) ?? [];
  return { lane, who: /^<svg class="who".*?<\/svg>/s.exec(rest)?.[0] ?? '' };
}

test('is well formed', () => {
  const tags = tagsOf(draw());
  const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, attributes } of tags) {
    expect(Object.keys(attributes)).not.toContain('style');
    if (name === 'use') expect(ids).toContain(attributes.href?.slice(1));
  }
});

test.each(probesOf(world))(
  '$key: bars stand where the requests began, marks where they were answered',
  ({ key, probe }) => {
    const { lane, who } = laneOf(draw(), key);
    const bars = [...lane.matchAll(/<rect class="(answered|failed)" x="([\d.]+)%"/g)];
    const first = probe.requests[0]?.told?.start ?? 0;
    const starts = probe.requests.map(({ told }) => (told?.start ?? 0) - first);
    expect(bars.map(([, outcome]) => outcome)).toEqual(
      probe.requests.map(({ status }) => (status === '000' ? 'failed' : 'answered')),
    );
    // The scale is that of any two bars.
    const places = bars.map(([, , x]) => Number(x));
    const last = places.length - 1;
    const scale = last > 0 ? (places[last] ?? 0) / (starts[last] ?? 1) : 0;
    places.forEach((x, index) => {
      expect(x).toBeCloseTo((starts[index] ?? 0) * scale, 1);
    });
    const marks = [...who.matchAll(/<use href="#([^"]+)" x="([\d.]+)%" y="(\d+)"/g)];
    const named = probe.requests.flatMap(({ told }) => told?.pod || []);
    expect(marks).toHaveLength(named.length);
    // Each pod has one mark in one row, and no two share either.
    const pairs = new Set(marks.map(([, mark, , row], index) => `${named[index]} ${mark} ${row}`));
    for (const part of [0, 1, 2]) {
      expect(new Set([...pairs].map((pair) => pair.split(' ')[part])).size).toBe(pairs.size);
    }
  },
);

test('the legend, the words and the table name the pods', () => {
  const drawing = draw();
  const legend = /<div class="pods">.*?<\/div>/s.exec(drawing)?.[0] ?? '';
  const table = /<table>.*<\/table>/s.exec(drawing)?.[0] ?? '';
  const words = figureWords({ timeline: figureData(subjectsOf(world)).timeline }).timeline?.join(' ') ?? '';
  const pods = new Set(probesOf(world).flatMap(({ probe }) => probe.requests.flatMap(({ told }) => told?.pod || [])));
  expect(pods.size).toBeGreaterThan(2);
  for (const pod of pods) for (const text of [legend, table, words]) expect(text).toContain(pod);
  expect(drawing).toContain('It stands where the request began, in seconds since the first');
  expect(drawing).not.toContain('back to back');
});

test('probes of both kinds: the caption says which bars stand where', () => {
  const older = published.filter(({ key }) => key.startsWith('v2/'));
  const newer = subjectsOf(world).filter(({ side }) => side === 'v1');
  const drawing = draw([...newer, ...older]);
  expect(drawing).toContain('Where the probe says when its requests began, it stands where the request began');
  expect(drawing).toContain('Other bars stand back to back, because pauses were not captured.');
  expect(laneOf(drawing, 'v2/l6-cluster-mode').who).toBe('');
  expect(laneOf(drawing, 'v2/l6-cluster-mode').lane).not.toContain('class="track"');
});

test('probes that do not say when requests began are drawn as before', () => {
  expect(draw([...published])).toContain('Bars stand back to back, because pauses between requests were not captured.');
  expect(draw([...published])).not.toMatch(/class="(?:track|who|pods)"/);
});
