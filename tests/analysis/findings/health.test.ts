import { expect, test } from 'vitest';
import { healthFindings } from '../../../src/analysis/findings/health.ts';
import { parseOutput } from '../../../src/formats/index.ts';
import { modelOf } from '../../../src/model/model.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { recordedV1 } from '../recorded-outputs.ts';
import { expectWhole, readWorlds } from './worlds.ts';

/** What a probe with these lines is said to have failed by. */
function said(...lines: string[]): string[] {
  const text = `${lines.join('\n')}\n`;
  const subject = {
    key: 'v1/l6-x',
    side: 'v1',
    layer: 'l6',
    row: 'x',
    text,
    parsed: parseOutput('http-probe', text),
  } as const;
  return healthFindings(modelOf([subject])).map(findingText);
}
const request = (number: number, second: number, status: string, exit: number, connect = '0.000000') =>
  `${number} start=2026-11-20T09:15:${String(second).padStart(2, '0')}.000Z status=${status} exit=${exit} connect=${connect} total=1.0 pod= seen= error=`;
const health = (second: number, node: string, pool: string, own: number) => [
  `health at=2026-11-20T09:15:${String(second).padStart(2, '0')}.000Z from=pool node=${node} state=${pool}`,
  `health at=2026-11-20T09:15:${String(second).padStart(2, '0')}.000Z from=node node=${node} status=${own} answer={"localEndpoints":${own === 200 ? 1 : 0}}`,
];

test('the recorded failover is the load balancer being late', () => {
  expect(healthFindings(modelOf(recordedV1())).map(findingText)).toEqual([
    'The request without an answer was sent while the load balancer still held gke-test-pool-aaaa to be healthy, whose own check failed: it fits a health check that is late.',
  ]);
});

test('what failed behind a health check that had worked comes from the way there', () => {
  expect(
    said(
      request(1, 2, '000', 28),
      ...health(1, 'a', 'HEALTHY', 503),
      ...health(1, 'b', 'HEALTHY', 200),
      ...health(10, 'a', 'UNHEALTHY', 503),
      request(2, 12, '000', 28),
      request(3, 13, '000', 7),
      request(4, 14, '000', 52, '0.05'),
      request(5, 15, '000', 6),
      request(6, 16, '200', 0, '0.05'),
    ),
  ).toEqual([
    '1 of 5 requests without an answer was sent while the load balancer still held a to be healthy, whose own check failed: it fits a health check that is late. 3 of 5 requests without an answer were sent while every node in use passed its own check, so that they come from the way there: 1 connection got no answer, 1 connection was refused and 1 connection was made and ended without an answer. 1 of 5 requests without an answer failed on the client, before a packet left it.',
  ]);
});

test('nothing is said without a failure, or where the load balancer was not asked', () => {
  expect(said(request(1, 2, '200', 0, '0.05'), ...health(1, 'a', 'HEALTHY', 503))).toEqual([]);
  expect(said(request(1, 2, '000', 28), health(1, 'a', 'HEALTHY', 503)[1] ?? '')).toEqual([]);
  expect(said(request(1, 2, '000', 28))).toEqual([]);
});

test('in worlds at random every cause is the one they were made with', () => {
  const seen = new Set<string>();
  for (const read of readWorlds('l6')) {
    const findings = healthFindings(read.model);
    expectWhole(read, findings);
    const told = Object.fromEntries(
      findings.map(({ about, late, nodes, passing, ends, client }) => {
        expect(passing).toBe(ends.silent + ends.refused + ends.connected);
        return [`${about.side}/${about.layer}-${about.row}`, { late, nodes, passing: ends, client }];
      }),
    );
    const truth = [...read.truth.probes].flatMap(([key, { cause }]) => (cause ? [[key, cause] as const] : []));
    expect(told, `world ${read.number}`).toEqual(Object.fromEntries(truth));
    for (const [, { late, passing, client }] of truth)
      for (const [name, count] of Object.entries({ late, ...passing, client })) if (count > 0) seen.add(name);
  }
  expect([...seen].sort()).toEqual(['client', 'connected', 'late', 'refused', 'silent']);
});
