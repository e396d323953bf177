import type { RecordedRun } from '../captures/run.ts';

/** One fact of the environment on both sides. */
export interface AuditRow {
  /** Key such as `node.kernel` or `addon.networkPolicy`. */
  id: string;
  /** In words. */
  label: string;
  v1: string | undefined;
  v2: string | undefined;
  outcome: 'same' | 'differs' | 'not-recorded';
  /** True for the one fact that is meant to differ. */
  variable: boolean;
}

/**
 * The single-variable audit: what besides the dataplane differs between the two recordings.
 * A side without a recording (undefined) makes every fact `not-recorded`; nothing is assumed.
 */
export function auditRuns(v1: RecordedRun | undefined, v2: RecordedRun | undefined): AuditRow[] {
  // Outputs that only one side has say nothing about the order of the others.
  const shared = names(v1?.order).filter((name) => names(v2?.order).includes(name));
  const left = facts(v1, shared);
  const right = facts(v2, shared);
  return [...new Map([...LABELS, ...left.labels, ...right.labels])].map(([id, label]) => {
    const [a, b] = [left.values.get(id), right.values.get(id)];
    const outcome = a === undefined || b === undefined ? 'not-recorded' : a === b ? 'same' : 'differs';
    return { id, label, v1: a, v2: b, outcome, variable: id === 'dataplane' };
  });
}

const LABELS = new Map([
  ['dataplane', 'dataplane'],
  ['server', 'API server version'],
  ['node.version', 'kubelet version'],
  ['node.kernel', 'kernel'],
  ['node.osImage', 'OS image'],
  ['node.runtime', 'container runtime'],
  ['node.machineType', 'machine type'],
  ['node.zone', 'node zone'],
  ['node.count', 'number of nodes'],
  ['location', 'cluster location'],
  ['channel', 'release channel'],
  ['workload', 'workload images'],
  ['order', 'order of the outputs'],
]);

/** `v1/l1-service-ips` → `l1-service-ips`. */
function names(order: readonly string[] = []): string[] {
  return order.map((key) => key.split('/')[1] ?? key);
}

interface Facts {
  values: Map<string, string>;
  labels: Map<string, string>;
}

function facts(run: RecordedRun | undefined, shared: readonly string[]): Facts {
  const values = new Map<string, string>();
  const labels = new Map<string, string>();
  if (!run) return { values, labels };
  const set = (id: string, value: string | undefined) => value !== undefined && values.set(id, value);
  set('dataplane', run.dataplane);
  set('server', run.server);
  set('location', run.location);
  set('channel', run.channel);
  set('node.count', String(run.nodes.length));
  set('workload', run.workload.toSorted().join(', '));
  const order = names(run.order).filter((name) => shared.includes(name));
  set('order', order.length === 0 ? undefined : order.join(', '));
  for (const key of ['version', 'kernel', 'osImage', 'runtime', 'machineType', 'zone'] as const) {
    const each = run.nodes.map((node) => node[key]);
    // One node that does not say leaves the fact open.
    if (each.length > 0 && each.every((value) => value !== undefined)) {
      set(`node.${key}`, [...new Set(each)].sort().join(', '));
    }
  }
  for (const [name, state] of Object.entries(run.addons ?? {})) {
    labels.set(`addon.${name}`, `add-on ${name}`);
    set(`addon.${name}`, state);
  }
  for (const [name, version] of Object.entries(run.tools)) {
    labels.set(`tool.${name}`, `${name} that recorded`);
    set(`tool.${name}`, version);
  }
  return { values, labels };
}
