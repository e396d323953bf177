import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a program and gives what it printed; throws with its stderr when it fails. */
export function sh(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Lines of `ip`, one process for all of them. */
function ip(lines: string[], netns?: string): void {
  execFileSync('ip', [...(netns === undefined ? [] : ['-n', netns]), '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** Two nodes and the client's network; the load balancer is a route of the client. */
export const NODES = [
  { name: 'gke-test-pool-aaaa', netns: 'n1', address: '10.10.0.3', pods: '10.20.0' },
  { name: 'gke-test-pool-bbbb', netns: 'n2', address: '10.10.0.4', pods: '10.20.1' },
] as const;
export const VIP = '203.0.113.10';
export const CLUSTER_IP = '10.24.9.186';
export const NODE_PORT = 31057;

/** Lays the network out in the network namespace this process is in. */
export function layNetwork(): void {
  // For the names of network namespaces, the lock of iptables and sshd; whoever runs this may not write to the real one.
  sh('mount', '-t', 'tmpfs', 'none', '/run');
  ip(['link set lo up', 'link add br0 type bridge', 'link set br0 up', 'addr add 10.10.0.1/24 dev br0']);
  for (const node of NODES) {
    sh('ip', 'netns', 'add', node.netns);
    ip([`link add ${node.netns} type veth peer name eth0 netns ${node.netns}`, `link set ${node.netns} master br0 up`]);
    ip(
      [
        'link set lo up',
        `addr add ${node.address}/24 dev eth0`,
        'link set eth0 up',
        'link add cbr0 type bridge',
        `addr add ${node.pods}.1/24 dev cbr0`,
        'link set cbr0 up',
        'route add default via 10.10.0.1',
        ...NODES.filter((other) => other !== node).map((other) => `route add ${other.pods}.0/24 via ${other.address}`),
      ],
      node.netns,
    );
    sh('ip', 'netns', 'exec', node.netns, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }
  steer(NODES[0].address);
}

/** Sends what goes to the external address to one node, as the cloud's load balancer does. */
export function steer(nodeAddress: string): void {
  sh('ip', 'route', 'replace', VIP, 'via', nodeAddress);
}

/** A pod: a network namespace with an eth0 on its node's bridge. */
export function addPod(netns: string, node: (typeof NODES)[number], address: string): void {
  sh('ip', 'netns', 'add', netns);
  ip([`link add ${netns} type veth peer name eth0 netns ${netns}`, `link set ${netns} master cbr0 up`], node.netns);
  ip(
    ['link set lo up', `addr add ${address}/24 dev eth0`, 'link set eth0 up', `route add default via ${node.pods}.1`],
    netns,
  );
}

/** Ends the processes of a pod and removes its network. */
export function removePod(netns: string): void {
  for (const pid of sh('ip', 'netns', 'pids', netns).split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  sh('ip', 'netns', 'del', netns);
}

/**
 * A real nginx with its default page, in the foreground of a pod.
 * @param name of the pod, which is its host name
 * @param servers its servers, as the ConfigMap that it mounts says
 */
export function startNginx(netns: string, dir: string, name: string, servers: string): void {
  mkdirSync(dir, { recursive: true });
  const page =
    '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\n</style>\n</head>\n</html>\n';
  writeFileSync(join(dir, 'index.html'), page);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${dir}/${name};`)
    .join(' ');
  writeFileSync(
    join(dir, 'nginx.conf'),
    `user root; daemon off; master_process off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; events {} http { access_log off; ${temporary} ${servers.replace('/usr/share/nginx/html', dir)} }`,
  );
  const nginx = `hostname "$0" && exec nginx -e ${dir}/error.log -c ${dir}/nginx.conf`;
  spawn('ip', ['netns', 'exec', netns, 'unshare', '--uts', 'sh', '-c', nginx, name], { stdio: 'ignore' });
}
