import { homedir } from 'node:os';
import type { Recipe } from '../../src/recipe/schema.ts';
import { alone, type Effects, inContext } from './begin.ts';
import { asFailure, type Failure, formatFailure, StopError } from './failure.ts';
import { Journal } from './journal.ts';
import { holderName, takeLease } from './lease.ts';
import { findLeftovers } from './leftovers.ts';
import type { Options } from './options.ts';
import { searched } from './printed.ts';
import type { Run } from './process.ts';
import { Redactor } from './redact.ts';
import { removeWorkload } from './workload.ts';

/** What came of `--clean`. */
export interface Cleaned {
  outcome: 'cleaned' | 'failed';
  context: string;
  /** Namespaces that are gone now. */
  removed: string[];
  failures: Failure[];
}

/**
 * Removes what recordings left in a cluster: every namespace with our label in which no recording is alive.
 * @throws {StopError} when the cluster cannot be asked, or it is not confirmed
 */
export async function clean(root: string, recipe: Recipe, options: Options, effects: Effects): Promise<Cleaned> {
  const redactor = new Redactor(recipe.recording?.redactions ?? [], [], homedir());
  return searched(redactor, effects, (safe) =>
    alone(root, safe, () =>
      inContext(options.context, safe, (context, run) => removeAll(new Journal(root), options, safe, context, run)),
    ),
  );
}

async function removeAll(
  journal: Journal,
  options: Options,
  { progress, signal, confirm }: Effects,
  context: string,
  run: Run,
): Promise<Cleaned> {
  const dead = journal.dead();
  const all = await findLeftovers(run, dead, signal);
  const found = all.filter(({ namespace }) => options.namespace === undefined || namespace === options.namespace);
  const result: Cleaned = { outcome: 'cleaned', context, removed: [], failures: [] };
  for (const { text } of found) progress.note(`Found in context ${context}: namespace ${text}`);
  const names = found.map(({ namespace }) => namespace).join(', ');
  if (names !== '' && !options.yes && !(await confirm(`Remove ${names} of ${context} with all in it?`))) {
    throw new StopError({ what: 'cleaning', cause: 'not confirmed', fix: 'Answer y, or give --yes.' });
  }
  for (const { namespace, going } of found) {
    try {
      if (!going) await takeLease(run, namespace, holderName('clean'), dead, progress, signal);
      progress.note(`Removing namespace ${namespace}`);
      await removeWorkload({ run, namespace, timeoutMs: options.timeoutMs, progress });
      result.removed.push(namespace);
    } catch (error) {
      result.failures.push(asFailure(error));
      result.outcome = 'failed';
    }
  }
  const gone = (namespace: string) =>
    result.removed.includes(namespace) || !all.some((one) => one.namespace === namespace);
  journal.settle(context, gone);
  return result;
}

/** The result for people. */
export function formatCleaned({ context, removed, failures }: Cleaned): string {
  const done = removed.length === 0 ? 'nothing was removed' : `removed ${removed.join(', ')}`;
  return [...failures.map(formatFailure), `Context ${context}: ${done}.`].join('\n');
}
