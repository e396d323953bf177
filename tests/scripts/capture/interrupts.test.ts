import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { parse } from 'yaml';
import { startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { Pool } from '../../support/pool.ts';
import { makeProject, record, startRecorder } from '../../support/project.ts';

const available = clusterTests('interrupting and killing a recording');

/** Enough commands for thirty points in a run. */
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
${['four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
  .map(
    (id) => `
      - { id: ${id}, title: ${id}, format: kubectl-table, v1: { command: "kubectl -n {{namespace}} get deploy nginx" } }`,
  )
  .join('')}
`;

/** A cluster and a project that has recorded from it once. */
async function lay() {
  const cluster = await startCluster('v1');
  const project = makeProject(RECIPE);
  const args = ['--side', 'v1', '--yes'];
  const file = (name: string) => join(project.root, name);
  const bin = file('bin');
  mkdirSync(bin);
  // Counts the kubectl calls, and at the chosen one waits until the test has typed. gcloud is made to look absent.
  const kubectl = [
    '#!/bin/bash',
    `exec 9>> ${file('count')}; flock 9; echo >&9; mapfile -t calls < ${file('count')}; exec 9>&-`,
    `n=\${#calls[@]}; if [ "$n" = "$STOP_AT" ] || [[ -n $STOP_ON && $* =~ $STOP_ON ]]; then : > ${file('now')}.$$; fi`,
    `while [ -e ${file('now')}.$$ ]; do sleep 0.02; done`,
    'export PATH=/usr/bin:/bin; exec kubectl "$@"',
  ];
  writeFileSync(join(bin, 'kubectl'), `${kubectl.join('\n')}\n`);
  writeFileSync(join(bin, 'gcloud'), '#!/bin/sh\nexit 127\n');
  // Writes down its pid, which is the recorder's: node is started by exec.
  writeFileSync(join(bin, 'recorder'), `#!/bin/bash\necho $$ > ${file('pid')}\nexec "$@"\n`);
  for (const name of ['kubectl', 'gcloud', 'recorder']) chmodSync(join(bin, name), 0o755);
  // As in the repository, but the recorder stands elsewhere.
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const capture = scripts.capture.replace(' scripts/', ` ${process.cwd()}/scripts/`);
  writeFileSync(file('package.json'), JSON.stringify({ scripts: { capture } }));

  const env = (more = {}) => ({ PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}`, ...more });
  const run = (more = {}) => record(cluster, project, args, env(more), [join(bin, 'recorder')]);
  const direct = () => [process.execPath, join(process.cwd(), 'scripts/capture.ts'), ...args].join(' ');
  const left = async () => (await cluster.control()).objects.filter((name) => name.includes('netflow-test'));
  const eventually = async (done: () => boolean | Promise<boolean>, what: string) => {
    for (let tries = 0; !(await done()); tries++) {
      if (tries > 600) throw new Error(`it did not come: ${what}`);
      await sleep(50);
    }
  };
  /** Restored, nothing written, nothing staged. */
  const expectUntouched = async (before: Record<string, string>, why: string) => {
    expect(project.set('v1'), why).toEqual(before);
    expect(project.leftovers(), why).toEqual([]);
    expect(await left(), why).toEqual([]);
  };

  /** A command on a terminal of its own (script(1)), which passes its exit code on. */
  function onTerminal(line: string, more = {}) {
    const [program, all] = cluster.inside(
      'script',
      ['-qec', `stty cols 140 rows 50; ${line}`, '/dev/null'],
      project.root,
    );
    const child = spawn(program, all, {
      env: { ...process.env, NO_COLOR: '1', ...cluster.env, TERM: 'xterm', ...env(more) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let seen = '';
    child.stdout.on('data', (chunk) => {
      seen += chunk;
    });
    const done = new Promise<number | null>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`it does not end: ${seen}`)), 60_000);
      child.once('close', (code) => {
        clearTimeout(late);
        resolve(code);
      });
    });
    return { child, seen: () => seen, done };
  }
  /** The files of the kubectl that wait, each of its own: releasing one must not release the next. */
  const stopped = () => readdirSync(project.root).filter((name) => name.startsWith('now.'));
  const release = (names = stopped()) => {
    for (const name of names) rmSync(file(name), { force: true });
  };
  /** The kubectl of STOP_AT is about to start; afterwards it goes on. */
  const atTheStop = async (act: () => void) => {
    await eventually(() => stopped().length > 0, 'the chosen kubectl');
    const which = stopped();
    act();
    await sleep(40);
    release(which);
  };
  const { code, stderr, stdout } = await run();
  expect(code, stderr + stdout).toBe(0);
  return {
    cluster,
    project,
    args,
    file,
    bin,
    env,
    run,
    direct,
    left,
    eventually,
    expectUntouched,
    onTerminal,
    stopped,
    release,
    atTheStop,
  };
}

describe.runIf(available).concurrent('a recording that does not come to its end', () => {
  const sites = new Pool<Awaited<ReturnType<typeof lay>>>();
  beforeAll(() => sites.fill(3, lay), 120_000);
  afterAll(() =>
    sites.drain(async ({ cluster, project }) => {
      await cluster.stop();
      project.remove();
    }),
  );
  const take = async ({ onTestFinished }: TestContext) => {
    const site = await sites.take(onTestFinished);
    for (const name of ['count', 'now', 'pid']) rmSync(site.file(name), { force: true });
    return site;
  };

  // Every point stands in one of two halves, which run side by side.
  test.for([1, 2])(
    'Ctrl-C on a terminal at thirty commands, half %i: restored, nothing written',
    { timeout: 600_000 },
    async (first, context) => {
      const { run, file, project, onTerminal, direct, atTheStop, expectUntouched } = await take(context);
      const clean = await run();
      expect(clean.code).toBe(0);
      const calls = readFileSync(file('count'), 'utf8').length;
      expect(calls).toBeGreaterThanOrEqual(30);
      const before = project.set('v1');
      for (let at = first; at <= calls; at += 2) {
        rmSync(file('count'), { force: true });
        const { child, seen, done } = onTerminal(direct(), { STOP_AT: String(at) });
        await atTheStop(() => child.stdin.write('\x03'));
        const code = await done;
        const why = `Ctrl-C at kubectl call ${at} of ${calls}: ${seen()}`;
        expect(code, why).toBe(130);
        expect(seen(), why).toContain('Interrupted: restoring the cluster.');
        await expectUntouched(before, why);
      }
    },
  );

  test('the second Ctrl-C leaves the cluster, says what to run by hand, and the next start names it', async (context) => {
    const { cluster, project, env, onTerminal, direct, atTheStop, stopped, release, eventually, left } =
      await take(context);
    // The first one comes while the policy is Local, the second one at the first command that restores.
    const { child, seen, done } = onTerminal(direct(), { STOP_ON: 'get endpoints|replicas=3' });
    await atTheStop(() => child.stdin.write('\x03'));
    await eventually(() => stopped().length > 0, 'the first command that restores');
    await sleep(1100);
    child.stdin.write('\x03');
    expect(await done).toBe(130);
    release();
    expect(seen()).toContain(
      'Ended before the cluster was restored. Run by hand:\r\n  kubectl -n netflow-test scale deploy/nginx --replicas=3\r\n',
    );
    expect(seen()).toContain('  kubectl delete namespace netflow-test --timeout=280s\r\n');
    const next = await record(cluster, project, ['--clean', '--yes'], env());
    expect(next.stderr).toMatch(
      /Found in context test: namespace netflow-test: left by recording \S+, which was cut off/,
    );
    expect(await left()).toEqual([]);
  }, 600_000);

  test.for([
    ['Ctrl-C to npm on a terminal', 'npm run capture -- ARGS', '\x03'],
    ['a terminal that is closed', 'DIRECT', 'close'],
    ['a terminal that is closed on npm', 'npm run capture -- ARGS', 'close'],
    ['head, which has read enough', 'DIRECT 2>&1 | head -3', ''],
    ['SIGTERM to npm', 'npm run capture -- ARGS', 'SIGTERM'],
  ] as const)('%s: restored, nothing written', { timeout: 600_000 }, async ([, template, how], context) => {
    const { cluster, project, args, file, onTerminal, direct, atTheStop, eventually, expectUntouched } =
      await take(context);
    const before = project.set('v1');
    const line = template.replace('DIRECT', direct()).replace('ARGS', args.join(' '));
    const { child, seen, done } = onTerminal(line, how === '' ? {} : { STOP_ON: 'get endpoints' });
    if (how !== '') {
      await atTheStop(() => {
        // The processes of this cluster alone: it has a process namespace.
        const kill = (...words: string[]) => execFileSync(...cluster.inside('pkill', words));
        if (how === 'close') kill('-KILL', '-x', 'script');
        else if (how === 'SIGTERM') kill('-TERM', '-f', '^npm run capture');
        else child.stdin.write(how);
      });
    }
    await done;
    // SQLite's journal is there as long as the lock is held, and the recorder gives it back last.
    await eventually(() => !existsSync(file('captures/.lock-journal')), `the end of the recorder: ${seen()}`);
    await expectUntouched(before, seen());
    if (how === '\x03') {
      expect(seen()).toContain('Interrupted: restoring the cluster.');
      expect(seen()).not.toContain('Ended before');
    }
  });

  test('on a terminal of which only stdout is redirected, progress stays there', async (context) => {
    const { file, onTerminal, direct } = await take(context);
    const { seen, done } = onTerminal(`${direct()} --only l6 > ${file('out.txt')}`);
    expect(await done, seen()).toBe(0);
    expect(seen()).toMatch(/one \(v1\/l6-one\): \d\.\d s, \d+ bytes/);
    expect(readFileSync(file('out.txt'), 'utf8')).toMatch(
      /^(?:changed v1\/l6-\w+ \(\d+ bytes\)\n)*captures\/v1: 12 recorded/,
    );
  }, 600_000);

  test('kill -9 at 30 points: the old set or the new one, and the next start names what is left', async (context) => {
    const { cluster, project, args, bin, env, run, file, left } = await take(context);
    const begun = performance.now();
    await run();
    // On a busy machine a run takes longer; the points then lie in its first part.
    const length = Math.min(performance.now() - begun, 4000);
    let news = 0;
    let named = 0;
    /** A kill may come before the start has said what it found; then the next one has to. */
    let owed = false;
    const check = (stderr: string) => {
      const silent = !/Earlier recordings left nothing|Found in context/.test(stderr);
      if (silent || !owed) return;
      expect(stderr).toMatch(
        /namespace netflow-test(?:: (?:left by recording \S+, which was cut off|left by a recording that was cut off|is being removed)| is gone from context)/,
      );
      named++;
      owed = false;
    };
    for (let round = 0; round < 30; round++) {
      const before = project.set('v1');
      rmSync(file('pid'), { force: true });
      owed ||= (await left()).length > 0;
      const recorder = startRecorder(cluster, project, args, env(), [join(bin, 'recorder')]);
      // Half of the points in the last fifth, where the files are put in place.
      const delay = round % 2 === 0 ? (length * round) / 30 : length * (0.8 + (0.25 * round) / 30);
      await sleep(delay);
      if (existsSync(file('pid'))) {
        const [program, all] = cluster.inside('kill', ['-9', readFileSync(file('pid'), 'utf8').trim()]);
        spawnSync(program, all, { stdio: 'ignore' });
      }
      check((await recorder.done).stderr);
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
    expect(news).toBeLessThan(30);
    owed ||= (await left()).length > 0;
    const { code, stderr, stdout } = await run();
    expect(code, stderr + stdout).toBe(0);
    check(stderr);
    expect(owed).toBe(false);
    expect(named).toBeGreaterThan(3);
    expect(project.leftovers()).toEqual([]);
    expect(await left()).toEqual([]);
  }, 600_000);

  test('a full disk: the old set stands, nothing staged is left', async (context) => {
    const { cluster, project, args, env, file } = await take(context);
    const before = project.set('v1');
    const full = file('small');
    mkdirSync(full);
    // captures/ on a file system with room for the old set and three more pages.
    const script = [
      `mount -t tmpfs -o size=400k none ${full} && cp -a captures/. ${full}/ && mount --bind ${full} captures`,
      'head -c 1000000 /dev/zero > captures/.filler 2>/dev/null; truncate -s -12k captures/.filler',
      '"$@"; code=$?; ls -A captures; diff -r captures/v1 /proc/1/root$PWD/captures/v1 && echo same; exit $code',
    ].join('\n');
    const { code, stdout, stderr } = await record(cluster, project, args, env(), [
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
    expect(stdout).not.toContain('--accept-partial');
    expect(stdout).toMatch(/\n\.filler\n\.lock\n\.written-v1\.json\nobservations\.yaml\nv1\nv2\nsame\n/);
    expect(project.set('v1')).toEqual(before);
  }, 600_000);
});
