import { type Field, type FieldKind, field, kindOfName } from './field.ts';
import { everyLine, type Format, grammar } from './format.ts';
import tokens from './grammars/hubble.json' with { type: 'json' };
import { listed } from './hubble-flow-records.ts';
import type { AgentEvent, Flow, FlowEnd, HubbleEvent, HubbleFlows } from './hubble-flows.ts';
import { parseHubbleFlows } from './hubble-flows.ts';
import type { FlowSummary } from './hubble-summary.ts';
import { ANY, bag, INDEX, shape } from './shape.ts';
import type { Located } from './types.ts';
import { valueFields } from './values.ts';

type Piece = readonly [at: Located | undefined, name: string, kind: FieldKind];

function pieces(path: readonly string[], all: readonly Piece[]): Field[] {
  return all.flatMap(([at, name, kind]) => (at && at.value !== '' ? [field(at, [...path, name], kind)] : []));
}

/** The values of the events; an event is named by its place among those of its type. */
function hubbleFlowsFields({ events }: HubbleFlows): Field[] {
  const seen: Record<HubbleEvent['type'], number> = { flow: 0, lost: 0, 'node-status': 0, agent: 0 };
  return events.flatMap((event) => eventFields(event, [event.type, String(seen[event.type]++)]));
}

function eventFields(event: HubbleEvent, path: readonly string[]): Field[] {
  switch (event.type) {
    case 'flow':
      return flowFields(event, path);
    case 'lost':
      return pieces(path, [
        [event.time, 'time', 'timestamp'],
        [event.source, 'source', 'state'],
        [event.cpu, 'cpu', 'number'],
        [event.count, 'count', 'count'],
        [event.first, 'first', 'timestamp'],
        [event.last, 'last', 'timestamp'],
      ]);
    case 'node-status':
      return [
        ...pieces(path, [
          [event.time, 'time', 'timestamp'],
          [event.node, 'relay', 'pod'],
          [event.count, 'count', 'number'],
        ]),
        ...event.nodes.flatMap((node, index) => valueFields(node, [...path, 'nodes', String(index)], 'node')),
      ];
    case 'agent':
      return [
        ...pieces(path, [[event.time, 'time', 'timestamp']]),
        ...(event.node ? valueFields(event.node, [...path, 'node'], 'node') : []),
        field(event.event, [...path, 'event'], 'state'),
        ...event.details.flatMap((detail) => detailFields(detail, path)),
      ];
  }
}

const DETAILS: Readonly<Record<string, FieldKind>> = {
  identity: 'identity',
  'old identity': 'identity',
  cidr: 'ip',
  'host ip': 'ip',
  'old host ip': 'ip',
  frontend: 'ip',
  backends: 'ip',
  namespace: 'namespace',
  'pod name': 'pod',
  name: 'name',
  id: 'hash',
  revision: 'count',
  'start time': 'timestamp',
};

function detailFields({ key, value }: AgentEvent['details'][number], path: readonly string[]): Field[] {
  const own = [...path, key.value];
  const kind = DETAILS[key.value];
  if (kind === 'timestamp' || kind === 'count') return [field(value, own, kind)];
  // A single IPv6 address with its port begins with a bracket too.
  const isList = /^\[.*\]$/.test(value.value);
  if (!isList) return valueFields(value, own, kind);
  return listed(value).flatMap((item, index) => valueFields(item, [...own, String(index)], kind));
}

function flowFields(flow: Flow, path: readonly string[]): Field[] {
  return [
    ...pieces(path, [[flow.time, 'time', 'timestamp']]),
    ...(flow.node ? valueFields(flow.node, [...path, 'node'], 'node') : []),
    ...endFields(flow.left, [...path, 'left']),
    ...pieces(path, [[flow.direction, 'direction', 'state']]),
    ...endFields(flow.right, [...path, 'right']),
    field(flow.event, [...path, 'event'], 'state'),
    field(flow.verdict, [...path, 'verdict'], 'state'),
    ...flow.policies.flatMap(({ name, kind }, index) =>
      pieces(
        [...path, 'policies', String(index)],
        [
          [name, 'name', 'name'],
          [kind, 'kind', 'state'],
        ],
      ),
    ),
    ...summaryFields(flow.summary, [...path, 'summary']),
  ];
}

function endFields(end: FlowEnd, path: readonly string[]): Field[] {
  const { host, ip, namespace, name, port, identity } = end;
  const named = name
    ? pieces(path, [
        [namespace, 'namespace', 'namespace'],
        [name, 'name', kindOfName(name.value) ?? 'name'],
      ])
    : valueFields(host, [...path, 'host'], ip ? 'ip' : 'name');
  return [
    ...named,
    ...pieces(path, [
      [port, 'port', 'port'],
      [identity?.id ?? identity?.reserved, 'identity', 'identity'],
    ]),
  ];
}

function summaryFields(summary: FlowSummary, path: readonly string[]): Field[] {
  const { text, protocol, tcpFlags, message, http, dns, auth, traceId } = summary;
  const around: Piece[] = [[traceId, 'trace', 'hash']];
  const after: Piece[] = [[auth, 'auth', 'state']];
  const inOrder = (at: Field[]) => [...pieces(path, around), ...at, ...pieces(path, after)];
  if (http) {
    return inOrder(
      pieces(path, [
        [http.version, 'version', 'text'],
        [http.status, 'status', 'http-status'],
        [http.latency, 'latency', 'duration'],
        [http.method, 'method', 'state'],
        [http.url, 'url', 'text'],
      ]),
    );
  }
  if (dns) {
    return inOrder([
      ...pieces(path, [[dns.code, 'code', 'state']]),
      ...dns.answers.map((answer, index) => field(answer, [...path, 'answers', String(index)], 'ip')),
      ...pieces(path, [
        [dns.ttl, 'ttl', 'number'],
        [dns.query, 'query', 'name'],
      ]),
      ...dns.types.map((type, index) => field(type, [...path, 'types', String(index)], 'state')),
    ]);
  }
  if (protocol) {
    return inOrder([
      field(protocol, [...path, 'protocol'], 'protocol'),
      ...pieces(path, [[message, 'message', 'state']]),
      ...tcpFlags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
    ]);
  }
  return text.value === '' ? [] : [field(text, path, 'text')];
}

export default {
  parse: parseHubbleFlows,
  fields: hubbleFlowsFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY, INDEX), bag(ANY, INDEX, 'summary', 'flags', INDEX)),
  incompleteness: everyLine(/(?:->|<-|<>)/, 'a line that is not a flow'),
  empty: { format: 'hubble-flows', events: [] },
  sample: { from: 'v2-l7-hubble-observe', head: 0 },
} satisfies Format<HubbleFlows>;
