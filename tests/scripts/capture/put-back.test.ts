import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { Pool } from '../../support/pool.ts';
import { makeProject, record, startRecorder } from '../../support/project.ts';
import { leftInCluster, smallCapture, smallRecipe, withoutGcloud } from '../../support/recipe.ts';

const available = clusterTests('putting the cluster back, and two clones in one cluster');

const GOOD = smallCapture('service', 'kubectl-table', 'kubectl -n {{namespace}} get svc nginx');

const args = ['--side', 'v1', '--yes'];

/** A cluster, and two clones of the project that record from it. */
async function lay() {
  const cluster = await startCluster('v1');
  const project = makeProject(smallRecipe(GOOD));
  const clone = makeProject(smallRecipe(GOOD));
  const path = withoutGcloud(project.root);
  return {
    cluster,
    project,
    clone,
    path,
    run: (more: string[] = [], env = {}, from = project) =>
      record(cluster, from, [...args, ...more], { PATH: path, ...env }),
    start: (more: string[] = [], from = project) => startRecorder(cluster, from, [...args, ...more], { PATH: path }),
    clean: () => record(cluster, project, ['--clean', '--yes'], { PATH: path }),
    write: (captures: string) => writeFileSync(join(project.root, 'layers.yaml'), smallRecipe(captures)),
    /** Tells the API server of the cluster something from within a recording. */
    control: (faults: object) => `curl -s ${cluster.controlUrl} -d '${JSON.stringify(faults)}' >/dev/null`,
  };
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries++) {
    if (tries > 600) throw new Error('it did not come');
    await sleep(50);
  }
}

const lease = (holderIdentity: string, leaseDurationSeconds: number) => ({
  metadata: { name: 'dataplane-visualizer', namespace: 'netflow-test' },
  spec: { holderIdentity, leaseDurationSeconds, renewTime: '2026-01-01T00:00:00.000000Z' },
});

describe.runIf(available).concurrent('the cluster is put back', () => {
  // Most of these wait; side by side they take as long as the longest.
  const sites = new Pool<Awaited<ReturnType<typeof lay>>>();
  beforeAll(() => sites.fill(5, lay), 120_000);
  afterAll(() =>
    sites.drain(async ({ cluster, project, clone }) => {
      await cluster.stop();
      project.remove();
      clone.remove();
    }),
  );
  const take = async ({ onTestFinished }: TestContext) => {
    const site = await sites.take(onTestFinished);
    site.write(GOOD);
    await site.cluster.control({ awayMs: 0, keepDeleted: false, noAddress: false });
    return site;
  };

  test('after the API server was away for 8 s, and the finished outputs are kept', async (context) => {
    const { cluster, project, run, write, control } = await take(context);
    write(smallCapture('service', 'plain', `kubectl -n {{namespace}} get svc nginx && ${control({ awayMs: 8000 })}`));
    const { code, stdout, stderr } = await run();
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).toMatch(/restoring l6: exit code 1; trying again in 1 s\n/);
    expect(stderr).toMatch(/trying again in 4 s\n/);
    expect(await leftInCluster(cluster)).toEqual([]);
    expect(project.leftovers()).toEqual([]);
  }, 300_000);

  test('an API server that stays away: the set is kept, and the next start names what was left; --clean removes it', async (context) => {
    const { cluster, project, path, run, clean, write, control } = await take(context);
    write(smallCapture('service', 'plain', `kubectl -n {{namespace}} get svc nginx && ${control({ awayMs: 60_000 })}`));
    const before = project.set('v1');
    const { code, stdout } = await run(['--timeout', '3']);
    expect(code).toBe(1);
    expect(stdout).toContain('restoring l6: exit code 1\n');
    expect(stdout).toContain('The cluster is not as it was. Run by hand:\n');
    expect(stdout).toContain('  kubectl delete namespace netflow-test --timeout=280s\n');
    expect(stdout).toContain('The set is kept. To put it in place: npm run capture -- --resume\n');
    expect(project.set('v1')).toEqual(before);
    await cluster.control({ awayMs: 0 });

    const resumed = await record(undefined, project, ['--resume', '--json'], { PATH: path });
    expect(JSON.parse(resumed.stdout)).toMatchObject([{ outcome: 'recorded', side: 'v1', written: true }]);
    expect(project.set('v1')['l6-service.txt']).not.toBe(before['l6-service.txt']);

    const cleaned = await clean();
    expect(cleaned.stderr).toMatch(
      /Found in context test: namespace netflow-test: left by recording \S+-v1-\w{6}, which was cut off; it has a load balancer, which is billed: 203\.0\.113\.10\n/,
    );
    expect(cleaned.stdout).toBe('Context test: removed netflow-test.\n');
    expect(cleaned.code).toBe(0);
    expect(await leftInCluster(cluster)).toEqual([]);
    expect(project.leftovers()).toEqual([]);
    expect((await clean()).stdout).toBe('Context test: nothing was removed.\n');
  }, 300_000);

  test('two clones: the second keeps away while the first is alive', async (context) => {
    const { cluster, project, clone, run, start, write } = await take(context);
    const flag = join(project.root, 'flag');
    write(smallCapture('slow', 'plain', `while [ ! -e ${flag} ]; do sleep 0.2; done; echo done`));
    const first = start();
    await until(() => first.progress().includes('l6-slow'));
    const { requests: had } = await cluster.control();
    const second = await run([], {}, clone);
    expect(second.code, second.stderr).toBe(1);
    expect(second.stderr).toMatch(
      /namespace netflow-test: held by recording \S+, last sign of life \S+Z; it has a load/,
    );
    expect(second.stderr).toMatch(/Namespace netflow-test is held by \S+: waiting up to 30 s for a sign of life/);
    expect(second.stdout).toMatch(/namespace netflow-test: another recording is under way in it: \S+\n {2}Wait/);
    expect(clone.leftovers()).toEqual([]);
    const { requests } = await cluster.control();
    // Only the first one wrote anything: it renewed its Lease.
    const written = requests.slice(had.length).filter((line) => !/^GET/.test(line));
    expect(new Set(written.map((line) => line.split('?')[0]))).toEqual(
      new Set(['PATCH /apis/coordination.k8s.io/v1/namespaces/netflow-test/leases/dataplane-visualizer']),
    );
    await until(() => / done: \d\d\.\d s so far\n/.test(first.progress()));
    writeFileSync(flag, '');
    const { code, stdout, stderr } = await first.done;
    expect(code, stdout + stderr).toBe(0);
    expect(await leftInCluster(cluster)).toEqual([]);
  }, 300_000);

  test('a recording of another clone that has ended is taken over; one whose cluster is taken over stops', async (context) => {
    const { cluster, project, clone, run, start, write } = await take(context);
    write(smallCapture('slow', 'plain', 'sleep 20; echo done'));
    const first = start();
    await until(() => first.progress().includes('l6-slow'));
    await cluster.control({ put: [{ plural: 'leases', object: lease('elsewhere/other', 2) }] });
    const { code, stdout, stderr } = await first.done;
    expect(code, stderr).toBe(1);
    expect(stdout).toContain('namespace netflow-test: it was taken over by elsewhere/other while this recording gave');
    expect(stdout).toContain('0 of 1 outputs were recorded; captures/v1 is unchanged.\n');
    expect(stdout).not.toContain('keep the good ones');
    // It is the other one's now: nothing was put back or removed.
    expect(project.leftovers()).toEqual([]);
    const { services } = await cluster.control();
    expect(services.map(({ spec }) => spec.externalTrafficPolicy)).toEqual(['Local']);

    const second = await run([], {}, clone);
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(second.stderr).toContain('taken over from a recording that was cut off');
    expect(await leftInCluster(cluster)).toEqual([]);
  }, 300_000);

  test('after kill -9 the next start in another context names it, and a recording puts right what it takes over', async (context) => {
    const { cluster, project, path, run, start, clean, write } = await take(context);
    write(smallCapture('slow', 'plain', 'sleep 20; echo done'));
    const killed = start();
    await until(() => killed.progress().includes('l6-slow'));
    const journal = () => readFileSync(join(project.root, 'captures/.unfinished.json'), 'utf8');
    expect(journal()).toContain('"kubectl delete namespace netflow-test --timeout=280s"');
    const [kill, all] = cluster.inside('sh', ['-c', `kill -9 $(pgrep -f 'capture.ts --side v1 --yes$')`]);
    execFileSync(kill, all);
    await killed.done;

    const elsewhere = join(project.root, 'kubeconfig');
    writeFileSync(elsewhere, readFileSync(cluster.env.KUBECONFIG ?? '', 'utf8').replaceAll('"test"', '"other"'));
    const other = await record(cluster, project, ['--side', 'v1'], { PATH: path, KUBECONFIG: elsewhere });
    expect(other.stderr).toMatch(
      /Recording \S+ was cut off and may have left namespace netflow-test in context test\. Remove it with: npm run capture -- --clean --context test\n/,
    );
    // What L8 would have left is put right too, although it is not recorded now.
    write(GOOD);
    const { code, stdout, stderr } = await run(['--keep-workload']);
    expect(code, stdout + stderr).toBe(0);
    const { services, leases } = await cluster.control();
    expect(services.map(({ spec }) => spec.externalTrafficPolicy)).toEqual(['Cluster']);
    expect(leases.map(({ spec }) => spec.holderIdentity)).toEqual([undefined]);
    expect(project.leftovers()).toEqual([]);
    // Kept on purpose: said, used, and left there.
    const kept = await run();
    expect(kept.stderr).toContain('namespace netflow-test: kept by an earlier recording; it has a load balancer');
    expect(kept.stderr).toContain('Using namespace netflow-test, which an earlier recording kept');
    expect(await leftInCluster(cluster)).not.toEqual([]);
    expect((await clean()).code).toBe(0);
  }, 300_000);

  test('a namespace that is still being removed is waited for', async (context) => {
    const { cluster, run, start } = await take(context);
    const [kubectl, words] = cluster.inside('kubectl', ['delete', 'namespace', 'netflow-test', '--wait=false']);
    const remove = () => execFileSync(kubectl, words, { env: { ...process.env, ...cluster.env }, stdio: 'ignore' });
    await cluster.control({ keepDeleted: true });
    await run(['--keep-workload']);
    remove();
    const going = start(['--keep-workload']);
    await until(() => going.progress().includes('still being removed'));
    expect(going.progress()).toContain('namespace netflow-test: is being removed\n');
    expect(going.progress()).toContain('Namespace netflow-test is still being removed: waiting until it is gone\n');
    await cluster.control({ keepDeleted: false });
    const { code, stdout, stderr } = await going.done;
    expect(code, stdout + stderr).toBe(0);

    await cluster.control({ keepDeleted: true });
    remove();
    const refused = await run(['--timeout', '2']);
    expect(refused.stdout).toContain(
      'namespace netflow-test: it is still being removed after 2 s\n  See what keeps it:',
    );
    await cluster.control({ keepDeleted: false });
    expect(await leftInCluster(cluster)).toEqual([]);
  }, 300_000);

  test('without an external address it says how long it has waited, and then what to look at', async (context) => {
    const { cluster, run } = await take(context);
    await cluster.control({ noAddress: true });
    const { code, stdout, stderr } = await run(['--timeout', '12']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/… waiting for the external address, at most 12 s: 10\.\d s so far\n/);
    expect(stdout).toContain(
      'waiting for the external address: Service netflow-test/nginx of type LoadBalancer has none after 12 s\n',
    );
    expect(stdout).toContain('kubectl -n netflow-test describe service nginx');
    expect(await leftInCluster(cluster)).toEqual([]);
  }, 300_000);

  test('a clock that jumps does not end an until step', async (context) => {
    const { cluster, project, path, write } = await take(context);
    const [flag, jumped] = [join(project.root, 'flag'), join(project.root, 'jumped')];
    const step = `touch ${jumped} && test -e ${flag}`;
    write(smallCapture('service', 'plain', 'echo x', '', `before: [{ until: "${step}", timeout: 60 }]`));
    const jump = `const { existsSync } = process.getBuiltinModule('fs'); const now = Date.now;
      Date.now = () => now() + (existsSync('${jumped}') ? 3600e3 : 0);`;
    const going = startRecorder(cluster, project, args, {
      PATH: path,
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(jump)}"`,
    });
    await until(() => existsSync(jumped));
    await sleep(2500);
    writeFileSync(flag, '');
    const { code, stdout, stderr } = await going.done;
    expect(code, stdout + stderr).toBe(0);
  }, 300_000);
});
