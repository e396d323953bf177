import { expect } from 'vitest';
import type { Finding } from '../../../src/analysis/findings.ts';
import { parseOutput } from '../../../src/formats/index.ts';
import { type Model, modelOf } from '../../../src/model/model.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { worldOf } from '../../support/recordings/generate.ts';
import { outputsOf } from '../../support/recordings/outputs.ts';
import { published } from '../../support/recordings/published.ts';
import { type Truth, truthOf } from '../../support/recordings/truth.ts';
import type { World } from '../../support/recordings/world.ts';

/** Traffic and policy rest on no rules and no map of Services, which are most of the bytes. */
const planned = plannedCaptures(loadRecipe('.', { recording: true })).filter(
  ({ format }) => !['iptables-save', 'cilium-service-list', 'cilium-bpf-lb-list'].includes(format),
);

/** A world with what is true of it and what its outputs, as the project reads them, say. */
export interface ReadWorld {
  number: number | string;
  world: World;
  truth: Truth;
  model: Model;
  texts: ReadonlyMap<string, string>;
}

function read(number: number | string, world: World): ReadWorld {
  const texts = outputsOf(world);
  const subjects = planned.flatMap(({ key, side, layer, row, format }) => {
    const text = texts.get(key);
    return text === undefined ? [] : [{ key, side, layer, row, text, parsed: parseOutput(format, text) }];
  });
  return { number, world, truth: truthOf(world), model: modelOf(subjects), texts };
}

/** So many worlds at random every finding is derived of a second time. */
export const WORLDS = 500;

/** The published world and {@link WORLDS} at random. */
export function readWorlds(): ReadWorld[] {
  return [
    read('as published', published),
    ...Array.from({ length: WORLDS }, (_, index) => read(index + 1, worldOf(index + 1))),
  ];
}

/** Expects of every sentence that it is whole, and of every finding that it rests on lines as they stand. */
export function expectWhole({ texts }: ReadWorld, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const text = findingText(finding);
    expect(text).toMatch(/^\S[^\n]*\.$/);
    expect(text).not.toMatch(
      /undefined|null|NaN|Infinity|\[object| {2}|\(\)| [,.;)]|[,:;] *[.;,]|(?<![\d.,])1 (?:[a-rt-z-]+ )?(?!is\b|was\b|has\b)[a-z-]+s\b|\b0 of 0\b/,
    );
    for (const { capture, from, to, text: cited } of finding.places)
      expect(
        (texts.get(capture) ?? '')
          .split('\n')
          .slice(from - 1, to)
          .join('\n'),
      ).toBe(cited);
  }
}
