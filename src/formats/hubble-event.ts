import type { FlowSummary } from './hubble-summary.ts';
import type { Located } from './types.ts';

/** A Cilium identity: a number, or the name of a reserved one (`world`, `host`, `remote-node`, `kube-apiserver`, …). */
export interface FlowIdentity {
  id?: Located;
  reserved?: Located;
}

/** One end of a flow. */
export interface FlowEnd {
  /** Address, `namespace/name` or DNS names, without the port. */
  host: Located;
  /** An address, or `client-1` in place of one. */
  ip?: Located;
  namespace?: Located;
  /** Pod or service; the output does not tell which. */
  name?: Located;
  port?: Located;
  identity?: FlowIdentity;
}

/** A policy that `--print-policy-names` names behind the verdict. */
export interface FlowPolicy {
  name: Located;
  kind: Located;
}

/** One flow: one packet, request or decision that was seen. */
export interface Flow {
  type: 'flow';
  line: number;
  time?: Located;
  node?: Located;
  /** The ends as printed. For `<-` the packet went from right to left. */
  left: FlowEnd;
  /** Absent in tables and dicts: the packet went from left to right there, and nothing says whether it is a reply. */
  direction?: Located;
  right: FlowEnd;
  /** Where it was seen, why it was dropped, or which protocol it speaks: `to-endpoint`, `Policy denied`, `http-request`. */
  event: Located;
  /** `FORWARDED`, `DROPPED`, `ERROR`, `AUDIT`, `REDIRECTED`, `TRACED`, `TRANSLATED`; of a policy `ALLOWED`, `DENIED`, `AUDITED`. */
  verdict: Located;
  policies: FlowPolicy[];
  summary: FlowSummary;
}

/** Events that were lost before they could be printed. */
export interface LostEvents {
  type: 'lost';
  line: number;
  time?: Located;
  /** `HUBBLE_RING_BUFFER`, `PERF_EVENT_RING_BUFFER`, `OBSERVER_EVENTS_QUEUE`. */
  source: Located;
  cpu: Located;
  count: Located;
  first?: Located;
  last?: Located;
}

/** What the relay says of the nodes; hubble prints it to standard error. */
export interface NodeStatus {
  type: 'node-status';
  line: number;
  time: Located;
  /** Who says so: the relay. */
  node: Located;
  message: Located;
  count: Located;
  nodes: Located[];
}

/** What the agent did, from `hubble observe agent-events`. */
export interface AgentEvent {
  type: 'agent';
  line: number;
  time?: Located;
  node?: Located;
  /** `IPCACHE_UPSERTED`, `ENDPOINT_CREATED`, `SERVICE_UPSERTED`, `POLICY_UPDATED`, … */
  event: Located;
  /** `key: value`, in the printed order. */
  details: { key: Located; value: Located }[];
}

/** One event of `hubble observe`. */
export type HubbleEvent = Flow | LostEvents | NodeStatus | AgentEvent;

/** What to do about an output that is none of `hubble observe`. */
export const HINT =
  'Record `hubble observe -o compact`, or correct `format` in layers.yaml (hubble-flows-json for -o json).';
