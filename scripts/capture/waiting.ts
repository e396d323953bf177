import { StopError } from './failure.ts';
import type { Progress } from './progress.ts';

/** Between two questions, in milliseconds. */
const ASK_MS = 1000;
/** The longest pause between two tries, in milliseconds. */
const MAX_PAUSE_MS = 15_000;

/** Waits, or until the signal comes. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/**
 * Asks once a second until the answer is yes. Time is the monotonic clock's: a clock that is set neither ends nor
 * stretches it.
 * @param ask is told how many milliseconds are left
 * @returns false where the time is up or the signal came
 */
export async function poll(
  what: string,
  limitMs: number,
  progress: Progress,
  signal: AbortSignal,
  ask: (leftMs: number) => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  const end = progress.alive(`${what}, at most ${Math.round(limitMs / 1000)} s`);
  try {
    for (;;) {
      if (await ask(Math.max(1, Math.ceil(deadline - performance.now())))) return true;
      if (signal.aborted || performance.now() + ASK_MS >= deadline) return false;
      await pause(ASK_MS, signal);
    }
  } finally {
    end();
  }
}

/**
 * Tries until it works: for what puts the cluster back, which an API server that is away for a while must not prevent.
 * The pauses between the tries grow from 1 s to 15 s.
 * @throws {StopError} the last one, when the time is up
 */
export async function insist<T>(
  what: string,
  limitMs: number,
  progress: Progress,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (let wait = 1000; ; wait = Math.min(wait * 2, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StopError) || performance.now() + wait >= deadline) throw error;
      progress.note(`${what}: ${error.failure.cause}; trying again in ${wait / 1000} s`);
      await pause(wait);
    }
  }
}
