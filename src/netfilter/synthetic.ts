import { createHash } from 'node:crypto';
import { FIXED, JUMPS, NODEPORTS_COMMENT } from './fixed-chains.ts';

/** One endpoint of a Service port. */
export interface SyntheticEndpoint {
  ip: string;
  port: number;
  /** True where the pod runs on the node whose rules these are. */
  local: boolean;
}

/** One port of a Service, as kube-proxy sees it. */
export interface SyntheticService {
  namespace: string;
  name: string;
  /** Empty for a Service with one unnamed port. */
  portName: string;
  protocol: 'tcp' | 'udp' | 'sctp';
  clusterIP: string;
  port: number;
  nodePort?: number | undefined;
  externalIPs?: readonly string[] | undefined;
  loadBalancerIPs?: readonly string[] | undefined;
  /** loadBalancerSourceRanges */
  sourceRanges?: readonly string[] | undefined;
  healthCheckNodePort?: number | undefined;
  externalPolicy?: 'Cluster' | 'Local' | undefined;
  internalPolicy?: 'Cluster' | 'Local' | undefined;
  /** Session affinity ClientIP with this timeout in seconds. */
  affinitySeconds?: number | undefined;
  /** Those that are ready. */
  endpoints: readonly SyntheticEndpoint[];
}

/** kube-proxy's own settings on a node. */
export interface SyntheticNode {
  family: 4 | 6;
  nodeIP: string;
  /** True where `nodeIP` lies in the network. */
  inRange?: ((cidr: string) => boolean) | undefined;
  /** How traffic of local pods is told: by network, by interface, or not at all. */
  localDetector?: { cidr: string } | { interfacePrefix: string } | undefined;
  /** --iptables-localhost-nodeports; IPv4 only. */
  localhostNodePorts?: boolean | undefined;
  /** --masquerade-all */
  masqueradeAll?: boolean | undefined;
  /** Addresses --nodeport-addresses selects; undefined for all addresses of the node. */
  nodePortAddresses?: readonly string[] | undefined;
  /** Masquerade to random ports, as iptables 1.6.2 and newer can. */
  randomFully?: boolean | undefined;
  /** Count packets with nfacct objects, as Kubernetes does since 1.32. */
  nfacct?: boolean | undefined;
}

const hash = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of createHash('sha256').update(text).digest().subarray(0, 10))
    bits += byte.toString(2).padStart(8, '0');
  return Array.from(
    { length: 16 },
    (_, index) => alphabet[Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2)],
  ).join('');
};

const endpointText = ({ ip, port }: SyntheticEndpoint): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

/** Name of a Service port as kube-proxy prints it: `namespace/name:port`. */
export function servicePortName({ namespace, name, portName }: SyntheticService): string {
  return `${namespace}/${name}${portName === '' ? '' : `:${portName}`}`;
}

/**
 * The whole ruleset kube-proxy (Kubernetes 1.28 to 1.35) would have on a node, as input for iptables-restore: chains
 * and rules in its own words and order (`syncProxyRules` of pkg/proxy/iptables/proxier.go), with the built-in chains.
 * It is made up: figures drawn from it must be labelled as computed.
 */
export function syntheticRules(services: readonly SyntheticService[], node: SyntheticNode): string {
  const filter: string[] = [];
  const nat: string[] = [];
  const natChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];
  const localhost = node.family === 4 && node.localhostNodePorts === true;
  for (const chain of ['KUBE-POSTROUTING', 'KUBE-MARK-MASQ'] as const) {
    for (const rule of FIXED.nat[chain]) {
      const randomly = node.randomFully && rule.endsWith('MASQUERADE') ? ' --random-fully' : '';
      nat.push(`-A ${chain} ${rule}${randomly}`);
    }
  }
  if (localhost) {
    filter.push(
      '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    );
  }
  for (const service of services) writeService(service, node, localhost, { filter, nat, natChains });
  nat.push(...nodePortRules(node, localhost));
  filter.push(
    `-A KUBE-FORWARD -m conntrack --ctstate INVALID${node.nfacct ? ' -m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : ''} -j DROP`,
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  );
  const filterChains = [
    ...['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'],
    'KUBE-FIREWALL',
  ];
  return [
    ...table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], filterChains, filter),
    ...table('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], natChains, nat),
    '',
  ].join('\n');
}

function table(
  name: 'nat' | 'filter',
  builtIn: readonly string[],
  chains: readonly string[],
  rules: readonly string[],
): string[] {
  const fixed: Record<string, readonly string[]> = JUMPS[name];
  const jumps = builtIn.flatMap((chain) => (fixed[chain] ?? []).map((rule) => `-A ${chain} ${rule}`));
  return [
    `*${name}`,
    ...builtIn.map((chain) => `:${chain} ACCEPT [0:0]`),
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...jumps,
    ...rules,
    'COMMIT',
  ];
}

/** The tail of KUBE-SERVICES. */
function nodePortRules(node: SyntheticNode, localhost: boolean): string[] {
  const rule = (destination: string) =>
    `-A KUBE-SERVICES -m comment --comment "${NODEPORTS_COMMENT}" ${destination} -j KUBE-NODEPORTS`;
  if (node.nodePortAddresses) return node.nodePortAddresses.map((ip) => rule(`-d ${ip}`));
  const but = node.family === 6 ? ' ! -d ::1/128' : localhost ? '' : ' ! -d 127.0.0.0/8';
  return [rule(`-m addrtype --dst-type LOCAL${but}`)];
}

interface Output {
  filter: string[];
  nat: string[];
  natChains: string[];
}

function writeService(service: SyntheticService, node: SyntheticNode, localhost: boolean, out: Output): void {
  const name = servicePortName(service);
  const { protocol, clusterIP, port, endpoints } = service;
  const key = hash(name + protocol);
  const [svc, svl, fw, ext] = [`KUBE-SVC-${key}`, `KUBE-SVL-${key}`, `KUBE-FW-${key}`, `KUBE-EXT-${key}`];
  const localEndpoints = endpoints.filter((endpoint) => endpoint.local);
  const internalLocal = service.internalPolicy === 'Local';
  const externalLocal = service.externalPolicy === 'Local';
  const hasEndpoints = endpoints.length > 0;
  const hasInternal = internalLocal ? localEndpoints.length > 0 : hasEndpoints;
  const hasExternal = externalLocal ? localEndpoints.length > 0 : hasEndpoints;
  const externalIPs = service.externalIPs ?? [];
  const loadBalancerIPs = service.loadBalancerIPs ?? [];
  const ranges = service.sourceRanges ?? [];
  const isExternal = service.nodePort !== undefined || externalIPs.length > 0 || loadBalancerIPs.length > 0;
  const usesFirewall = hasEndpoints && loadBalancerIPs.length > 0 && ranges.length > 0;
  const says = (text: string) => `-m comment --comment "${text}"`;
  const to = (ip: string, dport = port) => `-m ${protocol} -p ${protocol} -d ${ip} --dport ${dport}`;
  const refusal = hasEndpoints ? 'DROP' : 'REJECT';
  const why = says(`${name} has no ${hasEndpoints ? 'local ' : ''}endpoints`);
  const internalChain = internalLocal ? svl : svc;

  if (hasInternal) out.nat.push(`-A KUBE-SERVICES ${says(`${name} cluster IP`)} ${to(clusterIP)} -j ${internalChain}`);
  else out.filter.push(`-A KUBE-SERVICES ${why} ${to(clusterIP)} -j ${refusal}`);
  for (const ip of externalIPs) {
    if (hasEndpoints) out.nat.push(`-A KUBE-SERVICES ${says(`${name} external IP`)} ${to(ip)} -j ${ext}`);
    if (!hasExternal) out.filter.push(`-A KUBE-EXTERNAL-SERVICES ${why} ${to(ip)} -j ${refusal}`);
  }
  for (const ip of loadBalancerIPs) {
    if (hasEndpoints) {
      out.nat.push(`-A KUBE-SERVICES ${says(`${name} loadbalancer IP`)} ${to(ip)} -j ${usesFirewall ? fw : ext}`);
    }
    if (usesFirewall) {
      out.filter.push(`-A KUBE-PROXY-FIREWALL ${says(`${name} traffic not accepted by ${fw}`)} ${to(ip)} -j DROP`);
    }
  }
  if (!hasExternal) {
    for (const ip of loadBalancerIPs) out.filter.push(`-A KUBE-EXTERNAL-SERVICES ${why} ${to(ip)} -j ${refusal}`);
  }
  if (service.nodePort !== undefined) {
    const dport = `--dport ${service.nodePort}`;
    const head = `-A KUBE-NODEPORTS -m comment --comment ${name} -m ${protocol} -p ${protocol}`;
    if (hasEndpoints) {
      if (localhost && node.nfacct) {
        out.nat.push(`${head} -d 127.0.0.0/8 ${dport} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${ext}`);
      }
      out.nat.push(`${head} ${dport} -j ${ext}`);
    }
    if (!hasExternal) {
      out.filter.push(
        `-A KUBE-EXTERNAL-SERVICES ${why} -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} ${dport} -j ${refusal}`,
      );
    }
  }
  if (service.healthCheckNodePort !== undefined) {
    out.filter.push(
      `-A KUBE-NODEPORTS ${says(`${name} health check node port`)} -m tcp -p tcp --dport ${service.healthCheckNodePort} -j ACCEPT`,
    );
  }
  if (hasInternal) {
    const cluster = `-A ${internalChain} ${says(`${name} cluster IP`)} ${to(clusterIP)}`;
    if (node.masqueradeAll) out.nat.push(`${cluster} -j KUBE-MARK-MASQ`);
    else if (node.localDetector) out.nat.push(`${cluster} ${local(node, '! ')} -j KUBE-MARK-MASQ`);
  }
  if (hasEndpoints && isExternal) {
    out.natChains.push(ext);
    writeExternal(name, node, { ext, svc, svl, externalLocal, hasExternal }, out.nat, says);
  }
  if (usesFirewall) {
    out.natChains.push(fw);
    const accept = (source: string) =>
      out.nat.push(`-A ${fw} ${says(`${name} loadbalancer IP`)} -s ${source} -j ${ext}`);
    for (const range of ranges) accept(range);
    if (ranges.some((range) => node.inRange?.(range))) for (const ip of loadBalancerIPs) accept(ip);
    out.nat.push(`-A ${fw} ${says(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`)}`);
  }
  const usesCluster = hasEndpoints && (!internalLocal || isExternal);
  const usesLocal = localEndpoints.length > 0 && (internalLocal || (externalLocal && isExternal));
  const chainOf = (endpoint: SyntheticEndpoint) => `KUBE-SEP-${hash(name + protocol + endpointText(endpoint))}`;
  for (const [uses, chain, members] of [
    [usesCluster, svc, endpoints],
    [usesLocal, svl, localEndpoints],
  ] as const) {
    if (!uses) continue;
    out.natChains.push(chain);
    writeBalancing(chain, name, service.affinitySeconds, members, chainOf, out.nat);
  }
  for (const endpoint of usesCluster ? endpoints : usesLocal ? localEndpoints : []) {
    const chain = chainOf(endpoint);
    out.natChains.push(chain);
    const own = `-A ${chain} -m comment --comment ${name}`;
    const affinity = service.affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`;
    out.nat.push(`${own} -s ${endpoint.ip} -j KUBE-MARK-MASQ`);
    out.nat.push(`${own}${affinity} -m ${protocol} -p ${protocol} -j DNAT --to-destination ${endpointText(endpoint)}`);
  }
}

/** The condition that tells traffic of local pods, turned round with `! `. */
function local({ localDetector }: SyntheticNode, not: '' | '! '): string {
  if (!localDetector) return '';
  return 'cidr' in localDetector ? `${not}-s ${localDetector.cidr}` : `${not}-i ${localDetector.interfacePrefix}+`;
}

/** The chain of traffic to addresses outside the cluster's own. */
function writeExternal(
  name: string,
  node: SyntheticNode,
  chain: { ext: string; svc: string; svl: string; externalLocal: boolean; hasExternal: boolean },
  nat: string[],
  says: (text: string) => string,
): void {
  const { ext, svc, svl } = chain;
  if (chain.externalLocal) {
    if (node.localDetector) {
      nat.push(`-A ${ext} ${says(`pod traffic for ${name} external destinations`)} ${local(node, '')} -j ${svc}`);
    }
    nat.push(
      `-A ${ext} ${says(`masquerade LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `-A ${ext} ${says(`route LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j ${svc}`,
    );
  } else nat.push(`-A ${ext} ${says(`masquerade traffic for ${name} external destinations`)} -j KUBE-MARK-MASQ`);
  if (chain.hasExternal) nat.push(`-A ${ext} -j ${chain.externalLocal ? svl : svc}`);
}

/** First the endpoints a client was sent to before, then one by lot: the last rule always matches. */
function writeBalancing(
  chain: string,
  name: string,
  affinitySeconds: number | undefined,
  endpoints: readonly SyntheticEndpoint[],
  chainOf: (endpoint: SyntheticEndpoint) => string,
  nat: string[],
): void {
  const head = (endpoint: SyntheticEndpoint) =>
    `-A ${chain} -m comment --comment "${name} -> ${endpointText(endpoint)}"`;
  if (affinitySeconds !== undefined) {
    for (const endpoint of endpoints) {
      const to = chainOf(endpoint);
      nat.push(`${head(endpoint)} -m recent --name ${to} --rcheck --seconds ${affinitySeconds} --reap -j ${to}`);
    }
  }
  endpoints.forEach((endpoint, index) => {
    const left = endpoints.length - index;
    const lot = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    nat.push(`${head(endpoint)}${lot} -j ${chainOf(endpoint)}`);
  });
}
