import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCapture, sha256 } from '../../../src/captures/file.ts';
import { readRun } from '../../../src/captures/run.ts';
import { parseConntrackList } from '../../../src/formats/conntrack-list.ts';
import { parseHttpProbe } from '../../../src/formats/http-probe.ts';
import { parseOutput } from '../../../src/formats/index.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests, sshTests } from '../../support/cluster-tests.ts';
import { makeProject, type Project, record } from '../../support/project.ts';

const available = clusterTests('full recordings with real kubectl, gcloud, iptables and nginx');
const ssh = sshTests('a full recording over ssh (it goes through debugging pods instead)');

describe.runIf(available)('V1 from end to end', () => {
  let cluster: Cluster;
  let project: Project;
  let result: Awaited<ReturnType<typeof record>>;
  let untouched: Record<string, string>;

  beforeAll(async () => {
    cluster = await startCluster('v1');
    project = makeProject();
    untouched = project.set('v2');
    result = await record(cluster, project, [
      '--yes',
      ...(ssh ? ['--node-access', 'ssh', '--ssh-config', cluster.sshConfig] : []),
    ]);
  }, 120_000);
  afterAll(async () => {
    await cluster?.stop();
    project?.remove();
  });

  const file = (key: string) => decodeCapture(readFileSync(join(project.root, `captures/${key}.txt`)), key);
  const text = (key: string) => Buffer.from(file(key).body).toString('utf8');

  test('records every output of the recipe and ends with 0', () => {
    expect(result.stderr).not.toContain('FAILED');
    expect(result.code, result.stderr + result.stdout).toBe(0);
    const keys = plannedCaptures(loadRecipe(project.root, { recording: true }))
      .filter(({ side }) => side === 'v1')
      .map(({ key, format }) => ({ key, format }));
    expect(keys).toHaveLength(33);
    for (const { key, format } of keys) {
      const { header, body } = file(key);
      expect(header, key).toMatchObject({ origin: 'recorded', exitCode: 0, bytes: body.length, sha256: sha256(body) });
      expect(header?.when).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(header?.durationMs).toBeGreaterThan(0);
      expect(header?.run).toMatch(/^\d{8}T\d{6}Z-v1$/);
      expect(() => parseOutput(format, Buffer.from(body).toString('utf8')), key).not.toThrow();
    }
  });

  test('the other side is untouched and nothing is left behind', async () => {
    expect(project.set('v2')).toEqual(untouched);
    expect(project.leftovers()).toEqual([]);
    const { objects } = await cluster.control();
    expect(objects.filter((name) => name.includes('netflow-test'))).toEqual([]);
  });

  test('the command of each output stands in its header as it was run', () => {
    expect(file('v1/l3-nodeport').header?.command).toBe(
      `kubectl -n netflow-test get svc nginx -o jsonpath='NodePort: {.spec.ports[0].nodePort}{"\\n"}'`,
    );
    expect(file('v1/l4-iptables-nat').header?.where).toBe('node gke-test-pool-aaaa');
    expect(file('v1/l5-pod-serves').header?.command).toMatch(
      /^kubectl -n netflow-test exec nginx-\S+ -c nginx -- sh -c 'wget -qO- localhost \| sed -n 1,5p'$/,
    );
    expect(file('v1/l1-gce-forwarding-rule').header?.command).toBe(
      'gcloud compute forwarding-rules list --project dataplane-test --filter=IPAddress=203.0.113.10',
    );
  });

  test.runIf(ssh)('over ssh the command goes to the node as one word', () => {
    expect(file('v1/l4-iptables-nat').header?.command).toMatch(
      /^ssh -F \S+ -T -o BatchMode=yes -o ConnectTimeout=10 -- gke-test-pool-aaaa iptables-save$/,
    );
  });

  test('real iptables, nginx and gcloud answered', () => {
    const rules = text('v1/l4-iptables-nat');
    expect(rules.match(/^\*\w+$/gm)?.sort()).toEqual(['*filter', '*nat']);
    expect(rules.match(/-j DNAT --to-destination 10\.20\.\d\.\d+:80/g)).toHaveLength(3);
    expect(text('v1/l5-pod-serves')).toBe(
      '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n',
    );
    expect(text('v1/l5-pod-interface')).toMatch(
      /^Inspecting pod: nginx-.*\n\n--- Interface .*\n2: eth0@[\s\S]*00000000:0050/,
    );
    expect(text('v1/l1-gce-forwarding-rule')).toMatch(
      /^NAME +REGION +IP_ADDRESS +IP_PROTOCOL +TARGET\n\w+ +us-central1 +203\.0\.113\.10 +TCP/,
    );
    expect(text('v1/l2-target-pool')).toContain('sessionAffinity: NONE\n');
  });

  test('the failover window shows what the kernel did: a timeout on the dropped packet, then answers', () => {
    const { requests } = parseHttpProbe(text('v1/l6-local-failover'));
    expect(requests).toHaveLength(20);
    expect(requests[0]).toMatchObject({
      status: { value: '000' },
      exit: { value: '28' },
      connect: { value: '0.000000' },
    });
    expect(requests[0]?.time.value).toMatch(/^(?:5\.99|6\.0)/);
    expect(requests[0]?.error?.value).toMatch(/timed out/);
    expect(requests[19]).toMatchObject({ status: { value: '200' }, exit: { value: '0' } });
    expect(text('v1/l6-local-filter-table')).toMatch(/has no local endpoints" -m tcp --dport 80 -j DROP\n/);
    expect(text('v1/l6-local-asymmetric')).toMatch(
      /^Deployment: nginx replicas=1\nPod: nginx-\S+ on node gke-test-pool-bbbb\nService externalTrafficPolicy: Local\nNodes:\nnode\/gke-test-pool-aaaa\nnode\/gke-test-pool-bbbb\n$/,
    );
  });

  test('the failover window shows how the nodes were meanwhile: the load balancer was late', () => {
    const { health = [] } = parseHttpProbe(text('v1/l6-local-failover'));
    const of = (from: string, node: string) =>
      health.filter((sample) => sample.from.value === from && sample.node.value === node);
    const [idle, busy] = ['gke-test-pool-aaaa', 'gke-test-pool-bbbb'];
    expect(of('pool', idle)[0]?.state?.value).toBe('HEALTHY');
    // The nodes are asked once more when the last request has ended.
    expect(of('pool', idle).at(-1)?.state?.value).toBe('UNHEALTHY');
    expect(new Set(of('pool', busy).map(({ state }) => state?.value))).toEqual(new Set(['HEALTHY']));
    expect(of('node', idle)[0]).toMatchObject({ status: { value: '503' }, localEndpoints: { value: '0' } });
    expect(of('node', busy)[0]).toMatchObject({ status: { value: '200' }, localEndpoints: { value: '1' } });
  });

  test('each request says when it began, which pod answered, and which client that pod saw', () => {
    const seen = (key: string) => {
      const { requests } = parseHttpProbe(text(key));
      expect(requests.map(({ start }) => start?.value)).toEqual(requests.map(({ start }) => start?.value).toSorted());
      for (const { pod } of requests) expect(pod?.value).toMatch(/^nginx-bb6b8c496-/);
      return new Set(requests.map(({ seen }) => seen?.value));
    };
    // Policy Cluster masquerades: the pod sees its node, or the node that relayed. Policy Local keeps the client.
    expect(seen('v1/l6-cluster-mode')).toEqual(new Set(['10.20.0.1', '10.10.0.3']));
    expect(seen('v1/l6-local-symmetric')).toEqual(new Set(['10.10.0.1']));
  });

  test('conntrack lists the connections of the Service with the pods they were sent to', () => {
    const { entries } = parseConntrackList(text('v1/l6-cluster-mode-conntrack'));
    expect(entries.length).toBeGreaterThanOrEqual(10);
    for (const { original, reply } of entries) {
      expect(original.destination.value).toBe('203.0.113.10');
      expect(reply.source.value).toMatch(/^10\.20\./);
    }
  });

  test('run.yaml tells the environment', () => {
    expect(readRun(project.root, 'v1')).toMatchObject({
      context: 'test',
      dataplane: 'kube-proxy (iptables)',
      server: 'v1.32.4-gke.1415000',
      channel: 'REGULAR',
      location: 'us-central1-c',
      addons: { httpLoadBalancing: 'enabled', networkPolicyConfig: 'disabled' },
      workload: [expect.stringMatching(/^nginx:1\.29-alpine@sha256:[0-9a-f]{64}$/)],
      tools: {
        kubectl: expect.any(String),
        gcloud: expect.any(String),
        ssh: expect.any(String),
        curl: expect.any(String),
      },
    });
    expect(readRun(project.root, 'v1')?.order).toHaveLength(33);
  });

  test('the summary says what changed', () => {
    expect(result.stdout).toMatch(/^new v1\/l6-local-filter-table \(\d+ bytes\)$/m);
    expect(result.stdout).toMatch(
      /captures\/v1: 33 recorded, \d+ of them new or changed\. Review with: git diff captures\/v1\n$/,
    );
  });
});

describe.runIf(available)('V1 over kubectl debug, and partial sets', () => {
  let cluster: Cluster;
  let project: Project;
  beforeAll(async () => {
    cluster = await startCluster('v1');
    project = makeProject();
  }, 60_000);
  afterAll(async () => {
    await cluster?.stop();
    project?.remove();
  });

  test('the debugging pod prints the rules, gives its exit code, and is deleted', async () => {
    const { code, stderr } = await record(cluster, project, ['--yes', '--only', 'l4', '--keep-workload']);
    expect(code, stderr).toBe(0);
    expect(project.set('v1')['l4-iptables-nat.txt']).toMatch(
      /debug node\/gke-test-pool-aaaa --attach -q --profile=sysadmin [\s\S]*\n---\n# Generated by/,
    );
    const { objects } = await cluster.control();
    expect(objects.filter((name) => name.includes('node-debugger'))).toEqual([]);
    expect(objects.filter((name) => name.includes('/nginx'))).not.toEqual([]);
  });

  test('on a terminal progress is a list, without colours where NO_COLOR is set', async () => {
    const args = ['--yes', '--only', 'l3', '--keep-workload'];
    const onTerminal = async (env: Record<string, string>) => {
      const [node, script] = [process.execPath, join(process.cwd(), 'scripts/capture.ts')];
      // script(1) gives the recorder a terminal, and passes its exit code on.
      const line = `stty cols 140 rows 50; ${[node, script, ...args].join(' ')}`;
      const [file, all] = cluster.inside('script', ['-qec', line, '/dev/null'], project.root);
      const plain = Object.entries({ ...process.env, ...cluster.env, TERM: 'xterm-256color', ...env });
      const set = Object.fromEntries(plain.filter(([name]) => name in env || !['NO_COLOR', 'CI'].includes(name)));
      const result = spawnSync(file, all, { env: set, encoding: 'utf8' });
      expect(result.status, result.stdout).toBe(0);
      return result.stdout;
    };
    const sgr = new RegExp(`${String.fromCharCode(27)}\\[[39]\\d?m`);
    const coloured = await onTerminal({});
    expect(coloured).toMatch(/NodePort \(v1\/l3-nodeport\): \d\.\d s, 16 bytes/);
    expect(coloured).toMatch(sgr);
    const plain = await onTerminal({ NO_COLOR: '1' });
    expect(plain).toMatch(/NodePort \(v1\/l3-nodeport\): \d\.\d s, 16 bytes/);
    expect(plain).not.toMatch(sgr);
  });

  test.each([
    ['n\n', 1, 'recording: not confirmed'],
    ['\u0004', 1, 'recording: not confirmed'],
    ['\u0003', 130, 'Interrupted'],
  ])('the question answered with %j deploys nothing', async (answer, code, message) => {
    const keys = [answer];
    const line = `${process.execPath} ${join(process.cwd(), 'scripts/capture.ts')} --only l3`;
    const [file, all] = cluster.inside('script', ['-qec', line, '/dev/null'], project.root);
    const asking = spawn(file, all, { env: { ...process.env, ...cluster.env, TERM: 'xterm' } });
    let seen = '';
    asking.stdout.on('data', (chunk) => {
      seen += chunk;
      if (seen.includes('[y/N]') && keys.length > 0) asking.stdin.write(keys.splice(0).join(''));
    });
    const status = await new Promise((resolve) => asking.once('close', resolve));
    expect(seen).toContain('Deploy to namespace netflow-test of test and record v1? [y/N]');
    expect(seen).toContain(message);
    expect(status, seen).toBe(code);
  });

  test('a later run of other layers keeps the earlier run in run.yaml, as long as its outputs stand', async () => {
    await cluster.control({ balancer: 'service' });
    const { code, stderr } = await record(cluster, project, ['--yes', '--only', 'l2,l3']);
    expect(code, stderr).toBe(0);
    const run = readRun(project.root, 'v1');
    expect(run?.order).toEqual(['v1/l2-target-pool', 'v1/l3-endpoints', 'v1/l3-endpointslice', 'v1/l3-nodeport']);
    expect(run?.earlier?.map(({ order }) => order)).toEqual([['v1/l4-iptables-nat']]);
    // This cluster's address belongs to a backend service: the alternative command was run.
    expect(project.set('v1')['l2-target-pool.txt']).toContain('command: "gcloud compute backend-services describe ');
  });
});

describe.runIf(available)('V2 from end to end, with cilium-dbg and hubble as a replay of the published outputs', () => {
  let cluster: Cluster;
  let project: Project;
  beforeAll(async () => {
    cluster = await startCluster('v2');
    project = makeProject();
  }, 60_000);
  afterAll(async () => {
    await cluster?.stop();
    project?.remove();
  });

  test('records every output; clients are named by role everywhere', async () => {
    const { code, stdout, stderr } = await record(cluster, project, ['--yes', '--side', 'v2', '--json']);
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ outcome: 'recorded', side: 'v2', written: true, failures: [], byHand: [] });
    expect(result.captures).toHaveLength(34);
    const set = project.set('v2');
    expect(Object.values(set).join('')).not.toContain('162.195.118.115');
    // The replayed flows and their JSON name the same client; here it is the second public address that was met.
    expect(set['l7-hubble-observe.txt']).toMatch(/redactions:\n {2}- rule: "client-address"\n {4}count: \d+\n/);
    const [, client] = /: (client-\d+):60598 \(world\)/.exec(set['l7-hubble-observe.txt'] ?? '') ?? [];
    expect(set['l7-hubble-observe-json.txt']).toContain(`"source":"${client}"`);
    expect(set['l4-ebpf-service-map.txt']).toContain('exec anetd-aaaa -c cilium-agent -- cilium-dbg service list');
    const { objects } = await cluster.control();
    expect(objects.filter((name) => name.includes('netflow-test'))).toEqual([]);
  }, 180_000);

  test('a cluster with the other dataplane is refused, with the evidence', async () => {
    const before = project.set('v1');
    const { code, stderr } = await record(cluster, project, ['--yes', '--side', 'v1']);
    expect(code).toBe(1);
    expect(stderr).toContain('--side v1: this cluster runs GKE Dataplane V2 (Cilium, eBPF)');
    expect(project.set('v1')).toEqual(before);
  });
});
