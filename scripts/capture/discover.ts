import { isIP } from 'node:net';
import { placeholders, type Variable } from '../../src/recipe/command.ts';
import { forwardingRules, json, type Node, nodeList, type Pod, podList, service } from './cluster.ts';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import { fill, lines } from './lines.ts';
import type { CaptureTask } from './plan.ts';
import type { Run } from './process.ts';
import type { Values } from './render.ts';
import { missingVariables } from './render.ts';
import { type Access, RELAY } from './transports.ts';

/** What each value must look like. A value that does not is refused: quoting is the second line of defence. */
const SHAPES: Record<Variable, (value: string) => boolean> = {
  namespace: label,
  vip: (value) => isIP(value) > 0,
  clusterIP: (value) => isIP(value) > 0,
  nodePort: (value) => /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65536,
  pod: subdomain,
  podIP: (value) => isIP(value) > 0,
  node: subdomain,
  idleNode: subdomain,
  otherNode: subdomain,
  relay: label,
  agentPod: subdomain,
  ciliumDbg: (value) => value === 'cilium-dbg' || value === 'cilium',
  endpoint: (value) => /^[1-9]\d{0,9}$/.test(value),
  project: (value) => /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,61}[a-z0-9]$/.test(value),
  zone: label,
  region: label,
  forwardingRule: label,
  targetPool: label,
  backendService: label,
};

/** DNS label (RFC 1123), as Kubernetes and Compute Engine name most things. */
function label(value: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value);
}

/** DNS subdomain (RFC 1123): names of pods and nodes. */
function subdomain(value: string): boolean {
  return value.length <= 253 && value.split('.').every(label);
}

/**
 * Checks a value that came from the cluster.
 * @throws {StopError} when it cannot be such a value
 */
export function checked(name: Variable, value: string): string {
  if (SHAPES[name](value)) return value;
  throw new StopError({
    what: `variable {{${name}}}`,
    cause: `the cluster gave ${JSON.stringify(value.slice(0, 80))}, which cannot be one`,
    fix: 'Nothing was run with it. Look at the object it comes from.',
  });
}

/** Variables a capture needs on its way to where it runs. */
function onTheWay(task: CaptureTask, access: Access): Variable[] {
  switch (task.place) {
    case 'pod':
      return ['namespace', 'pod'];
    case 'agent':
      return ['agentPod'];
    case 'node':
      return access.nodeAccess === 'debug'
        ? ['namespace', task.on]
        : [
            task.on,
            ...placeholders(access.sshHost).map(({ name }) => (name === 'node' ? task.on : (name as Variable))),
          ];
    case 'relay':
      return ['relay', 'agentPod'];
    case 'local':
      return [];
  }
}

/** Variables the captures of a stage need. */
export function neededBy(tasks: readonly CaptureTask[], access: Access): Set<Variable> {
  return new Set(
    tasks.flatMap((task) => [
      ...task.commands.flatMap((command) => placeholders(command).map(({ name }) => name as Variable)),
      ...onTheWay(task, access),
    ]),
  );
}

/** A node's place in Google Cloud, from `gce://PROJECT/ZONE/NAME`. */
function gce(node: Node | undefined): { project?: string; zone?: string } {
  const match = /^gce:\/\/([^/]+)\/([^/]+)\//.exec(node?.spec?.providerID ?? '');
  return match ? { project: match[1], zone: match[2] } : {};
}

/** Pods that run and are not on their way out. */
export function running(pods: readonly Pod[]): Pod[] {
  return pods
    .filter((pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/**
 * Finds the values of the variables that are needed now. What the cluster lacks stays undefined.
 * @param known values that do not change during a run; extended by what is found
 * @throws {StopError} when the cluster cannot be asked, or answers with something that cannot be such a value
 */
export async function discover(
  needed: ReadonlySet<Variable>,
  known: Values,
  run: Run,
  signal?: AbortSignal,
): Promise<Values> {
  const values: Values = { ...known };
  const set = (name: Variable, value: string | number | undefined) => {
    if (value !== undefined && value !== '' && value !== 'None') values[name] = checked(name, String(value));
  };
  const needs = (...names: Variable[]) => names.some((name) => needed.has(name) && values[name] === undefined);

  // A rule that is known leads to a pool or a backend service: the other is not there.
  const balancer: Variable[] =
    values.forwardingRule === undefined ? ['forwardingRule', 'targetPool', 'backendService'] : [];
  if (needs('vip', 'clusterIP', 'nodePort', ...balancer)) {
    const found = await json(run, fill('service', values), service, 'reading the Service', signal);
    set('vip', found.status?.loadBalancer?.ingress?.[0]?.ip);
    set('clusterIP', found.spec.clusterIP);
    set('nodePort', found.spec.ports?.[0]?.nodePort);
  }
  if (
    needs(
      'pod',
      'podIP',
      'node',
      'idleNode',
      'otherNode',
      'agentPod',
      'ciliumDbg',
      'endpoint',
      'project',
      'zone',
      'region',
      ...balancer,
    )
  ) {
    const pods = running((await json(run, fill('pods', values), podList, 'reading the nginx pods', signal)).items);
    const nodes = (await json(run, lines.nodes, nodeList, 'reading the nodes', signal)).items;
    const busy = new Set(pods.map((pod) => pod.spec.nodeName));
    set('pod', pods[0]?.metadata.name);
    set('podIP', pods[0]?.status?.podIP);
    set('node', pods[0]?.spec.nodeName);
    set('idleNode', nodes.find((node) => !busy.has(node.metadata.name))?.metadata.name);
    const others = nodes.map(({ metadata }) => metadata.name).filter((name) => name !== values.node);
    set('otherNode', others.find((name) => busy.has(name)) ?? others[0]);
    const place = gce(nodes.find((node) => node.metadata.name === values.node) ?? nodes[0]);
    set('project', place.project);
    set('zone', place.zone);
    set('region', place.zone?.replace(/-[a-z]$/, ''));
  }
  if (needs(...balancer) && values.project !== undefined && values.vip !== undefined) {
    const [rule] = await json(
      run,
      fill('forwardingRule', values),
      forwardingRules,
      'reading the forwarding rule',
      signal,
    );
    set('forwardingRule', rule?.name);
    const target = rule?.backendService ?? rule?.target ?? '';
    const [, kind, name] = /\/(targetPools|backendServices)\/([^/]+)$/.exec(target) ?? [];
    set(kind === 'backendServices' ? 'backendService' : 'targetPool', name);
  }
  if (needs('relay')) {
    const found = await text(run, lines.relay, 'looking for Hubble Relay', signal);
    set('relay', found === '' ? undefined : RELAY.namespace);
  }
  if (needs('agentPod', 'ciliumDbg')) {
    const system = await json(run, lines.systemPods, podList, 'reading the pods of kube-system', signal);
    const agents = running(system.items).filter((pod) => pod.metadata.labels?.['k8s-app'] === 'cilium');
    set('agentPod', agents.find((pod) => pod.spec.nodeName === values.node)?.metadata.name);
  }
  if (needs('ciliumDbg') && values.agentPod !== undefined) {
    const path = await text(run, fill('ciliumDbg', values), 'looking for cilium-dbg in the agent', signal);
    set('ciliumDbg', path.split('/').at(-1));
  }
  if (needs('endpoint') && values.pod !== undefined) {
    set('endpoint', await text(run, fill('endpoint', values), 'reading the Cilium endpoint', signal));
  }
  return values;
}

async function text(run: Run, command: string, what: string, signal?: AbortSignal): Promise<string> {
  const outcome = await run(command, { signal });
  if (outcomeCause(outcome) !== undefined) throw new StopError(commandFailure(what, outcome));
  return outcome.stdout.text().trim();
}

/** What changes when pods come and go; read again for each stage. */
const VOLATILE: readonly Variable[] = ['pod', 'podIP', 'node', 'idleNode', 'otherNode', 'agentPod', 'endpoint'];

/** The values that hold for the whole run. */
export function lasting(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !VOLATILE.includes(name as Variable)));
}

/** The cluster is not of the kind that has such an output. */
export class NotHere extends StopError {
  constructor(key: string, why: string) {
    super({ what: key, cause: `not recorded: ${why}` });
  }
}

const CLOUD = ({ project }: Values) =>
  project === undefined ? 'no Google Cloud here: no node has a gce:// provider ID' : undefined;
/** Why a cluster may lack a value for good; undefined where it should have one. */
const LACKING: Partial<Record<Variable, (values: Values) => string | undefined>> = {
  project: CLOUD,
  zone: CLOUD,
  region: CLOUD,
  forwardingRule: CLOUD,
  targetPool: CLOUD,
  backendService: CLOUD,
  otherNode: ({ node }) => (node === undefined ? undefined : 'the cluster has no other node'),
  idleNode: ({ otherNode, node }) =>
    node === undefined || otherNode !== undefined ? undefined : 'the cluster has no other node',
  relay: () => `no managed Hubble here: ${RELAY.namespace} has no deployment hubble-relay`,
};

/**
 * The first command line whose variables are all known.
 * @throws {NotHere} where the cluster is not of the kind that has them
 * @throws {StopError} naming what the cluster lacks
 */
export function choose(task: CaptureTask, values: Values, access: Access): string {
  const on = task.place === 'relay' && values.relay !== undefined ? [] : onTheWay(task, access);
  const way = on.filter((name) => name !== 'relay' && values[name] === undefined);
  const command = task.commands.find((candidate) => missingVariables(candidate, values).length === 0);
  if (command !== undefined && way.length === 0) return command;
  const missing = new Set<Variable>([
    ...way,
    ...task.commands.flatMap((candidate) => missingVariables(candidate, values)),
  ]);
  const notHere = [...missing].map((name) => LACKING[name]?.(values)).find((why) => why !== undefined);
  if (notHere !== undefined) throw new NotHere(task.key, notHere);
  throw new StopError({
    what: task.key,
    cause: `the cluster has no value for ${[...missing].map((name) => `{{${name}}}`).join(', ')}`,
    command: task.commands[0],
  });
}
