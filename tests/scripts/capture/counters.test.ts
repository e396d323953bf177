import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../../../src/analysis/types.ts';
import { buildReport } from '../../../src/report/report.ts';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { makeProject, startRecorder } from '../../support/project.ts';
import { recipeOf, withoutGcloud } from '../../support/recipe.ts';

const available = clusterTests('recordings whose counters confirm the walk, with real iptables');

const PROBE = `for i in $(seq 10); do curl -s -o /dev/null --max-time 6 -w "$i start=$(date -u +%FT%T.%3NZ) status=%{http_code} exit=%{exitcode} connect=%{time_connect} total=%{time_total} pod=%header{x-pod} error=%{errormsg}\\n" http://{{vip}} || true; done`;
const rules = (id: string, on: string) => `
      - id: ${id}-${on.toLowerCase()}
        title: ${id}, ${on}
        format: iptables-save
        v1: { command: iptables-save -c, where: node, on: ${on} }`;
/** The rules with their counters on both nodes around a probe, with a pause before it and one behind it. */
const RECIPE = recipeOf(`  - id: l1
    title: Service
    summary: s
    expect: only-v1
    captures:
      - id: service
        title: Service
        format: kubectl-table
        v1: { command: 'kubectl -n {{namespace}} get svc nginx' }
      - id: detail
        title: Service
        format: describe
        v1: { command: 'kubectl -n {{namespace}} describe svc nginx' }
  - id: l6
    title: Probe
    summary: s
    expect: only-v1
    captures:${rules('before', 'node')}${rules('before', 'otherNode')}
      - id: probe
        title: Probe
        format: http-probe
        before: [{ wait: 2 }]
        v1:
          command: ${JSON.stringify(PROBE)}
      - id: meanwhile
        title: Pause
        format: plain
        before: [{ wait: 2 }]
        v1: { command: echo }${rules('after', 'node')}${rules('after', 'otherNode')}
`);

describe.runIf(available)('the counters of a recorded V1 run', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster('v1');
  }, 60_000);
  afterAll(async () => cluster?.stop());

  /** Runs iptables on a node. */
  const iptables = (netns: string, ...args: string[]): string => {
    const [file, all] = cluster.inside('ip', ['netns', 'exec', netns, 'iptables', '-t', 'nat', ...args]);
    return execFileSync(file, all, { encoding: 'utf8', env: { ...process.env, ...cluster.env } });
  };

  /** Records, doing something in the pause before the probe and in the one behind it, and tells how the check came out. */
  async function counted(before = () => {}, behind = () => {}): Promise<Check | undefined> {
    const project = makeProject(RECIPE);
    for (const name of ['v1', 'v2', 'observations.yaml'])
      rmSync(join(project.root, 'captures', name), { recursive: true });
    try {
      const recorder = startRecorder(cluster, project, ['--yes', '--keep-workload'], {
        PATH: withoutGcloud(project.root),
      });
      const open = [
        { after: 'ok v1/l6-before-othernode', act: before },
        { after: 'ok v1/l6-probe', act: behind },
      ];
      const watch = setInterval(() => {
        const [next] = open;
        if (next && recorder.progress().includes(next.after)) {
          open.shift();
          next.act();
        }
      }, 50);
      const { code, stderr, stdout } = await recorder.done;
      clearInterval(watch);
      expect(code, stderr + stdout).toBe(0);
      expect(open).toEqual([]);
      return buildReport(project.root, { draft: true }).checks.find(({ id }) => id === 'v1/counted-rules');
    } finally {
      project.remove();
    }
  }

  test('confirm the walk', async () => {
    const check = await counted();
    expect(check?.why).toMatch(/^v1\/l6-probe: 10 connections counted by \d+ rules on 2 nodes$/);
    expect(check?.status).toBe('holds');
    expect(check?.evidence.some(({ capture }) => capture === 'v1/l6-before-node')).toBe(true);
  }, 120_000);

  test('contradict it where a rule leads away while the probe runs and is gone when it is over', async () => {
    const target = /--to-destination (10\.20\.0\.\d+:80)/.exec(iptables('n1', '-S'))?.[1] ?? '';
    const rule = ['KUBE-SERVICES', '-d', '203.0.113.10', '-p', 'tcp', '--dport', '80', '-j', 'DNAT', '--to', target];
    const check = await counted(
      () => iptables('n1', '-I', ...rule),
      () => iptables('n1', '-D', ...rule),
    );
    expect(check?.why).toBe(
      'v1/l6-probe: 10 connections and 0 requests without one, but 0 counted as sent to a pod, 0 SYNs as dropped or refused',
    );
    expect(check?.status).toBe('broken');
  }, 120_000);

  test('contradict it where a rule of the Service is another one afterwards', async () => {
    const own = /^-A (KUBE-SEP-A+) .*-j DNAT --to-destination (\S+)$/m.exec(iptables('n1', '-S'));
    const [, chain = '', target = ''] = own ?? [];
    const dnat = (to: string) => ['-R', chain, '2', '-p', 'tcp', '-j', 'DNAT', '--to-destination', to];
    const check = await counted(() => iptables('n1', ...dnat(target.replace(/:80$/, ':81'))));
    expect(check?.why).toMatch(/^v1\/l6-probe: line \d+ of v1\/l6-before-\w+ is gone in v1\/l6-after-\w+/);
    expect(check?.status).toBe('broken');
    iptables('n1', ...dnat(target));
  }, 120_000);
});
