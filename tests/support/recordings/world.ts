import type { RecordedRun } from '../../../src/captures/run.ts';

/*
 * The world a recording is made of: what is true in both clusters, before any tool prints it. The writers say it in the
 * words of the tools; truth.ts says it in plain values. Times are milliseconds since 1970 (UTC) or, where it says so,
 * seconds or microseconds.
 */

/** Both clusters. A side that was not recorded is absent. */
export interface World {
  v1?: KubeProxySide;
  v2?: CiliumSide;
  /** Keys of outputs that are left out although the world has them, such as `v2/l3-endpoints`. */
  omitted: readonly string[];
}

/** A node of a cluster. */
export interface Node {
  name: string;
  /** Its internal address. */
  ip: string;
  /** Network of its pods, a /24. */
  podCidr: string;
}

/** A pod of the Deployment behind the Service. */
export interface Pod {
  name: string;
  ip: string;
  /** Name of its node. */
  node: string;
  /** Whether it is an endpoint. */
  ready: boolean;
}

/** An event of the Service, with its ages in seconds. */
export interface ServiceEvent {
  reason: string;
  message: string;
  lastSeen: number;
  firstSeen: number;
  count: number;
}

/** The traced Service and what the cloud made for it. */
export interface Service {
  namespace: string;
  name: string;
  clusterIP: string;
  vip: string;
  nodePort: number;
  port: number;
  targetPort: number;
  selector: Readonly<Record<string, string>>;
  annotations: readonly (readonly [key: string, value: string])[];
  /** Name of its EndpointSlice. */
  slice: string;
  /** Its age in seconds, in L1 and in L3. */
  ages: { l1: number; l3: number };
  events: readonly ServiceEvent[];
  pool: { name: string; id: string; created: string; healthCheck: string };
}

/** Another Service of the cluster, one port of it. */
export interface OtherService {
  namespace: string;
  name: string;
  /** Empty for an unnamed port. */
  portName: string;
  protocol: 'tcp' | 'udp';
  clusterIP: string;
  port: number;
  nodePort?: number;
  endpoints: readonly { ip: string; port: number }[];
  /** First number in Cilium's list; a NodePort Service has its ClusterIP two further on. */
  id: number;
  /** Redirected to a pod on the same node: NodeLocal DNSCache under Cilium. */
  redirected?: true;
}

/** One request of a probe. Status `000` means that no answer came. */
export interface Request {
  status: string;
  /** Microseconds. */
  took: number;
  /** What only the longer lines of a probe print. */
  told?: {
    /** When it began. */
    start: number;
    /** curl's exit code. */
    exit: number;
    /** Microseconds until the connection was made; 0 where it was not. */
    connect: number;
    /** Name of the pod that answered; empty where none did. */
    pod: string;
    error: string;
  };
}

/** An address with a port. */
export interface HostPort {
  ip: string;
  port: number;
}

/** A connection to the Service, as the node it arrived at keeps track of it. */
export interface Tracked {
  state: 'ESTABLISHED' | 'TIME_WAIT';
  client: HostPort;
  /** The frontend it was opened to. */
  frontend: HostPort;
  backend: HostPort;
  /** What replaces the client's address on the way to the backend, where anything does. */
  masqueradedAs?: HostPort;
}

/** What the agent says of itself and the kernel of the agent's programs. */
export interface Inside {
  kubeProxyReplacement: 'True' | 'False';
  socketLb: 'Enabled' | 'Disabled';
  coverage: 'Full' | 'Hostns-only';
  mode: 'SNAT' | 'DSR' | 'Hybrid';
  masquerading: 'BPF' | 'IPTables' | 'Disabled';
  /** Name of the node's end of the inspected pod's interface. */
  device: string;
  /** Programs that stand there. */
  programs: readonly { id: number; name: string; kind: 'tcx/ingress' | 'tcx/egress' }[];
  /** Whether the policy maps are printed for every endpoint, each under its number, or for one without it. */
  maps: 'all' | 'one';
}

/** Requests sent one after the other, under the heading of the script that sent them, where there was one. */
export interface Probe {
  title?: string;
  requests: readonly Request[];
  /** Who was asked about the nodes meanwhile; absent where nobody was. */
  watched?: Watched;
}

/** What was asked about the nodes beside the requests of a probe. */
export interface Watched {
  /** When, in milliseconds since 1970, in order. */
  rounds: readonly number[];
  /** False where there is no load balancer to ask. */
  pool: boolean;
  /** The nodes, with the time from which the load balancer and the node itself no longer hold it to be healthy. */
  nodes: readonly { name: string; poolUntil: number; ownUntil: number }[];
}

/** A socket of a pod; addresses in dotted notation, states as in include/net/tcp_states.h. */
export interface Socket {
  state: 'LISTEN' | 'ESTABLISHED' | 'TIME_WAIT';
  local: { ip: string; port: number };
  remote: { ip: string; port: number };
  inode: number;
}

/** What a look into one pod shows. */
export interface Inspection {
  pod: Pod;
  /** Index of the other end of its eth0 on the node. */
  peer: number;
  mac: string;
  mtu: number;
  sockets: readonly Socket[];
  /** First lines of the page it serves. */
  page: readonly string[];
}

/** What both kinds of cluster have. */
export interface Cluster {
  /** As the published trace was printed, by a script, or as the project's recorder writes it. */
  wording: 'published' | 'recorded';
  /** When the recording began. */
  start: number;
  environment: Omit<RecordedRun, 'order' | 'run' | 'started'>;
  project: string;
  region: string;
  zone: string;
  nodes: readonly Node[];
  service: Service;
  /** The pods of L1 to L6, in the order of the EndpointSlice. */
  pods: readonly Pod[];
  /** The one that scaling to one leaves. */
  left: Pod;
  inspection: Inspection;
  others: readonly OtherService[];
  probes: { clusterMode: Probe; localSymmetric: Probe; localFailover: Probe; localConverged?: Probe };
  /** Connections to the Service in L4; absent where the recipe did not record them. */
  tracked?: readonly Tracked[];
}

/** V1. */
export interface KubeProxySide extends Cluster {
  proxy: {
    /** Name of the node whose rules were saved. */
    node: string;
    /** Name of one without a pod after the scaling; absent where every node has one. */
    idleNode?: string;
    /** Port of the health check that policy Local brings. */
    healthCheckNodePort: number;
    /** Since Kubernetes 1.32, where NodePorts answer on localhost. */
    nfacct: boolean;
    /** Version of iptables; its nf_tables variant says so in the comment. */
    version: string;
    /** Whether the whole ruleset was saved or the lines of the nat table that a script let through. */
    saved: 'whole' | 'filtered';
  };
}

/** One end of a flow. Either a pod with its namespace or an address. */
export interface FlowEnd {
  namespace?: string;
  pod?: string;
  ip: string;
  port: number;
  /** A number, or the name of a reserved identity. */
  identity: number | 'world' | 'remote-node' | 'host';
}

/** One monitor event as Hubble prints it. `<-` is a reply: the packet went from `to` to `from`. */
export interface FlowEvent {
  at: number;
  from: FlowEnd;
  arrow: '->' | '<-' | '<>';
  to: FlowEnd;
  event: 'to-endpoint' | 'to-stack' | 'Policy denied';
  verdict: 'FORWARDED' | 'DROPPED';
  flags: readonly ('SYN' | 'ACK' | 'PSH' | 'FIN' | 'RST' | 'ECE' | 'CWR')[];
  /** Node that saw it. */
  node: string;
}

/** A pod that probes the Service from inside. */
export interface Client {
  name: string;
  ip: string;
  labels: Readonly<Record<string, string>>;
  identity: number;
}

/** A NetworkPolicy that lets in pods of its namespace by their labels; without peers, nobody. */
export interface Policy {
  name: string;
  selects: Readonly<Record<string, string>>;
  peers: readonly Readonly<Record<string, string>>[];
}

/** Traffic an entry of the policy map counted; undefined where the kernel counted none. */
export interface Counter {
  bytes: number;
  packets: number;
}

/** V2. */
export interface CiliumSide extends Cluster {
  /** First number of the Service in Cilium's list. */
  id: number;
  /** The pods of L7 and L8: the one that was left and those that came when the Deployment was scaled back. */
  podsAfter: readonly Pod[];
  /** Name of the agent's pod on the node of the inspected pod. */
  agent: string;
  /** Cilium's number of the endpoint whose policy map was read. */
  endpoint: number;
  /** Identity of the Service's pods. */
  identity: number;
  clients: readonly Client[];
  relay: { pod: string; ready: string; restarts: number; age: number; ip: string; node: string; clusterIP: string };
  /** Flows Hubble holds, has room for, and sees in a second. */
  hubble: { current: number; max: number; perSecond: number };
  flows: readonly FlowEvent[];
  policy?: Policy;
  /** Requests of the clients while the policy is in force, in their order. */
  enforcement: readonly { client: Client; request: Request }[];
  drops: readonly FlowEvent[];
  /** By identity; `host` and `egress` beside them. */
  counters: { host?: Counter; egress?: Counter; byIdentity: ReadonlyMap<number, Counter> };
  /** Absent where the recipe did not record it. */
  inside?: Inside;
}
