import type { RecordedRun } from '../../src/captures/run.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { clusters, json, nodeList, podList, version } from './cluster.ts';
import { type Dataplane, detectDataplane } from './detect.ts';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import { lines } from './lines.ts';
import { type LayerPlan, plannedTasks } from './plan.ts';
import type { Run } from './process.ts';
import { render } from './render.ts';
import type { Access } from './transports.ts';

/** How each tool says its version, what of it is the version, and what it has to be where not every one will do. */
export const TOOLS: Readonly<Record<string, Tool>> = {
  kubectl: { command: 'kubectl version --client', version: /Client Version: (\S+)/ },
  gcloud: { command: 'gcloud version', version: /Google Cloud SDK (\S+)/ },
  ssh: { command: 'ssh -V 2>&1', version: /^(\S+?),? / },
  curl: {
    command: 'curl --version',
    version: /^curl (\d+\.\d+\S*)/,
    least: [7, 84],
    fix: 'Install curl 7.84 or later: the probes print what %header{} holds.',
  },
  date: {
    command: 'date --version',
    version: /coreutils\) (\S+)/,
    fix: 'Install GNU coreutils: the probes print milliseconds (%N). On macOS: brew install coreutils, and put its libexec/gnubin first in PATH.',
  },
  hubble: { command: 'hubble version', version: /hubble (\S+)/ },
};

interface Tool {
  command: string;
  version: RegExp;
  /** Lowest version, major and minor. */
  least?: readonly [number, number];
  /** What to do where it is missing or older. */
  fix?: string;
}

/** Tools a plan cannot do without. */
export function requiredTools(plan: readonly LayerPlan[], access: Access): string[] {
  const tasks = plannedTasks(plan);
  const commands = [
    ...tasks.filter((task) => task.place === 'local').flatMap((task) => task.commands),
    ...plan.flatMap((layer) => [
      ...layer.restore.flatMap((step) => [step.run ?? '', step.until ?? '']),
      ...layer.stages.flatMap((stage) => stage.before.flatMap((step) => [step.run ?? '', step.until ?? ''])),
    ]),
  ];
  const names = Object.keys(TOOLS).filter((tool) =>
    commands.some((command) => new RegExp(`(^|[^-\\w])${tool} `).test(command)),
  );
  if (access.nodeAccess === 'ssh' && tasks.some((task) => task.place === 'node')) names.push('ssh');
  return [...new Set(['kubectl', ...names])];
}

/**
 * Asks each tool for its version.
 * @returns the versions of those that are there
 * @throws {StopError} when one that the plan needs is missing
 */
export async function preflight(
  run: Run,
  required: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const found = await Promise.all(
    Object.entries(TOOLS).map(async ([tool, { command, version: pattern, least, fix }]) => {
      const outcome = await run(command, { timeoutMs: 60_000, signal });
      const found = pattern.exec(outcome.stdout.text())?.[1];
      if (outcome.exitCode !== 0 && required.includes(tool)) {
        throw new StopError(
          commandFailure(`${tool} is needed`, outcome, fix ?? `Install ${tool} and make sure it is on PATH.`),
        );
      }
      const [major = 0, minor = 0] = (found ?? '').split('.').map(Number);
      if (least && required.includes(tool) && (major - least[0] || minor - least[1]) < 0) {
        const what = `${tool} ${least.join('.')} or later is needed`;
        throw new StopError({ what, cause: `this is ${tool} ${found ?? 'of an unknown version'}`, command, fix });
      }
      return outcome.exitCode === 0 ? [tool, found ?? 'unknown'] : undefined;
    }),
  );
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

/**
 * The context to record from: the named one, or the current one.
 * @throws {StopError} when there is none of that name
 */
export async function chooseContext(run: Run, wanted: string | undefined): Promise<string> {
  const line = wanted === undefined ? lines.currentContext : lines.contextExists(wanted);
  const outcome = await run(line);
  const context = outcome.stdout.text().trim();
  if (outcomeCause(outcome) !== undefined || context === '') {
    throw new StopError({
      what: wanted === undefined ? 'choosing the context' : `context ${wanted}`,
      cause: wanted === undefined ? 'kubectl has no current context' : 'kubectl knows none of that name',
      command: line,
      stderr: outcome.stderr,
      fix: 'Choose one of `kubectl config get-contexts -o name` with --context.',
    });
  }
  return context;
}

/** What is known about the cluster before anything is recorded. */
export type Environment = Omit<RecordedRun, 'run' | 'started' | 'order' | 'workload'>;

/**
 * Reads the environment and detects the dataplane.
 * @param wanted the side asked for, if one was
 * @param required the tools that are needed; gcloud is where the nodes are Google Cloud's
 * @throws {StopError} when the cluster cannot be read or has the other dataplane
 */
export async function readEnvironment(
  run: Run,
  context: string,
  tools: Record<string, string>,
  wanted: SideId | undefined,
  required: readonly string[],
  signal?: AbortSignal,
): Promise<{ dataplane: Dataplane; environment: Environment }> {
  const [pods, nodes, api] = await Promise.all([
    json(run, lines.systemPods, podList, 'reading the pods of kube-system', signal),
    json(run, lines.nodes, nodeList, 'reading the nodes', signal),
    json(run, lines.version, version, 'reading the version of the API server', signal),
  ]);
  const dataplane = detectDataplane(pods.items);
  if (wanted !== undefined && dataplane.side !== wanted) {
    throw new StopError({
      what: `--side ${wanted}`,
      cause: `this cluster runs ${dataplane.name} (${dataplane.evidence.join('; ')})`,
      fix: `Choose the cluster of ${wanted} with --context, or record --side ${dataplane.side} here.`,
    });
  }
  const project = /^gce:\/\/([^/]+)\//.exec(nodes.items[0]?.spec?.providerID ?? '')?.[1];
  if (project !== undefined && tools.gcloud === undefined && required.includes('gcloud')) {
    const fix = 'Install gcloud and make sure it is on PATH.';
    throw new StopError({
      what: 'gcloud is needed',
      cause: `the nodes belong to Google Cloud project ${project}`,
      fix,
    });
  }
  const cluster =
    project === undefined || tools.gcloud === undefined ? undefined : await gkeCluster(run, project, signal);
  if (cluster?.networkConfig?.datapathProvider !== undefined) {
    dataplane.evidence.push(`GKE says datapathProvider ${cluster.networkConfig.datapathProvider}`);
  }
  const environment: Environment = {
    context,
    dataplane: dataplane.name,
    evidence: dataplane.evidence,
    ...given({
      server: api.serverVersion?.gitVersion,
      channel: cluster?.releaseChannel?.channel,
      location: cluster?.location,
      addons: cluster && addons(cluster.addonsConfig ?? {}),
    }),
    nodes: nodes.items
      .map(({ metadata, status }) => ({
        name: metadata.name,
        ...given({
          version: status.nodeInfo?.kubeletVersion,
          kernel: status.nodeInfo?.kernelVersion,
          osImage: status.nodeInfo?.osImage,
          runtime: status.nodeInfo?.containerRuntimeVersion,
          machineType: metadata.labels?.['node.kubernetes.io/instance-type'],
          zone: metadata.labels?.['topology.kubernetes.io/zone'],
        }),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    // gcloud's kubectl is a dispatcher: which client really runs depends on the server.
    tools: { ...tools, ...given({ kubectl: api.clientVersion?.gitVersion }) },
  };
  return { dataplane, environment };
}

/** The GKE cluster whose endpoint kubectl talks to; undefined where Google Cloud does not say. */
async function gkeCluster(run: Run, project: string, signal?: AbortSignal) {
  const server = await run(lines.server, { signal });
  const host = /^https?:\/\/([^:/]+)/.exec(server.stdout.text())?.[1];
  const outcome = await run(render(lines.clusters, { project }), { signal });
  if (outcomeCause(outcome) !== undefined) return undefined;
  const all = await json(async () => outcome, outcome.command, clusters, 'reading the GKE clusters');
  return all.find(
    (one) =>
      host !== undefined &&
      [one.endpoint, one.privateClusterConfig?.privateEndpoint, one.privateClusterConfig?.publicEndpoint].includes(
        host,
      ),
  );
}

/** `{httpLoadBalancing: {}, networkPolicyConfig: {disabled: true}}` → enabled and disabled, as GKE means it. */
function addons(config: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .map(([name, value]): [string, string] => {
        const own = value as { enabled?: boolean; disabled?: boolean } | null;
        return [name, own?.disabled === true || own?.enabled === false ? 'disabled' : 'enabled'];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Without the keys that have no value. */
function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
