import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ASTRO, median, plainProject, ROOT } from './plain.ts';

/*
 * What a build of the site costs, against an Astro project that does nothing but highlight the same outputs with its
 * own `<Code />`, both built in turn from cold. Wall time and the largest resident set of the building process.
 * Usage: node scripts/bench/build.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5);
const TARGET = 2;
const MEASURE = `data:text/javascript,process.on("exit",()=>process.stderr.write("maxrss "+process.resourceUsage().maxRSS+"\\n"))`;

interface Cost {
  seconds: number;
  megabytes: number;
}

function build(root: string): Cost {
  const outDir = mkdtempSync(join(tmpdir(), 'bench-dist-'));
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', MEASURE, ASTRO, 'build', '--outDir', outDir],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' } },
  );
  const seconds = (performance.now() - begun) / 1000;
  rmSync(outDir, { recursive: true });
  if (status !== 0) throw new Error(stdout + stderr);
  return { seconds, megabytes: Number(/maxrss (\d+)/.exec(stderr)?.[1]) / 1024 };
}

const ratio = (ours: readonly Cost[], plain: readonly Cost[], of: keyof Cost) =>
  median(ours.map((cost) => cost[of])) / median(plain.map((cost) => cost[of]));

const plainRoot = plainProject();
try {
  // The first build of each reads the packages from the disk.
  build(plainRoot);
  build(ROOT);
  const [plain, ours]: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(build(plainRoot));
    ours.push(build(ROOT));
  }
  const line = (name: string, costs: readonly Cost[]) =>
    `  ${name} ${median(costs.map(({ seconds }) => seconds)).toFixed(2)} s, ${median(costs.map(({ megabytes }) => megabytes)).toFixed(0)} MB`;
  const time = ratio(ours, plain, 'seconds');
  process.stdout.write(
    `build: ${ROUNDS} rounds each in turn, medians\n${line('plain Astro <Code />', plain)}\n${line('this site', ours)}\n` +
      `  ${time.toFixed(2)} x the time (target: at most ${TARGET.toFixed(1)} x), ${ratio(ours, plain, 'megabytes').toFixed(2)} x the memory\n`,
  );
  if (time > TARGET) process.exitCode = 1;
} finally {
  rmSync(plainRoot, { recursive: true });
}
