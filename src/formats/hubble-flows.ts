import { isBlankLine, match, part, trim, unreadable, words } from './cut.ts';
import { type Flow, type FlowPolicy, HINT, type HubbleEvent } from './hubble-event.ts';
import { endOf } from './hubble-flow-end.ts';
import { agentDetails, readRecords } from './hubble-flow-records.ts';
import { parseFlowSummary } from './hubble-summary.ts';
import { type Line, type Located, linesOf } from './types.ts';

export type * from './hubble-event.ts';

/*
 * What `hubble observe` prints (hubble/pkg/printer/printer.go): by default and with -o compact one event a line,
 *
 *   Jul  2 15:03:39.769: 162.195.118.115:60598 (world) -> netflow-test/nginx-…-vc6pj:80 (ID:18565) to-endpoint FORWARDED (TCP Flags: SYN)
 *   Jul  2 15:03:39.769 [node-1]: default/a:42222 (ID:6385) <> default/b:80 (ID:18565) Policy denied DROPPED (TCP Flags: SYN)
 *   Jul  2 15:03:40.100 EVENTS LOST: HUBBLE_RING_BUFFER CPU(0) 1
 *   Jul  2 15:03:28.481 [hubble-relay-…]: 1 nodes are unavailable: node-2
 *
 *   Jul  2 15:03:41.000 [node-1]: IPCACHE_UPSERTED (cidr: 10.20.1.9/32, identity: 18565, encrypt key: 0)
 *
 * `->` request, `<-` reply (the line still begins with the end that asked), `<>` not known. The time may be left out by
 * whoever took the lines over. No events give no output. For -o table and -o dict see hubble-flow-records.ts.
 */

/** A parsed `hubble observe`. */
export interface HubbleFlows {
  format: 'hubble-flows';
  events: HubbleEvent[];
}

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
const AGENT = /^(?<event>[A-Z][A-Z_]+) \((?<details>.*)\)$/d;
const VERDICT =
  / (?:FORWARDED|DROPPED|ERROR|AUDIT|REDIRECTED|TRACED|TRANSLATED|VERDICT_UNKNOWN|ALLOWED|DENIED|AUDITED)(?= BY | \()/;
const POLICY = /(?: BY |, )([^ ]+) \(([^()]+)\)/dy;

/**
 * Reads `hubble observe`, also with -o compact, table or dict.
 * @throws {FormatError} on a line that is neither a flow, nor lost events, nor the status of a node, nor an agent's event
 */
export function parseHubbleFlows(text: string): HubbleFlows {
  const lines = linesOf(text).filter((line) => !isBlankLine(line));
  const records = readRecords(lines);
  if (records) return { format: 'hubble-flows', events: records };
  const events: HubbleEvent[] = [];
  for (const line of lines) {
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
  const when = { ...(prefix && { time: prefix.time }), ...(prefix?.node && { node: prefix.node }) };
  const agent = match<'event' | 'details'>(AGENT, rest);
  if (agent) {
    return { type: 'agent', line: line.number, ...when, event: agent.event, details: agentDetails(agent.details) };
  }
  return readFlow(rest, line.number, when);
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
