import type { Mention, ServiceName, ServiceStatements } from './mentions.ts';
import { mentionsIn } from './services.ts';
import { completeList, type Statement, valuesOf } from './stated.ts';
import type { Subject } from './subject.ts';

export type { ServiceName } from './mentions.ts';

/** The traced Service, and everything the outputs of one side state about it. */
export interface ServiceFacts extends ServiceStatements {
  /** Undefined where no output names it. */
  service: ServiceName | undefined;
}

/** Reads what the outputs of one side state about the traced Service. */
export function serviceFacts(subjects: readonly Subject[]): ServiceFacts {
  const mentions = subjects.flatMap(mentionsIn);
  const about = tellers(mentions);
  const service = tracedService(mentions, about);
  const own = new Set(service && about(service));
  const said = mentions.filter((mention) => mention.alone || own.has(mention)).flatMap((mention) => mention.said);
  const of = (wanted: keyof ServiceStatements) =>
    inOne(said.flatMap(({ thing, statement }) => (thing === wanted ? [statement] : [])));
  return {
    service,
    clusterIp: of('clusterIp'),
    vip: of('vip'),
    forwarded: of('forwarded'),
    forwardingRule: of('forwardingRule'),
    nodePort: of('nodePort'),
    port: of('port'),
    targetPort: of('targetPort'),
    pool: of('pool'),
    madeFor: of('madeFor'),
    selector: of('selector'),
    age: of('age'),
    externalPolicy: of('externalPolicy'),
    endpoints: of('endpoints'),
    endpointIps: of('endpointIps'),
  };
}

/**
 * Whether an address is among the endpoints, ready or not; undefined where no list prints it and kubectl has cut each
 * short.
 */
export function isEndpoint({ endpointIps }: Pick<ServiceFacts, 'endpointIps'>, ip: string): boolean | undefined {
  if (endpointIps.some(({ values }) => values.some(({ value }) => value === ip))) return true;
  return completeList(endpointIps) ? false : undefined;
}

/** Makes one statement of those that an output makes in several rows or lines. */
function inOne(statements: readonly Statement[]): Statement[] {
  return [...Map.groupBy(statements, ({ name }) => name).values()].map((all) => ({
    ...(all[0] as Statement),
    values: all.flatMap(({ values }) => values),
    more: all.reduce((sum, { more }) => sum + more, 0),
  }));
}

/** The mentions that tell of a Service: they name it, or they state its external address or its NodePort. */
function tellers(mentions: readonly Mention[]): (service: ServiceName) => Mention[] {
  const byName = Map.groupBy(mentions, ({ service }) => service?.name);
  return (service) => {
    const naming = (byName.get(service.name) ?? []).filter((mention) => isSame(mention.service, service));
    const value = (things: readonly string[], all: readonly Mention[]) =>
      valuesOf(
        all.flatMap(({ said }) => said.flatMap(({ thing, statement }) => (things.includes(thing) ? statement : []))),
      );
    const known = new Set(value(['vip', 'nodePort'], naming));
    const stating = (byName.get(undefined) ?? []).filter((mention) =>
      value(['forwarded', 'nodePort'], [mention]).some((one) => known.has(one)),
    );
    return [...naming, ...stating];
  };
}

/** The same Service, as far as both names say: an output of one namespace often leaves it out. */
function isSame(one: ServiceName | undefined, other: ServiceName): boolean {
  if (one?.name !== other.name) return false;
  return one.namespace === undefined || other.namespace === undefined || one.namespace === other.namespace;
}

/**
 * The Service the trace is about: of those that are described, listed with an external address or a NodePort, or named
 * by the cloud's objects, the one of which most outputs tell. Of several with as many, the one that stands first.
 */
function tracedService(
  mentions: readonly Mention[],
  about: (service: ServiceName) => readonly Mention[],
): ServiceName | undefined {
  const named = new Map<string, ServiceName>();
  for (const { service, nominates } of mentions)
    if (service && nominates) named.set(`${service.namespace ?? ''}/${service.name}`, service);
  const full = new Set([...named.values()].flatMap(({ namespace, name }) => (namespace ? [name] : [])));
  let traced: ServiceName | undefined;
  let most = 0;
  for (const service of named.values()) {
    if (service.namespace === undefined && full.has(service.name)) continue;
    const outputs = new Set(about(service).map(({ subject }) => subject)).size;
    if (outputs > most) [traced, most] = [service, outputs];
  }
  return traced;
}
