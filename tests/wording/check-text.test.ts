import { expect, test } from 'vitest';
import type { AuditRow } from '../../src/analysis/audit.ts';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import type { Check } from '../../src/analysis/types.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Verdict } from '../../src/recipe/schema.ts';
import { buildReport, countChecks, type ReportLayer, type ReportRow } from '../../src/report/report.ts';
import { type Checked, checkCounts, checkText } from '../../src/wording/check-text.ts';
import { published } from '../analysis/edited-outputs.ts';

const at = { capture: 'v1/l1-service-ips', line: 2, column: 9, length: 12, start: 70, end: 82 };
const check = (id: string, status: Check['status'], why: string, evidence: Check['evidence']): Check => {
  const title = id.endsWith('vip') ? 'The VIP agrees' : 'The nodes agree';
  return { id, side: id.startsWith('v1') ? 'v1' : 'v2', title, status, why, evidence };
};
const layer = (id: string, title: string, expect: Verdict, verdict: Verdict, rows: ReportRow[]): ReportLayer => ({
  id,
  title,
  expect,
  verdict,
  why: 'All rows are.',
  prose: {},
  rows,
});
const checks = [
  check('v1/vip', 'holds', 'it does', [at]),
  check('v1/nodes', 'broken', 'a is b', [at, { ...at, line: 7 }]),
  check('v2/vip', 'not-comparable', 'no output', []),
];
const environment = (id: string, outcome: AuditRow['outcome'], v1: string, v2: string): AuditRow => ({
  id,
  label: id,
  v1,
  v2,
  outcome,
  variable: false,
});
const report: Checked = {
  summary: {
    verdicts: { diverges: 1, 'only-v1': 0, 'only-v2': 1, identical: 0 },
    checks: countChecks(checks),
    published: true,
  },
  layers: [
    layer('l1', 'Service', 'diverges', 'identical', [
      {
        id: 'service-ips',
        title: 'Service',
        prose: {},
        sides: {},
        evidence: {
          layer: 'l1',
          row: 'service-ips',
          verdict: 'diverges',
          why: 'One value differs.',
          matched: [
            { path: 'nginx / TYPE', v1: 'a', v2: 'a', by: 'equal' },
            { path: 'nginx / CLUSTER-IP', v1: '10.0.0.1', v2: '10.0.0.2', by: 'cluster-ip' },
          ],
          differences: [{ path: 'nginx / TYPE', v1: { text: 'Load\u001b[31mBalancer', at }, what: 'only on the left' }],
          counts: { values: 3, equal: 1, byRole: [{ role: 'cluster-ip', count: 1 }], aside: [], different: 1 },
          rules: ['age'],
          notes: ['The first three requests are slow.'],
        },
      },
    ]),
    layer('l2', 'Edge', 'identical', 'identical', []),
  ],
  checks,
  findings: [],
  observations: {
    shown: 1,
    stale: [{ file: 'captures/observations.yaml', line: 3, expected: 'a', found: 'b', fix: 'Read it again.' }],
  },
  audit: [environment('kernel', 'same', '6.1', '6.1'), environment('zone', 'differs', 'a', 'b')],
  captures: [],
};

test('everything is printed, without an escape sequence', () => {
  const text = checkText(report);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(text).toMatchInlineSnapshot(`
    "L1  identical  Service  (layers.yaml expects diverges)
        All rows are.
        diverges   service-ips: One value differs.
                   3 values: 1 equal, 1 matched by role (ClusterIP), 0 set aside by rule (age), 1 different (1 × TYPE)
                   nginx / TYPE: Load\\u{1b}[31mBalancer (captures/v1/l1-service-ips.txt:2) | nothing: only on the left
                   note: The first three requests are slow.
    L2  identical  Edge
        All rows are.

    Checks: 1 hold, 1 broken, 1 not comparable
      holds          v1/vip: The VIP agrees
                     it does
      broken         v1/nodes: The nodes agree
                     a is b [captures/v1/l1-service-ips.txt:2,7]
      not-comparable v2/vip: The VIP agrees
                     no output

    Observations: 1 beside their outputs, 1 to be read again
      read again captures/observations.yaml:3: expected a; found b. Read it again.

    Single-variable audit
      differs: zone: a | b
      same: kernel

    0 outputs; 2 layers: 1 differs and 1 only on V2; checks: 1 hold, 1 broken, 1 not comparable.
    "
  `);
});

test('on a terminal states are coloured, and nothing else changes', () => {
  const colour = checkText(report, { colour: true });
  expect(colour).toContain('\u001b[31mbroken');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  expect(colour.replaceAll(/\u001b\[\d+m/g, '')).toBe(checkText(report));
});

test('without checks there is no heading for them', () => {
  expect(checkText({ ...report, checks: [] })).not.toMatch(/^Checks:/m);
});

test('places are named as an editor counts them, below the header of the file', () => {
  const committed = buildReport('.');
  const { captures } = committed;
  const broken = { ...committed, checks: [check('v1/nodes', 'broken', 'a is b', [at, { ...at, line: 7 }])] };
  const above = captures.find(({ key }) => key === at.capture)?.stored?.headerLines ?? 0;
  expect(above).toBeGreaterThan(3);
  expect(checkText(broken)).toContain(`a is b [captures/v1/l1-service-ips.txt:${2 + above},${7 + above}]`);
});

test('the checks of the published outputs fit', () => {
  const all = consistencyChecks(modelOf(published()));
  expect(checkCounts(countChecks(all))).toMatchInlineSnapshot(`"37 hold, 0 broken, 17 not comparable"`);
  expect(checkText({ ...report, checks: all }).split('\n').length).toBeGreaterThan(2 * all.length);
});
