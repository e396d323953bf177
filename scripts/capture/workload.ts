import * as z from 'zod';
import { json, namespace as namespaceSchema } from './cluster.ts';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import { newLease, takeLease } from './lease.ts';
import { fill, lines } from './lines.ts';
import type { Run } from './process.ts';
import type { Progress } from './progress.ts';
import type { Values } from './render.ts';
import { insist, poll } from './waiting.ts';

/** Label that marks a namespace as the recorder's own. */
const OWNER = { key: 'app.kubernetes.io/managed-by', value: 'dataplane-visualizer' };
/** Annotation that tells which recording created it. */
const CREATED_BY = 'dataplane-visualizer/created-by';

/** Lines of {@link lines} that put the workload in place, in order. */
export const DEPLOY = ['deploy', 'rollout', 'clients'] as const;

/** kubectl itself gives up a little earlier; in milliseconds. */
const STEP_MS = 300_000;

/** What a step of the workload needs. */
export interface Site {
  run: Run;
  namespace: string;
  /** Names this recording. */
  holder: string;
  /** How long to wait for an address, for a namespace to go, and for an API server that is away. */
  timeoutMs: number;
  progress: Progress;
  signal: AbortSignal;
}

/** A namespace of ours with its Lease, both in one go. @param now as {@link newLease} */
export function newNamespace(namespace: string, holder: string, now?: string): object[] {
  const metadata = { name: namespace, labels: { [OWNER.key]: OWNER.value }, annotations: { [CREATED_BY]: holder } };
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata }, newLease(namespace, holder, now)];
}

/** @throws {StopError} when it cannot be read */
async function readNamespace({ run, namespace }: Pick<Site, 'run' | 'namespace'>, signal?: AbortSignal) {
  const outcome = await run(fill('namespace', { namespace }), { signal });
  if (outcomeCause(outcome) === undefined && outcome.stdout.length === 0) return undefined;
  return (await json(async () => outcome, outcome.command, namespaceSchema, 'reading the namespace')).metadata;
}

/**
 * Makes the namespace this recording's own: creates it, or takes it where no other recording is alive in it.
 * @param dead holders of the Lease that are known to have ended
 * @param onTouch called before the namespace is created, or the Lease of one that is there is taken
 * @returns who left it: nobody (it is new), a recording that kept it, or one that was cut off
 * @throws {StopError} when the namespace is somebody else's, or a step fails
 */
export async function claim(
  site: Site,
  dead: ReadonlySet<string>,
  onTouch: (creating: boolean) => void,
): Promise<'new' | 'kept' | 'cut-off'> {
  const { run, namespace, holder, progress, signal } = site;
  for (;;) {
    const found = await readNamespace(site, signal);
    if (found?.deletionTimestamp !== undefined) {
      await untilGone(site);
      continue;
    }
    if (found) {
      if (found.labels?.[OWNER.key] !== OWNER.value) {
        throw new StopError({
          what: `namespace ${namespace}`,
          cause: `it exists and is not the recorder's: it lacks the label ${OWNER.key}=${OWNER.value}`,
          fix: 'Choose another one with --namespace. Nothing in it was touched.',
        });
      }
      onTouch(false);
      return (await takeLease(run, namespace, holder, dead, progress, signal)) ? 'cut-off' : 'kept';
    }
    onTouch(true);
    const outcome = await run(lines.create(newNamespace(namespace, holder)), { signal });
    if (outcomeCause(outcome) === undefined) return 'new';
    // Somebody else may have been quicker.
    if (signal.aborted || !/AlreadyExists|already exists/.test(outcome.stderr)) {
      throw new StopError(commandFailure('creating the namespace', outcome));
    }
  }
}

/** A namespace that is being removed cannot be used, and takes the time its load balancer takes. */
async function untilGone(site: Site): Promise<void> {
  const { namespace, timeoutMs, progress, signal } = site;
  progress.note(`Namespace ${namespace} is still being removed: waiting until it is gone`);
  const gone = await poll(`until namespace ${namespace} is gone`, timeoutMs, progress, signal, async () => {
    const found = await readNamespace(site, signal);
    return found?.deletionTimestamp === undefined;
  });
  if (gone) return;
  throw new StopError({
    what: `namespace ${namespace}`,
    cause: signal.aborted ? 'interrupted' : `it is still being removed after ${timeoutMs / 1000} s`,
    fix: `See what keeps it: kubectl get namespace ${namespace} -o yaml. Or choose another one with --namespace.`,
  });
}

/**
 * Deploys the workload into its namespace and waits until it serves.
 * @throws {StopError} when a step fails
 */
export async function deployWorkload(site: Site, values: Values): Promise<void> {
  const { run, namespace, timeoutMs, progress, signal } = site;
  for (const name of DEPLOY) {
    const outcome = await run(fill(name, values), { signal, timeoutMs: STEP_MS });
    if (outcomeCause(outcome) !== undefined) throw new StopError(commandFailure(`workload (${name})`, outcome));
  }
  const address = fill('address', values);
  const there = await poll('waiting for the external address', timeoutMs, progress, signal, async (leftMs) => {
    return outcomeCause(await run(address, { signal, timeoutMs: leftMs })) === undefined;
  });
  if (there) return;
  throw new StopError({
    what: 'waiting for the external address',
    cause: signal.aborted
      ? 'interrupted'
      : `Service ${namespace}/nginx of type LoadBalancer has none after ${timeoutMs / 1000} s`,
    command: address,
    fix: `Its events tell why: record with --keep-workload, then kubectl -n ${namespace} describe service nginx. A quota may be used up; a cluster without a cloud has no load balancers.`,
  });
}

/**
 * Removes the namespace with everything in it, and its billed load balancer; tries for the time of one command.
 * @param ifCreatedBy leaves a namespace that another recording created alone
 * @throws {StopError} when it cannot be removed
 */
export async function removeWorkload(
  { run, namespace, timeoutMs, progress }: Pick<Site, 'run' | 'namespace' | 'timeoutMs' | 'progress'>,
  ifCreatedBy?: string,
): Promise<void> {
  const line = fill('removeNamespace', { namespace });
  await insist(`removing namespace ${namespace}`, timeoutMs, progress, async () => {
    const found = await readNamespace({ run, namespace });
    if (!found || (ifCreatedBy !== undefined && found.annotations?.[CREATED_BY] !== ifCreatedBy)) return;
    const outcome = await run(line, { timeoutMs: STEP_MS });
    if (outcomeCause(outcome) !== undefined) throw new StopError(commandFailure('removing the workload', outcome));
  });
}

/** Distinct images of the workload, sorted; empty where they cannot be read. */
export async function workloadImages(run: Run, values: Values): Promise<string[]> {
  const outcome = await run(fill('images', values));
  const images = z.array(z.string()).parse(outcome.stdout.text().split('\n').filter(Boolean));
  return outcomeCause(outcome) === undefined ? [...new Set(images)].sort() : [];
}
