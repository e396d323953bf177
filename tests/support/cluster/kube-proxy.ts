import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLUSTER_IP, NODE_PORT, type NODES, VIP } from './net.ts';

/** What the rules are written from. */
export interface Balanced {
  pods: { address: string; node: string }[];
  policy: 'Cluster' | 'Local';
}

const SVC = 'P2CJC57QC736K2NH';
const SERVICE = 'netflow-test/nginx';
const comment = (text: string) => `-m comment --comment "${text}"`;
const name = comment(SERVICE);
/** Addresses of all pods: what kube-proxy takes for traffic from inside the cluster. */
const PODS = '10.20.0.0/14';

/**
 * Writes the nat and filter tables of one node with the real iptables-restore, in the form kube-proxy gives them
 * (kubernetes/pkg/proxy/iptables): service, external, local and endpoint chains, masquerade mark, and the drop of
 * external traffic where policy Local leaves the node without an endpoint.
 */
export function syncRules(node: (typeof NODES)[number], { pods, policy }: Balanced): void {
  const local = pods.filter((pod) => pod.node === node.name);
  const sep = (index: number) => `KUBE-SEP-${String.fromCharCode(65 + index).repeat(16)}`;
  const indexed = pods.map((pod, index) => ({ ...pod, chain: sep(index) }));
  const spread = (chain: string, members: typeof indexed) =>
    members.map(({ chain: target, address }, index) => {
      const left = members.length - index;
      const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
      return `-A ${chain} -m comment --comment "netflow-test/nginx -> ${address}:80"${chance} -j ${target}`;
    });
  const external = policy === 'Cluster' ? `KUBE-SVC-${SVC}` : `KUBE-SVL-${SVC}`;
  const reachable = policy === 'Cluster' ? pods.length > 0 : local.length > 0;
  // Without it, nothing jumps to the chain of the local endpoints, and kube-proxy does not write it.
  const usesLocal = policy === 'Local' && local.length > 0;
  const nat = [
    '*nat',
    ...[
      'KUBE-SERVICES',
      'KUBE-NODEPORTS',
      'KUBE-POSTROUTING',
      'KUBE-MARK-MASQ',
      `KUBE-SVC-${SVC}`,
      ...(usesLocal ? [`KUBE-SVL-${SVC}`] : []),
      `KUBE-EXT-${SVC}`,
      ...indexed.map(({ chain }) => chain),
    ].map((chain) => `:${chain} - [0:0]`),
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    `-A KUBE-SERVICES -d ${CLUSTER_IP}/32 -p tcp ${comment(`${SERVICE} cluster IP`)} -m tcp --dport 80 -j KUBE-SVC-${SVC}`,
    ...(pods.length > 0
      ? [
          `-A KUBE-SERVICES -d ${VIP}/32 -p tcp ${comment(`${SERVICE} loadbalancer IP`)} -m tcp --dport 80 -j KUBE-EXT-${SVC}`,
          `-A KUBE-NODEPORTS -p tcp ${name} -m tcp --dport ${NODE_PORT} -j KUBE-EXT-${SVC}`,
        ]
      : []),
    `-A KUBE-SERVICES ${comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain')} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
    ...(policy === 'Cluster'
      ? [`-A KUBE-EXT-${SVC} ${comment(`masquerade traffic for ${SERVICE} external destinations`)} -j KUBE-MARK-MASQ`]
      : [
          `-A KUBE-EXT-${SVC} -s ${PODS} ${comment(`pod traffic for ${SERVICE} external destinations`)} -j KUBE-SVC-${SVC}`,
          `-A KUBE-EXT-${SVC} ${comment(`masquerade LOCAL traffic for ${SERVICE} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
          `-A KUBE-EXT-${SVC} ${comment(`route LOCAL traffic for ${SERVICE} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-SVC-${SVC}`,
        ]),
    ...(reachable ? [`-A KUBE-EXT-${SVC} -j ${external}`] : []),
    `-A KUBE-SVC-${SVC} ! -s ${PODS} -d ${CLUSTER_IP}/32 -p tcp ${comment(`${SERVICE} cluster IP`)} -m tcp --dport 80 -j KUBE-MARK-MASQ`,
    ...spread(`KUBE-SVC-${SVC}`, indexed),
    ...(usesLocal
      ? spread(
          `KUBE-SVL-${SVC}`,
          indexed.filter((pod) => pod.node === node.name),
        )
      : []),
    ...indexed.flatMap(({ chain, address }) => [
      `-A ${chain} -s ${address}/32 ${name} -j KUBE-MARK-MASQ`,
      `-A ${chain} -p tcp ${name} -m tcp -j DNAT --to-destination ${address}:80`,
    ]),
    'COMMIT',
  ];
  const filter = [
    '*filter',
    ':KUBE-EXTERNAL-SERVICES - [0:0]',
    ':KUBE-FORWARD - [0:0]',
    `-A FORWARD ${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`,
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    `-A KUBE-FORWARD ${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
    `-A KUBE-FORWARD ${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ...(reachable
      ? []
      : [
          `-A KUBE-EXTERNAL-SERVICES -d ${VIP}/32 -p tcp ${comment(`${SERVICE} has no local endpoints`)} -m tcp --dport 80 -j DROP`,
        ]),
    'COMMIT',
  ];
  execFileSync('ip', ['netns', 'exec', node.netns, 'iptables-restore'], {
    input: `${[...nat, ...filter].join('\n')}\n`,
  });
}

/** The Service's healthCheckNodePort. */
export const HEALTH_PORT = 32100;
const HEALTH_SERVER = fileURLToPath(new URL('./health-server.ts', import.meta.url));
const answering = new Set<string>();

/**
 * Answers on the healthCheckNodePort of a node as kube-proxy does (kubernetes/pkg/proxy/healthcheck).
 * @param service undefined where its policy is Cluster: then nothing answers there
 */
export function answerHealth(
  node: (typeof NODES)[number],
  dir: string,
  service: { namespace: string; name: string; local: number } | undefined,
): void {
  const file = join(dir, `health-${node.netns}.json`);
  if (!service) {
    if (existsSync(file)) rmSync(file);
    return;
  }
  const { namespace, name, local } = service;
  const answer = { service: { namespace, name }, localEndpoints: local, serviceProxyHealthy: true };
  writeFileSync(file, `${JSON.stringify(answer, null, '\t')}\n`);
  if (answering.has(node.netns)) return;
  answering.add(node.netns);
  spawn('ip', ['netns', 'exec', node.netns, process.execPath, HEALTH_SERVER, file, String(HEALTH_PORT)], {
    stdio: 'ignore',
  });
}
