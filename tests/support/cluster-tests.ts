import { expect, test } from 'vitest';
import { HAS_SSH } from './cluster/cluster.ts';
import { whyNoCluster } from './provide.ts';

/**
 * Whether the tests against the test cluster can run here. Where they cannot, the suite says in one line what it
 * leaves out, and fails in CI.
 */
export function clusterTests(leftOut: string): boolean {
  return possible('the test cluster can be started here', whyNoCluster(), leftOut);
}

/** As {@link clusterTests}, for what reaches the nodes of the test cluster over ssh. */
export function sshTests(leftOut: string): boolean {
  const reason = HAS_SSH ? undefined : 'sshd needs root: it changes to a user of its own';
  return possible('the nodes can be reached over ssh here', reason, leftOut) && whyNoCluster() === undefined;
}

function possible(name: string, reason: string | undefined, leftOut: string): boolean {
  test(name, () => {
    if (reason === undefined) return;
    process.stderr.write(`Left out: ${leftOut}, because ${reason}.\n`);
    expect(process.env.CI ? reason : undefined, 'CI must run everything').toBeUndefined();
  });
  return reason === undefined;
}
