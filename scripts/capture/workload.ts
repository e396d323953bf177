import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';

import { json, namespace as namespaceSchema } from './cluster.ts';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import { fill, lines } from './lines.ts';
import type { Run } from './process.ts';
import type { Values } from './render.ts';

/** Label that marks a namespace as the recorder's own. */
export const OWNER = { key: 'app.kubernetes.io/managed-by', value: 'dataplane-visualizer' };

/** Lines of {@link lines} that put the workload in place, in order. */
export const DEPLOY = ['deploy', 'rollout', 'clients'] as const;
/** The cloud may take this long to give the Service its address, in milliseconds. */
const ADDRESS_MS = 300_000;

/**
 * Deploys the workload into a namespace of its own and waits until it serves.
 * @param onCreate called when the namespace has been created and so has to be removed again
 * @throws {StopError} when the namespace is somebody else's, or a step fails
 */
export async function deployWorkload(
  run: Run,
  values: Values,
  signal: AbortSignal,
  onCreate: () => void,
): Promise<void> {
  const step = async (line: string, what: string, timeoutMs?: number) => {
    const outcome = await run(line, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    if (outcomeCause(outcome) !== undefined) throw new StopError(commandFailure(what, outcome));
    return outcome;
  };
  const probe = await step(fill('namespace', values), 'reading the namespace');
  if (probe.stdout.length === 0) {
    onCreate();
    await step(fill('createNamespace', values), 'creating the namespace');
  } else {
    const found = await json(async () => probe, probe.command, namespaceSchema, 'reading the namespace');
    if (found.metadata.labels?.[OWNER.key] !== OWNER.value) {
      throw new StopError({
        what: `namespace ${values.namespace}`,
        cause: `it exists and is not the recorder's: it lacks the label ${OWNER.key}=${OWNER.value}`,
        fix: 'Choose another one with --namespace. Nothing in it was touched.',
      });
    }
  }
  for (const name of DEPLOY) await step(fill(name, values), `workload (${name})`, 300_000);
  const deadline = Date.now() + ADDRESS_MS;
  for (;;) {
    const outcome = await run(fill('address', values), { signal });
    if (outcomeCause(outcome) === undefined) return;
    if (signal.aborted || Date.now() > deadline) {
      throw new StopError(commandFailure('waiting for the external address', outcome));
    }
    await setTimeout(1000, undefined, { signal }).catch(() => {});
  }
}

/** Removes the namespace with everything in it. */
export async function removeWorkload(run: Run, values: Values): Promise<void> {
  const outcome = await run(fill('removeNamespace', values), { timeoutMs: 300_000 });
  if (outcomeCause(outcome) !== undefined) {
    throw new StopError(
      commandFailure('removing the workload', outcome, `By hand: ${fill('removeNamespace', values)}`),
    );
  }
}

/** Distinct images of the workload, sorted; empty where they cannot be read. */
export async function workloadImages(run: Run, values: Values): Promise<string[]> {
  const outcome = await run(fill('images', values));
  const images = z.array(z.string()).parse(outcome.stdout.text().split('\n').filter(Boolean));
  return outcomeCause(outcome) === undefined ? [...new Set(images)].sort() : [];
}
