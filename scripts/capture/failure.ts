import type { Outcome } from './process.ts';

/** Something that went wrong, with all a maintainer needs to act on it. */
export interface Failure {
  /** What failed: a capture key, or a step in words. */
  what: string;
  cause: string;
  command?: string | undefined;
  stderr?: string | undefined;
  /** What to do next. */
  fix?: string | undefined;
}

/** What failed where the outputs could not be written, however good they are. */
export const WRITING = 'writing the outputs';

/** Ends the recording. */
export class StopError extends Error {
  override readonly name = 'StopError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(formatFailure(failure));
    this.failure = failure;
  }
}

/** A failure out of whatever was thrown; what is nobody's fault but ours is thrown on. */
export function asFailure(error: unknown): Failure {
  if (error instanceof StopError) return error.failure;
  // SQLite's errors, those of the lock, carry an errcode.
  const { code, syscall, errcode, message } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      what: WRITING,
      cause: 'the disk is full',
      fix: 'Make room and record again; the old set stands.',
    };
  }
  if (syscall !== undefined || errcode !== undefined) {
    return { what: WRITING, cause: message, fix: 'Make captures/ writable; the old set stands.' };
  }
  throw error;
}

/** Why a command counts as failed; undefined where it succeeded. */
export function outcomeCause(outcome: Outcome): string | undefined {
  switch (outcome.ended) {
    case 'timeout':
      return `it did not end within ${Math.round(outcome.durationMs / 1000)} s`;
    case 'interrupted':
      return 'interrupted';
    case 'too-large':
      return 'it printed more than 63 MiB, more than a capture file holds';
    case 'signal':
      return 'it was ended by a signal';
    case 'not-started':
      return 'it could not be started';
    case 'cut-off':
      return 'exit code 0, but the stream ended before the command did: its end mark is missing';
    case undefined:
      return outcome.exitCode === 0 ? undefined : exitCause(outcome);
  }
}

function exitCause({ exitCode, command, stderr }: Outcome): string {
  if (/exec: "sh": executable file not found/.test(stderr))
    return `exit code ${exitCode}: the container has no sh, which prints the marks around a remote command`;
  if (exitCode === 127) return 'exit code 127: a command was not found';
  if (exitCode === 255 && /^ssh /.test(command)) return 'exit code 255, which is ssh itself or the command on the node';
  if (/forbidden|cannot (?:get|list|create|patch|delete)/i.test(stderr)) {
    return `exit code ${exitCode}: the cluster refuses it to this user`;
  }
  return `exit code ${exitCode}`;
}

/** The failure of a command that ended badly. */
export function commandFailure(what: string, outcome: Outcome, fix?: string): Failure {
  return { what, cause: outcomeCause(outcome) ?? 'no cause', command: outcome.command, stderr: outcome.stderr, fix };
}

/** Cause first, then the command, then its stderr, then what to do. */
export function formatFailure({ what, cause, command, stderr, fix }: Failure): string {
  const lines = (stderr ?? '').trimEnd().split('\n').filter(Boolean);
  return [
    `${what}: ${cause}`,
    ...(command === undefined ? [] : [`  command: ${command}`]),
    ...(lines.length === 0 ? [] : ['  stderr:', ...lines.slice(0, 20).map((line) => `    ${printable(line)}`)]),
    ...(fix === undefined ? [] : [`  ${fix}`]),
  ].join('\n');
}

/** Control characters could rewrite the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
