import { expect, test } from 'vitest';
import { decodeRun, encodeRun, type RunFile } from '../../src/captures/run.ts';

const run: RunFile = {
  run: '20261120T093037Z-v1',
  started: '2026-11-20T09:30:37.569Z',
  context: 'gke_project_us-central1-c_name',
  dataplane: 'kube-proxy (iptables)',
  evidence: ['2 pods', 'yes: "quoted" # and more'],
  server: '1.30',
  channel: 'REGULAR',
  addons: { httpLoadBalancing: 'enabled' },
  location: 'us-central1-c',
  nodes: [
    { name: 'n1', version: 'v1.30', kernel: '017', osImage: 'no', runtime: 'x', machineType: 'e2', zone: 'z' },
    { name: 'n2' },
  ],
  workload: ['nginx@sha256:1e5'],
  tools: { kubectl: '1.30', curl: '12:30' },
  order: ['v1/l1-a'],
};

test('survives a round trip; no version becomes a number, no time a date', () => {
  expect(decodeRun(encodeRun(run), 'f')).toEqual(run);
  const { nodes: _, ...rest } = run;
  const withEarlier = { ...run, earlier: [{ ...rest, nodes: [] }] };
  expect(decodeRun(encodeRun(withEarlier), 'f')).toEqual(withEarlier);
});

test.each([
  ['not YAML', 'run: ['],
  ['a missing key', encodeRun(run).replace(/^started: .*\n/m, '')],
  ['an unknown key', `${encodeRun(run)}colour: red\n`],
  ['a wrong type', encodeRun(run).replace(/^order:\n.*\n/m, 'order: none\n')],
])('%s is refused', (_name, text) => {
  let message = 'nothing';
  try {
    decodeRun(text, 'captures/v1/run.yaml');
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatchSnapshot();
});
