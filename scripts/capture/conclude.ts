import { decodeCapture, sha256 } from '../../src/captures/file.ts';
import { type RecordedRun, type RunFile, readRun } from '../../src/captures/run.ts';
import { ProblemsError } from '../../src/problem.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { type Failure, formatFailure, StopError } from './failure.ts';
import type { Options } from './options.ts';
import { type LayerPlan, plannedTasks } from './plan.ts';
import type { Recording } from './record.ts';
import type { Environment } from './session.ts';
import { oldFile, type Staging } from './write.ts';

/** One output as the result tells it. */
export interface CaptureResult {
  key: string;
  status: 'recorded' | 'failed' | 'not-run';
  /** Against the set that was there. */
  change?: 'new' | 'changed' | 'same';
  bytes?: number;
}

/** What came of a recording. */
export interface Result {
  run: string;
  side: SideId;
  outcome: 'recorded' | 'failed' | 'interrupted';
  /** True where captures/<side> was replaced. */
  written: boolean;
  captures: CaptureResult[];
  failures: Failure[];
  byHand: string[];
}

/** What is being concluded. */
export interface Concluded {
  root: string;
  side: SideId;
  options: Pick<Options, 'acceptPartial'>;
  plan: readonly LayerPlan[];
  environment: Environment;
}

/** Decides whether the new set replaces the old one, and does it. */
export function conclude(
  session: Concluded,
  staging: Staging,
  recording: Recording,
  facts: { run: string; started: string; workload: string[]; aborted: boolean },
): Result {
  const { side, root, options } = session;
  const { aborted: interrupted, ...about } = facts;
  const tasks = plannedTasks(session.plan);
  const captures = tasks.map(({ key }): CaptureResult => {
    const recorded = recording.recorded.get(key);
    if (!recorded) return { key, status: interrupted ? 'not-run' : 'failed' };
    const old = oldFile(root, side, recorded.name);
    const before = old && bodySha(old, recorded.name);
    const change = before === undefined ? 'new' : before === recorded.sha256 ? 'same' : 'changed';
    return { key, status: 'recorded', change, bytes: recorded.bodyBytes };
  });
  const complete = captures.every(({ status }) => status === 'recorded') && recording.failures.length === 0;
  const some = captures.some(({ status }) => status === 'recorded');
  let written = false;
  const failures = [...recording.failures];
  if (!interrupted && (complete || (options.acceptPartial && some))) {
    const order = recording.order.filter((key) => recording.recorded.has(key));
    const newest: RecordedRun = { ...about, ...session.environment, order };
    try {
      staging.commit(withEarlier(root, side, newest));
      written = true;
    } catch (error) {
      failures.push(asFailure(error));
    }
  }
  const outcome = interrupted ? 'interrupted' : complete && written ? 'recorded' : 'failed';
  return { run: about.run, side, outcome, written, captures, failures, byHand: recording.byHand };
}

/** run.yaml keeps the older recordings whose outputs are still there. */
function withEarlier(root: string, side: SideId, newest: RecordedRun): RunFile {
  let previous: RunFile | undefined;
  try {
    previous = readRun(root, side);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
  }
  if (!previous) return newest;
  const { earlier = [], ...last } = previous;
  const replaced = new Set(newest.order);
  const kept = [last, ...earlier].filter((one) =>
    one.order.some((key) => {
      const old = replaced.has(key) ? undefined : oldFile(root, side, `${key.split('/')[1]}.txt`);
      return old !== undefined && headerRun(old, key) === one.run;
    }),
  );
  return kept.length === 0 ? newest : { ...newest, earlier: kept };
}

function headerRun(bytes: Buffer, name: string): string | undefined {
  try {
    return decodeCapture(bytes, name).header?.run;
  } catch (error) {
    if (error instanceof ProblemsError) return undefined;
    throw error;
  }
}

function bodySha(bytes: Buffer, name: string): string | undefined {
  try {
    return sha256(decodeCapture(bytes, name).body);
  } catch (error) {
    if (error instanceof ProblemsError) return undefined;
    throw error;
  }
}

/** A failure out of whatever was thrown; what is nobody's fault but ours is thrown on. */
export function asFailure(error: unknown): Failure {
  if (error instanceof StopError) return error.failure;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      what: 'writing the outputs',
      cause: 'the disk is full',
      fix: 'Make room and record again; the old set stands.',
    };
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return { what: 'writing the outputs', cause: message, fix: 'Make captures/ writable; the old set stands.' };
  }
  throw error;
}

/** The result for people. */
export function formatResult(result: Result): string {
  const recorded = result.captures.filter(({ status }) => status === 'recorded');
  const changed = recorded.filter(({ change }) => change !== 'same');
  const lines = result.failures.map(formatFailure);
  if (result.byHand.length > 0) {
    lines.push('The cluster is not as it was. Run by hand:', ...result.byHand.map((line) => `  ${line}`));
  }
  if (result.outcome === 'interrupted') lines.push('Interrupted. captures/ is unchanged.');
  else if (!result.written) {
    lines.push(
      `${recorded.length} of ${result.captures.length} outputs were recorded; captures/${result.side} is unchanged.`,
      'To keep the good ones anyway, record again with --accept-partial.',
    );
  } else {
    lines.push(
      ...changed.map(({ key, change, bytes }) => `${change} ${key} (${bytes} bytes)`),
      `captures/${result.side}: ${recorded.length} recorded, ${changed.length} of them new or changed. Review with: git diff captures/${result.side}`,
    );
  }
  return lines.join('\n');
}
