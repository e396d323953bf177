import type { PolicyEntry } from '../../formats/cilium-policy-map.ts';
import { type Field, field } from '../../formats/field.ts';
import type { HttpProbe } from '../../formats/http-probe.ts';
import type { FlowEnd } from '../../formats/hubble-flows.ts';
import { fieldsIn, momentaryFields } from '../../model/fields.ts';
import type { DataplaneOutput } from '../../model/frontends.ts';
import type { FrontendKind } from '../../model/kinds.ts';
import type { SideModel } from '../../model/model.ts';
import { replicaSetOf } from '../../model/pods.ts';
import { type RulesetFacts, rulesOf } from '../../model/rulesets.ts';
import { distinct } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { isAnswered, median } from '../claims/data.ts';

/** What a fact is about; the order in which they are told. */
export const areas = [
  'environment',
  'outputs',
  'rules',
  'Services',
  'backends',
  'fields',
  'probes',
  'flows',
  'policy',
  'checks',
] as const;
/** What a fact is about. */
export type Area = (typeof areas)[number];

/** One statement of a recording that does not depend on allocated or volatile values. */
export interface Fact {
  area: Area;
  /** What it is about: `External Traffic Policy`. */
  what: string;
  /** The output it comes from; absent for what is said of the whole side. */
  capture?: string;
  value: string;
  /** A time in seconds: it changed only where the difference matters (see drift.ts). */
  seconds?: number;
}

/** Values that are allocated, generated, measured or counted: another recording has others, which means nothing. */
const VOLATILE = new Set(['ip', 'age', 'duration', 'timestamp', 'count', 'hash', 'inode', 'mac', 'pod', 'node']);

/** What a frontend of the Service is called. */
const KINDS: Readonly<Record<FrontendKind, string>> = {
  'node-port': 'NodePort',
  vip: 'external address',
  'cluster-ip': 'ClusterIP',
};

/** Everything the outputs of one side mean, as facts. */
export function factsOf(model: SideModel): Fact[] {
  const facts = [
    ...model.rulesets.flatMap(rulesetFacts),
    ...model.dataplane.flatMap(mapFacts),
    ...model.subjects.flatMap((subject) => outputFacts(subject)),
  ];
  const { namespace, name } = model.service.service ?? {};
  for (const { subject, frontends } of model.dataplane) {
    for (const { own, backends } of frontends) {
      if (!own) continue;
      const what = `backends of ${namespace ?? ''}/${name ?? ''} by ${KINDS[own]}`;
      const value = String(distinct(backends.map(({ at }) => at)).length);
      if (!facts.some((fact) => fact.what === what && fact.value === value))
        facts.push({ area: 'backends', what, capture: subject.key, value });
    }
  }
  return facts;
}

function outputFacts(subject: Subject): Fact[] {
  const { parsed, key: capture } = subject;
  switch (parsed.format) {
    case 'iptables-save':
    case 'cilium-service-list':
    case 'cilium-bpf-lb-list':
      return [];
    case 'http-probe':
      return probeFacts(parsed, capture);
    case 'hubble-flows':
    case 'hubble-flows-json':
      return flowFacts(subject);
    case 'cilium-policy-map':
      return parsed.maps.flatMap(({ entries }) => entries.map((entry) => policyFact(entry, capture)));
    case 'plain':
      return [{ area: 'fields', what: 'text', capture, value: subject.text.trim() }];
    default:
      return fieldFacts(subject);
  }
}

/** Rules by Service, as the comments name them. */
function rulesetFacts(ruleset: RulesetFacts): Fact[] {
  const { subject, rules, chains, index } = ruleset;
  const endpoints = new Map<string, number>();
  for (const { comment, target } of [...index.endpoints.values()].flat())
    if (comment) endpoints.set(comment, (endpoints.get(comment) ?? 0) + (target ? 1 : 0));
  const services = new Set([...endpoints.keys()].map((port) => port.split(':')[0] ?? port));
  const count = counter(subject);
  return [
    count('rules', 'rules', rules),
    count('rules', 'chains', chains),
    count('Services', 'Services with endpoints', services.size),
    ...[...services].sort().map((name) => count('rules', `rules of ${name}`, rulesOf(ruleset, name).rules.length)),
    ...[...endpoints].sort().map(([port, own]) => count('backends', `endpoints of ${port}`, own)),
  ];
}

/** Frontends of all Services by type, with their backends. */
function mapFacts({ subject, prints, count: printed, frontends }: DataplaneOutput): Fact[] {
  const count = counter(subject);
  if (prints === 'rules') return [];
  if (prints === 'entries')
    return [count('Services', 'frontends', frontends.length), count('backends', 'entries of the map', printed)];
  const backends = frontends.reduce((sum, { backends, inactive }) => sum + backends.length + inactive.length, 0);
  const types = Map.groupBy(frontends, ({ type }) => type?.name ?? 'unknown');
  return [
    count('Services', 'frontends', printed),
    count('backends', 'backends of all frontends', backends),
    ...[...types].map(([type, all]) => count('Services', `frontends of type ${type}`, all.length)),
  ];
}

function counter({ key: capture }: Subject): (area: Area, what: string, value: number) => Fact {
  return (area, what, value) => ({ area, what, capture, value: String(value) });
}

function probeFacts(probe: HttpProbe, capture: string): Fact[] {
  const { requests } = probe;
  if (requests.some(({ client }) => client)) {
    return requests.map(({ client, label, status, target }) => ({
      area: 'probes',
      what: `${client?.value ?? 'request'}${label ? ` (${label.key.value}=${label.value.value})` : ''} to ${target?.value ?? 'nginx'}`,
      capture,
      value: status.value === '000' ? 'no answer' : `HTTP ${status.value}`,
    }));
  }
  const answered = requests.filter(isAnswered);
  const failed = requests.filter((request) => !isAnswered(request));
  const places = requests.flatMap((request, index) => (isAnswered(request) ? [] : [index + 1]));
  const statuses = [...new Set(answered.map(({ status }) => status.value))].sort();
  const facts: Fact[] = [
    { area: 'probes', what: 'answered', capture, value: `${answered.length} of ${requests.length}` },
    { area: 'probes', what: 'not answered', capture, value: places.join(', ') || 'none' },
    { area: 'probes', what: 'status of the answers', capture, value: statuses.join(', ') || 'none' },
  ];
  const time = (what: string, seconds: number) =>
    facts.push({ area: 'probes', what, capture, value: `${seconds.toFixed(2)} s`, seconds });
  if (answered.length > 0) {
    time('time of an answer (median)', median(answered));
    time('longest time of an answer', Math.max(...answered.map((request) => Number(request.time.value))));
  }
  if (failed.length > 0) time('time of a failure (median)', median(failed));
  return facts;
}

/** Who was seen to send to whom with which outcome; how often depends on the moment. */
function flowFacts({ parsed, key: capture }: Subject): Fact[] {
  const seen = new Set<string>();
  if (parsed.format === 'hubble-flows') {
    for (const event of parsed.events) {
      if (event.type !== 'flow') continue;
      const { left, direction, right, verdict, event: what } = event;
      seen.add(`${endName(left)} ${direction?.value ?? '<>'} ${endName(right)} ${what.value} ${verdict.value}`);
    }
  } else if (parsed.format === 'hubble-flows-json') {
    for (const event of parsed.events) {
      if (event.type !== 'flow') continue;
      const { source, destination, verdict, dropReason } = event;
      const ends = [source, destination].map(({ pod, identity }) => workload(pod?.value ?? identity?.value ?? 'world'));
      seen.add(`${ends.join(' -> ')} ${dropReason?.value ?? ''} ${verdict?.value ?? ''}`.replace(/ +/g, ' '));
    }
  }
  return [...seen].sort().map((what) => ({ area: 'flows', what, capture, value: 'seen' }));
}

function endName({ namespace, name, identity }: FlowEnd): string {
  if (name) return `${namespace?.value}/${workload(name.value)}`;
  return identity?.reserved?.value ?? 'an address';
}

/** `nginx` of `nginx-bb6b8c496-4d49g`; any other name as it is. */
function workload(name: string): string {
  const set = replicaSetOf(name);
  return set ? set.slice(0, set.lastIndexOf('-')) : name;
}

/** Whom an entry lets in or out: labels that every pod of a cluster has are left out, numbers of identities are allocated. */
function policyFact({ direction, labels, identity, port, policy, proxyPort }: PolicyEntry, capture: string): Fact {
  const telling = labels
    .map(({ value }) => value)
    .filter((label) => !/^k8s:io\.cilium\.k8s\.policy\.cluster=/.test(label));
  const peer = identity ? 'an identity printed as a number' : telling.join(' ');
  const proxy = proxyPort.value === 'NONE' ? '' : ' through a proxy';
  const what = `${direction.value} ${peer} ${port.value}`;
  return { area: 'policy', what, capture, value: `${policy?.value ?? 'Allow'}${proxy}` };
}

/** Values with their path, generated names reduced to what stays; values at the same path are counted. */
function fieldFacts(subject: Subject): Fact[] {
  const area: Area = isPolicy(subject) ? 'policy' : 'fields';
  const found = new Map<string, Map<string, number>>();
  const momentary = momentaryFields(subject);
  for (const one of fieldsIn(subject)) {
    if (momentary.has(one)) continue;
    const isNumber = one.kind === 'identity' && /^\d+$/.test(one.value);
    if (VOLATILE.has(one.kind) || isNumber || one.path.some((part) => /^node-?port$/i.test(part))) continue;
    const path = one.path.map(lasting).join(' / ');
    const values = found.get(path) ?? new Map<string, number>();
    const value = lastingValue(one);
    values.set(value, (values.get(value) ?? 0) + 1);
    found.set(path, values);
  }
  return [...found].map(([what, values]) => ({
    area,
    what,
    capture: subject.key,
    value: [...values]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([value, times]) => (times > 1 ? `${value} (${times} times)` : value))
      .join(', '),
  }));
}

function isPolicy(subject: Subject): boolean {
  return subject.parsed.format === 'yaml' && fieldsIn(subject).some(({ value }) => value === 'NetworkPolicy');
}

/** A part of a path without what is generated: an index, a hash, an address. */
function lasting(part: string): string {
  const plain = part.replace(/#\d+$/, '');
  if (/^\d+$/.test(plain)) return '*';
  if (/^[0-9a-f]{16,40}$/.test(plain) || /^\d+(?:\.\d+){3}(?::\d+)?$/.test(plain)) return '…';
  const [kind, name] = plain.includes('/') ? (plain.split(/\/(?=[^/]*$)/) as [string, string]) : ['', plain];
  const reduced = lastingValue(field({ value: name, start: 0, end: name.length }, [], 'name'));
  return kind === '' ? reduced : `${kind}/${reduced}`;
}

function lastingValue({ value, means, parts }: Field): string {
  if (!parts) return means ?? value;
  return parts.map((part) => (part.kind === 'hash' ? '…' : part.value)).join('-');
}
