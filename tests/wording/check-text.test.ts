import { expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { modelOf } from '../../src/model/model.ts';
import { checkCounts, type Evidence, formatEvidence } from '../../src/wording/check-text.ts';
import { published } from '../analysis/edited-outputs.ts';

const at = { capture: 'v1/l1-service-ips', line: 2, column: 9, length: 12, start: 70, end: 82 };
const evidence: Evidence = {
  layers: [
    { id: 'l1', title: 'Service', expect: 'diverges' },
    { id: 'l2', title: 'Edge', expect: 'identical' },
  ],
  verdicts: [{ layer: 'l1', verdict: 'identical', why: 'All rows are.' }],
  rows: [
    {
      layer: 'l1',
      row: 'service-ips',
      verdict: 'diverges',
      why: 'One value differs.',
      matched: [
        { path: 'nginx / TYPE', v1: 'a', v2: 'a', by: 'equal' },
        { path: 'nginx / CLUSTER-IP', v1: '10.0.0.1', v2: '10.0.0.2', by: 'cluster-ip' },
      ],
      differences: [{ path: 'nginx / TYPE', v1: { text: 'Load\u001b[31mBalancer', at }, what: 'only on the left' }],
      rules: ['age'],
      notes: ['The first three requests are slow.'],
    },
  ],
  checks: [
    { id: 'v1/vip', side: 'v1', title: 'The VIP agrees', status: 'holds', why: 'it does', evidence: [at] },
    {
      id: 'v1/nodes',
      side: 'v1',
      title: 'The nodes agree',
      status: 'broken',
      why: 'a is b',
      evidence: [at, { ...at, line: 7 }],
    },
    { id: 'v2/vip', side: 'v2', title: 'The VIP agrees', status: 'not-comparable', why: 'no output', evidence: [] },
  ],
  claims: {
    expressions: 1,
    warnings: [{ file: 'layers.yaml', line: 3, expected: 'a number that stands in x', found: '8', fix: 'Mark it.' }],
  },
  audit: ['same: kernel', 'differs: zone: a | b'],
  outputs: 3,
  headerLines: new Map(),
};

test('everything is printed, without an escape sequence', () => {
  const text = formatEvidence(evidence);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(text).toMatchInlineSnapshot(`
    "L1  identical  Service  (layers.yaml expects diverges)
        All rows are.
        diverges   service-ips: One value differs.
                   2 values matched, 1 of them not letter for letter (age)
                   nginx / TYPE: Load\\u{1b}[31mBalancer (captures/v1/l1-service-ips.txt:2) | nothing: only on the left
                   note: The first three requests are slow.
    L2  no verdict: no output could be compared  Edge

    Checks: 1 hold, 1 broken, 1 not comparable
      holds          v1/vip: The VIP agrees
                     it does
      broken         v1/nodes: The nodes agree
                     a is b [captures/v1/l1-service-ips.txt:2,7]
      not-comparable v2/vip: The VIP agrees
                     no output

    Claims: 1 expression of the prose computed, 1 warning
      warning layers.yaml:3: expected a number that stands in x; found 8. Mark it.

    Single-variable audit
      same: kernel
      differs: zone: a | b

    3 outputs; 0 of 2 layers differ; checks: 1 hold, 1 broken, 1 not comparable.
    "
  `);
});

test('on a terminal states are coloured, and nothing else changes', () => {
  const colour = formatEvidence(evidence, { colour: true });
  expect(colour).toContain('\u001b[31mbroken');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  expect(colour.replaceAll(/\u001b\[\d+m/g, '')).toBe(formatEvidence(evidence));
});

test('without audit and checks there is no heading for them', () => {
  const { audit: _audit, ...rest } = evidence;
  const text = formatEvidence({ ...rest, checks: [] });
  expect(text).not.toMatch(/audit|^Checks:/m);
});

test('the checks of the published outputs fit', () => {
  const checks = consistencyChecks(modelOf(published()));
  expect(checkCounts(checks)).toMatchInlineSnapshot(`"37 hold, 0 broken, 17 not comparable"`);
  expect(formatEvidence({ ...evidence, checks }).split('\n').length).toBeGreaterThan(2 * checks.length);
});
