import { expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { findingsOf } from '../../src/analysis/findings.ts';
import { type Model, modelOf } from '../../src/model/model.ts';
import { type Edit, subjectsOf, tellingWorld } from '../support/recordings/subjects.ts';

/*
 * One fact, one reader, as in only-reader.test.ts: with the other recording's facts in the model and its own texts,
 * checks and findings say what they say of the other recording.
 */

const world = tellingWorld(
  ({ v2 }) => v2.inside.programs.length === 2 && v2.podsAfter.some(({ node }) => node === v2.inspection.pod.node),
);
const { v2 } = world;
const model = (...edits: Edit[]) => modelOf(subjectsOf(world, edits));

/** What is said, without places: those are the texts' own. */
function said(of: Model): string[] {
  const findings = findingsOf({ model: of, rows: [] }).map(({ places: _places, ...told }) => JSON.stringify(told));
  return [...consistencyChecks(of).map(({ id, status, why }) => `${id} ${status} ${why}`), ...findings];
}

const cases: Record<'tracked' | 'agent' | 'programs', Edit[]> = {
  tracked: [['v2/l6-cluster-mode-ct', new RegExp(`-> ${v2.tracked[0]?.backend.ip}:`, 'g'), '-> 198.18.0.3:']],
  agent: [
    ['v2/l8-ipcache', `identity=${v2.identity} `, 'identity=9 '],
    ['v2/l8-endpoints', 'Enabled ', 'Disabled'],
    ['v2/l4-cilium-status', `Mode:                 ${v2.inside.mode}`, 'Mode:                 Annotation'],
  ],
  programs: [['v2/l5-pod-attachments', `prog_id ${v2.inside.programs[1]?.id} `, 'prog_id 998 ']],
};

test.each(Object.entries(cases))('model.%s', (part, edits) => {
  const [one, other] = [model(), model(...edits)];
  const withFacts = (of: Model, facts: Model): Model => ({
    ...of,
    sides: { ...of.sides, v2: { ...of.sides.v2, [part]: facts.sides.v2[part as keyof typeof cases] } },
  });
  expect(said(other)).not.toEqual(said(one));
  expect(said(withFacts(one, other)).sort()).toEqual(said(other).sort());
  expect(said(withFacts(other, one)).sort()).toEqual(said(one).sort());
});
