import { citationsOf, joined } from '../../model/citation.ts';
import type { Model } from '../../model/model.ts';
import { probeOf } from '../../model/probes.ts';
import { placesOf, type Statement, sizeOf, statedBy } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { type SideId, sideIds } from '../../recipe/schema.ts';
import { aboutOutput, type FindingOf } from './finding.ts';

/** How many endpoints an output lists. */
export interface EndpointsListed extends FindingOf<'endpoints-listed'> {
  endpoints: number;
  /** Of them those that kubectl counts and does not print. */
  unprinted: number;
  /** True where those that are not ready are listed, too. */
  unready: boolean;
}

/** How many endpoints the same output lists on both sides. */
export interface EndpointsCompared extends FindingOf<'endpoints-compared'> {
  endpoints: Record<SideId, number>;
}

/** How many nodes the load balancer's pool holds. */
export interface PoolNodes extends FindingOf<'pool-nodes'> {
  nodes: number;
}

/** How old the Service was, as kubectl prints it: `3h5m`. */
export interface ServiceAge extends FindingOf<'service-age'> {
  age: string;
}

/** Whether a node may send what arrives from outside to a pod on another. */
export interface ExternalPolicy extends FindingOf<'external-policy'> {
  policy: string;
}

/**
 * A probe with slow requests, and the ages of the Services it was sent to: they differ, and so may explain a difference as
 * well as the dataplane does.
 */
export interface AgesBesideSlow extends FindingOf<'ages-beside-slow'> {
  ages: Record<SideId, string>;
  /** Slow requests; undefined on a side without this probe. */
  slow: Record<SideId, number | undefined>;
}

/** What the outputs show of the Service object and what the cloud made for it. */
export type ServiceFinding =
  | EndpointsListed
  | EndpointsCompared
  | PoolNodes
  | ServiceAge
  | ExternalPolicy
  | AgesBesideSlow;

/** What the outputs show of the Service object and what the cloud made for it, in page order. */
export function serviceFindings(model: Model): ServiceFinding[] {
  const rows = Map.groupBy(model.subjects, ({ layer, row }) => `${layer} ${row}`);
  return [...rows.values()].flatMap((subjects) => {
    const own = subjects.flatMap((subject) => [
      ...endpointsListed(model, subject),
      ...poolNodes(model, subject),
      ...serviceAge(model, subject),
      ...externalPolicy(model, subject),
    ]);
    return [...own, ...endpointsCompared(own), ...agesBesideSlow(model, subjects)];
  });
}

const places = (model: Model, statement: Statement) => citationsOf(model.subjects, placesOf([statement]));

function endpointsListed(model: Model, subject: Subject): EndpointsListed[] {
  const list = statedBy(model.sides[subject.side].service.endpointIps, subject.key);
  if (!list) return [];
  return [
    {
      kind: 'endpoints-listed',
      about: aboutOutput(subject),
      places: places(model, list),
      endpoints: sizeOf(list),
      unprinted: list.more,
      unready: list.unready ?? false,
    },
  ];
}

function endpointsCompared(findings: readonly ServiceFinding[]): EndpointsCompared[] {
  const of = (side: SideId) =>
    findings.find((one): one is EndpointsListed => one.kind === 'endpoints-listed' && one.about.side === side);
  const [v1, v2] = [of('v1'), of('v2')];
  if (!v1 || !v2) return [];
  const { layer, row } = v1.about;
  return [
    {
      kind: 'endpoints-compared',
      about: { layer, ...(row !== undefined && { row }) },
      places: [...v1.places, ...v2.places],
      endpoints: { v1: v1.endpoints, v2: v2.endpoints },
    },
  ];
}

function poolNodes(model: Model, subject: Subject): PoolNodes[] {
  const pool = model.sides[subject.side].nodes.listed.find(
    (list) => list.of === 'pool' && list.capture === subject.key,
  );
  if (!pool) return [];
  return [{ kind: 'pool-nodes', about: aboutOutput(subject), places: places(model, pool), nodes: sizeOf(pool) }];
}

function serviceAge(model: Model, subject: Subject): ServiceAge[] {
  const age = statedBy(model.sides[subject.side].service.age, subject.key);
  const [first] = age?.values ?? [];
  if (!age || !first) return [];
  return [{ kind: 'service-age', about: aboutOutput(subject), places: places(model, age), age: first.value }];
}

function externalPolicy(model: Model, subject: Subject): ExternalPolicy[] {
  const stated = statedBy(model.sides[subject.side].service.externalPolicy, subject.key);
  const [first] = stated?.values ?? [];
  if (!stated || !first) return [];
  return [{ kind: 'external-policy', about: aboutOutput(subject), places: places(model, stated), policy: first.value }];
}

function agesBesideSlow(model: Model, subjects: readonly Subject[]): AgesBesideSlow[] {
  const of = (side: SideId) => {
    const subject = subjects.find((one) => one.side === side);
    const probe = subject && probeOf(model, subject);
    return probe?.from === 'outside' ? probe.outliers : undefined;
  };
  const slow = { v1: of('v1'), v2: of('v2') };
  const [age1, age2] = sideIds.map((side) => model.sides[side].service.age[0]);
  const [v1, v2] = [age1?.values[0]?.value, age2?.values[0]?.value];
  const [first] = subjects;
  const requests = [...(slow.v1 ?? []), ...(slow.v2 ?? [])];
  if (!first || !age1 || !age2 || !v1 || !v2 || v1 === v2 || requests.length === 0) return [];
  return [
    {
      kind: 'ages-beside-slow',
      about: { layer: first.layer, row: first.row },
      places: [...citationsOf(model.subjects, placesOf([age1, age2])), ...joined(requests.map((one) => one.evidence))],
      ages: { v1, v2 },
      slow: { v1: slow.v1?.length, v2: slow.v2?.length },
    },
  ];
}
