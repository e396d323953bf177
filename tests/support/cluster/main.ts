import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENDPOINT, identityOf } from './agents.ts';
import { apiServer } from './api.ts';
import { Controllers } from './controllers.ts';
import { layNetwork, NODES } from './net.ts';
import { standIns } from './replay.ts';
import { type Any, Store } from './store.ts';

/*
 * A cluster on one machine: two nodes with real iptables, pods with real nginx, a real sshd per node, and an API
 * server on loopback. Meant to be started by cluster.ts in namespaces of its own; prints one line of JSON when ready.
 */
const side = process.argv[2] === 'v2' ? 'v2' : 'v1';
const world = process.argv[4] === undefined ? undefined : Number(process.argv[4]);
const dir = mkdtempSync(join(tmpdir(), 'dpv-cluster-'));
layNetwork();

const store = new Store();
const controllers = new Controllers(store, dir);
for (const node of NODES) {
  store.put('nodes', {
    metadata: {
      name: node.name,
      labels: { 'node.kubernetes.io/instance-type': 'e2-standard-2', 'topology.kubernetes.io/zone': 'us-central1-c' },
    },
    spec: { providerID: `gce://dataplane-test/us-central1-c/${node.name}` },
    status: {
      addresses: [{ type: 'InternalIP', address: node.address }],
      nodeInfo: {
        kubeletVersion: 'v1.32.4-gke.1415000',
        kernelVersion: '6.6.72+',
        osImage: 'Container-Optimized OS from Google',
        containerRuntimeVersion: 'containerd://1.7.24',
      },
    },
  });
}
if (side === 'v1')
  for (const { name } of NODES) system(`kube-proxy-${name}`, name, { component: 'kube-proxy' }, 'kube-proxy');
else dataplaneV2();

const { server, control } = apiServer(store, controllers, side, standIns(join(dir, 'stand-ins')), world);
control.listen(0, '127.0.0.1');
server.listen(0, '127.0.0.1', () => {
  const [{ port }, { port: controlPort }] = [server, control].map((one) => one.address()) as [AddressInfo, AddressInfo];
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'test', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    }),
  );
  const sshConfig = process.argv[3] === 'no-ssh' ? '' : sshServers();
  process.stdout.write(`${JSON.stringify({ pid: process.pid, port, controlPort, dir, kubeconfig, sshConfig })}\n`);
});
process.on('SIGTERM', () => {
  rmSync(dir, { recursive: true, force: true });
  process.exit(0);
});

function system(
  name: string,
  node: string,
  labels: Record<string, string>,
  container: string,
  namespace = 'kube-system',
  more: Any = {},
): void {
  store.put('pods', {
    metadata: { name, namespace, labels },
    spec: { nodeName: node, containers: [{ name: container, image: `${container}:test` }], ...more },
    status: {
      phase: 'Running',
      podIP: '10.10.0.9',
      containerStatuses: [{ name: container, ready: true, state: { running: {} } }],
    },
  });
}

/** Objects a Dataplane V2 cluster has besides; what its agents print is replayed. */
function dataplaneV2(): void {
  for (const { name } of NODES) system(`anetd-${name.slice(-4)}`, name, { 'k8s-app': 'cilium' }, 'cilium-agent');
  const relay = 'gke-managed-dpv2-observability';
  const labels = { 'k8s-app': 'hubble-relay' };
  store.put('deployments', {
    metadata: { name: 'hubble-relay', namespace: relay },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'hubble-cli' }] } },
    },
  });
  system('hubble-relay-56b84459c4-cqzqj', NODES[1].name, labels, 'hubble-cli', relay);
  store.put('services', {
    metadata: { name: 'hubble-relay', namespace: relay },
    spec: { clusterIP: '10.24.9.240', ports: [{ port: 443 }], selector: labels },
  });
  store.listen(({ type, resource, object }) => {
    if (resource.plural !== 'pods' || object.metadata.namespace !== 'netflow-test' || !object.status?.podIP) return;
    const { name, namespace } = object.metadata;
    if (type === 'DELETED') store.remove('ciliumendpoints', namespace, name);
    else
      store.put('ciliumendpoints', {
        metadata: { name, namespace },
        status: {
          id: ENDPOINT,
          identity: { id: identityOf(object.metadata.labels) },
          networking: { addressing: [{ ipv4: object.status.podIP }] },
        },
      });
  });
}

/** One real sshd per node: its forced command enters the node's network, as logging in would. */
function sshServers(): string {
  mkdirSync('/run/sshd', { recursive: true });
  const key = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)]);
    return join(dir, name);
  };
  const [host, user] = [key('host'), key('user')];
  chmodSync(dir, 0o755);
  return NODES.map((node, index) => {
    const port = 2201 + index;
    const config = join(dir, `sshd-${node.netns}`);
    writeFileSync(
      config,
      [
        `ListenAddress 127.0.0.1:${port}`,
        `HostKey ${host}`,
        `AuthorizedKeysFile ${user}.pub`,
        `PidFile ${config}.pid`,
        'StrictModes no',
        'UsePAM no',
        'PermitRootLogin yes',
        'PasswordAuthentication no',
        `ForceCommand ip netns exec ${node.netns} bash -c "$SSH_ORIGINAL_COMMAND"`,
      ].join('\n'),
    );
    spawn('/usr/sbin/sshd', ['-D', '-f', config], { stdio: 'ignore' });
    return `Host ${node.name}\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n  IdentityFile ${user}\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n`;
  }).reduce(
    (path, text) => {
      writeFileSync(path, text, { flag: 'a' });
      return path;
    },
    join(dir, 'ssh_config'),
  );
}
