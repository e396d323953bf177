import type { CiliumSide, Cluster, KubeProxySide, OtherService } from '../world.ts';

/** One way into the Service, and the pods it leads to as `address:port`, sorted as text. */
export interface FrontendTruth {
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /** Absent for the NodePort, which any address of a node has. */
  address?: string;
  port: number;
  backends: readonly string[];
}

/** What is true of the Service and its pods on one side. */
export interface ServiceTruth {
  pods: number;
  /** Those that are ready, as `address:port`, sorted as text. */
  endpoints: readonly string[];
  nodes: readonly string[];
  frontends: readonly FrontendTruth[];
  /** Seconds. */
  ages: { l1: number; l3: number };
  /** The pod that was looked into, and the ports it listens on. */
  inspected: { pod: string; ip: string; node: string; listens: readonly number[] };
  /** What scaling to one left, and the nodes without a pod then. */
  scaling: { from: number; left: string; node: string; idleNodes: readonly string[] };
}

/** kube-proxy's rules, counted by what it writes for a Service port. */
export interface RulesTruth {
  /** Rules of the traced Service in the nat table, and by the kind of chain they stand in. */
  own: number;
  byChain: Readonly<Record<'KUBE-SERVICES' | 'KUBE-NODEPORTS' | 'KUBE-EXT' | 'KUBE-SVC' | 'KUBE-SEP', number>>;
  /** Share of new connections of each of its endpoints. */
  share: number;
  /** Rules of nat KUBE-SERVICES that a connection to no Service is compared with, the last one left out. */
  compared: number;
  /** Node whose filter table drops what arrives from outside after the scaling; absent where every node has a pod. */
  dropsOn?: string;
}

/** Cilium's tables, counted. */
export interface TablesTruth {
  /** Rows of the service list: those of the traced Service, and all. */
  ownRows: number;
  rows: number;
  /** Entries of the load-balancing map of the node: of the frontends of the Service, with NodePorts at two addresses. */
  ownEntries: number;
  entries: number;
}

/** What is true of the Service of a cluster. */
export function serviceTruth(cluster: Cluster): ServiceTruth {
  const { service, pods, nodes, left, inspection } = cluster;
  const { clusterIP, vip, port, nodePort, targetPort } = service;
  const endpoints = pods
    .filter(({ ready }) => ready)
    .map(({ ip }) => `${ip}:${targetPort}`)
    .sort();
  const { pod } = inspection;
  return {
    pods: pods.length,
    endpoints,
    nodes: nodes.map(({ name }) => name).sort(),
    frontends: [
      { type: 'ClusterIP', address: clusterIP, port, backends: endpoints },
      { type: 'NodePort', port: nodePort, backends: endpoints },
      { type: 'LoadBalancer', address: vip, port, backends: endpoints },
    ],
    ages: service.ages,
    inspected: {
      pod: pod.name,
      ip: pod.ip,
      node: pod.node,
      listens: inspection.sockets.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port),
    },
    scaling: {
      from: pods.length,
      left: left.name,
      node: left.node,
      idleNodes: nodes.map(({ name }) => name).filter((name) => name !== left.node),
    },
  };
}

/** kube-proxy's rules of a cluster, counted. */
export function rulesTruth({ pods, others, proxy }: KubeProxySide): RulesTruth {
  const endpoints = pods.filter(({ ready }) => ready).length;
  const byChain = {
    // ClusterIP and external address.
    'KUBE-SERVICES': 2,
    // One, and another that counts what arrives on localhost.
    'KUBE-NODEPORTS': proxy.nfacct ? 2 : 1,
    // The mark, and the jump on.
    'KUBE-EXT': 2,
    // The mark for what comes from elsewhere, and one draw for each endpoint.
    'KUBE-SVC': 1 + endpoints,
    // The mark for the hairpin, and the rewrite.
    'KUBE-SEP': 2 * endpoints,
  };
  const served = others.filter((other) => !other.redirected && other.endpoints.length > 0);
  return {
    own: Object.values(byChain).reduce((sum, count) => sum + count, 0),
    byChain,
    share: 1 / endpoints,
    compared: served.length + 2,
    ...(proxy.idleNode !== undefined && { dropsOn: proxy.idleNode }),
  };
}

/** Cilium's tables of a cluster, counted. */
export function tablesTruth({ pods, others }: CiliumSide): TablesTruth {
  const endpoints = pods.filter(({ ready }) => ready).length;
  const rowsOf = ({ nodePort }: OtherService) => (nodePort === undefined ? 1 : 2);
  const entriesOf = (other: OtherService) => (other.nodePort === undefined ? 1 : 3) * (1 + other.endpoints.length);
  const sum = (count: (other: OtherService) => number) => others.reduce((all, other) => all + count(other), 0);
  const ownEntries = 4 * (1 + endpoints);
  return { ownRows: 3, rows: 3 + sum(rowsOf), ownEntries, entries: ownEntries + sum(entriesOf) };
}
