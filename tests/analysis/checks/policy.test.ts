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
