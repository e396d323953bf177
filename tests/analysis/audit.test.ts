import { expect, test } from 'vitest';
import { auditRuns } from '../../src/analysis/audit.ts';
import type { RecordedRun } from '../../src/captures/run.ts';
import { auditLines } from '../../src/wording/check-text.ts';

const run = (change: Partial<RecordedRun> = {}): RecordedRun => ({
  run: 'r',
  started: 's',
  dataplane: 'kube-proxy (iptables)',
  evidence: [],
  server: 'v1.32.4',
  channel: 'REGULAR',
  location: 'us-central1-c',
  addons: { httpLoadBalancing: 'enabled', networkPolicyConfig: 'disabled' },
  nodes: [
    { name: 'a', version: 'v1.32.4', kernel: '6.6', osImage: 'COS', runtime: 'c', machineType: 'e2', zone: 'z' },
    { name: 'b', version: 'v1.32.4', kernel: '6.6', osImage: 'COS', runtime: 'c', machineType: 'e2', zone: 'z' },
  ],
  workload: ['nginx@1', 'client@1'],
  tools: { kubectl: '1.32' },
  order: ['v1/l1-a', 'v1/l2-b'],
  ...change,
});
const differing = (v1: RecordedRun | undefined, v2: RecordedRun | undefined) =>
  auditRuns(v1, v2)
    .filter(({ outcome }) => outcome === 'differs')
    .map(({ id }) => id);

test('two runs that differ in the dataplane alone', () => {
  const rows = auditRuns(
    run(),
    run({ dataplane: 'Cilium', order: ['v2/l1-a', 'v2/l1-only-here', 'v2/l2-b'], workload: ['client@1', 'nginx@1'] }),
  );
  expect(rows.filter(({ outcome }) => outcome !== 'same')).toEqual([
    {
      id: 'dataplane',
      label: 'dataplane',
      v1: 'kube-proxy (iptables)',
      v2: 'Cilium',
      outcome: 'differs',
      variable: true,
    },
  ]);
  expect(auditLines(rows)).toMatchInlineSnapshot(`
    [
      "the variable: dataplane: kube-proxy (iptables) | Cilium",
      "same: API server version, kubelet version, kernel, OS image, container runtime, machine type, node zone, number of nodes, cluster location, release channel, workload images, order of the outputs, add-on httpLoadBalancing, add-on networkPolicyConfig, kubectl that recorded",
    ]
  `);
});

test.each<[string, Partial<RecordedRun>]>([
  ['server', { server: 'v1.33.0' }],
  ['channel', { channel: 'RAPID' }],
  ['location', { location: 'europe-west1-b' }],
  ['workload', { workload: ['nginx@2'] }],
  ['order', { order: ['v1/l2-b', 'v1/l1-a'] }],
  ['addon.networkPolicyConfig', { addons: { httpLoadBalancing: 'enabled', networkPolicyConfig: 'enabled' } }],
  ['tool.kubectl', { tools: { kubectl: '1.33' } }],
  ['node.count', { nodes: run().nodes.slice(1) }],
  ['node.kernel', { nodes: run().nodes.map((node, index) => ({ ...node, kernel: index === 0 ? '6.1' : '6.6' })) }],
])('a difference in %s is named', (id, change) => {
  expect(differing(run(), run(change))).toEqual([id]);
});

test('what one side does not know is not recorded, never the same', () => {
  const { channel: _, ...unknown } = run({
    addons: {},
    nodes: [{ ...run().nodes[0], name: 'a', kernel: undefined }, { name: 'b' }],
  });
  const open = auditRuns(run(), unknown)
    .filter(({ outcome }) => outcome === 'not-recorded')
    .map(({ id }) => id);
  expect(open).toEqual(expect.arrayContaining(['channel', 'node.kernel', 'node.zone', 'addon.httpLoadBalancing']));
});

test('the published captures have no run.yaml: nothing is recorded', () => {
  const rows = auditRuns(undefined, undefined);
  expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['not-recorded']));
  expect(auditLines(rows)).toMatchInlineSnapshot(`
    [
      "not recorded: dataplane, API server version, kubelet version, kernel, OS image, container runtime, machine type, node zone, number of nodes, cluster location, release channel, workload images, order of the outputs",
    ]
  `);
  expect(auditRuns(run(), undefined).every(({ outcome }) => outcome === 'not-recorded')).toBe(true);
});
