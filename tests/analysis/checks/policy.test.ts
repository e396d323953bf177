import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import type { Check } from '../../../src/analysis/types.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { type Edit, published } from '../edited-outputs.ts';

const find = (subjects: Subject[], id: string) =>
  consistencyChecks(modelOf(subjects)).find((check) => check.id === id) as Check;

describe('what a policy is about', () => {
  const status = (id: string, ...edits: Edit[]) => find(published(...edits), id).status;
  const egress: Edit = ['v2/l8-policy', '[Ingress]', '[Egress]'];
  test('without policyTypes, or with both, it is about ingress', () => {
    for (const types of ['', 'policyTypes: []\n  ', 'policyTypes: [Egress, Ingress]\n  '])
      for (const id of ['v2/policy-map', 'v2/enforcement'])
        expect(status(id, ['v2/l8-policy', 'policyTypes: [Ingress]\n  ', types])).toBe('holds');
  });
  test('one about egress alone lets everybody in, and the map says so', () => {
    const open: Edit = ['v2/l8-policy-map', /Egress {6}ANY/, 'Ingress     ANY'];
    expect(find(published(egress, open), 'v2/policy-map')).toMatchObject({
      status: 'holds',
      why: 'nginx-allow-frontend is about Egress alone, and an entry lets in every identity',
    });
    const answered: Edit = ['v2/l8-enforcement', /HTTP 000(.*)✗/, 'HTTP 200$1✓'];
    expect(status('v2/enforcement', egress, open, answered)).toBe('holds');
    expect(status('v2/enforcement', egress, open)).toBe('broken');
  });
  test('another one about egress changes nothing', () => {
    const other = 'kind: NetworkPolicy\nmetadata:\n  name: out\nspec:\n  policyTypes: [Egress]\n---\n';
    for (const id of ['v2/policy-map', 'v2/enforcement', 'v2/policy-selector'])
      expect(status(id, ['v2/l8-policy', /^/, other])).toBe('holds');
  });
});

describe('drops of the clients that got no answer', () => {
  const DROPS = 'v2/l8-hubble-drop';
  const drops = (...edits: Edit[]) => {
    const { status, why } = find(published(...edits), 'v2/drops');
    return [status, why];
  };
  test('one, several', () => {
    expect(drops()).toEqual(['holds', '3 drops, all from client-blocked (identity 6385)']);
    expect(drops([DROPS, /\n[\s\S]*$/, '\n'])).toEqual(['holds', '1 drop, from client-blocked (identity 6385)']);
  });
  test('the ring buffer may have gone over them', () => {
    const gone = 'got no answer, and no printed drop names it: the ring buffer may have moved on';
    expect(drops([DROPS, /^[\s\S]*$/, ''])).toEqual(['not-comparable', `client-blocked ${gone}`]);
    expect(drops(['v2/l8-enforcement', 'client-blocked', 'client-other  '])).toEqual([
      'not-comparable',
      `client-other ${gone}`,
    ]);
  });
  test('nobody was denied', () => {
    const answered: Edit = ['v2/l8-enforcement', /HTTP 000(.*)✗/, 'HTTP 200$1✓'];
    expect(drops(answered, [DROPS, /^[\s\S]*$/, ''])).toEqual([
      'holds',
      'every client was answered, and no drop is of theirs',
    ]);
  });
});
