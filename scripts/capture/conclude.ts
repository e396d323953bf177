import { decodeCapture, sha256 } from '../../src/captures/file.ts';
import { type RecordedRun, type RunFile, readRun } from '../../src/captures/run.ts';
import { ProblemsError } from '../../src/problem.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { editProblem } from './edits.ts';
import { asFailure, type Failure, formatFailure, WRITING } from './failure.ts';
import type { Options } from './options.ts';
import { type LayerPlan, plannedTasks } from './plan.ts';
import type { Run } from './process.ts';
import type { Recording } from './record.ts';
import type { Environment } from './session.ts';
import { oldFile, type Staging } from './write.ts';

/** One output as the result tells it. */
export interface CaptureResult {
  key: string;
  status: 'recorded' | 'not-here' | 'failed' | 'not-run';
  /** Why the cluster has no such output. */
  why?: string;
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
  /** True where a finished set waits for `--resume`. */
  kept: boolean;
  captures: CaptureResult[];
  failures: Failure[];
  byHand: string[];
}

/** What is being concluded. */
export interface Concluded {
  root: string;
  side: SideId;
  run: Run;
  options: Pick<Options, 'acceptPartial'>;
  plan: readonly LayerPlan[];
  environment: Environment;
}

/**
 * Decides whether the new set replaces the old one, and does it. A whole set that cannot be put in place, or comes from
 * a cluster that could not be put back, is kept for `--resume`.
 */
export async function conclude(
  session: Concluded,
  staging: Staging,
  recording: Recording,
  facts: { run: string; started: string; workload: string[]; aborted: boolean },
): Promise<Result> {
  const { side, root, options } = session;
  const { aborted: interrupted, ...about } = facts;
  const tasks = plannedTasks(session.plan);
  const captures = tasks.map(({ key }): CaptureResult => {
    const recorded = recording.recorded.get(key);
    const why = recording.notHere.get(key);
    if (why !== undefined) return { key, status: 'not-here', why };
    if (!recorded) return { key, status: interrupted ? 'not-run' : 'failed' };
    return asResult(root, side, key, recorded);
  });
  const complete =
    captures.every(({ status }) => status === 'recorded' || status === 'not-here') && recording.failures.length === 0;
  const some = captures.some(({ status }) => status === 'recorded');
  const failures = [...recording.failures, ...recording.unrestored];
  const order = recording.order.filter((key) => recording.recorded.has(key));
  const notRecorded = Object.fromEntries(recording.notHere);
  const newest: RecordedRun = {
    ...about,
    ...session.environment,
    order,
    ...(recording.notHere.size > 0 && { notRecorded }),
  };
  let placed: Placed = { written: false, kept: false };
  if (!interrupted && (complete || (options.acceptPartial && some))) {
    if (recording.unrestored.length === 0) placed = await place(session.run, root, side, staging, newest);
    else if (complete) placed = keep(staging, newest);
  }
  if (placed.failure) failures.push(placed.failure);
  const { written, kept } = placed;
  const outcome = interrupted ? 'interrupted' : complete && written ? 'recorded' : 'failed';
  return { run: about.run, side, outcome, written, kept, captures, failures, byHand: recording.byHand };
}

function asResult(root: string, side: SideId, key: string, fresh: { name: string; sha256: string; bodyBytes: number }) {
  const old = oldFile(root, side, fresh.name);
  const before = old && bodySha(old, fresh.name);
  const change = before === undefined ? 'new' : before === fresh.sha256 ? 'same' : 'changed';
  return { key, status: 'recorded', change, bytes: fresh.bodyBytes } satisfies CaptureResult;
}

interface Placed {
  written: boolean;
  kept: boolean;
  failure?: Failure;
}

/** Puts a set in place, unless that would overwrite an edit; a set that stays outside is kept. */
async function place(run: Run, root: string, side: SideId, staging: Staging, newest: RecordedRun): Promise<Placed> {
  try {
    const problem = await editProblem(run, root, side, [...newest.order.map(fileOf), 'run.yaml'], staging);
    if (problem) return { ...keep(staging, newest), failure: problem };
    staging.commit(withEarlier(root, side, newest));
    return { written: true, kept: false };
  } catch (error) {
    return { ...keep(staging, newest), failure: asFailure(error) };
  }
}

function keep(staging: Staging, newest: RecordedRun): Placed {
  try {
    staging.keep(newest);
    return { written: false, kept: true };
  } catch (error) {
    asFailure(error);
    return { written: false, kept: false };
  }
}

const fileOf = (key: string) => `${key.split('/')[1]}.txt`;

/** Puts a finished set in place that was kept, or keeps it again. */
export async function placeKept(
  run: Run,
  root: string,
  side: SideId,
  { staging, run: newest }: NonNullable<ReturnType<typeof Staging.resume>>,
): Promise<Result> {
  const captures = newest.order.map((key): CaptureResult => {
    const name = fileOf(key);
    const { body } = decodeCapture(staging.read(name), name);
    return asResult(root, side, key, { name, sha256: sha256(body), bodyBytes: body.length });
  });
  const { written, kept, failure } = await place(run, root, side, staging, newest);
  const failures = failure ? [failure] : [];
  const outcome = written ? 'recorded' : 'failed';
  return { run: newest.run, side, outcome, written, kept, captures, failures, byHand: [] };
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
      const old = replaced.has(key) ? undefined : oldFile(root, side, fileOf(key));
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

/** The result for people. */
export function formatResult(result: Result): string {
  const recorded = result.captures.filter(({ status }) => status === 'recorded');
  const changed = recorded.filter(({ change }) => change !== 'same');
  const lines = result.failures.map(formatFailure);
  if (result.byHand.length > 0) {
    lines.push('The cluster is not as it was. Run by hand:', ...result.byHand.map((line) => `  ${line}`));
  }
  for (const { key, why } of result.captures) if (why !== undefined) lines.push(`not recorded: ${key}: ${why}`);
  if (result.outcome === 'interrupted') lines.push('Interrupted. captures/ is unchanged.');
  else if (!result.written) {
    lines.push(
      `${recorded.length} of ${result.captures.length} outputs were recorded; captures/${result.side} is unchanged.`,
    );
    if (result.kept) lines.push('The set is kept. To put it in place: npm run capture -- --resume');
    else if (
      recorded.length > 0 &&
      recorded.length < result.captures.length &&
      result.failures.every(({ what }) => what !== WRITING)
    ) {
      lines.push('To keep the good ones anyway, record again with --accept-partial.');
    }
  } else {
    lines.push(
      ...changed.map(({ key, change, bytes }) => `${change} ${key} (${bytes} bytes)`),
      `captures/${result.side}: ${recorded.length} recorded, ${changed.length} of them new or changed. Review with: git diff captures/${result.side}`,
    );
  }
  return lines.join('\n');
}
