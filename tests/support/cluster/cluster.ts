import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Faults } from './api.ts';

/** What the API server has seen and holds. */
export interface State {
  requests: string[];
  /** `plural/namespace/name` */
  objects: string[];
  services: { metadata: { namespace: string }; spec: { externalTrafficPolicy: string } }[];
  deployments: { metadata: { namespace: string }; spec: { replicas: number } }[];
  leases: { spec: { holderIdentity?: string; renewTime: string } }[];
}

/** A running test cluster. */
export interface Cluster {
  /** Environment for what talks to it. */
  env: Record<string, string>;
  /** Empty where there is no ssh. */
  sshConfig: string;
  /** Takes {@link Faults} by POST, from within the cluster's client network. */
  controlUrl: string;
  /** Puts a program into the cluster's client network. */
  inside(file: string, args: readonly string[], cwd?: string): [file: string, args: string[]];
  /** Sets faults and tells what the API server has seen and holds. */
  control(faults?: Faults): Promise<State>;
  stop(): Promise<void>;
}

/**
 * Namespaces of its own (network, mount, process), so that it touches nothing of this machine and everything of it ends
 * with it. An ordinary user gets them in a user namespace, in which that user is root.
 */
export const UNSHARE: readonly string[] = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
];

/**
 * sshd drops privileges to a user of its own, which a user namespace with one user in it does not have: only root has
 * nodes that can be reached over ssh.
 */
export const HAS_SSH = process.getuid?.() === 0;

const ENTER = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];

/**
 * Starts a cluster in namespaces of its own. Needs iproute2, iptables, nginx and sshd.
 * @param world for V2, the world that cilium-dbg and hubble print; without it they print what was published
 */
export async function startCluster(side: 'v1' | 'v2', world?: number): Promise<Cluster> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const args = [main, side, HAS_SSH ? 'ssh' : 'no-ssh', ...(world === undefined ? [] : [String(world)])];
  const child = spawn('unshare', [...UNSHARE, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await firstLine(child);
  const { port, controlPort, kubeconfig, sshConfig, dir } = JSON.parse(ready) as Record<string, string>;
  const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const inside = (file: string, args: readonly string[], cwd = process.cwd()): [string, string[]] => [
    'nsenter',
    [...ENTER, '--target', pid, '--net', '--mount', '--pid', '--', 'env', '-C', cwd, file, ...args],
  ];
  return {
    env: {
      KUBECONFIG: kubeconfig ?? '',
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `http://127.0.0.1:${port}/compute/v1/`,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER: `http://127.0.0.1:${port}/`,
      CLOUDSDK_AUTH_ACCESS_TOKEN: 'x',
      CLOUDSDK_CORE_PROJECT: 'dataplane-test',
      CLOUDSDK_CONFIG: `${dir}/gcloud`,
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
    },
    sshConfig: sshConfig ?? '',
    controlUrl: `http://127.0.0.1:${controlPort}`,
    inside,
    control: (faults = {}) =>
      new Promise((resolve, reject) => {
        const [file, args] = inside('curl', ['-s', `http://127.0.0.1:${controlPort}`, '-d', JSON.stringify(faults)]);
        const curl = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        curl.stdout.on('data', (chunk) => {
          text += chunk;
        });
        curl.on('close', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`control: ${code}`))));
      }),
    stop: () =>
      new Promise((resolve) => {
        child.on('close', () => resolve());
        process.kill(Number(pid), 'SIGTERM');
      }),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the test cluster ended with exit code ${code}`)));
    if (child.stdout) createInterface(child.stdout).once('line', resolve);
  });
}
