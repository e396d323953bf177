import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../../src/model/probes.ts';
import { type Cluster, startCluster } from '../../tests/support/cluster/cluster.ts';
import { makeProject, type Project } from '../../tests/support/project.ts';
import provide, { whyNoCluster } from '../../tests/support/provide.ts';

/*
 * What the recorder costs: a recording of V1 against the test cluster (real kubectl, gcloud, ssh, iptables, nginx),
 * compared with a plain shell loop over the very command lines it ran; and its memory with an output of 50 MB.
 */
const ROUNDS = 3;
const CAPTURE = fileURLToPath(new URL('../capture.ts', import.meta.url));
/** As `npm run capture` starts it; and prints the largest resident set of the recorder when it ends. */
const MEASURE = `data:text/javascript,process.on("exit",()=>process.stderr.write("maxrss "+process.resourceUsage().maxRSS+"\\n"))`;

/** A bash that writes down each line it is given, in front of the real one on PATH. */
function logShell(project: Project): { bin: string; log: string } {
  const bin = join(project.root, 'bin');
  const log = join(project.root, 'lines');
  mkdirSync(bin);
  writeFileSync(join(bin, 'bash'), `#!/bin/bash\n[ "$6" ] && printf '%s\\n' "$6" >> ${log}\nexec /bin/bash "$@"\n`, {
    mode: 0o755,
  });
  return { bin, log };
}

function record(cluster: Cluster, project: Project, args: readonly string[], path = process.env.PATH) {
  const [file, all] = cluster.inside(
    process.execPath,
    ['--max-semi-space-size=2', '--import', MEASURE, CAPTURE, '--side', 'v1', '--yes', '--keep-workload', ...args],
    project.root,
  );
  const begun = performance.now();
  const result = spawnSync(file, all, { env: { ...process.env, ...cluster.env, PATH: path }, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stdout + result.stderr);
  return { ms: performance.now() - begun, rssMb: Number(/maxrss (\d+)/.exec(result.stderr)?.[1]) / 1024 };
}

provide();
const reason = whyNoCluster();
if (reason !== undefined) {
  process.stderr.write(`The recorder benchmark was left out, because ${reason}.\n`);
  process.exit(process.env.CI ? 1 : 0);
}
const cluster = await startCluster('v1');
try {
  // Pauses are not the recorder's cost; without them both sides do the same work.
  const recipe = readFileSync('layers.yaml', 'utf8')
    .replace(/^ +- wait: \d+\n/gm, '')
    .replace(/^ +before:\n(?! +- )/gm, '');
  const project = makeProject(recipe);
  const ssh = ['--node-access', 'ssh', '--ssh-config', cluster.sshConfig, '--only', 'l1,l2,l3,l4,l5'];
  record(cluster, project, ssh);
  const { bin, log } = logShell(project);
  record(cluster, project, ssh, `${bin}:${process.env.PATH}`);
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const loop = join(project.root, 'loop.sh');
  writeFileSync(
    loop,
    `while IFS= read -r line; do /bin/bash -o pipefail -c "$line" > ${project.root}/out 2> ${project.root}/err < /dev/null; done < ${log}\ntrue\n`,
  );

  const recorder: number[] = [];
  const shell: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, rssMb } = record(cluster, project, ssh);
    recorder.push(ms);
    memory.push(rssMb);
    const [file, all] = cluster.inside('/bin/bash', [loop], project.root);
    const begun = performance.now();
    execFileSync(file, all, { env: { ...process.env, ...cluster.env } });
    shell.push(performance.now() - begun);
  }
  const [ours, theirs] = [median(recorder) ?? Number.NaN, median(shell) ?? Number.NaN];
  const ratio = ours / theirs;
  process.stdout.write(
    [
      `recorder: V1, layers 1 to 5, ${lines.length} commands, ${ROUNDS} rounds each, medians`,
      `  recorder ${(ours / 1000).toFixed(2)} s, shell loop ${(theirs / 1000).toFixed(2)} s: ${ratio.toFixed(2)} x (target: at most 1.10 x)`,
      `  memory ${Math.max(...memory).toFixed(0)} MB`,
    ]
      .join('\n')
      .concat('\n'),
  );
  project.remove();

  const large = makeProject(`
title: t
sides:
  - { id: v1, label: one, short: one, colour: amber }
  - { id: v2, label: two, short: two, colour: teal }
layers:
  - id: l1
    title: L
    summary: s
    expect: only-v1
    captures:
      - { id: large, title: t, format: plain, v1: { command: "yes -- '-A KUBE-SEP-6WWOHZMG4JZC35KS -s 10.20.0.4/32 -j KUBE-MARK-MASQ' 2>/dev/null | head -c 50000000 || true" } }
`);
  const { ms, rssMb } = record(cluster, large, []);
  process.stdout.write(
    `recorder: one output of 50 MB\n  ${(ms / 1000).toFixed(2)} s, memory ${rssMb.toFixed(0)} MB (target: below 150 MB)\n`,
  );
  large.remove();
  if (ratio > 1.1 || rssMb >= 150) process.exitCode = 1;
} finally {
  await cluster.stop();
}
