import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Values } from '../../../scripts/capture/render.ts';
import { type Access, RELAY, wrap } from '../../../scripts/capture/transports.ts';
import { encodeCapture, sha256 } from '../../../src/captures/file.ts';
import type { CaptureHeader } from '../../../src/captures/header.ts';
import { encodeRun, runFile } from '../../../src/captures/run.ts';
import { captureFile } from '../../../src/captures/store.ts';
import { loadRecipe, type PlannedCapture, plannedCaptures, RECIPE_FILE } from '../../../src/recipe/load.ts';
import type { SideId } from '../../../src/recipe/schema.ts';
import { outputsOf } from './outputs.ts';
import type { CiliumSide, Cluster, KubeProxySide, World } from './world.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const ACCESS: Access = {
  nodeAccess: 'debug',
  debugImage: 'busybox',
  sshHost: '{{node}}',
  sudo: true,
};
/** From the start of one command to that of the next, in milliseconds. */
const EACH = 700;
/** Stands in outputs for the address of the client outside, which the recipe has replaced. */
const REDACTED = /\bclient-1\b/g;

/**
 * Writes a world as a project that was recorded: layers.yaml as it is committed, the outputs of both sides below their
 * headers, and run.yaml of each side. A side in the wording of the published trace has the headers of published
 * outputs, and no run.yaml.
 * @param root an empty folder
 */
export function writeRecording(root: string, world: World): void {
  copyFileSync(join(REPOSITORY, RECIPE_FILE), join(root, RECIPE_FILE));
  const texts = outputsOf(world);
  const planned = plannedCaptures(loadRecipe(REPOSITORY, { recording: true })).filter(({ key }) => texts.has(key));
  for (const side of ['v1', 'v2'] as const) {
    const cluster = world[side];
    if (!cluster) continue;
    const own = planned.filter((plan) => plan.side === side);
    const recorded = cluster.wording === 'recorded';
    own.forEach((plan, index) => {
      const body = Buffer.from(texts.get(plan.key) ?? '');
      const header = recorded ? recordedHeader(plan, cluster, body, index) : publishedHeader(plan, cluster, body);
      write(root, captureFile(plan.key), encodeCapture({ header, body }));
    });
    if (recorded && own.length > 0) write(root, runFile(side), encodeRun(runOf(side, cluster, own)));
  }
}

function write(root: string, file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
}

function publishedHeader({ recipe }: PlannedCapture, { start }: Cluster, body: Buffer): CaptureHeader {
  return {
    origin: 'published',
    command: recipe.command,
    when: new Date(start).toISOString().slice(0, 10),
    bytes: body.length,
    sha256: sha256(body),
  };
}

function recordedHeader(plan: PlannedCapture, cluster: Cluster, body: Buffer, index: number): CaptureHeader {
  const { command, where = 'local', on } = plan.recipe;
  const { line, where: place } = wrap(command, where, valuesOf(cluster), ACCESS, on);
  const count = body.toString().match(REDACTED)?.length ?? 0;
  return {
    origin: 'recorded',
    command: line,
    where: place,
    when: new Date(cluster.start + index * EACH).toISOString(),
    durationMs: EACH - 100,
    exitCode: 0,
    bytes: body.length,
    sha256: sha256(body),
    run: runId(plan.side, cluster),
    ...(count > 0 && { redactions: [{ rule: 'client-address', count }] }),
  };
}

/** What the recorder found in the cluster. */
function valuesOf(cluster: Cluster): Values {
  const { service, inspection, project, zone, region } = cluster;
  const { proxy, agent, endpoint }: Partial<KubeProxySide & CiliumSide> = cluster;
  return {
    namespace: service.namespace,
    vip: service.vip,
    clusterIP: service.clusterIP,
    nodePort: String(service.nodePort),
    pod: inspection.pod.name,
    podIP: inspection.pod.ip,
    node: proxy?.node ?? inspection.pod.node,
    ...(proxy?.idleNode !== undefined && { idleNode: proxy.idleNode }),
    ...(agent !== undefined && { relay: RELAY.namespace }),
    ...(agent !== undefined && { agentPod: agent, ciliumDbg: 'cilium-dbg', endpoint: String(endpoint) }),
    project,
    zone,
    region,
    forwardingRule: service.pool.name,
    targetPool: service.pool.name,
  };
}

function runOf(side: SideId, cluster: Cluster, own: readonly PlannedCapture[]) {
  const started = new Date(cluster.start).toISOString();
  return { run: runId(side, cluster), started, ...cluster.environment, order: own.map(({ key }) => key) };
}

/** `20261120T105333Z-v1` */
function runId(side: SideId, { start }: Cluster): string {
  return `${new Date(start).toISOString().replace(/[-:]|\.\d+/g, '')}-${side}`;
}
