import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readRun } from '../../../src/captures/run.ts';
import { buildReport } from '../../../src/report/report.ts';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { makeProject, type Project, record, startRecorder } from '../../support/project.ts';
import { smallCapture, smallRecipe } from '../../support/recipe.ts';

const available = clusterTests('what a recording leaves behind when something goes wrong');

const row = (id: string, format: string, command: string, more = '') =>
  more.startsWith('before') ? smallCapture(id, format, command, '', more) : smallCapture(id, format, command, more);

const GOOD = row('service', 'kubectl-table', 'kubectl -n {{namespace}} get svc nginx');

describe.runIf(available)('faults', () => {
  let cluster: Cluster;
  let project: Project;
  let before: Record<string, string>;
  /** A PATH without gcloud, whose kubectl calls `hook` first; ${'$'}N is how many kubectl ran before. */
  let path: string;

  const write = (captures: string) => writeFileSync(join(project.root, 'layers.yaml'), smallRecipe(captures));
  const run = (args: string[] = [], env = {}) =>
    record(cluster, project, ['--side', 'v1', '--yes', '--keep-workload', ...args], { PATH: path, ...env });
  /** The cluster is as a recording found it, and the set on disk is the old one. */
  const expectUntouched = async () => {
    expect(project.set('v1')).toEqual(before);
    expect(project.leftovers()).toEqual([]);
    await expectRestored();
  };
  const expectRestored = async () => {
    const { services, deployments, objects } = (await cluster.control()) as unknown as {
      services: { spec: { externalTrafficPolicy: string } }[];
      deployments: { spec: { replicas: number } }[];
      objects: string[];
    };
    expect(services.map((one) => one.spec.externalTrafficPolicy)).toEqual(['Cluster']);
    expect(deployments.map((one) => one.spec.replicas)).toEqual([3]);
    expect(objects.filter((name) => name.includes('node-debugger'))).toEqual([]);
  };

  beforeAll(async () => {
    cluster = await startCluster('v1');
    project = makeProject(smallRecipe(GOOD));
    path = join(project.root, 'bin');
    mkdirSync(path);
    for (const program of [
      'bash',
      'sh',
      'env',
      'ip',
      'ssh',
      'curl',
      'sleep',
      'head',
      'yes',
      'setsid',
      'printf',
      'seq',
      'cat',
      'test',
      'nsenter',
      'sync',
      'rm',
      'touch',
      'mkdir',
    ]) {
      for (const dir of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
        try {
          symlinkSync(join(dir, program), join(path, program));
          break;
        } catch {}
      }
    }
    const kubectl = join(path, 'kubectl');
    writeFileSync(
      kubectl,
      '#!/bin/bash\nif [ -n "$HOOK" ]; then . "$HOOK"; fi\nexec /usr/bin/env PATH=/usr/bin:/bin kubectl "$@"\n',
    );
    chmodSync(kubectl, 0o755);
    const { code, stderr } = await run();
    expect(code, stderr).toBe(0);
  }, 60_000);
  beforeEach(() => {
    before = project.set('v1');
  });
  afterEach(() => write(GOOD));
  afterAll(async () => {
    await cluster?.stop();
    project?.remove();
  });

  const inPod = (command: string, format = 'pod-network') => row('pod', format, command, 'where: pod');
  const SHOW = 'ip addr show eth0 && cat /proc/net/tcp';

  test.each([
    ['close-early', /l6-pod: exit code 0, but .*(?:missing|breaks off)/],
    ['reset', /l6-pod: exit code 1\b/],
    ['hang', /l6-pod: it did not end within 2 s/],
  ] as const)('an exec stream that does %s', async (stream, message) => {
    write(GOOD + inPod(SHOW, 'pod-network').replace('where: pod', 'where: pod\n          timeout: 2'));
    await cluster.control({ stream });
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toMatch(message);
    expect(stdout).toContain('  command: kubectl -n netflow-test exec nginx-');
    expect(stdout).toContain('1 of 2 outputs were recorded; captures/v1 is unchanged.');
    expect(stdout).toContain('record again with --accept-partial');
    await expectUntouched();
  });

  test('an exec stream that closes after any number of bytes', async () => {
    const line = 'printf "Name: a\\nLabels: b\\nX: c\\n"';
    // The begin mark has 21 bytes, the output 23, the end mark 23; cut in each of them, at line ends, and before the last byte.
    for (const closeAfter of [0, 29, 39, 44, 60, 66]) {
      write(GOOD + inPod(line, 'describe'));
      await cluster.control({ stream: { closeAfter } });
      const { code, stdout } = await run();
      expect(code, `${closeAfter} bytes: ${stdout}`).toBe(1);
      expect(stdout).toContain('exit code 0, but the stream ended before the command did: its end mark is missing\n');
    }
    await expectUntouched();
    // With the end mark the output is whole, whatever becomes of the stream.
    await cluster.control({ stream: { closeAfter: 67 } });
    const { code, stdout } = await run();
    expect(code, stdout).toBe(0);
    expect(project.set('v1')['l6-pod.txt']).toMatch(/\n---\nName: a\nLabels: b\nX: c\n$/);
  }, 180_000);

  test.each([
    [
      'a non-zero exit',
      'echo out; exit 7',
      /l6-pod: exit code 7\n {2}command: kubectl .* -- sh -c 'echo out; exit 7'\n/,
    ],
    ['bad syntax', 'echo "out', /l6-pod: exit code 2\n/],
    ['its shell killed', 'echo out; kill -9 $$', /l6-pod: exit code 137\n/],
  ])('a remote command with %s', async (_name, command, message) => {
    write(GOOD + inPod(command, 'plain'));
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toMatch(message);
    await expectUntouched();
  });

  test('edits that are not in git are not overwritten', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: project.root });
    const edit = (text: string) => appendFileSync(join(project.root, 'captures/v1/l6-service.txt'), text);
    symlinkSync('/usr/bin/git', join(path, 'git'));
    git('init', '-q');
    git('add', 'captures/v1');
    git('commit', '-qm', 'x');
    // What the recorder wrote may be replaced before it is committed.
    const first = await run();
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect((await run()).code).toBe(0);

    before = project.set('v1');
    edit('mine');
    const { requests: had } = await cluster.control();
    const refused = await run();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'captures/v1: it has edits that would be overwritten: l6-service.txt\n  Commit them, stash them, or take them back.\n',
    );
    const { requests } = await cluster.control();
    expect(requests.slice(had.length).filter((line) => !line.startsWith('GET'))).toEqual([]);
    // An edit of what is not recorded now does not matter.
    git('add', 'captures/v1');
    git('commit', '-qm', 'y');
    appendFileSync(join(project.root, 'captures/v1/l1-service-ips.txt'), 'mine');

    // An edit while the recording runs: the set is kept until the edit is in git.
    write(GOOD.replace('get svc nginx', 'get svc nginx && sleep 1'));
    const going = startRecorder(cluster, project, ['--side', 'v1', '--yes', '--keep-workload'], { PATH: path });
    while (!going.progress().includes('… v1/l6-service')) await new Promise((resolve) => setTimeout(resolve, 20));
    edit('meanwhile');
    const { code, stdout } = await going.done;
    expect(code).toBe(1);
    expect(stdout).toContain('it has edits that would be overwritten: l6-service.txt\n');
    expect(stdout).toContain('The set is kept. To put it in place: npm run capture -- --resume\n');
    expect(project.set('v1')['l6-service.txt']).toContain('minemeanwhile');
    const resume = () => record(undefined, project, ['--resume'], { PATH: path });
    const early = await resume();
    expect(early.code).toBe(1);
    expect(early.stdout).toContain('The set is kept.');
    git('add', 'captures/v1');
    git('commit', '-qm', 'z');
    const late = await resume();
    expect(late.code, late.stdout + late.stderr).toBe(0);
    expect(project.set('v1')['l6-service.txt']).not.toContain('meanwhile');
    expect(project.set('v1')['l1-service-ips.txt']).toContain('mine');
    rmSync(join(project.root, '.git'), { recursive: true });
    rmSync(join(path, 'git'));
  }, 90_000);

  test('captures that cannot be written', async () => {
    const readOnly = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount --bind captures captures && mount -o remount,bind,ro captures && exec "$@"',
      'sh',
    ];
    const { code, stderr } = await record(
      cluster,
      project,
      ['--side', 'v1', '--yes'],
      { PATH: process.env.PATH ?? '' },
      readOnly,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^writing the outputs: EROFS: read-only file system, .*captures'\n {2}Make captures\/ writable; the old set stands\.\n$/,
    );
    await expectUntouched();
  });

  test('with nothing recorded it does not offer to keep the good ones', async () => {
    write(row('bad', 'plain', 'exit 3'));
    const { stdout } = await run();
    expect(stdout).toContain('0 of 1 outputs were recorded; captures/v1 is unchanged.\n');
    expect(stdout).not.toContain('good ones');
    await expectUntouched();
  });

  test('--accept-partial takes the good ones and names the others', async () => {
    write(GOOD + row('bad', 'plain', 'exit 3'));
    const { code, stdout } = await run(['--accept-partial']);
    expect(code).toBe(1);
    expect(stdout).toContain('v1/l6-bad: exit code 3');
    const after = project.set('v1');
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(after['l6-service.txt']).not.toBe(before['l6-service.txt']);
    expect(after['l4-iptables-nat.txt']).toBe(before['l4-iptables-nat.txt']);
    await expectRestored();
  });

  test.each([
    [
      'a non-zero exit',
      'echo out; echo why >&2; exit 7',
      'plain',
      /l6-bad: exit code 7\n {2}command: .*\n {2}stderr:\n {4}why/,
    ],
    [
      'a hang with a grandchild that holds the pipe',
      'sleep 300 & setsid sleep 8 & echo started; wait',
      'plain',
      /l6-bad: it did not end within/,
    ],
    ['200 MB of output', 'yes | head -c 200000000', 'plain', /l6-bad: it printed more than 63 MiB/],
    ['binary output', "printf 'NAME\\0\\377\\n'", 'kubectl-table', /l6-bad: exit code 0, but the output is binary/],
    [
      'a command that is not there',
      'no-such-command',
      'plain',
      /l6-bad: exit code 127: a command was not found[\s\S]*no-such-command: command not found/,
    ],
    [
      'an output that breaks off',
      "printf 'NAME   AGE\\nnginx  5'",
      'kubectl-table',
      /l6-bad: exit code 0, but the output breaks off/,
    ],
    ['no output', 'true', 'plain', /l6-bad: exit code 0, but the output is empty/],
    [
      'a private key in the output',
      "echo '-----BEGIN RSA PRIVATE KEY-----'",
      'plain',
      /l6-bad: it must not be published: private-key in line 1 of the output/,
    ],
    ['a public address without a rule', 'echo from 8.8.8.8', 'plain', /public-address in line 1 of the output/],
    ['an e-mail address on stderr', 'echo fine; echo jane@example.com >&2', 'plain', /e-mail in line 1 of stderr/],
    [
      'a command that fails and prints a password and an e-mail address',
      "printf 'DB_PASSWORD=hunter%s, says %s@example.com\\n' 27182818 jane >&2; exit 7",
      'plain',
      /l6-bad: exit code 7\n {2}command: \(withheld: it holds password\)\n {2}stderr:\n {4}\(withheld: it holds password\)/,
    ],
  ])('%s', async (_name, command, format, message) => {
    write(GOOD + row('bad', format, command, 'timeout: 2'));
    const { code, stdout, stderr } = await run();
    expect(code).toBe(1);
    expect(stdout).toMatch(message);
    expect(stdout + stderr).not.toMatch(/jane@example\.com|hunter27182818/);
    await expectUntouched();
  });

  test('without Google Cloud its outputs are not recorded, the old ones go, and the page is told why', async () => {
    const cloud = row('cloud', 'yaml', 'gcloud compute target-pools describe {{targetPool}} --project {{project}}');
    write(GOOD + row('cloud', 'plain', 'echo of another cluster'));
    expect((await run()).code).toBe(0);
    expect(project.set('v1')).toHaveProperty('l6-cloud.txt');
    write(GOOD + cloud);
    const nodes = (providerID?: string) =>
      ['gke-test-pool-aaaa', 'gke-test-pool-bbbb'].map((name) => ({
        plural: 'nodes',
        object: { metadata: { name }, spec: providerID ? { providerID: `${providerID}/${name}` } : {}, status: {} },
      }));
    await cluster.control({ put: nodes() });
    const { code, stdout, stderr } = await run();
    await cluster.control({ put: nodes('gce://dataplane-test/us-central1-c') });
    expect(code, stdout + stderr).toBe(0);
    const why = 'no Google Cloud here: no node has a gce:// provider ID';
    expect(stderr).toContain(`v1/l6-cloud (not recorded: ${why})`);
    expect(stdout).toContain(`not recorded: v1/l6-cloud: ${why}\n`);
    expect(project.set('v1')).not.toHaveProperty('l6-cloud.txt');
    expect(readRun(project.root, 'v1')?.notRecorded).toEqual({ 'v1/l6-cloud': why });
    expect(project.set('v1')).toHaveProperty('l6-service.txt');
    const own = makeProject(smallRecipe(GOOD + cloud));
    for (const name of ['v1', 'v2']) rmSync(join(own.root, 'captures', name), { recursive: true });
    mkdirSync(join(own.root, 'captures/v1'));
    rmSync(join(own.root, 'captures/observations.yaml'));
    for (const name of ['l6-service.txt', 'run.yaml'])
      writeFileSync(join(own.root, 'captures/v1', name), project.set('v1')[name] ?? '');
    const [, shown] = buildReport(own.root).layers[0]?.rows ?? [];
    expect(shown).toMatchObject({
      id: 'cloud',
      sides: {},
      prose: { absent: [{ text: `Not recorded on V1: ${why}.` }] },
    });
    own.remove();
  }, 60_000);

  test('a missing permission', async () => {
    await cluster.control({ forbid: 'networkpolicies' });
    write(GOOD + row('bad', 'yaml', 'kubectl -n {{namespace}} get networkpolicies -o yaml'));
    const { code, stdout } = await run();
    await cluster.control({ forbid: '' });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /l6-bad: exit code 1: the cluster refuses it to this user[\s\S]*forbidden: User "test" cannot list/,
    );
    await expectUntouched();
  });

  test('a missing permission before anything is recorded', async () => {
    await cluster.control({ forbid: 'nodes' });
    const { code, stderr } = await run();
    await cluster.control({ forbid: '' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/reading the nodes: exit code 1: the cluster refuses it to this user/);
    await expectUntouched();
  });

  test('a pod that is gone between discovery and exec', async () => {
    write(GOOD + inPod(SHOW));
    await cluster.control({ podGone: true });
    const { code, stdout } = await run();
    await cluster.control({ podGone: false });
    expect(code).toBe(1);
    expect(stdout).toMatch(/l6-pod: exit code 1\n {2}command: kubectl .*\n {2}stderr:\n {4}.*not found/);
    await expectUntouched();
  });

  test('a step that fails keeps its layer from being recorded, and is undone', async () => {
    write(GOOD + row('after', 'plain', 'echo x', 'before: [{ run: exit 9 }]'));
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toContain('v1/l6-after, step: exit code 9');
    await expectUntouched();
  });

  test('a restore that fails says what to run by hand', async () => {
    write(GOOD);
    const hook = join(project.root, 'hook');
    writeFileSync(hook, 'case "$*" in *replicas=3*) echo broken >&2; exit 4;; esac\n');
    const { code, stdout, stderr } = await run(['--timeout', '4'], { HOOK: hook });
    expect(code).toBe(1);
    expect(stderr).toMatch(/restoring l6: exit code 4; trying again in 1 s\n[\s\S]*trying again in 2 s\n/);
    expect(stdout).toMatch(/restoring l6: exit code 4/);
    expect(stdout).toContain(
      'The cluster is not as it was. Run by hand:\n  kubectl -n netflow-test scale deploy/nginx --replicas=3\n',
    );
    expect(stdout).toContain(
      '1 of 1 outputs were recorded; captures/v1 is unchanged.\nThe set is kept. To put it in place: npm run capture -- --resume\n',
    );
    // The other step was run all the same.
    await expectRestored();
    expect(project.set('v1')).toEqual(before);
    expect(project.leftovers()).toEqual(['.finished-v1', '.unfinished.json']);

    // The next start names both; here it is refused for lack of an answer.
    const next = await record(cluster, project, ['--side', 'v1'], { PATH: path });
    expect(next.stderr).toContain(
      'captures/v1: a finished set waits to be put in place with: npm run capture -- --resume\n',
    );
    expect(next.stderr).toMatch(
      / {2}namespace netflow-test: left by recording \S+, which was cut off; it has a load balancer, which is billed: 203\.0\.113\.10\n/,
    );
    expect(next.stderr).toContain('  to put right: kubectl -n netflow-test scale deploy/nginx --replicas=3\n');

    const resumed = await record(undefined, project, ['--resume'], { PATH: path });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toMatch(/captures\/v1: 1 recorded, [01] of them new or changed\./);
    expect(project.set('v1')['l6-service.txt']).not.toBe(before['l6-service.txt']);
    expect(project.leftovers()).toEqual(['.unfinished.json']);
    expect((await record(undefined, project, ['--resume'], { PATH: path })).stderr).toBe(
      '--resume: no finished set waits to be put in place\n',
    );

    // The next recording takes the namespace over and puts it right.
    const last = await run();
    expect(last.stderr).toContain('Using namespace netflow-test, taken over from a recording that was cut off');
    expect(last.code, last.stdout).toBe(0);
    expect(project.leftovers()).toEqual([]);
  });

  test('a second recording at the same time is refused and changes nothing', async () => {
    write(row('slow', 'plain', 'sleep 2; echo done'));
    const first = startRecorder(cluster, project, ['--side', 'v1', '--yes', '--keep-workload'], { PATH: path });
    while (!first.progress().includes('l6-slow')) await new Promise((resolve) => setTimeout(resolve, 50));
    const second = await run();
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('captures/.lock: another recording is under way');
    expect((await first.done).code).toBe(0);
    expect(project.set('v1')['l6-slow.txt']).toContain('\n---\ndone\n');
    await expectRestored();
  });

  test('a namespace that is not the recorder’s is not touched', async () => {
    const { code, stdout } = await run(['--namespace', 'foreign'], {});
    expect(code, stdout).toBe(0);
    const create = cluster.inside('bash', ['-c', 'kubectl create namespace theirs']);
    execFileSync(create[0], create[1], { env: { ...process.env, ...cluster.env }, stdio: 'ignore' });
    const { requests: had } = await cluster.control();
    const refused = await run(['--namespace', 'theirs']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain("namespace theirs: it exists and is not the recorder's: it lacks the label");
    const { requests } = await cluster.control();
    expect(requests.slice(had.length).filter((line) => !line.startsWith('GET'))).toEqual([]);
    const remove = cluster.inside('bash', ['-c', 'kubectl delete namespace theirs foreign']);
    execFileSync(remove[0], remove[1], { env: { ...process.env, ...cluster.env }, stdio: 'ignore' });
  });

  test('without --yes and without a terminal nothing is deployed', async () => {
    const { code, stderr } = await record(cluster, project, ['--side', 'v1'], { PATH: path });
    expect(code).toBe(1);
    expect(stderr).toContain('recording: not confirmed\n  Answer y, or give --yes.');
    await expectUntouched();
  });

  test('a context whose name must not be in run.yaml', async () => {
    const own = readFileSync(cluster.env.KUBECONFIG ?? '', 'utf8');
    const renamed = join(project.root, 'renamed.json');
    const { contexts, ...rest } = JSON.parse(own) as { contexts: object[] };
    const name = 'jane@example.com';
    writeFileSync(renamed, JSON.stringify({ ...rest, contexts: [{ ...contexts[0], name }], 'current-context': name }));
    const { code, stdout, stderr } = await run([], { KUBECONFIG: renamed });
    rmSync(renamed);
    expect(code).toBe(1);
    expect(stderr).toContain('Context e-mail-1: kube-proxy (iptables)');
    expect(stderr).toContain('run.yaml: it must not be published: e-mail in the names');
    expect(stdout + stderr).not.toContain(name);
    await expectUntouched();
  });

  test('an unknown context', async () => {
    const { code, stderr } = await run(['--context', "x'; touch pwned; '"]);
    expect(code).toBe(1);
    expect(stderr).toContain('kubectl knows none of that name');
    await expectUntouched();
  });
});
