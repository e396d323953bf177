import { isBlankLine, part, trim, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import type { Ends, Format } from './format.ts';
import { ANY, bag, INDEX, shape } from './shape.ts';
import { childOf, parseJson, scalarAt, type TreeNode } from './tree.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { treeFields } from './values.ts';

/*
 * `hubble observe -o json` (jsonpb): one object a line, in the names of api/v1/flow/flow.proto:
 *
 *   {"flow":{"time":"…","verdict":"DROPPED","IP":{"source":"10.20.1.14",…},"l4":{"TCP":{…}},…},"node_name":"…","time":"…"}
 *   {"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"1","cpu":5}}
 *   {"node_status":{"state_change":"NODE_UNAVAILABLE","node_names":["node-2"]},…}
 *   {"agent_event":{"type":"IPCACHE_UPSERTED","ipcache_update":{"cidr":"10.20.1.9/32",…}},…}
 *
 * Before Hubble 0.6 the flow stood there without `flow` around it. `jq` and the like print an object over several lines.
 */

/** One end of a flow, as far as it is known. */
export interface JsonFlowEnd {
  ip?: Located;
  port?: Located;
  identity?: Located;
  namespace?: Located;
  pod?: Located;
  labels: Located[];
}

/** One flow. */
export interface JsonFlow {
  type: 'flow';
  line: number;
  tree: TreeNode;
  time?: Located;
  node?: Located;
  verdict?: Located;
  dropReason?: Located;
  /** `INGRESS` or `EGRESS`, seen from the endpoint that reported it. */
  direction?: Located;
  /** `true` for a packet of the end that did not begin. */
  isReply?: Located;
  /** `TCP`, `UDP`, `SCTP`, `ICMPv4`, `ICMPv6`. */
  protocol?: Located;
  /** TCP flags that are set. */
  flags: Located[];
  source: JsonFlowEnd;
  destination: JsonFlowEnd;
  summary?: Located;
}

/** Lost events, what the relay says of a node, or an event of the agent; everything is in the tree. */
export interface JsonNotice {
  type: 'lost' | 'node-status' | 'agent' | 'debug';
  /** Where the object begins. */
  line: number;
  tree: TreeNode;
}

/** A parsed `hubble observe -o json`. */
export interface HubbleJson {
  format: 'hubble-flows-json';
  events: (JsonFlow | JsonNotice)[];
}

const HINT = 'Record `hubble observe -o json`, or correct `format` in layers.yaml (hubble-flows for -o compact).';
const NOTICES = {
  lost_events: 'lost',
  node_status: 'node-status',
  agent_event: 'agent',
  debug_event: 'debug',
} as const;
const KINDS = Object.keys(NOTICES) as (keyof typeof NOTICES)[];
const EXPECTED = 'a JSON object with `flow`, `lost_events` or `node_status`';

/**
 * Reads `hubble observe -o json`. No events give no output.
 * @throws {FormatError} on a line that is not the JSON object of an event
 */
export function parseHubbleJson(text: string): HubbleJson {
  const events: HubbleJson['events'] = [];
  const lines = linesOf(text);
  const whole = { value: text, start: 0, end: text.length };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as Line;
    if (isBlankLine(line)) continue;
    const last = lastLineOf(lines, index);
    const tree = parseJson(trim(part(whole, line.start, lines[last]?.end)));
    const flow = childOf(tree, 'flow') ?? (childOf(tree, 'verdict') && tree);
    const notice = KINDS.find((key) => childOf(tree, key));
    if (tree && flow) events.push(readFlow(tree, flow, line.number));
    else if (tree && notice) events.push({ type: NOTICES[notice], line: line.number, tree });
    else throw unreadable('hubble-flows-json', line, EXPECTED, HINT);
    index = last;
  }
  return { format: 'hubble-flows-json', events };
}

/** The index of the line in which the brackets close that open in a line; itself where they never do. */
function lastLineOf(lines: readonly Line[], from: number): number {
  let depth = 0;
  for (let index = from; index < lines.length; index++) {
    const { value } = lines[index] as Line;
    // Strings do not go over a line's end, so that each line can be looked at by itself.
    let quoted = false;
    for (let at = 0; at < value.length; at++) {
      const char = value[at];
      if (char === '"') quoted = !quoted;
      else if (quoted && char === '\\') at++;
      else if (!quoted && (char === '{' || char === '[')) depth++;
      else if (!quoted && (char === '}' || char === ']')) depth--;
    }
    if (depth <= 0) return index;
  }
  return from;
}

function readFlow(tree: TreeNode, flow: TreeNode, line: number): JsonFlow {
  const l4 = childOf(flow, 'l4');
  const layer = l4?.type === 'map' ? l4.entries[0] : undefined;
  const flags = childOf(layer?.value, 'flags');
  const end = (side: 'source' | 'destination'): JsonFlowEnd => {
    const labels = childOf(childOf(flow, side), 'labels');
    return defined({
      ip: scalarAt(flow, 'IP', side),
      port: scalarAt(layer?.value, `${side}_port`),
      identity: scalarAt(flow, side, 'identity'),
      namespace: scalarAt(flow, side, 'namespace'),
      pod: scalarAt(flow, side, 'pod_name'),
      labels: labels?.type === 'list' ? labels.items.flatMap((item) => (item.type === 'scalar' ? [item.at] : [])) : [],
    });
  };
  return defined({
    type: 'flow',
    line,
    tree,
    time: scalarAt(flow, 'time'),
    node: scalarAt(flow, 'node_name'),
    verdict: scalarAt(flow, 'verdict'),
    dropReason: scalarAt(flow, 'drop_reason_desc'),
    direction: scalarAt(flow, 'traffic_direction'),
    isReply: scalarAt(flow, 'is_reply') ?? scalarAt(flow, 'reply'),
    protocol: layer?.key,
    flags: flags?.type === 'map' ? flags.entries.flatMap(({ key, value }) => (isTrue(value) ? [key] : [])) : [],
    source: end('source'),
    destination: end('destination'),
    summary: scalarAt(flow, 'Summary'),
  });
}

function isTrue(node: TreeNode): boolean {
  return node.type === 'scalar' && node.data === true;
}

/** Leaves out what is not there, so that absent fields are absent. */
function defined<T extends object>(all: T): T {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}

/**
 * The values of the events, each under its keys; an event is named by its place. The names `TCP`, `SYN`, … that stand as
 * keys are values of their own, because nothing else says protocol and flags.
 */
function hubbleJsonFields({ events }: HubbleJson): Field[] {
  return events.flatMap((event, index) => {
    const path = [event.type, String(index)];
    const named =
      event.type === 'flow'
        ? [
            ...(event.protocol ? [field(event.protocol, [...path, 'protocol'], 'protocol')] : []),
            ...event.flags.map((flag, place) => field(flag, [...path, 'flags', String(place)], 'state')),
          ]
        : [];
    // Addresses may be redacted, and nothing in `client-1` itself says that it stands for one.
    const addresses = event.type === 'flow' ? [event.source.ip?.start, event.destination.ip?.start] : [];
    const fields = treeFields(event.tree, path).map(
      (one): Field => (addresses.includes(one.start) ? { ...one, kind: 'ip' } : one),
    );
    return [...named, ...fields];
  });
}

function notJsonLines({ whole }: Ends): string | undefined {
  const broken = whole()
    .trimEnd()
    .split('\n')
    .findIndex((line) => !isJson(line));
  return broken < 0 ? undefined : `line ${broken + 1} is not valid JSON`;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

export default {
  parse: parseHubbleJson,
  fields: hubbleJsonFields,
  grammar: 'yaml',
  shape: shape(bag(ANY, INDEX), bag(ANY, INDEX, 'flags', INDEX)),
  incompleteness: notJsonLines,
  empty: { format: 'hubble-flows-json', events: [] },
  sample: { from: 'all-events', head: 0 },
} satisfies Format<HubbleJson>;
