import { parseArgs } from 'node:util';
import { type Recipe, type SideId, sideIds } from '../../src/recipe/schema.ts';
import type { NodeAccess } from './transports.ts';

/** The command line could not be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the maintainer asked for. */
export interface Options {
  side: SideId | undefined;
  /** Layer ids; empty for all. */
  only: string[];
  dryRun: boolean;
  context: string | undefined;
  namespace: string | undefined;
  nodeAccess: NodeAccess;
  sshHost: string;
  sshConfig: string | undefined;
  debugImage: string;
  timeoutMs: number;
  keepWorkload: boolean;
  acceptPartial: boolean;
  json: boolean;
  yes: boolean;
  /** Remove what earlier recordings left in the cluster, and record nothing. */
  clean: boolean;
  /** Put a finished set in place that was kept, and record nothing. */
  resume: boolean;
  help: boolean;
}

export const HELP = `Usage: npm run capture -- [options]

Records one side from a live cluster into captures/<side>, all of it or nothing.

  --side v1|v2            side to record; otherwise the one whose dataplane the cluster has
  --only l4,l6            only these layers
  --dry-run               print every command that would run, and run none
  --context NAME          kubectl context; otherwise the current one, after asking
  --namespace NAME        namespace of the workload (default: recording.namespace in layers.yaml)
  --node-access debug|ssh how to reach a node: a debugging pod (default), or ssh
  --ssh-host TEMPLATE     ssh destination, with {{node}}, {{zone}}, {{project}} (default: {{node}})
  --ssh-config FILE       ssh client configuration file
  --debug-image IMAGE     image of the debugging pod (default: the workload's nginx)
  --timeout SECONDS       for each command, and for a cluster that is away (default: 300)
  --keep-workload         leave the workload in the cluster afterwards
  --accept-partial        keep the outputs that succeeded even when others failed
  --clean                 remove what earlier recordings left in the cluster, and record nothing
  --resume                put a finished set in place that was kept, and record nothing
  --json                  print the result as JSON
  --yes                   do not ask
  --help                  print this

Exit codes: 0 all recorded, 1 something failed, 2 usage, 130 interrupted.
`;

/** The workload's own image: it is on the nodes already and has chroot. */
const NGINX_IMAGE = 'nginx:1.29-alpine@sha256:5616878291a2eed594aee8db4dade5878cf7edcb475e59193904b198d9b830de';

/**
 * Reads the command line.
 * @param args without node and script
 * @throws {UsageError} saying what was expected
 */
export function parseOptions(args: readonly string[]): Options {
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(args).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const one = <T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined => {
    if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined;
    throw new UsageError(`--${name}: expected ${allowed.join(' or ')}; found ${JSON.stringify(value)}.`);
  };
  for (const [name, value] of Object.entries(values)) {
    const found = [value].flat().find((one) => typeof one === 'string' && one.startsWith('-'));
    if (found !== undefined)
      throw new UsageError(`--${name}: expected a value; found the option ${JSON.stringify(found)}.`);
  }
  const modes = (['clean', 'resume', 'dry-run'] as const).filter((name) => values[name]);
  if (modes.length > 1) throw new UsageError(`expected one of --${modes.join(', --')}; found ${modes.length}.`);
  const seconds = Number(values.timeout ?? 300);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86400) {
    throw new UsageError(
      `--timeout: expected whole seconds between 1 and 86400; found ${JSON.stringify(values.timeout)}.`,
    );
  }
  if (values.namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(values.namespace)) {
    throw new UsageError(`--namespace: expected a namespace name; found ${JSON.stringify(values.namespace)}.`);
  }
  return {
    side: one('side', values.side, sideIds),
    only: (values.only ?? []).flatMap((list) => list.split(',')).map((id) => id.trim()),
    dryRun: values['dry-run'] ?? false,
    context: values.context,
    namespace: values.namespace,
    nodeAccess: one('node-access', values['node-access'], ['debug', 'ssh'] as const) ?? 'debug',
    sshHost: values['ssh-host'] ?? '{{node}}',
    sshConfig: values['ssh-config'],
    debugImage: values['debug-image'] ?? NGINX_IMAGE,
    timeoutMs: seconds * 1000,
    keepWorkload: values['keep-workload'] ?? false,
    acceptPartial: values['accept-partial'] ?? false,
    json: values.json ?? false,
    yes: values.yes ?? false,
    clean: values.clean ?? false,
    resume: values.resume ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      side: { type: 'string' },
      only: { type: 'string', multiple: true },
      'dry-run': { type: 'boolean' },
      context: { type: 'string' },
      namespace: { type: 'string' },
      'node-access': { type: 'string' },
      'ssh-host': { type: 'string' },
      'ssh-config': { type: 'string' },
      'debug-image': { type: 'string' },
      timeout: { type: 'string' },
      'keep-workload': { type: 'boolean' },
      'accept-partial': { type: 'boolean' },
      json: { type: 'boolean' },
      yes: { type: 'boolean' },
      clean: { type: 'boolean' },
      resume: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

/**
 * `--only` must name layers of the recipe.
 * @throws {UsageError} naming the layers there are
 */
export function checkOnly(only: readonly string[], recipe: Recipe): void {
  const ids = recipe.layers.map((layer) => layer.id);
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`--only: expected layers out of ${ids.join(', ')}; found ${JSON.stringify(unknown)}.`);
  }
}
