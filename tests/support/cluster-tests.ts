import { expect, test } from 'vitest';
import { whyNoCluster } from './provide.ts';

/**
 * Whether the tests against the test cluster can run here. Where they cannot, the suite says in one line what it
 * leaves out, and fails in CI.
 */
export function clusterTests(leftOut: string): boolean {
  const reason = whyNoCluster();
  test('the test cluster can be started here', () => {
    if (reason === undefined) return;
    process.stderr.write(`Left out: ${leftOut}, because ${reason}.\n`);
    expect(process.env.CI ? reason : undefined, 'CI must run everything').toBeUndefined();
  });
  return reason === undefined;
}
