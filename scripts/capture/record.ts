import type { RecipeStep } from '../../src/recipe/schema.ts';
import { discover, lasting, neededBy } from './discover.ts';
import { commandFailure, type Failure, outcomeCause, StopError } from './failure.ts';
import type { CaptureTask, LayerPlan, Stage } from './plan.ts';
import { elapsed, type Progress } from './progress.ts';
import type { Redactor } from './redact.ts';
import type { Values } from './render.ts';
import { finishTask, type Ran, type Recorded, runTask, type TaskContext } from './task.ts';
import { wrap } from './transports.ts';

/** How many commands run side by side where their order does not matter. */
const SIDE_BY_SIDE = 4;
/** Between two tries of an `until` step, in milliseconds. */
const RETRY_MS = 1000;
/** A step that names no timeout of its own, in milliseconds. */
const STEP_MS = 300_000;

/** What came of the captures of a plan. */
export interface Recording {
  /** Keys in the order their commands were started. */
  order: string[];
  recorded: Map<string, Recorded>;
  failures: Failure[];
  /** The cluster is not as it was: what has to be run by hand. */
  byHand: string[];
}

/** Called with each finished output, in order; memory for it can be given back afterwards. */
export type Keep = (task: CaptureTask, recorded: Recorded) => void;

/**
 * Runs a plan layer by layer. Whatever happens inside a layer, its restore steps run before the next one starts,
 * and also when the run is interrupted. A capture that fails does not stop the others.
 */
export async function recordPlan(
  plan: readonly LayerPlan[],
  known: Values,
  context: TaskContext,
  redactor: Redactor,
  progress: Progress,
  keep: Keep,
): Promise<Recording> {
  const recording: Recording = { order: [], recorded: new Map(), failures: [], byHand: [] };
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
          await runStep(step, current, context);
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
  return recording;
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

async function runStep(step: RecipeStep, values: Values, context: TaskContext): Promise<void> {
  const { signal } = context;
  if (step.wait !== undefined) return pause(step.wait * 1000, signal);
  const timeoutMs = step.timeout === undefined ? STEP_MS : step.timeout * 1000;
  const { line } = wrap(step.run ?? step.until ?? '', step.where ?? 'local', values, context.access);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const outcome = await context.run(line, { timeoutMs: Math.max(1, deadline - Date.now()), signal });
    if (outcomeCause(outcome) === undefined) return;
    if (step.run !== undefined || signal.aborted || Date.now() + RETRY_MS >= deadline) {
      const what = step.run === undefined ? `not true within ${timeoutMs / 1000} s` : 'step';
      throw new StopError(commandFailure(what, outcome));
    }
    await pause(RETRY_MS, signal);
  }
}

/** Undoes a layer. Nothing may stop it, so it gets no abort signal; each step is tried even if one fails. */
async function restore(
  layer: LayerPlan,
  values: Values,
  context: TaskContext,
  progress: Progress,
  recording: Recording,
): Promise<void> {
  const calm = { ...context, signal: new AbortController().signal };
  for (const step of layer.restore) {
    try {
      await runStep(step, values, calm);
    } catch (error) {
      if (!(error instanceof StopError)) throw error;
      recording.failures.push({ ...error.failure, what: `restoring ${layer.id}` });
      recording.byHand.push(...restoreLines([step], values, context));
      progress.note(`Restoring ${layer.id} failed: ${error.failure.cause}`);
    }
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

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
