import { type Citation, citing } from '../../model/citation.ts';
import { type Connection, connectionsOf } from '../../model/connections.ts';
import { type PacketToPod, packetsToPods } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import type { NetworkPolicy, Ports } from '../../model/policies.ts';
import { type ClientRequest, clientRequests } from '../../model/probes.ts';

/** Who may want to reach the target. */
export interface PolicySource {
  /** `pod/client-allowed`, `reserved/world`, `other/same-namespace`; stable. */
  id: string;
  kind: 'pod' | 'reserved' | 'other-pods';
  /** Name of the pod or of the reserved identity, or words for the other pods. */
  name: string;
  /** Number of its identity, where it is known. */
  identity?: string;
  /** Its labels as far as known. */
  labels: ReadonlyMap<string, string>;
  /** True where it has no other labels. */
  complete: boolean;
  /** False for pods of other namespaces than the target's. */
  sameNamespace: boolean;
  /** Where name, identity and labels stand. */
  evidence: Citation[];
}

/** Whom policies are asked about: the pods that the probe asked, as far as the captures tell. */
export interface PolicyTarget {
  /** As the probe calls it: `nginx`. */
  name?: string;
  namespace?: string;
  /** Number of the identity its pods share. */
  identity?: string;
  pods: string[];
  /** TCP port of the pods. */
  port?: string;
}

/** What a rule or an observation says of one source. */
export interface PolicyCell {
  verdict: 'allowed' | 'denied' | 'unknown';
  /** `observed` where traffic was seen, `predicted` where only a rule says so, `none` where nothing is known. */
  basis: 'observed' | 'predicted' | 'none';
  /** One sentence: why. */
  why: string;
  evidence: Citation[];
}

/** What is known of a question. */
export type Answer = 'yes' | 'no' | 'unknown';

/** Yes where all are, no where one is not. */
export function every(answers: Iterable<Answer>): Answer {
  let all: Answer = 'yes';
  for (const answer of answers) {
    if (answer === 'no') return 'no';
    if (answer === 'unknown') all = 'unknown';
  }
  return all;
}

/** Yes where one is, no where none is. */
export function some(answers: Iterable<Answer>): Answer {
  let any: Answer = 'no';
  for (const answer of answers) {
    if (answer === 'yes') return 'yes';
    if (answer === 'unknown') any = 'unknown';
  }
  return any;
}

/** Whether a source has a label: unknown where its labels are not all known. */
export function hasLabel({ labels, complete }: PolicySource, key: string, value: string): Answer {
  const known = labels.get(key);
  if (known !== undefined) return known === value ? 'yes' : 'no';
  return complete ? 'no' : 'unknown';
}

/** Whether a TCP port is among those that a rule or an entry names. */
export function holdsPort({ protocol, from, to, name }: Ports, port: string | undefined): Answer {
  if (protocol !== 'TCP' && protocol !== 'ANY') return 'no';
  if (from === undefined && name === undefined) return 'yes';
  if (from === undefined || port === undefined) return 'unknown';
  return Number(port) >= from && Number(port) <= (to ?? from) ? 'yes' : 'no';
}

/** The NetworkPolicies in force for ingress; they add up, whatever others are about. */
export function ingressPolicies({ policies }: SideModel): NetworkPolicy[] {
  return policies.filter(({ restrictsIngress }) => restrictsIngress);
}

/** What the outputs of a side tell of who asks whom. */
export interface Parties {
  /** Requests that name their client. */
  asked: ClientRequest[];
  /** Pods that a table lists with their identities. */
  listed: { pod: string; identity: string; evidence: Citation }[];
  /** Connections that a policy denied. */
  drops: Connection[];
}

/** Collects what is told of who asks whom. */
export function partiesOf({ probes, flows, pods }: SideModel): Parties {
  return {
    asked: clientRequests(probes),
    listed: [...Map.groupBy(pods.identified, ({ subject }) => subject)].flatMap(([subject, own]) => {
      const cite = citing(subject);
      return own.map(({ pod, identity }) => ({
        pod: pod.value,
        identity: identity.value,
        evidence: cite(pod.at.line),
      }));
    }),
    drops: flows.flatMap(connectionsOf).filter(({ deniedByPolicy }) => deniedByPolicy),
  };
}

/** Whom the policies of a side are asked about. */
export function policyTarget(
  { asked, listed, drops: [drop] }: Parties,
  policies: readonly NetworkPolicy[],
): PolicyTarget {
  const name = asked[0]?.target?.value;
  const own = listed.filter(({ pod }) => name !== undefined && (pod === name || pod.startsWith(`${name}-`)));
  const hit = drop?.destination;
  const found = {
    name,
    namespace: policies[0]?.namespace ?? (hit?.host.includes('/') ? hit.host.split('/')[0] : undefined),
    identity: own[0]?.identity ?? hit?.identity,
    port: hit?.port,
  };
  const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { ...known, pods: own.map(({ pod }) => pod) };
}

/** The reserved identities that traffic to a Service can arrive with besides those of pods. */
const RESERVED = ['host', 'remote-node', 'world'];

/** Everybody who may want to reach the target: the pods that are named, nodes, the world, and all other pods. */
export function policySources(parties: Parties, target: PolicyTarget): PolicySource[] {
  const { asked, listed, drops } = parties;
  const dropped = drops.flatMap(({ source: { host } }) =>
    host.includes('/') ? [host.slice(host.indexOf('/') + 1)] : [],
  );
  const names = [...asked.map(({ client }) => client.value), ...listed.map(({ pod }) => pod), ...dropped];
  const pods = [...new Set(names)].filter((name) => !target.pods.includes(name));
  return [
    ...pods.map((name) => podSource(parties, name)),
    ...RESERVED.map((name): PolicySource => ({ ...unlabelled, id: `reserved/${name}`, kind: 'reserved', name })),
    { ...unlabelled, id: 'other/same-namespace', name: 'Any other pod of the namespace' },
    {
      ...unlabelled,
      id: 'other/other-namespaces',
      name: 'Pods of other namespaces',
      complete: false,
      sameNamespace: false,
    },
  ];
}

/** A pod with what the probe, the table of identities and the drops tell of it. */
export function podSource({ asked, listed, drops }: Parties, name: string): PolicySource {
  const probe = asked.find(({ client }) => client.value === name);
  const row = listed.find(({ pod }) => pod === name);
  const identity = row?.identity ?? drops.find(({ source }) => source.host.endsWith(`/${name}`))?.source.identity;
  return {
    id: `pod/${name}`,
    kind: 'pod',
    name,
    ...(identity === undefined ? {} : { identity }),
    labels: new Map(probe?.label ? [[probe.label.key, probe.label.value]] : []),
    complete: false,
    sameNamespace: true,
    evidence: [probe?.evidence, row?.evidence].filter((each) => each !== undefined),
  };
}

/** Pods without the labels that a policy names. */
export const unlabelled: Omit<PolicySource, 'id' | 'name'> = {
  kind: 'other-pods',
  labels: new Map(),
  complete: true,
  sameNamespace: true,
  evidence: [],
};

/** Packets that another node relayed to pods in the layers of the policies and maps, denied or let through. */
export function relayedSeen({ flows, policies, policyMaps }: SideModel): PacketToPod[] {
  const layers = new Set([...policies, ...policyMaps].map(({ layer }) => layer));
  return packetsToPods(flows.filter(({ layer }) => layers.has(layer))).filter(
    ({ from, verdict, deniedByPolicy }) =>
      from.reserved.includes('remote-node') && (deniedByPolicy || verdict === 'FORWARDED'),
  );
}
