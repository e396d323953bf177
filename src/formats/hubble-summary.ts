import { match, part, splitAt } from './cut.ts';
import type { Located } from './types.ts';

/*
 * What Hubble writes in the last parentheses of a flow (pkg/hubble/parser, `summary`):
 *
 *   TCP Flags: SYN, ACK        TCP Flags: SYN; Auth: SPIRE        UDP        ICMPv4 EchoRequest
 *   HTTP/1.1 GET http://web/   HTTP/1.1 200 4ms (GET http://web/)
 *   DNS Query web.default.svc.cluster.local. A
 *   DNS Answer "10.96.118.37" TTL: 30 (Proxy web.default.svc.cluster.local. A)
 */

/** An HTTP request or response. */
export interface HttpSummary {
  version: Located;
  method: Located;
  url: Located;
  /** Only in a response. */
  status?: Located;
  latency?: Located;
}

/** A DNS query or answer. */
export interface DnsSummary {
  query: Located;
  types: Located[];
  /** Addresses of an answer, as one comma-separated text in the output. */
  answers: Located[];
  code?: Located;
  ttl?: Located;
}

/** The summary of a flow, as far as its protocol is known; `text` is always the whole. */
export interface FlowSummary {
  text: Located;
  /** `TCP`, `UDP`, `SCTP`, `ICMPv4`, … */
  protocol?: Located;
  tcpFlags: Located[];
  /** What an ICMP message is: `EchoRequest`. */
  message?: Located;
  http?: HttpSummary;
  dns?: DnsSummary;
  /** Mode of mutual authentication. */
  auth?: Located;
  traceId?: Located;
}

const TRACE = /^IP Trace ID: (?<traceId>\d+); (?<rest>.*)$/d;
const AUTH = /^(?<rest>[^;]*); Auth: (?<auth>[A-Z_]+)$/d;
const FLAGS = /^(?<protocol>TCP) Flags: (?<flags>[A-Z, ]+)$/d;
const PROTOCOL = /^(?<protocol>TCP|UDP|SCTP|ICMPv4|ICMPv6|VRRP|IGMP)(?: (?<message>[^;]+))?$/d;
const REQUEST = /^(?<version>HTTP\/[0-9.]+) (?<method>[A-Z]+) (?<url>[^ ]+)$/d;
const RESPONSE =
  /^(?<version>HTTP\/[0-9.]+) (?<status>\d+) (?<latency>\d+[a-z]+) \((?<method>[A-Z]+) (?<url>[^ ]+)\)$/d;
const QUERY = /^DNS Query (?<query>[^ ]+)(?: (?<types>[A-Z0-9,]+))?$/d;
const ANSWER =
  /^DNS Answer (?:RCode: (?<code>[A-Za-z -]+?) {1,2})?(?:"(?<answers>[^"]*)" | )?(?:TTL: (?<ttl>\d+) ?)?(?:\([A-Za-z]+ (?<query>[^ ]+)(?: (?<types>[A-Z0-9,]+))?\))$/d;

/** Reads a summary. One of unknown form keeps its text only. */
export function parseFlowSummary(text: Located): FlowSummary {
  const traced = match<'traceId' | 'rest'>(TRACE, text);
  const signed = match<'rest' | 'auth'>(AUTH, traced?.rest ?? text);
  const rest = signed?.rest ?? traced?.rest ?? text;
  const flags = match<'protocol' | 'flags'>(FLAGS, rest);
  const plain = flags ?? match<'protocol', 'message'>(PROTOCOL, rest);
  const message = plain && 'message' in plain ? plain.message : undefined;
  const http =
    match<'version' | 'method' | 'url', 'status' | 'latency'>(RESPONSE, rest) ??
    match<'version' | 'method' | 'url'>(REQUEST, rest);
  const dns =
    match<'query', 'types' | 'answers' | 'code' | 'ttl'>(QUERY, rest) ??
    match<'query', 'types' | 'answers' | 'code' | 'ttl'>(ANSWER, rest);
  return {
    text,
    ...(plain && { protocol: plain.protocol }),
    tcpFlags: flags ? list(flags.flags) : [],
    ...(message && { message }),
    ...(http && { http }),
    ...(dns && { dns: dnsOf(dns) }),
    ...(signed && { auth: signed.auth }),
    ...(traced && { traceId: traced.traceId }),
  };
}

function dnsOf({
  query,
  types,
  answers,
  code,
  ttl,
}: Record<'query', Located> & Partial<Record<'types' | 'answers' | 'code' | 'ttl', Located>>): DnsSummary {
  return {
    query,
    types: types ? list(types) : [],
    answers: answers ? list(answers) : [],
    ...(code && { code }),
    ...(ttl && { ttl }),
  };
}

function list(joined: Located): Located[] {
  return splitAt(part(joined, 0), ',').filter(({ value }) => value !== '');
}
