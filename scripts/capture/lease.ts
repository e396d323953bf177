import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { json, type LeaseSpec, lease as leaseSchema } from './cluster.ts';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import { fill, lines } from './lines.ts';
import type { Run } from './process.ts';
import type { Progress } from './progress.ts';
import { poll } from './waiting.ts';

/*
 * Two recordings in one cluster would patch each other's Service, so the namespace is held by a Lease
 * (coordination.k8s.io/v1), as leader election does it: whoever holds it renews it, and one that has not been renewed
 * for its duration, by the clock of the one who looks, may be taken over.
 */
const NAME = 'dataplane-visualizer';
const DURATION_S = 30;
const RENEW_MS = 10_000;
/** A renewal that takes longer is given up; the next one comes soon. */
const ASK_MS = 8000;

/** RFC 3339 with microseconds, as a Lease wants it. */
const micro = () => new Date().toISOString().replace('Z', '000Z');

/** A name for who holds a Lease: this machine and what it does. */
export function holderName(what: string): string {
  return `${hostname()}/${what}-${randomBytes(3).toString('hex')}`;
}

/** A Lease held by `holder`. @param now RFC 3339 with microseconds */
export function newLease(namespace: string, holder: string, now = micro()): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NAME, namespace },
    spec: { holderIdentity: holder, leaseDurationSeconds: DURATION_S, acquireTime: now, renewTime: now },
  };
}

/**
 * The Lease of a namespace; undefined where it has none.
 * @throws {StopError} when it cannot be read
 */
export async function readLease(run: Run, namespace: string, signal?: AbortSignal): Promise<LeaseSpec | undefined> {
  const outcome = await run(fill('lease', { namespace }), { signal, timeoutMs: ASK_MS });
  if (outcomeCause(outcome) === undefined && outcome.stdout.length === 0) return undefined;
  return (await json(async () => outcome, outcome.command, leaseSchema, 'reading the Lease')).spec;
}

/** JSON patches of a Lease. */
export const patches = {
  renew: (holder: string, now = micro()) => [test('holderIdentity', holder), put('renewTime', now)],
  release: (holder: string) => [test('holderIdentity', holder), { op: 'remove', path: '/spec/holderIdentity' }],
  take: (holder: string, from: LeaseSpec) => {
    const now = micro();
    return [
      ...(from.holderIdentity === undefined ? [] : [test('holderIdentity', from.holderIdentity)]),
      ...(from.renewTime === undefined ? [] : [test('renewTime', from.renewTime)]),
      put('holderIdentity', holder),
      put('leaseDurationSeconds', DURATION_S),
      put('acquireTime', now),
      put('renewTime', now),
    ];
  },
};
function test(field: keyof LeaseSpec, value: string): object {
  return { op: 'test', path: `/spec/${field}`, value };
}
function put(field: string, value: string | number): object {
  return { op: 'add', path: `/spec/${field}`, value };
}

/**
 * Takes the Lease of a namespace that is there.
 * @param dead holders that are known to have ended
 * @returns true where it was still held by a recording that had ended without giving it back
 * @throws {StopError} when another recording is alive
 */
export async function takeLease(
  run: Run,
  namespace: string,
  holder: string,
  dead: ReadonlySet<string>,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = await readLease(run, namespace, signal);
  if (seen?.holderIdentity === holder) return false;
  const by = seen?.holderIdentity ?? '';
  if (seen && by !== '' && !dead.has(by)) {
    const limitMs = (seen.leaseDurationSeconds ?? DURATION_S) * 1000;
    progress.note(
      `Namespace ${namespace} is held by ${by}: waiting up to ${limitMs / 1000} s for a sign of life of it`,
    );
    const alive = await poll(`a sign of life of ${by}`, limitMs, progress, signal, async () => {
      const now = await readLease(run, namespace, signal);
      return now?.holderIdentity !== by || now.renewTime !== seen.renewTime;
    });
    if (alive || signal.aborted) throw takenBy(namespace, by);
  }
  const line = seen
    ? lines.patchLease(namespace, patches.take(holder, seen))
    : lines.create([newLease(namespace, holder)]);
  const outcome = await run(line, { signal });
  if (outcomeCause(outcome) === undefined) return seen === undefined || by !== '';
  const now = await readLease(run, namespace, signal);
  const other = now?.holderIdentity;
  if (other === holder) return seen === undefined || by !== '';
  if (other !== undefined && other !== by) throw takenBy(namespace, other);
  throw new StopError(commandFailure(`holding namespace ${namespace} by a Lease`, outcome));
}

function takenBy(namespace: string, holder: string): StopError {
  return new StopError({
    what: `namespace ${namespace}`,
    cause: `another recording is under way in it: ${holder}`,
    fix: 'Wait until it has ended, or choose another one with --namespace. Nothing in it was touched.',
  });
}

/** A Lease that is being renewed. */
export interface Hold {
  /** Comes when another recording has taken the namespace over, or it is gone. */
  lost: AbortSignal;
  /**
   * Asks the cluster again where the last renewal is too long ago, as after the machine slept.
   * @throws {StopError} when it is lost
   */
  check(): Promise<void>;
  /** Renews it no more. @param release gives it back, so that nobody waits for a sign of life */
  end(release: boolean): Promise<void>;
}

/** Renews a Lease that `holder` has until it is ended. */
export function keepLease(run: Run, namespace: string, holder: string): Hold {
  const lost = new AbortController();
  let renewed = performance.now();
  const renew = async () => {
    const begun = performance.now();
    const outcome = await run(lines.patchLease(namespace, patches.renew(holder)), { timeoutMs: ASK_MS });
    if (outcomeCause(outcome) === undefined) {
      renewed = begun;
      return;
    }
    // An API server that does not answer tells nothing about the Lease.
    const spec = await readLease(run, namespace).catch(() => 'unknown' as const);
    if (spec !== 'unknown' && spec?.holderIdentity !== holder) {
      lost.abort(spec?.holderIdentity ?? 'somebody who removed it');
    }
  };
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
  }, RENEW_MS);
  return {
    lost: lost.signal,
    check: async () => {
      if (performance.now() - renewed > DURATION_S * 1000) await renew();
      if (lost.signal.aborted) {
        throw new StopError({
          what: `namespace ${namespace}`,
          cause: `it was taken over by ${lost.signal.reason} while this recording gave no sign of life`,
          fix: 'Nothing in it was touched since. Record again when that recording has ended.',
        });
      }
    },
    end: async (release) => {
      clearInterval(timer);
      await renewing;
      if (release && !lost.signal.aborted) await run(lines.patchLease(namespace, patches.release(holder)));
    },
  };
}
