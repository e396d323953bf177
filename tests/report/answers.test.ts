import { expect, test } from 'vitest';
import { answersOf } from '../../src/report/answers.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { answerWords, daysText, originText, unmeasured } from '../../src/wording/answers.ts';
import { verdictsHeading } from '../../src/wording/headlines.ts';
import { plainText } from '../../src/wording/parts.ts';

const report = buildReport('.');
/** Answers over the report's own grounds, some of them replaced. */
const answers = (changed: Partial<Pick<Report, 'findings' | 'figures' | 'layers'>> = {}) =>
  answersOf({ subjects: report.model.subjects, packets: [], ...report, ...changed });
const said = (of = report.answers, on = report) =>
  of.map((answer) => {
    const { about, say, besides } = answerWords(answer, on);
    return `${answer.layers.join(' ')}, ${about}: ${plainText(say)} (${besides})`;
  });

test('what a reader would repeat, with the figures of the outputs', () => {
  expect(said()).toMatchInlineSnapshot(`
    [
      "l4, a first packet: A first packet, outside → VIP, is compared with 17–19 captured rules on V1. On V2 its key finds 1 row of 17. (In the kernel’s order; conntrack carries the packets after it. Lookups by key do not grow with the number of Services; on V2 they were not counted.)",
      "l6, one pod left: With policy Local and one pod left, V1 answered 0 of 20 requests, V2 9 of 20. (V1’s failures took 6.0 s each: silence until a timer ended it, as after a drop. V2’s failures took 0.05 s, one round trip, as after a refusal. All requests: 120 s on V1, 1.5 s on V2. A later probe: V1 7 of 10.)",
      "l7 l8, flow observability, network policy: Flow observability and network policy were captured on V2 only: 16 packet events and 3 packets dropped. (V1 was not asked: kube-proxy keeps no flows and enforces no policy. Other dataplanes on iptables do.)",
    ]
  `);
});

test('one tick for each rule of the longest branch, and one for each request', () => {
  const [packet, met] = report.answers;
  if (packet?.kind !== 'first-packet' || met?.kind !== 'client-met') throw new Error('both are answered');
  expect(packet.rules.longest).toHaveLength(packet.rules.max);
  const walk = report.figures.walk?.data.packets[0]?.rules;
  expect(packet.rules).toMatchObject({ min: walk?.examined.min, max: walk?.examined.max });
  expect(packet.label).toBe(report.figures.walk?.data.packets[0]?.label);
  expect(met.sides.v2.requests.filter(Boolean)).toHaveLength(9);
  expect(met.sides.v2.requests.slice(-4)).toEqual([true, true, true, true]);
});

test('what a recording does not show is not there', () => {
  expect(answers().map(({ kind }) => kind)).toEqual(['client-met', 'one-sided']);
  expect(answers({ findings: report.findings.filter(({ kind }) => kind !== 'probe-compared') })).toHaveLength(1);
  expect(answers({ figures: {} })).toHaveLength(1);
  expect(answers({ layers: report.layers.filter(({ verdict }) => verdict === 'identical'), figures: {} })).toEqual([]);
});

test('a probe that no scaling preceded is named by its row; a failure is explained only where something fits', () => {
  const findings = report.findings.filter(
    ({ kind }) => !['pod-left', 'external-policy', 'flows-probes-in-round-trips'].includes(kind),
  );
  const [met] = said(answers({ findings }), { ...report, findings });
  expect(met).toMatchInlineSnapshot(
    `"l6, Local mode, failover window: In “Local mode, failover window”, V1 answered 0 of 20 requests, V2 9 of 20. (V1’s failures took 6.0 s each: silence until a timer ended it, as after a drop. V2’s failures took 0.05 s (median). All requests: 120 s on V1, 1.5 s on V2. A later probe: V1 7 of 10.)"`,
  );
});

test('a side that was asked and has nothing is told so', () => {
  const layers = report.layers.map((layer) =>
    layer.id === 'l7'
      ? { ...layer, rows: layer.rows.map((row) => ({ ...row, sides: { ...row.sides, v1: report.captures[0] } })) }
      : layer,
  );
  expect(said(answers({ layers })).at(-1)).toContain('(On V1 nothing of them was captured.)');
});

test('how the layers came out, when it was recorded, and what nobody measured', () => {
  expect(verdictsHeading(report.summary.verdicts)).toBe('2 layers differ, 2 only on V2, 4 identical');
  expect(verdictsHeading({ diverges: 1, identical: 0, 'only-v1': 0, 'only-v2': 0 })).toBe('1 layer differs');
  expect(verdictsHeading({ diverges: 0, identical: 8, 'only-v1': 0, 'only-v2': 0 })).toBe('8 layers identical');
  expect(originText(report)).toBe(
    '37 outputs, taken over byte for byte from a published trace; exit codes, standard error and when each command ran were not published',
  );
  const recorded = { ...report, summary: { ...report.summary, published: false } };
  expect(originText(recorded)).toBe('37 outputs, recorded or taken over byte for byte');
  expect(originText({ ...recorded, captures: [] })).toBe('0 outputs, recorded byte for byte');
  expect(daysText(report, 'v1')).toBe('1 Jul 2026');
  const [one, other] = report.captures.filter(({ side }) => side === 'v2');
  const on = (capture: typeof one, when: string) =>
    capture && {
      ...capture,
      stored: capture.stored && { ...capture.stored, header: { ...capture.stored.header, when } },
    };
  const captures = [on(one, '2026-07-03T00:10:00Z'), on(other, '2026-07-02T23:50:00Z')] as Report['captures'];
  expect(daysText({ ...report, captures }, 'v2')).toBe('2 Jul 2026 to 3 Jul 2026');
  expect(daysText({ ...report, captures: [] }, 'v2')).toBe('time not recorded');
  expect(unmeasured(report)).toEqual([
    'throughput, CPU or memory',
    'lookups in maps',
    'rules outside the captured part',
    'what followed the last request',
  ]);
  expect(unmeasured({ ...report, answers: [], figures: {}, findings: [] })).toHaveLength(1);
});
