import { STAND_IN } from './address.ts';
import { isBlankLine, match, nothingThere, trim, unreadable } from './cut.ts';
import { type Field, type FieldKind, field } from './field.ts';
import { everyLine, type Format, grammar } from './format.ts';
import tokens from './grammars/probe.json' with { type: 'json' };
import { shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';
import { sentenceFields, valueFields } from './values.ts';

/*
 * HTTP requests, one a line, as probes around curl print them:
 *
 *   === Cluster mode, 3 pods on N nodes ===
 *   Request  1: HTTP 200 (time 0.104455s)
 *
 *   # NetworkPolicy active: nginx accepts ingress only from role=frontend
 *   client-blocked  (role=other)    -> nginx : HTTP 000  (5.0s timeout)    ✗ denied — SYN dropped
 *
 *   200 0.104455
 *
 * the last being curl's `%{http_code} %{time_total}`. Status 000 means that no answer came. Times are in seconds.
 *
 * The form that says when, how it failed and who answered, always with all its keys in this order:
 *
 *   7 start=2026-11-20T09:15:02.123Z status=200 exit=0 connect=0.051302 total=0.103144 pod=nginx-7c5ddbdf54-abcde seen=203.0.113.7 error=
 *   8 start=2026-11-20T09:15:03.131Z status=000 exit=28 connect=0.000000 total=6.001377 pod= seen= error=Connection timed out after 6001 milliseconds
 *
 * It is a number, the start (UTC, milliseconds, of the shell's clock) and curl's `status=%{http_code} exit=%{exitcode}
 * connect=%{time_connect} total=%{time_total} pod=%header{x-pod} seen=%header{x-client} error=%{errormsg}` (curl 7.84 and
 * later). The pod and the client's address that it saw are empty where no answer named them, the error where there was
 * none; it stands last, since it may hold blanks. `seen` may be left out. A connect time of zero is that of a connection
 * that was not made.
 *
 * Between the requests may stand what was asked at the same time: the state in which the load balancer holds a node, and
 * what a node answers on its healthCheckNodePort, whose number of local endpoints decides it (kubernetes/pkg/proxy/
 * healthcheck; cilium/pkg/loadbalancer/healthserver):
 *
 *   health at=2026-11-20T09:15:02.800Z from=pool node=gke-trace-pool-8f2c1d3e-k4tz state=HEALTHY
 *   health at=2026-11-20T09:15:02.800Z from=node node=gke-trace-pool-8f2c1d3e-k4tz status=503 answer={"service":{"namespace":"netflow-test","name":"nginx"},"localEndpoints":0}
 */

/** One request. */
export interface HttpProbeRequest {
  line: number;
  /** Number the probe gave it. */
  number?: Located;
  /** Who asked: a pod. */
  client?: Located;
  /** Label of the client that matters, such as `role=frontend`. */
  label?: { key: Located; value: Located };
  /** Whom it asked. */
  target?: Located;
  /** Three digits; 000 where no answer came. */
  status: Located;
  /** Seconds, as digits. */
  time: Located;
  /** The word `timeout` behind the time. */
  timeout?: Located;
  /** What the probe says of it: `✓` or `✗`, then words. */
  mark?: Located;
  remark?: Located;
  /** When it began: `2026-11-20T09:15:02.123Z`. */
  start?: Located;
  /** curl's exit code (curl(1), EXIT CODES). */
  exit?: Located;
  /** Seconds until the connection was made, name look-up included; zero where it was not. */
  connect?: Located;
  /** The pod that named itself in the answer. */
  pod?: Located;
  /** The client's address as that pod saw it. */
  seen?: Located;
  /** curl's error text; absent where there was none. */
  error?: Located;
}

/** How a node was while the probe ran. */
export interface HealthSample {
  line: number;
  /** When it was asked for: `2026-11-20T09:15:02.800Z`. */
  at: Located;
  /** Who says so: the load balancer's pool, or the node itself. */
  from: Located;
  node: Located;
  /** Of the pool: `HEALTHY`, `UNHEALTHY`, … */
  state?: Located;
  /** Of the node: the HTTP status of its answer, 000 without one. */
  status?: Located;
  /** The answer itself. */
  answer?: Located;
  /** Ready pods of the Service on the node, by its answer. */
  localEndpoints?: Located;
}

/** A parsed probe. */
export interface HttpProbe {
  format: 'http-probe';
  /** Text between `===`. */
  titles: Located[];
  /** Text behind `#`. */
  comments: Located[];
  requests: HttpProbeRequest[];
  /** What was asked beside the requests, in the order of the output; absent where nothing was. */
  health?: HealthSample[];
}

type New = 'start' | 'exit' | 'connect' | 'pod' | 'seen' | 'error';
type Name = 'number' | 'client' | 'key' | 'value' | 'target' | 'timeout' | 'mark' | 'remark' | New;

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const SECONDS = String.raw`(?<time>\d+(?:\.\d+)?)`;
const REQUESTS: readonly RegExp[] = [
  String.raw`Request +(?<number>\d+): HTTP (?<status>\d{3}) \(time ${SECONDS}s\)`,
  String.raw`(?<client>[^ ()]+)(?: +\((?<key>[^ ()=]+)=(?<value>[^ ()]*)\))? +-> (?<target>[^ ]+) *: HTTP (?<status>\d{3}) +\(${SECONDS}s(?: (?<timeout>timeout))?\)(?: +(?<mark>[✓✗]) (?<remark>[^ ].*))?`,
  String.raw`(?<status>\d{3})[ \t]+${SECONDS}s?`,
  String.raw`(?<number>\d+) start=(?<start>${TIME}) status=(?<status>\d{3}) exit=(?<exit>\d{1,3}) connect=(?<connect>\d+\.\d+) total=${SECONDS} pod=(?<pod>[a-z0-9.-]*)(?: seen=(?<seen>[0-9A-Fa-f:.]*|${STAND_IN}))? error=(?<error>.*)`,
].map((line) => new RegExp(`^${line}$`, 'd'));
const HEALTH = new RegExp(
  String.raw`^health at=(?<at>${TIME}) from=(?<from>pool|node) node=(?<node>[A-Za-z0-9.-]+) (?:state=(?<state>[A-Z_]+)|status=(?<status>\d{3}) answer=(?<answer>.*))$`,
  'd',
);
const LOCAL_ENDPOINTS = /"localEndpoints":(?<localEndpoints>\d+)/d;
const TITLE = /^=== (?<title>[^ ].*) ===$/d;
const COMMENT = /^#[ \t]*(?<comment>[^ \t].*)$/d;

const EXPECTED = '`Request 1: HTTP 200 (time 0.1s)`, `client -> target : HTTP 200 (0.1s)` or `200 0.1`';
const HINT = "Let the probe print curl's '%{http_code} %{time_total}', or correct `format` in layers.yaml.";
/** For a line that begins like the longer form. */
const EXPECTED_LONG = '`1 start=2026-11-20T09:15:02.123Z status=200 exit=0 connect=0.1 total=0.2 pod=… error=…`';
const EXPECTED_HEALTH = '`health at=2026-11-20T09:15:02.800Z from=pool node=… state=HEALTHY`';

/**
 * Reads a probe.
 * @throws {FormatError} without a request, and on a line that is none, no title and no comment
 */
export function parseHttpProbe(text: string): HttpProbe {
  const probe: HttpProbe = { format: 'http-probe', titles: [], comments: [], requests: [] };
  const samples: HealthSample[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const request = readRequest(content, line.number);
    const health = readHealth(content, line.number);
    const title = match<'title'>(TITLE, content);
    const comment = match<'comment'>(COMMENT, content);
    if (request) probe.requests.push(request);
    else if (health) samples.push(health);
    else if (title) probe.titles.push(title.title);
    else if (comment) probe.comments.push(comment.comment);
    else throw unreadable('http-probe', line, expectedOf(content.value), HINT);
  }
  if (probe.requests.length === 0) throw nothingThere('http-probe', text, EXPECTED, HINT);
  return samples.length === 0 ? probe : { ...probe, health: samples };
}

function expectedOf(line: string): string {
  return / start=/.test(line) ? EXPECTED_LONG : /^health /.test(line) ? EXPECTED_HEALTH : EXPECTED;
}

function readHealth(content: Located, line: number): HealthSample | undefined {
  const found = match<'at' | 'from' | 'node', 'state' | 'status' | 'answer'>(HEALTH, content);
  if (!found || (found.from.value === 'pool') !== (found.state !== undefined)) return undefined;
  const local = found.answer && match<'localEndpoints'>(LOCAL_ENDPOINTS, found.answer);
  return { line, ...found, ...local };
}

function readRequest(content: Located, line: number): HttpProbeRequest | undefined {
  for (const known of REQUESTS) {
    const found = match<'status' | 'time', Name>(known, content);
    if (found) {
      const { key, value, pod, seen, error, ...rest } = found;
      return {
        line,
        ...rest,
        ...(key && value && { label: { key, value } }),
        ...(pod?.value && { pod }),
        ...(seen?.value && { seen }),
        ...(error?.value && { error }),
      };
    }
  }
  return undefined;
}

const KINDS: readonly (readonly [Exclude<keyof HttpProbeRequest, 'line' | 'label' | 'error'>, FieldKind])[] = [
  ['number', 'number'],
  ['client', 'pod'],
  ['target', 'name'],
  ['status', 'http-status'],
  ['time', 'duration'],
  ['timeout', 'state'],
  ['mark', 'state'],
  ['remark', 'text'],
  ['start', 'timestamp'],
  ['exit', 'state'],
  ['connect', 'duration'],
  ['pod', 'pod'],
  ['seen', 'ip'],
];
/** How long curl waited, inside its error texts. */
const WAITED = /^(?<before>.*? after )(?<waited>\d+ (?:ms|milliseconds))(?<behind>.*)$/d;

/** The values of a probe. A request is named by its client, else by its place, from 1. */
function httpProbeFields({ titles, comments, requests, health = [] }: HttpProbe): Field[] {
  const texts = (all: readonly Located[], name: string) =>
    all.map((at, index) => field(at, [name, String(index)], 'text'));
  return [
    ...texts(titles, 'title'),
    ...texts(comments, 'comment'),
    ...requests.flatMap((request, index) => {
      const path = ['request', request.client?.value ?? String(index + 1)];
      const { label } = request;
      return [
        ...KINDS.flatMap(([name, kind]) => {
          const at = request[name];
          if (name === 'target' && at) return valueFields(at, [...path, name], kind);
          return at ? [field(at, [...path, name], kind)] : [];
        }),
        ...(label ? [field(label.value, [...path, label.key.value], 'text')] : []),
        ...(request.error ? errorFields(request.error, [...path, 'error']) : []),
      ];
    }),
    ...health.flatMap((sample, index) => healthFields(sample, ['health', String(index + 1)])),
  ];
}

function healthFields({ at, from, node, state, status, answer, localEndpoints }: HealthSample, path: string[]) {
  const own = (value: Located | undefined, name: string, kind: FieldKind) =>
    value ? [field(value, [...path, name], kind)] : [];
  return [
    ...own(at, 'at', 'timestamp'),
    ...own(from, 'from', 'state'),
    ...own(node, 'node', 'node'),
    ...own(state, 'state', 'state'),
    ...own(status, 'status', 'http-status'),
    ...(localEndpoints ? own(localEndpoints, 'localEndpoints', 'count') : own(answer, 'answer', 'text')),
  ];
}

/** The words of an error, with its addresses and the time it names apart. */
function errorFields(error: Located, path: readonly string[]): Field[] {
  const found = match<'before' | 'waited' | 'behind'>(WAITED, error);
  if (!found) return sentenceFields(error, path);
  const { before, waited, behind } = found;
  return [
    ...sentenceFields(trim(before), path),
    field(waited, [...path, 'waited'], 'duration'),
    ...(behind.value === '' ? [] : sentenceFields(trim(behind), [...path, 'behind'])),
  ];
}

export default {
  parse: parseHttpProbe,
  fields: httpProbeFields,
  grammar: grammar(tokens),
  shape: shape(),
  incompleteness: everyLine(/HTTP \d{3}\b|\bstatus=\d{3} |^health /, 'a line without an HTTP status'),
  sample: { from: 'v1-l6-cluster-mode', head: 0 },
} satisfies Format<HttpProbe>;
