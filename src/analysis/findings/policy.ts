import { citationsOf, citing, joined } from '../../model/citation.ts';
import type { Model, SideModel } from '../../model/model.ts';
import type { Label, NetworkPolicy, PolicyEntry, PolicyMap } from '../../model/policies.ts';
import { type ClientRequest, clientRequests } from '../../model/probes.ts';
import type { Subject } from '../../model/subject.ts';
import { sideIds } from '../../recipe/schema.ts';
import { isNumbered } from '../endpoints.ts';
import { comparePolicyMaps, decidingPolicies, labelledPeers } from '../policy-comparison.ts';
import { deniesRelayed, hostEntries, ingressEntries, isGiven, reservedOf } from '../policy-matrix/policy-map.ts';
import { relayedSeen } from '../policy-matrix/source.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/** Labels as `key=value`, all of which a pod carries. */
export type Labels = string[];

/** Whom a NetworkPolicy selects and lets in. */
export interface PolicyIntent extends FindingOf<'policy-intent'> {
  name: string;
  /** Labels of the pods it selects; none selects every pod of its namespace. */
  selects: Labels;
  /** False where it is about egress alone. */
  restrictsIngress: boolean;
  /** `others` where a rule names more than labels of pods: ports, namespaces, addresses. */
  letsIn: 'nobody' | 'everybody' | 'peers' | 'others';
  /** Pods it lets in by their labels. */
  peers: Labels[];
  /** True where its types say that it is not about egress. */
  egressOpen: boolean;
}

/** No output is a NetworkPolicy, where a policy map is recorded. */
export interface PolicyAbsent extends FindingOf<'policy-absent'> {
  /** Whether a map lets in every identity. */
  open: boolean;
}

/** One entry of a policy map for ingress. */
export interface MapEntry {
  denies: boolean;
  /** Whom it is for: every identity, a reserved one, one by its number, or one by labels. */
  of: 'any' | { reserved: string } | { identity: Named } | { labels: Labels };
  /** As printed; absent for any port. */
  port?: string;
  /** Absent where the kernel counted none. */
  packets?: number;
}

/** Whom a policy map lets in. */
export interface PolicyMapLetsIn extends FindingOf<'policy-map-lets-in'> {
  endpoint?: string;
  ingress: MapEntry[];
  /** The entry for egress to every identity. */
  egress?: { packets?: number };
}

/** The entry of the host shows the label of other nodes, which it does not let in. */
export interface PolicyMapRelayed extends FindingOf<'policy-map-relayed'> {
  /** What became of packets that another node relayed, as recorded with the policy; none where none were. */
  seen: { denied: number; forwarded: number };
}

/** Whether the map lets in whom the policies name. */
export interface PolicyMapAgrees extends FindingOf<'policy-map-agrees'> {
  /** `unknown` where no pod is known that the policies let in. */
  agrees: 'yes' | 'no' | 'unknown';
  /** Peers without an entry of which a pod is known. */
  lacking: Labels[];
  /** Peers without an entry of which no pod is known. */
  unknown: Labels[];
  /** Entries that no policy names. */
  extra: Labels[];
  /** True where an entry lets in every identity. */
  open: boolean;
}

/** A client with the label that the probe gives it. */
export interface SeenClient {
  client: Named;
  label?: string;
}

/** What became of the requests of named clients. */
export interface PolicySeen extends FindingOf<'policy-seen'> {
  answered: SeenClient[];
  silent: SeenClient[];
  /** Dropped packets of those without an answer; absent where no flows of that time are recorded. */
  drops?: number;
}

/** Pods that share an identity. */
export interface IdentityPods {
  identity: Named;
  pods: Named[];
}

/** Which pods have which identity. */
export interface Identities extends FindingOf<'identities'> {
  groups: IdentityPods[];
}

/** What the outputs show of who may reach the pods. */
export type PolicyFinding =
  | PolicyIntent
  | PolicyAbsent
  | PolicyMapLetsIn
  | PolicyMapRelayed
  | PolicyMapAgrees
  | PolicySeen
  | Identities;

/** What the outputs show of who may reach the pods, side by side, each in page order. */
export function policyFindings({ sides }: Model): PolicyFinding[] {
  return sideIds.flatMap((side) => {
    const model = sides[side];
    return model.subjects.flatMap((subject) => [
      ...model.policies.filter(({ capture }) => capture === subject.key).map((policy) => intent(subject, policy)),
      ...identities(subject, model),
      ...seen(subject, model),
      ...mapsOf(subject, model),
    ]);
  });
}

const texts = (labels: readonly Label[]): Labels => labels.map(({ key, value }) => `${key}=${value}`);

function intent(subject: Subject, policy: NetworkPolicy): PolicyIntent {
  const { name, selects, restrictsIngress, ingress, types } = policy;
  const peers = labelledPeers(policy);
  const everybody = ingress.some((rule) => rule.peers.length === 0 && rule.ports.length === 0);
  const others = !peers || selects.expressions.length > 0;
  return {
    kind: 'policy-intent',
    about: aboutOutput(subject),
    places: joined([
      ...citationsOf(
        [subject],
        [...types, ...selects.labels.map(({ at }) => at)].map(({ at }) => at),
      ),
      policy.evidence,
    ]),
    name,
    selects: texts(selects.labels),
    restrictsIngress,
    letsIn: everybody ? 'everybody' : others ? 'others' : peers.length === 0 ? 'nobody' : 'peers',
    peers: (peers ?? []).map(({ labels }) => texts(labels)),
    egressOpen: types.length > 0 && types.every(({ value }) => value !== 'Egress'),
  };
}

function identities(subject: Subject, { pods, side }: SideModel): Identities[] {
  const own = pods.identified.filter((pod) => pod.subject.key === subject.key);
  if (own.length === 0) return [];
  const groups = Map.groupBy(own, ({ identity }) => identity.value);
  return [
    {
      kind: 'identities',
      about: aboutOutput(subject),
      places: citationsOf(
        [subject],
        own.map(({ pod }) => pod.at),
      ),
      groups: [...groups].map(([value, all]) => ({
        identity: { role: 'identity', side, value },
        pods: [...new Set(all.map(({ pod }) => pod.value))].map((pod) => ({ role: 'pod', side, value: pod })),
      })),
    },
  ];
}

function seen(subject: Subject, model: SideModel): PolicySeen[] {
  const requests = clientRequests(model.probes.filter(({ capture }) => capture === subject.key));
  if (requests.length === 0) return [];
  const { side } = subject;
  const clients = (wanted: ClientRequest['outcome']) => {
    const own = requests.filter(({ outcome }) => outcome === wanted);
    return [...Map.groupBy(own, ({ client }) => client.value)].map(([value, [request]]): SeenClient => {
      const label = request?.label;
      return { client: { role: 'pod', side, value }, ...(label && { label: `${label.key}=${label.value}` }) };
    });
  };
  const silent = clients('none');
  const flows = model.flows.filter(({ layer }) => layer === subject.layer);
  const names = new Set(silent.map(({ client }) => client.value));
  const drops = flows
    .flatMap(({ packets }) => packets)
    .filter(({ verdict, from }) => verdict === 'DROPPED' && from.pod && names.has(from.pod.value));
  return [
    {
      kind: 'policy-seen',
      about: aboutOutput(subject),
      places: joined([...requests, ...drops].map(({ evidence }) => evidence)),
      answered: clients('answered'),
      silent,
      ...(flows.length > 0 && { drops: drops.length }),
    },
  ];
}

function mapsOf(subject: Subject, model: SideModel): PolicyFinding[] {
  const maps = model.policyMaps.filter(({ capture }) => capture === subject.key);
  if (maps.length === 0) return [];
  const relaying = maps.filter(deniesRelayed);
  return [
    ...maps.map((map) => letsIn(subject, map)),
    ...(relaying.length > 0 ? [relayed(subject, relaying, model)] : []),
    ...agreement(subject, maps, model),
  ];
}

const placesOf = (entries: readonly PolicyEntry[]) => joined(entries.map(({ evidence }) => evidence));
const counted = ({ packets }: PolicyEntry) => (packets === undefined ? {} : { packets });

function letsIn(subject: Subject, map: PolicyMap): PolicyMapLetsIn {
  const out = map.entries.find(
    ({ direction, any, policy }) => direction.value === 'Egress' && any && policy !== 'Deny',
  );
  const ingress = ingressEntries(map);
  const { length } = subject.text.split('\n');
  return {
    kind: 'policy-map-lets-in',
    about: aboutOutput(subject),
    // A map without an entry is all of its output.
    places: map.entries.length > 0 ? placesOf([...ingress, ...(out ? [out] : [])]) : [citing(subject)(1, length)],
    ...(map.endpoint !== undefined && { endpoint: map.endpoint }),
    ingress: ingress.map(
      (entry): MapEntry => ({
        denies: entry.policy === 'Deny',
        of: whom(subject, entry),
        ...(entry.port !== 'ANY' && { port: entry.port }),
        ...counted(entry),
      }),
    ),
    ...(out && { egress: counted(out) }),
  };
}

function whom({ side }: Subject, { any, identity, labels }: PolicyEntry): MapEntry['of'] {
  if (any) return 'any';
  if (identity) return { identity: { role: 'identity', side, value: identity.value } };
  const reserved = reservedOf(labels);
  if (reserved !== undefined) return { reserved };
  // Labels that every pod has tell nothing, unless there are no others.
  const telling = labels.filter((label) => !isGiven(label));
  return { labels: texts(telling.length > 0 ? telling : labels) };
}

function relayed(subject: Subject, maps: readonly PolicyMap[], model: SideModel): PolicyMapRelayed {
  const packets = relayedSeen(model);
  const denied = packets.filter(({ deniedByPolicy }) => deniedByPolicy).length;
  return {
    kind: 'policy-map-relayed',
    about: aboutOutput(subject),
    places: joined([
      ...placesOf(maps.flatMap((map) => hostEntries(map, 'remote-node'))),
      ...packets.map(({ evidence }) => evidence),
    ]),
    seen: { denied, forwarded: packets.length - denied },
  };
}

function agreement(subject: Subject, maps: readonly PolicyMap[], model: SideModel): (PolicyMapAgrees | PolicyAbsent)[] {
  // Where a map is there with labels, too, that one is compared.
  if (maps.every(isNumbered) && !model.policyMaps.every(isNumbered)) return [];
  const policies = decidingPolicies(model);
  const entries = placesOf(maps.flatMap(ingressEntries));
  const { vague, numbered, admitted, lacking, unknown, extra, open } = comparePolicyMaps(model);
  if (policies.length === 0) return [{ kind: 'policy-absent', about: aboutOutput(subject), places: entries, open }];
  if (vague || numbered || policies.some(({ restrictsIngress }) => !restrictsIngress)) return [];
  const contradicted = lacking.length > 0 || extra.length > 0 || open;
  return [
    {
      kind: 'policy-map-agrees',
      about: aboutOutput(subject),
      places: joined([...entries, ...policies.map(({ evidence }) => evidence)]),
      agrees: contradicted ? 'no' : admitted.length === 0 && unknown.length > 0 ? 'unknown' : 'yes',
      lacking: lacking.map(({ labels }) => texts(labels)),
      unknown: unknown.map(({ labels }) => texts(labels)),
      extra: extra.map(({ labels }) => texts(labels.filter((label) => !isGiven(label)))),
      open,
    },
  ];
}
