import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster/cluster.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CAPTURE = join(REPOSITORY, 'scripts/capture.ts');

/** What stands in captures/ between recordings. */
const STANDING = ['v1', 'v2', 'observations.yaml', '.lock', '.written-v1.json', '.written-v2.json'];

/** A copy of the project to record into. */
export interface Project {
  root: string;
  /** Every file of a side with its bytes, as text; what a test compares before and after. */
  set(side: 'v1' | 'v2'): Record<string, string>;
  /** Names in captures/ besides those that always stand there. */
  leftovers(): string[];
  remove(): void;
}

/** A copy of the project. The recipe's pauses are cut to a second; `recipe` replaces it altogether. */
export function makeProject(recipe?: string): Project {
  const root = mkdtempSync(join(tmpdir(), 'dpv-project-'));
  for (const name of ['captures', 'workload']) cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
  for (const name of readdirSync(join(root, 'captures'))) {
    if (name.startsWith('.')) rmSync(join(root, 'captures', name), { recursive: true });
  }
  const own = readFileSync(join(REPOSITORY, 'layers.yaml'), 'utf8').replace(/wait: \d+/g, 'wait: 1');
  writeFileSync(join(root, 'layers.yaml'), recipe ?? own);
  return {
    root,
    set: (side) => {
      const dir = join(root, 'captures', side);
      const names = existsSync(dir) ? readdirSync(dir).sort() : [];
      return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'latin1')]));
    },
    leftovers: () => readdirSync(join(root, 'captures')).filter((name) => !STANDING.includes(name)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A recording as a child process. */
export interface Recorder {
  child: ChildProcess;
  /** Everything it has written to stderr so far. */
  progress(): string;
  done: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts `npm run capture -- …args` in a project, within the network of a cluster; `before` is put in front. */
export function startRecorder(
  cluster: Cluster | undefined,
  project: Project,
  args: readonly string[],
  env: Record<string, string> = {},
  before: readonly string[] = [],
): Recorder {
  const [first = '', ...rest] = [...before, process.execPath, CAPTURE, ...args];
  const [file, all] = cluster ? cluster.inside(first, rest, project.root) : [first, rest];
  const child = spawn(file, all, {
    cwd: project.root,
    env: { ...process.env, NO_COLOR: '1', ...cluster?.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, progress: () => stderr, done };
}

/** Runs a recording to its end; as {@link startRecorder}. */
export function record(...all: Parameters<typeof startRecorder>) {
  return startRecorder(...all).done;
}
