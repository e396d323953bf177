import { describe, expect, test } from 'vitest';
import { detectDataplane } from '../../../scripts/capture/detect.ts';
import { checked, choose, discover, NotHere } from '../../../scripts/capture/discover.ts';
import { StopError } from '../../../scripts/capture/failure.ts';
import { Output } from '../../../scripts/capture/output.ts';
import type { CaptureTask } from '../../../scripts/capture/plan.ts';
import type { Run } from '../../../scripts/capture/process.ts';
import type { Values } from '../../../scripts/capture/render.ts';
import { wrap } from '../../../scripts/capture/transports.ts';
import type { Variable } from '../../../src/recipe/command.ts';

/** Answers each command that contains a key with the JSON beside it. */
function answers(table: Record<string, unknown>): { run: Run; ran: string[] } {
  const ran: string[] = [];
  const run: Run = async (command) => {
    ran.push(command);
    const entry = Object.entries(table).find(([part]) => command.includes(part));
    const text = typeof entry?.[1] === 'string' ? entry[1] : JSON.stringify(entry?.[1]);
    return {
      command,
      startedAt: new Date(0),
      durationMs: 1,
      exitCode: entry ? 0 : 1,
      stdout: Output.of(text ?? ''),
      stderr: entry ? '' : 'no such thing',
    };
  };
  return { run, ran };
}

const pod = (name: string, nodeName: string, labels: Record<string, string> = { app: 'nginx' }, more = {}) => ({
  metadata: { name, labels },
  spec: { nodeName, containers: [{ name: 'c' }] },
  status: { phase: 'Running', podIP: '10.20.0.9', ...more },
});
const node = (name: string, providerID = `gce://my-project/us-central1-c/${name}`) => ({
  metadata: { name },
  spec: { providerID },
  status: {},
});
const service = (ip: string) => ({
  spec: { clusterIP: '10.24.9.186', ports: [{ port: 80, nodePort: 31057 }] },
  status: { loadBalancer: { ingress: [{ ip }] } },
});
const all = new Set<Variable>([
  'vip',
  'clusterIP',
  'nodePort',
  'pod',
  'podIP',
  'node',
  'idleNode',
  'otherNode',
  'project',
  'zone',
  'region',
  'forwardingRule',
  'targetPool',
  'backendService',
  'agentPod',
  'ciliumDbg',
  'endpoint',
]);

const CLUSTER = {
  'get service': service('34.72.78.182'),
  'get pods -l app=nginx': {
    items: [
      pod('nginx-b', 'n1'),
      pod('nginx-a', 'n1'),
      { ...pod('nginx-0', 'n2'), metadata: { name: 'nginx-0', deletionTimestamp: 'now' } },
    ],
  },
  'get nodes': { items: [node('n1'), node('n2')] },
  'forwarding-rules': [{ name: 'rule', target: 'https://x/regions/us-central1/targetPools/pool' }],
  'kube-system get pods': {
    items: [pod('anetd-2', 'n2', { 'k8s-app': 'cilium' }), pod('anetd-1', 'n1', { 'k8s-app': 'cilium' })],
  },
  'command -v': '/usr/bin/cilium-dbg\n',
  ciliumendpoint: '1234',
};

describe('the variables', () => {
  test('are found in the cluster; a pod on its way out is not chosen', async () => {
    expect(await discover(all, { namespace: 'n' }, answers(CLUSTER).run)).toEqual({
      namespace: 'n',
      vip: '34.72.78.182',
      clusterIP: '10.24.9.186',
      nodePort: '31057',
      pod: 'nginx-a',
      podIP: '10.20.0.9',
      node: 'n1',
      idleNode: 'n2',
      otherNode: 'n2',
      project: 'my-project',
      zone: 'us-central1-c',
      region: 'us-central1',
      forwardingRule: 'rule',
      targetPool: 'pool',
      agentPod: 'anetd-1',
      ciliumDbg: 'cilium-dbg',
      endpoint: '1234',
    });
  });

  test('a backend service stands in for a target pool', async () => {
    const { run } = answers({
      ...CLUSTER,
      'forwarding-rules': [{ name: 'rule', backendService: 'https://x/backendServices/bs' }],
    });
    const values = await discover(new Set<Variable>(['targetPool']), { namespace: 'n' }, run);
    expect([values.targetPool, values.backendService]).toEqual([undefined, 'bs']);
  });

  test('only what is needed is asked for', async () => {
    const { run, ran } = answers(CLUSTER);
    await discover(new Set<Variable>(['vip']), { namespace: 'n' }, run);
    expect(ran).toEqual(['kubectl -n n get service nginx -o json']);
    await discover(new Set<Variable>(['namespace']), { namespace: 'n' }, run);
    expect(ran).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      '{{vip}}',
      { 'get service': service('1.2.3.4; touch x') },
      'the cluster gave "1.2.3.4; touch x", which cannot be one',
    ],
    [
      '{{pod}}',
      { 'get pods -l': { items: [pod('$(touch x)', 'n1')] } },
      'the cluster gave "$(touch x)", which cannot be one',
    ],
    ['{{node}}', { 'get pods -l': { items: [pod('p', "'\n'")] } }, 'which cannot be one'],
    ['{{ciliumDbg}}', { 'command -v': '/bin/sh -c evil\n' }, 'which cannot be one'],
    ['{{endpoint}}', { ciliumendpoint: '1 2' }, 'which cannot be one'],
    ['{{targetPool}}', { 'forwarding-rules': [{ name: 'r', target: 'x/targetPools/$(x)' }] }, 'which cannot be one'],
    ['{{project}}', { 'get nodes': { items: [node('n1', 'gce://$(x)/z/n')] } }, 'which cannot be one'],
  ])('a hostile %s is refused before anything runs with it', async (name, change, message) => {
    const { run, ran } = answers({
      ...change,
      ...Object.fromEntries(
        Object.entries(CLUSTER).filter(([key]) => !Object.keys(change).some((part) => key.includes(part))),
      ),
    });
    await expect(discover(all, { namespace: 'n' }, run)).rejects.toThrow(message);
    await expect(discover(all, { namespace: 'n' }, run)).rejects.toThrow(`variable ${name}`);
    expect(ran.join('\n')).not.toMatch(/touch x|evil|\$\(x\)/);
  });

  test('every variable has a shape, and refuses a command', () => {
    for (const name of [...all, 'namespace'] as Variable[]) {
      for (const value of ['$(touch x)', 'a b', "a'b", 'a\nb', '-a', ''])
        expect(() => checked(name, value), name).toThrow(StopError);
    }
  });

  test('unexpected JSON names the place', async () => {
    const { run } = answers({ ...CLUSTER, 'get service': { spec: { ports: 'x' } } });
    await expect(discover(all, { namespace: 'n' }, run)).rejects.toThrow(
      'reading the Service: unexpected JSON at spec.ports',
    );
    const broken = answers({ 'get service': 'Error from server\n' });
    await expect(discover(all, { namespace: 'n' }, broken.run)).rejects.toThrow(
      'reading the Service: it printed no JSON',
    );
  });
});

test('the first command the cluster has variables for is chosen', () => {
  const access = { nodeAccess: 'debug', debugImage: 'i', sshHost: '{{node}}', sudo: false } as const;
  const task: CaptureTask = {
    key: 'v1/l2-x',
    title: '',
    format: 'yaml',
    place: 'local',
    on: 'node',
    commands: ['a {{targetPool}}', 'b {{backendService}}'],
    timeoutMs: undefined,
  };
  expect(choose(task, { targetPool: 'x' }, access)).toBe('a {{targetPool}}');
  expect(choose(task, { backendService: 'x' }, access)).toBe('b {{backendService}}');
  expect(() => choose(task, { project: 'p' }, access)).toThrow(
    'v1/l2-x: the cluster has no value for {{targetPool}}, {{backendService}}',
  );
  expect(() => choose({ ...task, place: 'pod', commands: ['ls'] }, {}, access)).toThrow(
    'no value for {{namespace}}, {{pod}}',
  );
});

test('what a cluster of another kind does not have is told from what went wrong', () => {
  const access = { nodeAccess: 'debug', debugImage: 'i', sshHost: '{{node}}', sudo: false } as const;
  const task = (command: string, more: Partial<CaptureTask> = {}): CaptureTask => ({
    ...{ key: 'v1/l2-x', title: '', format: 'yaml', place: 'local', on: 'node', timeoutMs: undefined },
    ...more,
    commands: [command],
  });
  const why = (one: CaptureTask, values: Values) => {
    try {
      return choose(one, values, access);
    } catch (error) {
      return error instanceof NotHere ? error.failure.cause : 'failed';
    }
  };
  expect(why(task('a {{targetPool}}'), {})).toBe(
    'not recorded: no Google Cloud here: no node has a gce:// provider ID',
  );
  expect(why(task('a {{targetPool}}'), { project: 'p' })).toBe('failed');
  expect(why(task('a', { place: 'node', on: 'otherNode' }), { namespace: 'n', node: 'one' })).toBe(
    'not recorded: the cluster has no other node',
  );
  expect(why(task('a {{idleNode}}'), { node: 'one', otherNode: 'two' })).toBe('failed');
  expect(why(task('kubectl -n {{relay}} get pods'), {})).toBe(
    'not recorded: no managed Hubble here: gke-managed-dpv2-observability has no deployment hubble-relay',
  );
  // Where there is no relay, the agent answers for its own node.
  const observe = task('hubble observe', { place: 'relay' });
  expect(why(observe, {})).toBe('failed');
  expect(why(observe, { agentPod: 'cilium-x' })).toBe('hubble observe');
  expect(wrap('hubble observe', 'relay', { agentPod: 'cilium-x' }, access)).toEqual({
    line: 'kubectl -n kube-system exec cilium-x -c cilium-agent -- hubble observe',
    where: 'agent cilium-x',
  });
  expect(wrap('hubble observe', 'relay', { agentPod: 'x', relay: 'r' }, access).where).toMatch(/^relay /);
});

describe('the dataplane', () => {
  const proxy = (...args: string[]) => ({
    ...pod('kube-proxy-n1', 'n1', { component: 'kube-proxy' }),
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'kube-proxy', command: ['/bin/sh', '-c', `kube-proxy ${args.join(' ')}`] }],
    },
  });
  const anetd = pod('anetd-x1', 'n1', { 'k8s-app': 'cilium' });

  test('kube-proxy', () => {
    expect(detectDataplane([proxy()])).toMatchObject({ side: 'v1', name: 'kube-proxy (iptables)' });
    expect(detectDataplane([proxy('--proxy-mode=iptables')]).evidence).toContain('--proxy-mode=iptables');
  });
  test('Cilium, on GKE and elsewhere', () => {
    expect(detectDataplane([anetd])).toMatchObject({ side: 'v2', name: 'GKE Dataplane V2 (Cilium, eBPF)' });
    expect(detectDataplane([pod('cilium-x1', 'n1', { 'k8s-app': 'cilium' })]).name).toBe('Cilium (eBPF)');
    expect(detectDataplane([anetd, proxy()]).evidence).toContain('1 running kube-proxy pods beside it');
  });
  test('anything else is refused', () => {
    expect(() => detectDataplane([])).toThrow('neither a running Cilium agent nor a running kube-proxy');
    expect(() => detectDataplane([proxy('--proxy-mode=nftables')])).toThrow('kube-proxy runs in mode nftables');
    expect(() => detectDataplane([{ ...anetd, status: { phase: 'Pending' } }])).toThrow(StopError);
  });
});
