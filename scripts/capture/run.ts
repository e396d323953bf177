import { homedir } from 'node:os';
import { type Recipe, type SideId, sideIds } from '../../src/recipe/schema.ts';
import { alone, type Effects, inContext } from './begin.ts';
import { conclude, placeKept, type Result } from './conclude.ts';
import { discover, neededBy } from './discover.ts';
import { editProblem } from './edits.ts';
import { asFailure, commandFailure, outcomeCause, StopError } from './failure.ts';
import { Journal } from './journal.ts';
import { type Hold, holderName, keepLease, patches } from './lease.ts';
import { tellLeftovers } from './leftovers.ts';
import { fill, lines } from './lines.ts';
import type { Options } from './options.ts';
import { buildPlan, type LayerPlan, plannedTasks } from './plan.ts';
import { publishable, searched } from './printed.ts';
import type { Run } from './process.ts';
import { nothingRecorded, type Recording, recordPlan, restore, restoreLines } from './record.ts';
import { Redactor } from './redact.ts';
import { runThere } from './remote.ts';
import type { Values } from './render.ts';
import { type Environment, preflight, readEnvironment, requiredTools } from './session.ts';
import type { Access } from './transports.ts';
import { claim, deployWorkload, removeWorkload, type Site, workloadImages } from './workload.ts';
import { Staging } from './write.ts';

/**
 * Records one side: whole, or not at all.
 * @throws {StopError} when it cannot begin; nothing was changed then
 */
export async function capture(root: string, recipe: Recipe, options: Options, effects: Effects): Promise<Result> {
  const redactor = new Redactor(recipe.recording?.redactions ?? [], [], homedir());
  return searched(redactor, effects, (safe) =>
    alone(root, safe, () =>
      inContext(options.context, safe, (context, run) => prepare(root, recipe, options, safe, redactor, context, run)),
    ),
  );
}

/**
 * Puts the finished sets in place that an earlier recording had to keep.
 * @throws {StopError} when there is none
 */
export async function resume(root: string, only: SideId | undefined, effects: Effects): Promise<Result[]> {
  return alone(root, effects, async () => {
    const run = effects.runner(undefined);
    const results: Result[] = [];
    for (const side of sideIds) {
      const waiting = only === undefined || only === side ? Staging.resume(root, side) : undefined;
      if (waiting) results.push(await placeKept(run, root, side, waiting));
    }
    if (results.length > 0) return results;
    throw new StopError({ what: '--resume', cause: 'no finished set waits to be put in place' });
  });
}

async function prepare(
  root: string,
  recipe: Recipe,
  options: Options,
  effects: Effects,
  redactor: Redactor,
  context: string,
  run: Run,
): Promise<Result> {
  const { progress, signal } = effects;
  const access: Access = { ...options, sudo: false };
  const widest = [...buildPlan(recipe, 'v1', options.only), ...buildPlan(recipe, 'v2', options.only)];
  const required = requiredTools(options.side ? buildPlan(recipe, options.side, options.only) : widest, access);
  const everywhere = required.filter((tool) => tool !== 'gcloud');
  const tools = await preflight(run, everywhere, signal);
  progress.note(
    `Tools: ${Object.entries(tools)
      .map(([tool, version]) => `${tool} ${version}`)
      .join(', ')}`,
  );
  const { dataplane, environment } = await readEnvironment(run, context, tools, options.side, required, signal);
  redactor.allowDestinations(
    options.sshHost,
    environment.nodes.map(({ name }) => name),
  );
  const { side } = dataplane;
  const plan = buildPlan(recipe, side, options.only);
  if (plan.length === 0) {
    throw new StopError({
      what: `--only ${options.only.join(',')}`,
      cause: `the recipe has nothing there for ${side}`,
      fix: 'Name other layers, or none for all.',
    });
  }
  progress.note(`Context ${context}: ${dataplane.name} (${dataplane.evidence.join('; ')})`);
  const journal = new Journal(root);
  for (const line of await tellLeftovers(run, context, journal, signal)) progress.note(line);
  const names = [...plannedTasks(plan).map(({ key }) => `${key.split('/')[1]}.txt`), 'run.yaml'];
  const problem = await editProblem(run, root, side, names);
  if (problem) throw new StopError(problem);
  const namespace = options.namespace ?? recipe.recording?.namespace ?? 'netflow-test';
  if (!options.yes && !(await effects.confirm(`Deploy to namespace ${namespace} of ${context} and record ${side}?`))) {
    throw new StopError({ what: 'recording', cause: 'not confirmed', fix: 'Answer y, or give --yes.' });
  }
  const all = buildPlan(recipe, side);
  const session = { root, options, effects, redactor, run, access, plan, all, side, context, journal };
  return withWorkload({ ...session, environment: await publishable(redactor, environment) }, { namespace });
}

interface Session {
  root: string;
  options: Options;
  effects: Effects;
  redactor: Redactor;
  run: Run;
  access: Access;
  plan: readonly LayerPlan[];
  /** Every layer of the side, whatever is recorded now. */
  all: readonly LayerPlan[];
  environment: Environment;
  side: SideId;
  context: string;
  journal: Journal;
}

/** How far the namespace was made this run's own. */
type Left = Awaited<ReturnType<typeof claim>> | 'being created' | 'being taken' | undefined;

async function withWorkload(session: Session, values: Values & { namespace: string }): Promise<Result> {
  const { effects, redactor, run, options, plan, side, journal, context } = session;
  const { namespace } = values;
  const { progress } = effects;
  const started = effects.now();
  const runId = `${started.toISOString().replace(/[-:]|\.\d+/g, '')}-${side}`;
  const holder = holderName(runId);
  const dead = journal.dead();
  const staging = openStaging(session.root, side);
  const recording = nothingRecorded();
  const restoring = session.all.flatMap((layer) => restoreLines(layer.restore, values, session));
  const removal = options.keepWorkload ? [] : [fill('removeNamespace', values)];
  const ifKilled = (byHand: string[]) => {
    effects.ifKilled(byHand);
    journal.set({ holder, context, namespace, byHand });
  };
  const site: Site = { run, namespace, holder, timeoutMs: options.timeoutMs, progress, signal: effects.signal };
  let left: Left;
  let hold: Hold | undefined;
  let images: string[] = [];
  try {
    try {
      left = await claim(site, dead, (creating) => {
        left = creating ? 'being created' : 'being taken';
        ifKilled(creating ? removal : []);
      });
      hold = keepLease(run, namespace, holder);
      const signal = AbortSignal.any([effects.signal, hold.lost]);
      ifKilled([...restoring, ...(left === 'kept' ? [] : removal)]);
      progress.note(
        left === 'new'
          ? `Deploying the workload to namespace ${namespace}`
          : `Using namespace ${namespace}, ${left === 'kept' ? 'which an earlier recording kept' : 'taken over from a recording that was cut off'}`,
      );
      await deployWorkload({ ...site, signal }, values);
      const about = { run, access: session.access, runId, timeoutMs: options.timeoutMs, signal, hold };
      if (left === 'cut-off') {
        for (const layer of session.all) await restore(layer, values, about, progress, recording);
      }
      images = await publishable(redactor, await workloadImages(run, values));
      if (!signal.aborted) progress.begin(plan);
      const known = await discover(new Set(['vip', 'clusterIP', 'nodePort']), values, run, signal);
      if (known.vip !== undefined) redactor.allow(known.vip);
      if (recording.unrestored.length === 0) {
        await recordPlan(
          plan,
          known,
          { ...about, access: await withSudo(session, known) },
          redactor,
          progress,
          (_, recorded) => staging.put(recorded.name, recorded.parts),
          recording,
        );
      }
      if (hold.lost.aborted) await hold.check();
    } catch (error) {
      recording.failures.push(asFailure(error));
    } finally {
      await progress.finish();
      await leave(session, site, recording, left, hold);
    }
    return await conclude(session, staging, recording, {
      run: runId,
      started: started.toISOString(),
      workload: images,
      aborted: effects.signal.aborted,
    });
  } finally {
    staging.discard();
  }
}

/**
 * Removes the namespace where it is this run's to remove, else gives it back; the run is forgotten once the cluster
 * is as it was.
 */
async function leave(
  { options, journal, context, effects }: Session,
  site: Site,
  recording: Recording,
  left: Left,
  hold: Hold | undefined,
): Promise<void> {
  const { namespace, holder, progress, run } = site;
  if (left === undefined) return;
  if (left === 'being taken' || hold?.lost.aborted) {
    await (hold ? hold.end(false) : run(lines.patchLease(namespace, patches.release(holder))));
    return journal.forget(holder);
  }
  try {
    if (left === 'kept' || options.keepWorkload) {
      await hold?.end(recording.unrestored.length === 0);
      if (!hold || recording.unrestored.length > 0) return;
    } else {
      await hold?.end(false);
      progress.note(`Removing namespace ${namespace}`);
      await removeWorkload(site, hold ? undefined : holder);
    }
    journal.settle(context, (one) => one === namespace);
    effects.ifKilled([]);
  } catch (error) {
    recording.unrestored.push(asFailure(error));
    recording.byHand.push(fill('removeNamespace', { namespace }));
  }
}

function openStaging(root: string, side: SideId): Staging {
  try {
    return new Staging(root, side);
  } catch (error) {
    throw new StopError(asFailure(error));
  }
}

/** Whether the ssh user has to ask for root. */
async function withSudo({ access, run, plan, effects }: Session, values: Values): Promise<Access> {
  const onNode = plannedTasks(plan).find((task) => task.place === 'node');
  if (access.nodeAccess !== 'ssh' || !onNode) return access;
  const first = { ...onNode, on: 'node' as const, commands: ['id -u'] as const };
  const found = await discover(neededBy([first], access), values, run, effects.signal);
  const question = { template: 'id -u', place: 'node' as const };
  const { outcome } = await runThere(question, found, { run, access }, { timeoutMs: 30_000, signal: effects.signal });
  if (outcomeCause(outcome) !== undefined) {
    throw new StopError(
      commandFailure(
        'reaching the node over ssh',
        outcome,
        'Check --ssh-host and --ssh-config, or use --node-access debug.',
      ),
    );
  }
  return { ...access, sudo: outcome.stdout.text().trim() !== '0' };
}
