import { asFailure, StopError } from './failure.ts';
import type { Run } from './process.ts';
import { lively, type Progress } from './progress.ts';
import { chooseContext } from './session.ts';
import { LockedError, lock, pinContext, recover } from './write.ts';

/** What a recording needs from outside; passed in, so that tests are silent and exact. */
export interface Effects {
  /** Makes a {@link Run} whose kubectl uses this kubeconfig; undefined for the user's own. */
  runner(pinned: string | undefined): Run;
  progress: Progress;
  confirm(question: string): Promise<boolean>;
  now(): Date;
  signal: AbortSignal;
  /** Told what would have to be run by hand if the process were ended right now. */
  ifKilled(lines: readonly string[]): void;
}

/**
 * Does something while nobody else records from this clone, after putting right what a killed recording left in it.
 * @throws {StopError} when another recording is under way, or captures/ cannot be written
 */
export async function alone<T>(root: string, { progress }: Effects, work: () => Promise<T>): Promise<T> {
  let release: () => void;
  try {
    release = lock(root);
  } catch (error) {
    if (!(error instanceof LockedError)) throw new StopError(asFailure(error));
    throw new StopError({
      what: 'captures/.lock',
      cause: 'another recording is under way',
      fix: 'Wait until it has ended. The lock ends with the process that holds it; the file itself means nothing.',
    });
  }
  try {
    for (const line of recover(root)) progress.note(line);
    return await work();
  } finally {
    release();
  }
}

/** Does something with a kubectl that is pinned to the chosen context. */
export async function inContext<T>(
  wanted: string | undefined,
  effects: Effects,
  work: (context: string, run: Run) => Promise<T>,
): Promise<T> {
  const context = await chooseContext(effects.runner(undefined), wanted);
  const pin = pinContext(context);
  try {
    return await work(context, lively(effects.runner(pin.file), effects.progress));
  } finally {
    pin.remove();
  }
}
