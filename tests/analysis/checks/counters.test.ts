import { expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import type { Edit } from '../edited-outputs.ts';
import { recordedV1 } from '../recorded-outputs.ts';

const BEFORE = 'v1/l6-cluster-mode-counters-before';
const AFTER = 'v1/l6-cluster-mode-counters-after';
const PROBE = 'v1/l6-cluster-mode';

/** How the check comes out, at the Cluster mode probe alone unless told otherwise. */
function counted(subjects: readonly Subject[]) {
  const found = consistencyChecks(modelOf(subjects)).find(({ id }) => id === 'v1/counted-rules');
  return { status: found?.status, why: found?.why };
}
const inClusterMode = (...edits: Edit[]) =>
  counted(recordedV1(...edits).filter(({ layer, row }) => layer !== 'l6' || row.startsWith('cluster-mode')));

test('what was recorded on the test cluster adds up, with the SYNs that were dropped', () => {
  const { status, why } = counted(recordedV1());
  expect(status).toBe('holds');
  expect(why).toMatch(/^v1\/l6-cluster-mode: 10 connections counted by 9 rules on 2 nodes; /);
  expect(why).toMatch(/v1\/l6-local-failover: 19 connections, and 11 dropped SYNs counted by 6 rules on 2 nodes/);
});

test('a rule that counted what was not led to it is a contradiction', () => {
  expect(inClusterMode([AFTER, /\[\d+:\d+\](?= -A KUBE-SEP-A+ -s)/, '[5:300]'])).toMatchObject({
    status: 'broken',
    why: expect.stringMatching(/counted 5 where the walk leads 0 to it$/),
  });
});

test('a connection that no rule counted is a contradiction', () => {
  const once = '11 start=2026-11-21T17:36:00.000Z status=200 exit=0 connect=0.1 total=0.2 pod= error=\n';
  expect(inClusterMode([PROBE, /$/, once])).toEqual({
    status: 'broken',
    why: `${PROBE}: 11 connections and 0 requests without one, but 10 counted as sent to a pod, 0 SYNs as dropped or refused`,
  });
});

test('a request without a connection is a contradiction where nothing was dropped', () => {
  expect(inClusterMode([PROBE, /status=200 exit=0 connect=\S+/, 'status=000 exit=28 connect=0.000000'])).toMatchObject({
    status: 'holds',
  });
  expect(
    inClusterMode([
      PROBE,
      /$/,
      '11 start=2026-11-21T17:36:00.000Z status=000 exit=28 connect=0.0 total=6.0 pod= error=timed out\n',
    ]),
  ).toMatchObject({ status: 'broken', why: expect.stringContaining('10 connections and 1 request without one') });
});

test('more connections than the probe made are those of others', () => {
  expect(inClusterMode([PROBE, /^.*\n/, ''])).toEqual({
    status: 'not-comparable',
    why: `${PROBE}: 9 connections of the probe, 10 counted as sent to a pod, 0 SYNs as dropped or refused: others asked, too`,
  });
});

test('counters that were set back say nothing', () => {
  expect(inClusterMode([BEFORE, /\[\d+:\d+\](?= -A PREROUTING)/, '[900:54000]'])).toMatchObject({
    status: 'not-comparable',
    why: expect.stringMatching(/^v1\/l6-cluster-mode: line \d+ of v1\/l6-cluster-mode-counters-after counts anew/),
  });
});

test('a rule of the Service that came, went or became another one is a contradiction', () => {
  const dnat = /(-A KUBE-SEP-B+ .*--to-destination \S+):80/;
  expect(inClusterMode([AFTER, dnat, '$1:81'])).toMatchObject({
    status: 'broken',
    why: expect.stringMatching(
      /line \d+ of v1\/l6-cluster-mode-counters-before is gone in .*-after; line \d+ of .*-after was not there before$/,
    ),
  });
});

test('with one node recorded of two, what is missing may have gone through the other', () => {
  const one = recordedV1()
    .filter(({ layer, row }) => layer !== 'l6' || row.startsWith('cluster-mode'))
    .filter(({ where, key }) => !key.includes('counters') || where !== 'node gke-test-pool-aaaa');
  expect(counted(one)).toEqual({ status: 'not-comparable', why: `${PROBE}: 1 node of 2 were recorded` });
});
