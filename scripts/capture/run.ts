import { homedir } from 'node:os';
import type { Recipe, SideId } from '../../src/recipe/schema.ts';
import { asFailure, conclude, type Result } from './conclude.ts';
import { discover, neededBy } from './discover.ts';
import { StopError } from './failure.ts';
import type { Options } from './options.ts';
import { buildPlan, type LayerPlan, plannedTasks } from './plan.ts';
import { publishable, searched } from './printed.ts';
import type { Run } from './process.ts';
import type { Progress } from './progress.ts';
import { type Recording, recordPlan, restoreLines } from './record.ts';
import { Redactor } from './redact.ts';
import type { Values } from './render.ts';
import { chooseContext, type Environment, preflight, readEnvironment, requiredTools } from './session.ts';
import { type Access, wrap } from './transports.ts';
import { deployWorkload, removeWorkload, workloadImages } from './workload.ts';
import { LockedError, lock, pinContext, recover, Staging } from './write.ts';

/** What a recording needs from outside; passed in, so that tests are silent and exact. */
export interface Effects {
  /** Makes a {@link Run} whose kubectl uses this kubeconfig; undefined for the user's own. */
  runner(pinned: string | undefined): Run;
  progress: Progress;
  confirm(question: string): Promise<boolean>;
  now(): Date;
  signal: AbortSignal;
  /** Told what would have to be run by hand if the process were ended right now. */
  ifKilled(lines: readonly string[]): void;
}

/**
 * Records one side: whole, or not at all.
 * @throws {StopError} when it cannot begin; nothing was changed then
 */
export async function capture(root: string, recipe: Recipe, options: Options, effects: Effects): Promise<Result> {
  const redactor = new Redactor(recipe.recording?.redactions ?? [], [], homedir());
  return searched(redactor, effects, (safe) => locked(root, recipe, options, safe, redactor));
}

async function locked(
  root: string,
  recipe: Recipe,
  options: Options,
  effects: Effects,
  redactor: Redactor,
): Promise<Result> {
  const release = takeLock(root);
  try {
    for (const line of recover(root)) effects.progress.note(line);
    const context = await chooseContext(effects.runner(undefined), options.context);
    const pin = pinContext(context);
    try {
      return await inContext(root, recipe, options, effects, redactor, context, effects.runner(pin.file));
    } finally {
      pin.remove();
    }
  } finally {
    release();
  }
}

function takeLock(root: string): () => void {
  try {
    return lock(root);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new StopError({
      what: 'captures/.lock',
      cause: 'another recording is under way',
      fix: 'Wait until it has ended. The lock ends with the process that holds it; the file itself means nothing.',
    });
  }
}

async function inContext(
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
  const tools = await preflight(
    run,
    requiredTools(options.side ? buildPlan(recipe, options.side, options.only) : widest, access),
    signal,
  );
  progress.note(
    `Tools: ${Object.entries(tools)
      .map(([tool, version]) => `${tool} ${version}`)
      .join(', ')}`,
  );
  const { dataplane, environment } = await readEnvironment(run, context, tools, options.side, signal);
  redactor.allowDestinations(
    options.sshHost,
    environment.nodes.map(({ name }) => name),
  );
  const plan = buildPlan(recipe, dataplane.side, options.only);
  if (plan.length === 0) {
    throw new StopError({
      what: `--only ${options.only.join(',')}`,
      cause: `the recipe has nothing there for ${dataplane.side}`,
      fix: 'Name other layers, or none for all.',
    });
  }
  progress.note(`Context ${context}: ${dataplane.name} (${dataplane.evidence.join('; ')})`);
  const namespace = options.namespace ?? recipe.recording?.namespace ?? 'netflow-test';
  if (
    !options.yes &&
    !(await effects.confirm(`Deploy to namespace ${namespace} of ${context} and record ${dataplane.side}?`))
  ) {
    throw new StopError({ what: 'recording', cause: 'not confirmed', fix: 'Answer y, or give --yes.' });
  }
  const session = {
    root,
    recipe,
    options,
    effects,
    redactor,
    run,
    access,
    plan,
    environment: await publishable(redactor, environment),
    side: dataplane.side,
  };
  return withWorkload(session, { namespace });
}

interface Session {
  root: string;
  recipe: Recipe;
  options: Options;
  effects: Effects;
  redactor: Redactor;
  run: Run;
  access: Access;
  plan: readonly LayerPlan[];
  environment: Environment;
  side: SideId;
}

async function withWorkload(session: Session, values: Values): Promise<Result> {
  const { effects, redactor, run, options, plan, side } = session;
  const started = effects.now();
  const runId = `${started.toISOString().replace(/[-:]|\.\d+/g, '')}-${side}`;
  let created = false;
  const removal = () => (created && !options.keepWorkload ? [`kubectl delete namespace ${values.namespace}`] : []);
  const staging = openStaging(session.root, side);
  let recording: Recording = { order: [], recorded: new Map(), failures: [], byHand: [] };
  let images: string[] = [];
  try {
    try {
      effects.progress.note(`Deploying the workload to namespace ${values.namespace}`);
      await deployWorkload(run, values, effects.signal, () => {
        created = true;
        effects.ifKilled(removal());
      });
      images = await publishable(redactor, await workloadImages(run, values));
      effects.ifKilled([...plan.flatMap((layer) => restoreLines(layer.restore, values, session)), ...removal()]);
      effects.progress.begin(plan);
      const known = await discover(new Set(['vip', 'clusterIP', 'nodePort']), values, run, effects.signal);
      if (known.vip !== undefined) redactor.allow(known.vip);
      recording = await recordPlan(
        plan,
        known,
        { run, access: await withSudo(session, known), runId, timeoutMs: options.timeoutMs, signal: effects.signal },
        redactor,
        effects.progress,
        (_, recorded) => staging.put(recorded.name, recorded.parts),
      );
    } catch (error) {
      recording.failures.push(asFailure(error));
    } finally {
      await effects.progress.finish();
      if (removal().length > 0) {
        effects.progress.note(`Removing namespace ${values.namespace}`);
        await removeWorkload(run, values).catch((error: unknown) => {
          recording.failures.push(asFailure(error));
          recording.byHand.push(...removal());
        });
      }
    }
    return conclude(session, staging, recording, {
      run: runId,
      started: started.toISOString(),
      workload: images,
      aborted: effects.signal.aborted,
    });
  } finally {
    staging.discard();
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
  const { line } = wrap('id -u', 'node', found, access);
  const outcome = await run(line, { timeoutMs: 30_000, signal: effects.signal });
  if (outcome.exitCode !== 0) {
    throw new StopError({
      what: 'reaching the node over ssh',
      cause: `exit code ${outcome.exitCode ?? 'unknown'}`,
      command: line,
      stderr: outcome.stderr,
      fix: 'Check --ssh-host and --ssh-config, or use --node-access debug.',
    });
  }
  return { ...access, sudo: outcome.stdout.text().trim().split('\n').at(-1) !== '0' };
}
