import type { FlowOutput, PacketEnd } from '../../model/flows.ts';
import type { DataplaneOutput } from '../../model/frontends.ts';
import type { FrontendKind } from '../../model/kinds.ts';
import type { SideModel } from '../../model/model.ts';
import { replicaSetOf } from '../../model/pods.ts';
import type { PolicyMap } from '../../model/policies.ts';
import type { Probe } from '../../model/probes.ts';
import { type RulesetFacts, rulesOf } from '../../model/rulesets.ts';
import { distinct } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';

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

/** What a frontend of the Service is called. */
const KINDS: Readonly<Record<FrontendKind, string>> = {
  'node-port': 'NodePort',
  vip: 'external address',
  'cluster-ip': 'ClusterIP',
};

/** What the model says of one side, as facts. */
export function factsOf(model: SideModel): Fact[] {
  const facts = [
    ...model.rulesets.flatMap(rulesetFacts),
    ...model.dataplane.flatMap(dataplaneFacts),
    ...model.probes.flatMap(probeFacts),
    ...model.flows.flatMap(flowFacts),
    ...model.policyMaps.flatMap(mapFacts),
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
function dataplaneFacts({ subject, prints, count: printed, frontends }: DataplaneOutput): Fact[] {
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

function probeFacts({ capture, from, requests, answered, failed }: Probe): Fact[] {
  const fact = (what: string, value: string): Fact => ({ area: 'probes', what, capture, value });
  if (from === 'pods') {
    return requests.map(({ client, label, outcome, status, target }) => {
      const who = `${client?.value ?? 'request'}${label ? ` (${label.at.value})` : ''}`;
      const value = outcome === 'none' ? 'no answer' : `HTTP ${status.value}`;
      return fact(target ? `${who} to ${target.value}` : who, value);
    });
  }
  const places = requests.flatMap(({ outcome, number }) => (outcome === 'none' ? [number] : []));
  const statuses = new Set(requests.flatMap(({ outcome, status }) => (outcome === 'none' ? [] : [status.value])));
  const time = (what: string, seconds: number | undefined): Fact[] =>
    seconds === undefined ? [] : [{ ...fact(what, `${seconds.toFixed(2)} s`), seconds }];
  return [
    fact('answered', `${answered.count} of ${requests.length}`),
    fact('not answered', places.join(', ') || 'none'),
    fact('status of the answers', [...statuses].sort().join(', ') || 'none'),
    ...time('time of an answer (median)', answered.typical),
    ...time('longest time of an answer', answered.max),
    ...time('time of a failure (median)', failed.typical),
  ];
}

const ARROWS = { forward: '->', reply: '<-', unknown: '<>' } as const;

/** Who was seen to send to whom with which outcome; how often depends on the moment. */
function flowFacts({ capture, packets }: FlowOutput): Fact[] {
  const seen = packets.map(({ direction, from, to, seen, verdict }) => {
    const [left, right] = direction === 'reply' ? [to, from] : [from, to];
    return `${endName(left)} ${ARROWS[direction]} ${endName(right)} ${seen} ${verdict}`;
  });
  return [...new Set(seen)].sort().map((what) => ({ area: 'flows', what, capture, value: 'seen' }));
}

function endName({ namespace, pod, reserved: [reserved] }: PacketEnd): string {
  if (pod) return `${namespace ?? ''}/${workload(pod.value)}`;
  return reserved ?? 'an address';
}

/** `nginx` of `nginx-bb6b8c496-4d49g`; any other name as it is. */
function workload(name: string): string {
  const set = replicaSetOf(name);
  return set ? set.slice(0, set.lastIndexOf('-')) : name;
}

/** Whom entries let in or out: labels that every pod of a cluster has are left out, numbers of identities are allocated. */
function mapFacts({ capture, entries }: PolicyMap): Fact[] {
  return entries.map(({ direction, labels, identity, port, policy = 'Allow', proxied }) => {
    const telling = labels.filter(({ source, key }) => source !== 'k8s' || key !== 'io.cilium.k8s.policy.cluster');
    const peer = identity ? 'an identity printed as a number' : telling.map(({ at }) => at.value).join(' ');
    const what = `${direction.value} ${peer} ${port}`;
    return { area: 'policy', what, capture, value: `${policy}${proxied ? ' through a proxy' : ''}` };
  });
}
