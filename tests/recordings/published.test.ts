import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { captureFile, keysOnDisk } from '../../src/captures/store.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import { outputsOf, writable } from '../support/recordings/outputs.ts';
import { published } from '../support/recordings/published.ts';

/*
 * The writers against real outputs: the world of the published trace, written, is the published trace, byte for byte.
 */

const written = outputsOf(published);
const onDisk = (key: string) => bodyText(decodeCapture(readFileSync(captureFile(key)), captureFile(key)).body);

test.each(keysOnDisk('.'))('%s is written as it was published', (key) => {
  expect(written.get(key)).toBe(onDisk(key));
});

test('besides, it has what only a recording has', () => {
  const more = [...written.keys()].filter((key) => !keysOnDisk('.').includes(key));
  expect(more).toEqual(['v1/l6-local-filter-table', 'v2/l4-ebpf-lb-map', 'v2/l7-hubble-observe-json']);
});

/** What no world draws yet: counters around a probe, and the agent's settings. */
const UNDRAWN = /^v1\/l6-.*-counters-|^v2\/l4-cilium-config$/;

test('there is a writer for every output of the recipe but those that no world draws, and no other', () => {
  const planned = plannedCaptures(loadRecipe('.', { recording: true })).map(({ key }) => key);
  const undrawn = planned.filter((key) => UNDRAWN.test(key));
  expect([...writable.v1, ...writable.v2, ...undrawn].sort()).toEqual(planned.sort());
});
