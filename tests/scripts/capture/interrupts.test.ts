import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { makeProject, type Project, record, startRecorder } from '../../support/project.ts';

const available = clusterTests('interrupting and killing a recording');

const RECIPE = `
title: t
sides:
  - { id: v1, label: one, short: one, colour: amber }
  - { id: v2, label: two, short: two, colour: teal }
recording: { namespace: netflow-test }
layers:
  - id: l6
    title: L
    summary: s
    expect: only-v1
    restore:
      - run: kubectl -n {{namespace}} scale deploy/nginx --replicas=3
      - run: >-
          kubectl -n {{namespace}} patch svc nginx -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'
    captures:
      - id: one
        title: one
        format: kubectl-table
        before:
          - run: >-
              kubectl -n {{namespace}} patch svc nginx -p '{"spec":{"externalTrafficPolicy":"Local"}}'
        v1: { command: "kubectl -n {{namespace}} get svc nginx" }
      - id: two
        title: two
        format: kubectl-table
        before:
          - run: kubectl -n {{namespace}} scale deploy/nginx --replicas=1
        v1: { command: "kubectl -n {{namespace}} get endpoints nginx" }
      - id: three
        title: three
        format: describe
        v1: { command: "kubectl -n {{namespace}} describe svc nginx" }
`;

describe.runIf(available)('a recording that does not come to its end', () => {
  let cluster: Cluster;
  let project: Project;
  let bin: string;
  const args = ['--side', 'v1', '--yes', '--keep-workload'];
  const file = (name: string) => join(project.root, name);

  beforeAll(async () => {
    cluster = await startCluster('v1');
    project = makeProject(RECIPE);
    bin = file('bin');
    mkdirSync(bin);
    // Counts the kubectl calls, and sends a signal to the recorder at the chosen one. gcloud is made to look absent.
    const kubectl = [
      '#!/bin/bash',
      `n=$(flock ${file('lock')} sh -c 'echo >> ${file('count')}; wc -l < ${file('count')}')`,
      `if [ "$n" = "$SIGNAL_AT" ]; then kill -INT $(cat ${file('pid')}); fi`,
      'exec /usr/bin/env PATH=/usr/bin:/bin kubectl "$@"',
    ];
    writeFileSync(join(bin, 'kubectl'), `${kubectl.join('\n')}\n`);
    writeFileSync(join(bin, 'gcloud'), '#!/bin/sh\nexit 127\n');
    // Writes down its pid, which is the recorder's: node is started by exec.
    writeFileSync(join(bin, 'recorder'), `#!/bin/bash\necho $$ > ${file('pid')}\nexec "$@"\n`);
    for (const name of ['kubectl', 'gcloud', 'recorder']) chmodSync(join(bin, name), 0o755);
    const { code, stderr, stdout } = await run();
    expect(code, stderr + stdout).toBe(0);
  }, 60_000);
  beforeEach(() => rmSync(file('count'), { force: true }));
  afterAll(async () => {
    await cluster?.stop();
    project?.remove();
  });

  const run = (env = {}) =>
    record(cluster, project, args, { PATH: `${bin}:${process.env.PATH}`, ...env }, [join(bin, 'recorder')]);

  test('SIGINT at every command: restored, nothing written, exit code 130', async () => {
    const clean = await run();
    expect(clean.code).toBe(0);
    const calls = readFileSync(file('count'), 'utf8').length;
    expect(calls).toBeGreaterThan(15);
    const before = project.set('v1');
    for (let at = 1; at <= calls; at++) {
      rmSync(file('count'), { force: true });
      const { code, stdout, stderr } = await run({ SIGNAL_AT: String(at) });
      const why = `signal at kubectl call ${at}: ${stdout}${stderr}`;
      expect(code, why).toBe(130);
      expect(stderr, why).toContain('Interrupted: restoring the cluster.');
      expect(project.set('v1'), why).toEqual(before);
      expect(project.leftovers(), why).toEqual([]);
      const { services, deployments } = (await cluster.control()) as unknown as {
        services: { spec: { externalTrafficPolicy: string } }[];
        deployments: { spec: { replicas: number } }[];
      };
      expect([services[0]?.spec.externalTrafficPolicy, deployments[0]?.spec.replicas], why).toEqual(['Cluster', 3]);
    }
  }, 180_000);

  test('kill -9 at 25 random points: the old set or the new one, never a mix, and the next run starts', async () => {
    const begun = performance.now();
    await run();
    // On a busy machine a run takes longer; the points then lie in its first part.
    const length = Math.min(performance.now() - begun, 2500);
    let news = 0;
    for (let round = 0; round < 25; round++) {
      const before = project.set('v1');
      rmSync(file('pid'), { force: true });
      const recorder = startRecorder(cluster, project, args, { PATH: `${bin}:${process.env.PATH}` }, [
        join(bin, 'recorder'),
      ]);
      // Half of the points in the last fifth, where the files are put in place.
      const delay = round % 2 === 0 ? Math.random() * length : length * (0.8 + Math.random() * 0.25);
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (existsSync(file('pid'))) {
        const [program, all] = cluster.inside('kill', ['-9', readFileSync(file('pid'), 'utf8').trim()]);
        spawnSync(program, all, { stdio: 'ignore' });
      }
      await recorder.done;
      const after = project.set('v1');
      // Between the two renames there is no folder, until the next run finishes them.
      if (Object.keys(after).length === 0) continue;
      const isNew = JSON.stringify(after) !== JSON.stringify(before);
      if (isNew) {
        news++;
        const ids = ['one', 'two', 'three'].map((name) => /^run: "(.*)"$/m.exec(after[`l6-${name}.txt`] ?? '')?.[1]);
        expect(new Set([...ids, parse(after['run.yaml'] ?? '').run]).size, after['run.yaml']).toBe(1);
        expect(Object.keys(after)).toEqual(Object.keys(before));
      }
    }
    expect(news).toBeLessThan(25);
    const { code, stderr, stdout } = await run();
    expect(code, stderr + stdout).toBe(0);
    expect(project.leftovers()).toEqual([]);
  }, 180_000);

  test('a full disk: the old set stands, nothing staged is left', async () => {
    const before = project.set('v1');
    const full = file('small');
    mkdirSync(full);
    // captures/ on a file system with room for the old set and two more pages.
    const script = [
      `mount -t tmpfs -o size=400k none ${full} && cp -a captures/. ${full}/ && mount --bind ${full} captures`,
      'head -c 1000000 /dev/zero > captures/.filler 2>/dev/null; truncate -s -8k captures/.filler',
      '"$@"; code=$?; ls -A captures; diff -r captures/v1 /proc/1/root$PWD/captures/v1 && echo same; exit $code',
    ].join('\n');
    const { code, stdout, stderr } = await record(cluster, project, args, { PATH: `${bin}:${process.env.PATH}` }, [
      'unshare',
      '--mount',
      'bash',
      '-c',
      script,
      'bash',
    ]);
    expect(code, stderr + stdout).toBe(1);
    expect(stdout).toContain(
      'writing the outputs: the disk is full\n  Make room and record again; the old set stands.',
    );
    expect(stdout).toMatch(/\n\.filler\n\.lock\nv1\nv2\nsame\n/);
    expect(project.set('v1')).toEqual(before);
  });
});
