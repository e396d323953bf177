import { expect } from 'vitest';
import type { Finding } from '../../../src/analysis/findings.ts';
import type { Sentences } from '../../../src/wording/findings/sentences.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { worldOf } from '../../support/recordings/generate.ts';
import { published } from '../../support/recordings/published.ts';
import { planned, type ReadWorld, readWorld } from '../../support/recordings/read.ts';

/** Of so many worlds at random every finding is derived a second time. */
export const WORLDS = 500;

/**
 * The published world and {@link WORLDS} at random.
 * @param layers those whose outputs are read
 */
export function readWorlds(...layers: string[]): ReadWorld[] {
  // Traffic and policy rest on no rules and no map of Services, which are most of the bytes.
  const plans = planned.filter(({ layer }) => layer !== 'l4' && (layers.length === 0 || layers.includes(layer)));
  return [
    readWorld('as published', published, plans),
    ...Array.from({ length: WORLDS }, (_, index) => readWorld(index + 1, worldOf(index + 1), plans)),
  ];
}

/** Expects that the findings of some worlds are of every kind their family has. */
export function expectEveryKind<Family extends Finding>(found: Iterable<Family>, family: Sentences<Family>): void {
  const kinds = new Set([...found].map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(Object.keys(family).sort());
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
