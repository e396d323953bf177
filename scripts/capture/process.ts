import { execa } from 'execa';
import { Output, release } from './output.ts';

/** Largest output that is kept, in bytes: what a capture file may hold, less room for its header. */
export const MAX_OUTPUT_BYTES = 63 * 1024 * 1024;
/** stderr goes into a header or a message. */
const MAX_STDERR_BYTES = 64 * 1024;
/** Between the request to end and the kill, in milliseconds. */
const GRACE_MS = 2000;

/** What became of one command. Timeout, signal and exit code are data, not exceptions. */
export interface Outcome {
  command: string;
  startedAt: Date;
  durationMs: number;
  /** Absent where the command did not end by itself. */
  exitCode: number | undefined;
  stdout: Output;
  stderr: string;
  /** Why it did not end by itself. */
  ended?: 'timeout' | 'interrupted' | 'too-large' | 'signal' | 'not-started' | 'cut-off';
}

/** Runs one line of bash and tells what became of it; never throws. */
export type Run = (
  line: string,
  options?: { timeoutMs?: number; signal?: AbortSignal | undefined },
) => Promise<Outcome>;

/** Where and with what the commands run. */
export interface Surroundings {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
}

/**
 * A {@link Run} on this machine. The shell is bash without start files; a pipe fails where one of its commands does.
 * Each command gets its own process group, so that an interrupt from the keyboard reaches the recorder alone.
 */
export function localRun(surroundings: Surroundings): Run {
  return async (line, { timeoutMs = surroundings.timeoutMs, signal } = {}) => {
    const startedAt = new Date();
    const started = performance.now();
    const stdout = new Output();
    const stderr: Buffer[] = [];
    let stderrLength = 0;
    let tooLarge = false;
    const stop = new AbortController();
    const child = execa('bash', ['--noprofile', '--norc', '-o', 'pipefail', '-c', line], {
      cwd: surroundings.cwd,
      env: { ...surroundings.env, BASH_ENV: undefined },
      extendEnv: false,
      stdin: 'ignore',
      buffer: false,
      encoding: 'buffer',
      reject: false,
      timeout: timeoutMs,
      forceKillAfterDelay: GRACE_MS,
      killDescendants: true,
      cancelSignal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      if (stdout.length + chunk.length > MAX_OUTPUT_BYTES) {
        tooLarge = true;
        stop.abort();
      } else {
        stdout.append(chunk);
        release(chunk);
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderrLength < MAX_STDERR_BYTES) stderr.push(chunk.subarray(0, MAX_STDERR_BYTES - stderrLength));
      stderrLength += chunk.length;
    });
    // A descendant in a session of its own survives the kill and would hold the pipes open for good.
    const letGo = () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const abandon = setTimeout(letGo, timeoutMs + GRACE_MS + 500);
    const onAbort = () => setTimeout(letGo, GRACE_MS + 500).unref();
    signal?.addEventListener('abort', onAbort, { once: true });
    const result = await child;
    clearTimeout(abandon);
    signal?.removeEventListener('abort', onAbort);
    const ended = tooLarge
      ? 'too-large'
      : result.timedOut
        ? 'timeout'
        : signal?.aborted && result.isCanceled
          ? 'interrupted'
          : result.exitCode !== undefined
            ? undefined
            : result.isTerminated
              ? 'signal'
              : 'not-started';
    return {
      command: line,
      startedAt,
      durationMs: Math.round(performance.now() - started),
      exitCode: ended === undefined ? result.exitCode : undefined,
      stdout,
      stderr: Buffer.concat(stderr).toString('utf8') + (stderrLength > MAX_STDERR_BYTES ? '\n[…]\n' : ''),
      ...(ended === undefined ? {} : { ended }),
    };
  };
}
