import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { localRun, MAX_OUTPUT_BYTES } from '../../../scripts/capture/process.ts';

const start = localRun({ cwd: '/tmp', env: process.env, timeoutMs: 10_000 });
/** The outcome with its bytes in one piece. */
const run = async (...args: Parameters<typeof start>) => {
  const outcome = await start(...args);
  return { ...outcome, stdout: outcome.stdout.bytes() };
};

test('output is kept byte for byte, apart from stderr, with exit code and time', async () => {
  const outcome = await run("printf 'a\\0b\\377\\n\\n'; echo oops >&2; exit 3");
  expect(outcome).toMatchObject({ exitCode: 3, stderr: 'oops\n', stdout: Buffer.from('a\0b\xff\n\n', 'latin1') });
  expect(outcome).not.toHaveProperty('ended');
  expect(outcome.durationMs).toBeGreaterThan(0);
  expect(outcome.startedAt.getTime()).toBeGreaterThan(Date.now() - 10_000);
});

test('a pipe fails where one of its commands does', async () => {
  expect((await run('false | cat')).exitCode).toBe(1);
});

test('a timeout ends the children too, also those that hold the pipe', async () => {
  const outcome = await run('echo before; sleep 3017 & sleep 3017', { timeoutMs: 300 });
  expect(outcome).toMatchObject({ ended: 'timeout', exitCode: undefined, stdout: Buffer.from('before\n') });
  expect(outcome.durationMs).toBeLessThan(2500);
  expect(spawnSync('pgrep', ['-f', 'sleep 3017']).status).toBe(1);
});

test('a descendant that left the process group cannot hold the recorder', async () => {
  const outcome = await run('setsid sleep 6 & echo before; wait', { timeoutMs: 300 });
  expect(outcome).toMatchObject({ ended: 'timeout', stdout: Buffer.from('before\n') });
  expect(outcome.durationMs).toBeLessThan(4500);
});

test('a background child that outlives its command counts as a timeout, not as success', async () => {
  expect(await run('sleep 30 & echo done', { timeoutMs: 500 })).toMatchObject({ ended: 'timeout' });
});

test('an output past the limit is given up at once', async () => {
  const outcome = await run('yes | head -c 200000000');
  expect(outcome.ended).toBe('too-large');
  expect(outcome.stdout.length).toBeLessThanOrEqual(MAX_OUTPUT_BYTES);
});

test('an interrupt', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 200);
  expect(await run('sleep 20', { signal: stop.signal })).toMatchObject({ ended: 'interrupted', exitCode: undefined });
});

test('an interrupt before the start', async () => {
  expect(await run('echo x', { signal: AbortSignal.abort() })).toMatchObject({ ended: 'interrupted' });
});

test('a command that ends itself by a signal, and one that is not there', async () => {
  expect(await run('kill -9 $$')).toMatchObject({ ended: 'signal', exitCode: undefined });
  expect(await run('no-such-command')).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('not found') });
});

test('nothing waits on standard input', async () => {
  expect((await run('cat')).exitCode).toBe(0);
});

test('no start file of the shell adds to the output', async () => {
  const noisy = localRun({ cwd: '/tmp', env: { ...process.env, BASH_ENV: '/proc/self/cmdline' }, timeoutMs: 5000 });
  const { stdout, stderr } = await noisy('echo x');
  expect([stdout.text(), stderr]).toEqual(['x\n', '']);
});

test('a long stderr is cut, and says so', async () => {
  const { stderr } = await run('yes e | head -c 200000 >&2');
  expect(stderr.length).toBeLessThan(70_000);
  expect(stderr.endsWith('\n[…]\n')).toBe(true);
});
