import type { RecipeStep } from '../../src/recipe/schema.ts';
import { discover, lasting, NotHere, neededBy } from './discover.ts';
import { commandFailure, type Failure, outcomeCause, StopError } from './failure.ts';
import type { CaptureTask, LayerPlan, Stage } from './plan.ts';
import type { Outcome } from './process.ts';
import { elapsed, type Progress } from './progress.ts';
import type { Redactor } from './redact.ts';
import { type Ran, runThere } from './remote.ts';
import type { Values } from './render.ts';
import { finishTask, type Recorded, runTask, type TaskContext } from './task.ts';
import { wrap } from './transports.ts';
import { insist, pause, poll } from './waiting.ts';

/** How many commands run side by side where their order does not matter. */
const SIDE_BY_SIDE = 4;
/** A step that names no timeout of its own, in milliseconds. */
const STEP_MS = 300_000;

/** What came of the captures of a plan. */
export interface Recording {
  /** Keys in the order their commands were started. */
  order: string[];
  recorded: Map<string, Recorded>;
  /** Why the cluster has no such output, by key. */
  notHere: Map<string, string>;
  failures: Failure[];
  /** What could not be put back. */
  unrestored: Failure[];
  /** The cluster is not as it was: what has to be run by hand. */
  byHand: string[];
}

/** The beginning of a recording. */
export function nothingRecorded(): Recording {
  return { order: [], recorded: new Map(), notHere: new Map(), failures: [], unrestored: [], byHand: [] };
}

/** Called with each finished output, in order; memory for it can be given back afterwards. */
export type Keep = (task: CaptureTask, recorded: Recorded) => void;

/**
 * Runs a plan layer by layer. Whatever happens inside a layer, its restore steps run before the next one starts,
 * and also when the run is interrupted. A capture that fails does not stop the others.
 * @param recording is filled
 */
export async function recordPlan(
  plan: readonly LayerPlan[],
  known: Values,
  context: TaskContext,
  redactor: Redactor,
  progress: Progress,
  keep: Keep,
  recording: Recording,
): Promise<void> {
  let values = known;
  for (const layer of plan) {
    if (context.signal.aborted) break;
    let touched = false;
    let current = values;
    const open = layer.stages.flatMap((stage) => [...stage.captures]);
    try {
      for (const stage of layer.stages) {
        for (const step of stage.before) {
          current = { ...current, ...(await forStep(step, current, context)) };
          touched = true;
          recording.byHand.push(...(await runStep(step, current, context, progress)));
        }
        if (context.signal.aborted) break;
        current = await discover(
          neededBy(stage.captures, context.access),
          lasting(current),
          context.run,
          context.signal,
        );
        values = lasting(current);
        await runStage(stage, current, context, redactor, progress, keep, recording);
        open.splice(0, stage.captures.length);
      }
    } catch (error) {
      if (!(error instanceof StopError)) throw error;
      if (!context.signal.aborted) {
        for (const task of open) {
          const failure = { ...error.failure, what: `${task.key}, ${error.failure.what}` };
          recording.failures.push(failure);
          progress.end(task.key, false, error.failure.cause);
        }
      }
    } finally {
      if (touched) await restore(layer, current, context, progress, recording);
    }
  }
}

async function runStage(
  stage: Stage,
  values: Values,
  context: TaskContext,
  redactor: Redactor,
  progress: Progress,
  keep: Keep,
  recording: Recording,
): Promise<void> {
  const waiting = [...stage.captures.entries()];
  const ran = new Map<CaptureTask, Ran | StopError>();
  const worker = async () => {
    for (let next = waiting.shift(); next && !context.signal.aborted; next = waiting.shift()) {
      const [, task] = next;
      recording.order.push(task.key);
      progress.start(task.key);
      try {
        ran.set(task, await runTask(task, values, context));
      } catch (error) {
        if (!(error instanceof StopError)) throw error;
        ran.set(task, error);
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  // Judged in page order, so that the names redaction gives do not depend on who came first.
  for (const task of stage.captures) {
    const result = ran.get(task);
    if (result === undefined || context.signal.aborted) continue;
    ran.delete(task);
    if (result instanceof NotHere) {
      recording.notHere.set(task.key, result.failure.cause.replace('not recorded: ', ''));
      progress.end(task.key, true, result.failure.cause);
      continue;
    }
    if (result instanceof StopError) {
      recording.failures.push(result.failure);
      progress.end(task.key, false, result.failure.cause);
      continue;
    }
    if (result.leftover !== undefined) recording.byHand.push(result.leftover);
    const finished = await finishTask(task, result, redactor, context.runId);
    if ('failure' in finished) {
      recording.failures.push(finished.failure);
      progress.end(task.key, false, finished.failure.cause);
    } else {
      const { recorded } = finished;
      keep(task, recorded);
      recording.recorded.set(task.key, { ...recorded, parts: [] });
      const replaced = recorded.replaced === 0 ? '' : `, ${recorded.replaced} redacted`;
      progress.end(task.key, true, `${elapsed(result.outcome.durationMs)}, ${recorded.bodyBytes} bytes${replaced}`);
    }
  }
}

/** Values a step names that are not known yet. */
async function forStep(step: RecipeStep, values: Values, context: TaskContext): Promise<Values> {
  const line = step.run ?? step.until;
  if (line === undefined) return {};
  const task: CaptureTask = {
    key: 'step',
    title: '',
    format: 'plain',
    place: step.where ?? 'local',
    on: 'node',
    commands: [line],
    timeoutMs: undefined,
  };
  return discover(neededBy([task], context.access), values, context.run, context.signal);
}

/**
 * @returns what it left in the cluster to be removed by hand
 * @throws {StopError} when it fails, or does not become true in time
 */
async function runStep(step: RecipeStep, values: Values, context: TaskContext, progress: Progress): Promise<string[]> {
  const { signal } = context;
  if (step.wait !== undefined) {
    const end = progress.alive(`waiting ${step.wait} s`);
    await pause(step.wait * 1000, signal);
    end();
    return [];
  }
  await context.hold.check();
  const limitMs = step.timeout === undefined ? STEP_MS : step.timeout * 1000;
  const template = step.run ?? step.until ?? '';
  let outcome: Outcome | undefined;
  const leftovers: string[] = [];
  const attempt = async (timeoutMs: number) => {
    const ran = await runThere({ template, place: step.where ?? 'local' }, values, context, { timeoutMs, signal });
    outcome = ran.outcome;
    if (ran.leftover !== undefined) leftovers.push(ran.leftover);
    return outcomeCause(outcome) === undefined;
  };
  const done =
    step.run === undefined
      ? await poll(`until ${template}`, limitMs, progress, signal, attempt)
      : await attempt(limitMs);
  if (!done && outcome) {
    throw new StopError(
      commandFailure(step.run === undefined ? `not true within ${limitMs / 1000} s` : 'step', outcome),
    );
  }
  return leftovers;
}

/**
 * Undoes a layer. Nothing may stop it, so it gets no abort signal. A round tries each step even if one fails; rounds
 * are repeated, from the first step that failed, until all have worked or the time of one command is over.
 */
export async function restore(
  layer: Pick<LayerPlan, 'id' | 'restore'>,
  values: Values,
  context: TaskContext,
  progress: Progress,
  recording: Recording,
): Promise<void> {
  const calm = { ...context, signal: new AbortController().signal };
  const what = `restoring ${layer.id}`;
  let open = layer.restore;
  let failed: { step: RecipeStep; error: StopError }[] = [];
  try {
    await insist(what, context.timeoutMs, progress, async () => {
      failed = [];
      // Whoever holds the cluster now puts it right.
      if (context.hold.lost.aborted) return;
      for (const step of open) {
        try {
          const known = { ...values, ...(await forStep(step, values, calm)) };
          recording.byHand.push(...(await runStep(step, known, calm, progress)));
        } catch (error) {
          if (!(error instanceof StopError)) throw error;
          failed.push({ step, error });
        }
      }
      const [first] = failed;
      if (first === undefined) return;
      open = open.slice(open.indexOf(first.step));
      throw first.error;
    });
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    recording.unrestored.push(...failed.map((one) => ({ ...one.error.failure, what })));
    recording.byHand.push(
      ...restoreLines(
        failed.map(({ step }) => step),
        values,
        context,
      ),
    );
  }
}

/** The restore steps of a layer as lines to run by hand. */
export function restoreLines(
  steps: readonly RecipeStep[],
  values: Values,
  context: Pick<TaskContext, 'access'>,
): string[] {
  return steps.flatMap((step) => {
    const line = step.run ?? step.until;
    return line === undefined ? [] : [wrap(line, step.where ?? 'local', values, context.access).line];
  });
}
