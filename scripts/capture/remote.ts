import type { NodeName, Place } from '../../src/recipe/schema.ts';
import { json, podList } from './cluster.ts';
import { outcomeCause, StopError } from './failure.ts';
import { newMark, unframed } from './frame.ts';
import { fill } from './lines.ts';
import type { Outcome, Run } from './process.ts';
import type { Values } from './render.ts';
import { type Access, wrap } from './transports.ts';

/** `kubectl debug --attach` can come too late for what a quick command printed; then it is run again. */
const DEBUG_ATTEMPTS = 3;

/** What was run where, and what it left in the cluster to be removed by hand. */
export interface Ran {
  outcome: Outcome;
  where: string;
  leftover?: string | undefined;
}

/**
 * Runs a line where it belongs. Elsewhere than here it runs between marks, so that its output is whole or none
 * ({@link unframed}); the outcome's command is the line without them, as it can be run by hand.
 * @param template command line with variables
 */
export async function runThere(
  { template, place, on }: { template: string; place: Place; on?: NodeName },
  values: Values,
  { run, access }: { run: Run; access: Access },
  options: { timeoutMs?: number; signal?: AbortSignal | undefined },
): Promise<Ran> {
  const { line, where } = wrap(template, place, values, access, on);
  if (place === 'local') return { outcome: await run(line, options), where };
  const attempt = async () => {
    const mark = newMark();
    const outcome = unframed(await run(wrap(template, place, values, access, on, mark).line, options), mark);
    return { ...outcome, command: line };
  };
  if (place !== 'node' || access.nodeAccess !== 'debug') return { outcome: await attempt(), where };
  for (let count = 1; ; count++) {
    const { outcome, leftover } = await withoutDebugPods(run, values, attempt);
    if (outcome.ended !== 'cut-off' || count === DEBUG_ATTEMPTS || leftover !== undefined) {
      return { outcome, where, leftover };
    }
  }
}

/**
 * `kubectl debug node/…` leaves its pod behind: it is deleted, however the command ended.
 * @returns the outcome, and what to do by hand where the pod could not be deleted
 */
async function withoutDebugPods(
  run: Run,
  values: Values,
  attempt: () => Promise<Outcome>,
): Promise<{ outcome: Outcome; leftover?: string }> {
  const before = new Set(await debugPods(run, values));
  const outcome = await attempt();
  try {
    for (const pod of await debugPods(run, values)) {
      if (before.has(pod)) continue;
      const command = fill('debugPodDelete', { ...values, pod });
      if (outcomeCause(await run(command)) !== undefined) return { outcome, leftover: command };
    }
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    return { outcome, leftover: `${fill('debugPods', values)}   # and delete those named node-debugger-…` };
  }
  return { outcome };
}

async function debugPods(run: Run, values: Values): Promise<string[]> {
  const { items } = await json(run, fill('debugPods', values), podList, 'looking for debugging pods');
  return items
    .filter(({ metadata }) => metadata.name.startsWith('node-debugger-') && metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name);
}
