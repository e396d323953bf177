import { json, podList } from './cluster.ts';
import { outcomeCause } from './failure.ts';
import { fill } from './lines.ts';
import type { Outcome, Run } from './process.ts';
import type { Values } from './render.ts';

/** A debugging pod may take this long to report how its container ended, in milliseconds. */
const STATUS_MS = 10_000;

/**
 * Runs `kubectl debug node/…`. It prints what the command prints, but loses its exit code and leaves its pod behind:
 * the exit code is read from the pod, and the pod is deleted, however the command ended.
 * @returns the outcome with the container's exit code, and what to do by hand where the pod could not be deleted
 */
export async function runDebug(
  run: Run,
  line: string,
  values: Values,
  options: { timeoutMs?: number; signal?: AbortSignal | undefined },
): Promise<{ outcome: Outcome; leftover: string | undefined }> {
  const before = new Set((await debugPods(run, values)).map((pod) => pod.name));
  const outcome = await run(line, options);
  let leftover: string | undefined;
  let exitCode = outcome.exitCode;
  for (let waited = 0; ; waited += 500) {
    const mine = (await debugPods(run, values)).filter((pod) => !before.has(pod.name));
    const ended = mine.map((pod) => pod.exitCode).find((code) => code !== undefined);
    if (ended === undefined && mine.length > 0 && outcome.ended === undefined && waited < STATUS_MS) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    if (outcome.ended === undefined && exitCode === 0) exitCode = ended ?? (mine.length > 0 ? 1 : exitCode);
    for (const pod of mine) {
      const command = fill('debugPodDelete', { ...values, pod: pod.name });
      if (outcomeCause(await run(command)) !== undefined) leftover = command;
    }
    break;
  }
  return { outcome: { ...outcome, exitCode }, leftover };
}

async function debugPods(run: Run, values: Values): Promise<{ name: string; exitCode: number | undefined }[]> {
  const { items } = await json(run, fill('debugPods', values), podList, 'looking for debugging pods');
  return items
    .filter((pod) => pod.metadata.name.startsWith('node-debugger-') && pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({
      name: pod.metadata.name,
      exitCode: pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode,
    }));
}
