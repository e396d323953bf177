import { json, namespaceList, serviceList } from './cluster.ts';
import { formatFailure, StopError } from './failure.ts';
import type { Journal } from './journal.ts';
import { readLease } from './lease.ts';
import { fill, lines } from './lines.ts';
import type { Run } from './process.ts';

/** A namespace of the recorder's, found in the cluster. */
export interface Leftover {
  namespace: string;
  /** True where it is being removed already. */
  going: boolean;
  /** What it is, in words. */
  text: string;
}

/**
 * What earlier recordings left in the cluster of this context: every namespace with our label.
 * @param dead holders of Leases that are known to have ended
 * @throws {StopError} when the cluster does not tell
 */
export async function findLeftovers(run: Run, dead: ReadonlySet<string>, signal?: AbortSignal): Promise<Leftover[]> {
  const { items } = await json(run, lines.ours, namespaceList, 'looking for what earlier recordings left', signal);
  return Promise.all(
    items.map(async ({ metadata: { name: namespace, deletionTimestamp } }) => {
      if (deletionTimestamp !== undefined) return { namespace, going: true, text: `${namespace}: is being removed` };
      const [lease, services] = await Promise.all([
        readLease(run, namespace, signal),
        json(run, fill('services', { namespace }), serviceList, 'reading its Services', signal),
      ]);
      const holder = lease?.holderIdentity ?? '';
      const addresses = services.items.flatMap(({ status }) =>
        (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? 'with a host name'),
      );
      const state =
        lease === undefined
          ? 'left by a recording that was cut off'
          : holder === ''
            ? 'kept by an earlier recording'
            : dead.has(holder)
              ? `left by recording ${holder}, which was cut off`
              : `held by recording ${holder}, last sign of life ${lease.renewTime ?? 'unknown'}`;
      const billed = addresses.length === 0 ? '' : `; it has a load balancer, which is billed: ${addresses.join(', ')}`;
      return { namespace, going: false, text: `${namespace}: ${state}${billed}` };
    }),
  );
}

/**
 * Says what earlier recordings left behind, in this cluster and, as far as this clone knows, in others.
 * @returns one text per line
 */
export async function tellLeftovers(
  run: Run,
  context: string,
  journal: Journal,
  signal?: AbortSignal,
): Promise<string[]> {
  const entries = journal.entries();
  const elsewhere = entries
    .filter((entry) => entry.context !== context)
    .flatMap(({ holder, context: other, namespace, byHand }) => [
      `Recording ${holder} was cut off and may have left namespace ${namespace} in context ${other}. Remove it with: npm run capture -- --clean --context ${other}`,
      ...byHand.map((line) => `  or by hand: ${line}`),
    ]);
  let found: Leftover[];
  try {
    found = await findLeftovers(run, journal.dead(), signal);
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    return [...elsewhere, formatFailure(error.failure)];
  }
  const here = entries.filter((entry) => entry.context === context);
  const there = new Set(found.map(({ namespace }) => namespace));
  journal.settle(context, (namespace) => !there.has(namespace));
  return [
    ...elsewhere,
    ...here
      .filter(({ namespace }) => !there.has(namespace))
      .map(
        ({ holder, namespace }) =>
          `Recording ${holder} was cut off; its namespace ${namespace} is gone from context ${context}.`,
      ),
    ...(found.length === 0
      ? [`Earlier recordings left nothing in context ${context}.`]
      : [`Found in context ${context}:`, ...found.map(({ text }) => `  namespace ${text}`)]),
    ...here
      .filter(({ namespace }) => there.has(namespace))
      .flatMap(({ byHand }) => byHand.map((line) => `  to put right: ${line}`)),
  ];
}
