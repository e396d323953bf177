import { randomBytes } from 'node:crypto';
import type { Outcome } from './process.ts';
import { word } from './render.ts';

/*
 * A stream that breaks off may look like one that ended: kubectl exec over a WebSocket that closes without a status
 * ends with exit code 0, and `kubectl debug --attach` may come too late for the beginning. So each remote command runs
 * between two marks, which are taken off again: no marks, no output.
 */

/** `$1` is the mark, `$2` the line. The line gets a shell of its own, so that `exit` or bad syntax ends that one alone. */
const SCRIPT = 'printf "%s<" "$1"; sh -c "$2"; set -- "$1" "$?"; printf "%s>%d." "$1" "$2"; exit "$2"';

/** A mark no output can contain by chance. */
export function newMark(): string {
  return `dpv-${randomBytes(8).toString('hex')}`;
}

/** A line between marks, as words of a POSIX shell. */
export function framed(line: string, mark: string): string {
  return `sh -c ${word(SCRIPT)} dpv ${mark} ${word(line)}`;
}

/**
 * Takes the marks off. What comes before the first one, such as the greeting of a login shell, the command did not print.
 * @returns the outcome with the exit code of the remote command; `cut-off` where a command that did not fail lacks a mark
 */
export function unframed(outcome: Outcome, mark: string): Outcome {
  const { stdout } = outcome;
  const begin = stdout.head().indexOf(`${mark}<`);
  const tail = stdout.tail();
  const end = tail.lastIndexOf(`${mark}>`);
  const code = end < 0 ? undefined : /^(\d+)\.$/.exec(tail.toString('latin1', end + mark.length + 1))?.[1];
  if (begin < 0 || code === undefined) {
    const printed = begin < 0 ? stdout : stdout.slice(begin + mark.length + 1, stdout.length);
    const seemsFine = outcome.ended === undefined && outcome.exitCode === 0;
    return { ...outcome, stdout: printed, ...(seemsFine ? { exitCode: undefined, ended: 'cut-off' } : {}) };
  }
  return {
    ...outcome,
    stdout: stdout.slice(begin + mark.length + 1, stdout.length - (tail.length - end)),
    ...(outcome.ended === undefined ? { exitCode: Number(code) } : {}),
  };
}
