import { isAddress, STAND_IN } from './address.ts';
import { isBlankLine, match, part, trim, unreadable, words } from './cut.ts';
import { type FlowSummary, parseFlowSummary } from './hubble-summary.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `hubble observe -o compact`, one event a line (hubble/pkg/printer/printer.go):
 *
 *   Jul  2 15:03:39.769: 162.195.118.115:60598 (world) -> netflow-test/nginx-…-vc6pj:80 (ID:18565) to-endpoint FORWARDED (TCP Flags: SYN)
 *   Jul  2 15:03:39.769 [node-1]: default/a:42222 (ID:6385) <> default/b:80 (ID:18565) Policy denied DROPPED (TCP Flags: SYN)
 *   Jul  2 15:03:40.100 EVENTS LOST: HUBBLE_RING_BUFFER CPU(0) 1
 *   Jul  2 15:03:28.481 [hubble-relay-…]: 1 nodes are unavailable: node-2
 *
 * `->` request, `<-` reply (the line still begins with the end that asked), `<>` not known. The time may be left out by
 * whoever took the lines over. No events give no output.
 */

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
  direction: Located;
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

/** One line of `hubble observe`. */
export type HubbleEvent = Flow | LostEvents | NodeStatus;

/** A parsed `hubble observe -o compact`. */
export interface HubbleFlows {
  format: 'hubble-flows';
  events: HubbleEvent[];
}

const HINT = 'Record `hubble observe -o compact`, or correct `format` in layers.yaml (hubble-flows-json for -o json).';
/** The formats of `--time-format`. */
const TIME = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}|N/A`;
const PREFIX = new RegExp(String.raw`^(?<time>${TIME})(?: \[(?<node>[^\][ ]*)\])?: `, 'd');
const LOST = new RegExp(
  String.raw`^(?:(?<time>${TIME}) )?EVENTS LOST: (?<source>[^ ]+) CPU\((?<cpu>\d+)\) (?<count>\d+)(?: \(first: (?<first>${TIME}), last: (?<last>${TIME})\))?$`,
  'd',
);
const STATUS =
  /^(?<message>Receiving flows from (?<n1>\d+) nodes|(?<n2>\d+) nodes are unavailable|(?<n3>\d+) nodes removed from cluster|Error "(?:[^"\\]|\\.){0,1000}" on (?<n4>\d+) nodes): (?<nodes>.*)$/d;
const ENDS =
  /^(?<left>[^ ]*) (?:\((?<leftId>[^() ]+)\) )?(?<direction>->|<-|<>) (?<right>[^ ]*) (?:\((?<rightId>[^() ]+)\) )?/d;
const VERDICT =
  / (?:FORWARDED|DROPPED|ERROR|AUDIT|REDIRECTED|TRACED|TRANSLATED|VERDICT_UNKNOWN|ALLOWED|DENIED|AUDITED)(?= BY | \()/;
const POLICY = /(?: BY |, )([^ ]+) \(([^()]+)\)/dy;
const HOST_PORT = new RegExp(
  String.raw`^(?:\[(?<ip6>[0-9A-Fa-f:.]+|${STAND_IN})\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$`,
  'd',
);

/**
 * Reads `hubble observe -o compact`.
 * @throws {FormatError} on a line that is neither a flow, nor lost events, nor the status of a node
 */
export function parseHubbleFlows(text: string): HubbleFlows {
  const events: HubbleEvent[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const event = readEvent(line);
    if (!event) {
      throw unreadable(
        'hubble-flows',
        line,
        '`time: source (identity) -> destination (identity) event VERDICT (summary)`',
        HINT,
      );
    }
    events.push(event);
  }
  return { format: 'hubble-flows', events };
}

function readEvent(line: Line): HubbleEvent | undefined {
  const content = trim(line);
  const lost = match<'source' | 'cpu' | 'count', 'time' | 'first' | 'last'>(LOST, content);
  if (lost) {
    const { source, cpu, count, time, first, last } = lost;
    const when = { ...(time && { time }), ...(first && { first }), ...(last && { last }) };
    return { type: 'lost', line: line.number, source, cpu, count, ...when };
  }
  const prefix = match<'time', 'node'>(PREFIX, content);
  const length = prefix ? (PREFIX.exec(content.value)?.[0].length ?? 0) : 0;
  const rest = part(content, length);
  const status = prefix?.node && match<'message' | 'nodes', 'n1' | 'n2' | 'n3' | 'n4'>(STATUS, rest);
  if (prefix?.node && status) {
    const count = status.n1 ?? status.n2 ?? status.n3 ?? status.n4;
    const nodes = words(status.nodes).map((word) =>
      word.value.endsWith(',') ? part(word, 0, word.value.length - 1) : word,
    );
    return (
      count && {
        type: 'node-status',
        line: line.number,
        time: prefix.time,
        node: prefix.node,
        message: status.message,
        count,
        nodes,
      }
    );
  }
  return readFlow(rest, line.number, {
    ...(prefix && { time: prefix.time }),
    ...(prefix?.node && { node: prefix.node }),
  });
}

function readFlow(rest: Located, line: number, when: Pick<Flow, 'time' | 'node'>): Flow | undefined {
  const ends = match<'left' | 'direction' | 'right', 'leftId' | 'rightId'>(ENDS, rest);
  if (!ends) return undefined;
  const eventFrom = (ends.rightId ? ends.rightId.end + 2 : ends.right.end + 1) - rest.start;
  const tail = part(rest, eventFrom - 1);
  const found = VERDICT.exec(tail.value);
  if (!found || found.index === 0) return undefined;
  const verdict = part(tail, found.index + 1, found.index + found[0].length);
  const { policies, end: at } = readPolicies(tail, verdict.end - tail.start);
  if (!tail.value.startsWith(' (', at) || !tail.value.endsWith(')')) return undefined;
  return {
    type: 'flow',
    line,
    ...when,
    left: endOf(ends.left, ends.leftId),
    direction: ends.direction,
    right: endOf(ends.right, ends.rightId),
    event: part(tail, 1, found.index),
    verdict,
    policies,
    summary: parseFlowSummary(part(tail, at + 2, tail.value.length - 1)),
  };
}

/** ` BY name (Kind), name (Kind)` behind a verdict, and where it ends. */
function readPolicies(tail: Located, from: number): { policies: FlowPolicy[]; end: number } {
  const policies: FlowPolicy[] = [];
  let end = from;
  const policy = new RegExp(POLICY);
  policy.lastIndex = from;
  for (;;) {
    const [, name, kind] = policy.exec(tail.value)?.indices ?? [];
    if (!name || !kind) return { policies, end };
    policies.push({ name: part(tail, ...name), kind: part(tail, ...kind) });
    end = policy.lastIndex;
  }
}

function endOf(printed: Located, identity: Located | undefined): FlowEnd {
  const joined = match<'port', 'ip6' | 'host'>(HOST_PORT, printed);
  const host = joined?.ip6 ?? joined?.host ?? printed;
  const slash = host.value.indexOf('/');
  return {
    host,
    ...(isAddress(host.value) && { ip: host }),
    ...(slash > 0 && { namespace: part(host, 0, slash), name: part(host, slash + 1) }),
    ...(joined && { port: joined.port }),
    ...(identity && {
      identity: identity.value.startsWith('ID:') ? { id: part(identity, 3) } : { reserved: identity },
    }),
  };
}
