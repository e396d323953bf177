import { createHash } from 'node:crypto';
import { encodeCapture } from '../../src/captures/file.ts';
import type { CaptureHeader } from '../../src/captures/header.ts';
import { incompleteness } from './complete.ts';
import { choose } from './discover.ts';
import { commandFailure, type Failure, outcomeCause } from './failure.ts';
import type { Hold } from './lease.ts';
import type { Output } from './output.ts';
import type { CaptureTask } from './plan.ts';
import type { Run } from './process.ts';
import type { Redactor } from './redact.ts';
import { type Ran, runThere } from './remote.ts';
import type { Values } from './render.ts';
import type { Access } from './transports.ts';

/** What every capture of a run shares. */
export interface TaskContext {
  run: Run;
  access: Access;
  runId: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** The namespace is held for this run; asked before something in it is changed. */
  hold: Pick<Hold, 'check' | 'lost'>;
}

/**
 * Runs the command of one capture where it belongs.
 * @throws {StopError} when the cluster lacks a variable it needs
 */
export async function runTask(task: CaptureTask, values: Values, context: TaskContext): Promise<Ran> {
  const template = choose(task, values, context.access);
  return runThere({ ...task, template }, values, context, {
    timeoutMs: task.timeoutMs ?? context.timeoutMs,
    signal: context.signal,
  });
}

/** A capture file ready to be staged. */
export interface Recorded {
  name: string;
  /** Header and body, to be written one after the other: the body may be large. */
  parts: Iterable<Uint8Array>;
  sha256: string;
  bodyBytes: number;
  replaced: number;
}

/** Judges what a command printed and makes its capture file, or says why it must not be kept. */
export async function finishTask(
  task: CaptureTask,
  { outcome, where }: Ran,
  redactor: Redactor,
  runId: string,
): Promise<{ recorded: Recorded } | { failure: Failure }> {
  if (outcomeCause(outcome) !== undefined) return { failure: commandFailure(task.key, outcome) };
  const broken = incompleteness(task.format, outcome.stdout);
  if (broken !== undefined) {
    const { command, stderr } = outcome;
    return { failure: { what: task.key, cause: `exit code 0, but ${broken}`, command, stderr } };
  }
  const command = await redactor.text(outcome.command);
  const place = await redactor.text(where);
  const stderr = await redactor.text(outcome.stderr);
  const body = await redactor.body(outcome.stdout);
  const leaks = [
    ...body.leaks.map(({ kind, line }) => `${kind} in line ${line} of the output`),
    ...stderr.leaks.map(({ kind, line }) => `${kind} in line ${line} of stderr`),
    ...[...command.leaks, ...place.leaks].map(({ kind }) => `${kind} in the command`),
  ];
  if (leaks.length > 0) {
    return {
      failure: {
        what: task.key,
        cause: `it must not be published: ${[...new Set(leaks)].slice(0, 5).join(', ')}`,
        command: outcome.command,
        fix: 'Narrow the command; e-mail and public addresses can be renamed by a rule. Nothing of it was written.',
      },
    };
  }
  const counts = new Map<string, number>();
  for (const { rule, count } of [body, stderr, command, place].flatMap(({ applied }) => applied)) {
    counts.set(rule, (counts.get(rule) ?? 0) + count);
  }
  const hash = createHash('sha256');
  for (const block of body.result.blocks()) hash.update(block);
  const digest = hash.digest('hex');
  const header: CaptureHeader = {
    origin: 'recorded',
    command: command.result,
    where: place.result,
    when: outcome.startedAt.toISOString(),
    durationMs: outcome.durationMs,
    exitCode: outcome.exitCode ?? 0,
    ...(stderr.result === '' ? {} : { stderr: stderr.result }),
    bytes: body.result.length,
    sha256: digest,
    run: runId,
    ...(counts.size === 0 ? {} : { redactions: [...counts].map(([rule, count]) => ({ rule, count })) }),
  };
  return {
    recorded: {
      name: `${task.key.split('/')[1]}.txt`,
      parts: fileParts(header, body.result),
      sha256: digest,
      bodyBytes: body.result.length,
      replaced: [...counts.values()].reduce((sum, count) => sum + count, 0),
    },
  };
}

/** Header and body one after the other; a large body is never in memory in one piece. */
function* fileParts(header: CaptureHeader, body: Output): Generator<Uint8Array> {
  yield encodeCapture({ header, body: Buffer.alloc(0) });
  yield* body.blocks();
}
