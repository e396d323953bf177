import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockedError, lock, oldFile, pinContext, recover, Staging } from '../../../scripts/capture/write.ts';
import type { RunFile } from '../../../src/captures/run.ts';

const WRITE = fileURLToPath(new URL('../../../scripts/capture/write.ts', import.meta.url));
const RUN: RunFile = {
  run: 'r',
  started: 's',
  dataplane: 'd',
  evidence: [],
  nodes: [],
  workload: [],
  tools: {},
  order: [],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dpv-write-'));
  mkdirSync(join(root, 'captures/v1'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (name: string, text: string) => {
  mkdirSync(join(root, 'captures', name, '..'), { recursive: true });
  writeFileSync(join(root, 'captures', name), text);
};
const set = () => {
  const dir = join(root, 'captures/v1');
  const names = existsSync(dir) ? readdirSync(dir).sort() : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
};
const script = (source: string) => `import * as write from ${JSON.stringify(WRITE)};\n${source}`;
const node = (source: string) =>
  spawn(process.execPath, ['--input-type=module-typescript', '-e', script(source)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

describe('a set', () => {
  test('replaces the old one and takes over what it lacks', () => {
    put('v1/a.txt', 'old a');
    put('v1/b.txt', 'old b');
    const staging = new Staging(root, 'v1');
    staging.put('a.txt', ['new ', Buffer.from('a')]);
    staging.put('c.txt', ['new c']);
    expect(set()).toEqual({ 'a.txt': 'old a', 'b.txt': 'old b' });
    staging.commit(RUN);
    expect(set()).toMatchObject({ 'a.txt': 'new a', 'b.txt': 'old b', 'c.txt': 'new c' });
    expect(set()['run.yaml']).toContain('run: "r"');
    expect(readdirSync(join(root, 'captures'))).toEqual(['.written-v1.json', 'v1']);
  });

  test('that is discarded leaves nothing', () => {
    put('v1/a.txt', 'old a');
    const staging = new Staging(root, 'v1');
    staging.put('a.txt', ['new']);
    staging.discard();
    expect(set()).toEqual({ 'a.txt': 'old a' });
    expect(readdirSync(join(root, 'captures'))).toEqual(['v1']);
  });

  test('takes over folders, links and times of what it does not replace', () => {
    put('v1/a.txt', 'old a');
    put('v1/notes/deep/n.txt', 'mine');
    symlinkSync('../../elsewhere', join(root, 'captures/v1/link'));
    symlinkSync('notes', join(root, 'captures/v1/folder'));
    const when = new Date(1e12);
    utimesSync(join(root, 'captures/v1/notes/deep/n.txt'), when, when);
    const staging = new Staging(root, 'v1');
    staging.put('a.txt', ['new a']);
    staging.commit(RUN);
    const path = (name: string) => join(root, 'captures/v1', name);
    expect(readFileSync(path('notes/deep/n.txt'), 'utf8')).toBe('mine');
    expect(statSync(path('notes/deep/n.txt')).mtime).toEqual(when);
    expect([readlinkSync(path('link')), readlinkSync(path('folder'))]).toEqual(['../../elsewhere', 'notes']);
  });

  test('is not put where a link stands', () => {
    put('elsewhere/a.txt', 'old a');
    rmSync(join(root, 'captures/v1'), { recursive: true });
    symlinkSync('elsewhere', join(root, 'captures/v1'));
    expect(() => new Staging(root, 'v1')).toThrow('captures/v1: expected a folder, found a symbolic link');
  });

  test('that was kept waits through a kill and other recordings, until it or a newer one is put in place', () => {
    put('v1/a.txt', 'old a');
    const first = new Staging(root, 'v1');
    first.put('a.txt', ['first']);
    first.keep(RUN);
    const waits = 'captures/v1: a finished set waits to be put in place with: npm run capture -- --resume';
    expect(recover(root)).toEqual([waits]);
    new Staging(root, 'v1').discard();
    expect(recover(root)).toEqual([waits]);
    // Killed while it was being put in place, before the first rename.
    expect(Staging.resume(root, 'v1')).toMatchObject({ run: RUN, names: ['a.txt'] });
    expect(recover(root)).toEqual([waits]);
    Staging.resume(root, 'v1')?.staging.commit(RUN);
    expect(set()['a.txt']).toBe('first');
    expect(recover(root)).toEqual([]);

    const second = new Staging(root, 'v1');
    second.put('a.txt', ['second']);
    second.keep(RUN);
    const third = new Staging(root, 'v1');
    third.put('a.txt', ['third']);
    third.commit(RUN);
    expect(Staging.resume(root, 'v1')).toBeUndefined();
    expect(set()['a.txt']).toBe('third');
  });

  test('can be the first one', () => {
    rmSync(join(root, 'captures/v1'), { recursive: true });
    const staging = new Staging(root, 'v1');
    staging.put('a.txt', ['first']);
    staging.commit(RUN);
    expect(Object.keys(set())).toEqual(['a.txt', 'run.yaml']);
    expect(oldFile(root, 'v1', 'a.txt')?.toString()).toBe('first');
    expect(oldFile(root, 'v1', 'b.txt')).toBeUndefined();
  });
});

describe('after a kill', () => {
  test('before the first rename the old set stands and what was staged goes', () => {
    put('v1/a.txt', 'old');
    put('.staging-v1/new/a.txt', 'half');
    expect(recover(root)).toEqual([
      'captures/v1: an earlier recording was cut off; what it had not finished is gone, the old set stands',
    ]);
    expect(set()).toEqual({ 'a.txt': 'old' });
    expect(readdirSync(join(root, 'captures'))).toEqual(['v1']);
  });

  test('between the renames the new set is put in place', () => {
    put('v1/a.txt', 'old');
    put('.staging-v1/new/a.txt', 'new');
    renameSync(join(root, 'captures/v1'), join(root, 'captures/.staging-v1/old'));
    expect(recover(root)).toEqual([
      'captures/v1: an earlier recording was cut off while its files were put in place; that is finished now',
    ]);
    expect(set()).toEqual({ 'a.txt': 'new' });
    expect(readdirSync(join(root, 'captures'))).toEqual(['v1']);
  });

  test('after the second rename only the old set’s remains go', () => {
    put('v1/a.txt', 'new');
    put('.staging-v1/old/a.txt', 'old');
    expect(recover(root)).toHaveLength(1);
    expect(set()).toEqual({ 'a.txt': 'new' });
  });

  test('with nothing left behind there is nothing to do', () => {
    expect(recover(root)).toEqual([]);
  });

  test('25 times at random, while sets are put in place without a pause: one whole set each time', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}.txt`);
    for (const name of names) put(`v1/${name}`, '0');
    for (let round = 0; round < 25; round++) {
      const child = node(`
        console.log('ready');
        const run = ${JSON.stringify(RUN)};
        for (let n = 0; ; n++) {
          const release = write.lock('.');
          write.recover('.');
          const staging = new write.Staging('.', 'v1');
          for (const name of ${JSON.stringify(names)}) staging.put(name, ['${round}-' + n]);
          staging.commit({ ...run, run: '${round}-' + n });
          release();
        }`);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 60));
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      const seen = set();
      const whole = (files: Record<string, string>) => {
        const { 'run.yaml': run, ...rest } = files;
        expect(Object.keys(rest).sort()).toEqual([...names].sort());
        const [value, ...others] = new Set(Object.values(rest));
        expect(others).toEqual([]);
        if (value !== '0') expect(run).toContain(`run: "${value}"`);
      };
      if (Object.keys(seen).length > 0) whole(seen);
      const release = lock(root);
      recover(root);
      release();
      whole(set());
      const standing = readdirSync(join(root, 'captures')).sort();
      expect(standing.filter((name) => name !== '.written-v1.json')).toEqual(['.lock', 'v1']);
    }
  }, 60_000);
});

test('git leaves alone what the recorder keeps in captures/ for itself', () => {
  const names = [
    '.lock',
    '.lock-journal',
    '.staging-v1/new/a.txt',
    '.finished-v2/x',
    '.written-v1.json',
    '.unfinished.json',
  ];
  const paths = names.map((name) => `captures/${name}`);
  const { stdout } = spawnSync('git', ['check-ignore', '--no-index', ...paths], { encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(paths);
});

describe('the lock', () => {
  test('is held by one, and can be taken again', () => {
    const release = lock(root);
    const second = spawnSync(
      process.execPath,
      [
        '--input-type=module-typescript',
        '-e',
        script("try { write.lock('.'); console.log('got it'); } catch (error) { console.log(error.name); }"),
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect(second.stdout).toBe('LockedError\n');
    expect(() => lock(root)).toThrow(LockedError);
    release();
    lock(root)();
  });

  test('ends with a process that is killed', async () => {
    const holder = node("write.lock('.'); console.log('held'); setInterval(() => {}, 1000);");
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    expect(() => lock(root)).toThrow(LockedError);
    const ended = new Promise((resolve) => holder.once('close', resolve));
    holder.kill('SIGKILL');
    await ended;
    lock(root)();
  });
});

test('a pinned context is a kubeconfig with nothing else, readable by its owner', () => {
  const { file, remove } = pinContext('a: "b"');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a: "b"',
  });
  remove();
  expect(existsSync(file)).toBe(false);
});
