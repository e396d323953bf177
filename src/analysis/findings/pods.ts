import { citationsOf } from '../../model/citation.ts';
import { scalingsBetween } from '../../model/epochs.ts';
import type { Model } from '../../model/model.ts';
import { isOfService, type SeenPod } from '../../model/pods.ts';
import { isEndpoint } from '../../model/service.ts';
import { completeList, distinct, placesOf, sizeOf, statedBy, valuesOf } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/** The pod that was looked into. */
export interface PodInspected extends FindingOf<'pod-inspected'> {
  pod: Named;
  /** Absent where its interface was not shown. */
  address?: Named;
  /** Whether an output lists the address among the endpoints; absent where every such list is cut short or missing. */
  isEndpoint?: boolean;
}

/** The sockets of the pod that was looked into. */
export interface PodSockets extends FindingOf<'pod-sockets'> {
  /** Ports on which it listens, in decimal, each once. */
  listens: string[];
  /** Sockets in another state, which belong to a request that was just made. */
  others: number;
}

/** What is left after the Deployment was scaled. */
export interface PodLeft extends FindingOf<'pod-left'> {
  pod: Named;
  node?: Named;
  replicas?: number;
  /** Endpoints before. */
  before?: number;
  /** Nodes there are, and those of them without a pod of the Service. */
  nodes?: { all: number; idle: number };
}

/** Pods of the Service that an output lists, against the endpoints of before. */
export interface PodsSince extends FindingOf<'pods-since'> {
  listed: number;
  /** Of them those whose address was an endpoint before. */
  kept: number;
  /** Endpoints of before that none of them has. */
  gone: number;
  /** The layer in which the endpoints were listed. */
  since: string;
  /** What was said of the number of replicas in between. */
  scaled: { from: number; to: number }[];
}

/** What the outputs show of pods. */
export type PodFinding = PodInspected | PodSockets | PodLeft | PodsSince;

/** What the outputs show of pods, in page order. */
export function podFindings(model: Model): PodFinding[] {
  const rows = Map.groupBy(model.subjects, ({ layer, row }) => `${layer} ${row}`);
  return [...rows.values()]
    .flat()
    .flatMap((subject) => [
      ...podInspected(model, subject),
      ...podSockets(model, subject),
      ...podLeft(model, subject),
      ...podsSince(model, subject),
    ]);
}

const seenIn = (model: Model, subject: Subject, by: SeenPod['by']) =>
  model.sides[subject.side].pods.seen.filter((seen) => seen.by === by && seen.subject.key === subject.key);

function podInspected(model: Model, subject: Subject): PodInspected[] {
  const { side } = subject;
  return seenIn(model, subject, 'inspection').map(({ pod, ip }) => {
    const among = ip && isEndpoint(model.sides[side].service, ip.value);
    return {
      kind: 'pod-inspected',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, [pod.at, ...(ip ? [ip.at] : [])]),
      pod: { value: pod.value, role: 'pod', side },
      ...(ip && { address: { value: ip.value, role: 'pod-ip', side } }),
      ...(among !== undefined && { isEndpoint: among }),
    };
  });
}

function podSockets(model: Model, subject: Subject): PodSockets[] {
  const sockets = model.sides[subject.side].pods.listening.find(({ capture }) => capture === subject.key);
  if (!sockets) return [];
  return [
    {
      kind: 'pod-sockets',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, placesOf([sockets])),
      listens: distinct(sockets.values),
      others: sockets.otherSockets,
    },
  ];
}

function podLeft(model: Model, subject: Subject): PodLeft[] {
  const { side } = subject;
  const { pods, nodes, service } = model.sides[side];
  const [left] = seenIn(model, subject, 'report');
  if (!left) return [];
  const replicas = statedBy(pods.replicas, subject.key);
  const count = replicas?.values[0] && Number(replicas.values[0].value);
  const all = statedBy(nodes.listed, subject.key);
  const before = service.endpointIps[0];
  return [
    {
      kind: 'pod-left',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, [
        left.pod.at,
        ...(left.node ? [left.node.at] : []),
        ...placesOf([replicas, all].flatMap((one) => one ?? [])),
      ]),
      pod: { value: left.pod.value, role: 'pod', side },
      ...(left.node && { node: { value: left.node.value, role: 'node', side } }),
      ...(count !== undefined && { replicas: count }),
      ...(before && { before: sizeOf(before) }),
      // With more replicas than the pod that is named, the other nodes may have some.
      ...(all && left.node && (count ?? 1) === 1 && { nodes: { all: sizeOf(all), idle: sizeOf(all) - 1 } }),
    },
  ];
}

function podsSince(model: Model, subject: Subject): PodsSince[] {
  const side = model.sides[subject.side];
  const place = (key: string) => model.subjects.findIndex((one) => one.key === key);
  const pods = seenIn(model, subject, 'list').filter(({ pod, ip }) => ip && isOfService(side.pods, pod.value));
  const before = side.service.endpointIps.filter(({ capture }) => place(capture) < place(subject.key));
  const list = completeList(before.toReversed());
  const since = list && model.subjects.find(({ key }) => key === list.capture);
  if (pods.length === 0 || !list || !since) return [];
  const known = valuesOf(before);
  const addresses = new Set(pods.flatMap(({ ip }) => (ip ? [ip.value] : [])));
  const kept = known.filter((address) => addresses.has(address)).length;
  return [
    {
      kind: 'pods-since',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, [...placesOf([list]), ...pods.map(({ pod }) => pod.at)]),
      listed: addresses.size,
      kept,
      gone: known.length - kept,
      since: since.layer,
      scaled: (scalingsBetween(side, list.capture, subject.key) ?? []).map(({ from, to }) => ({ from, to })),
    },
  ];
}
