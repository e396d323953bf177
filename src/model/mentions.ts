import { type Field, field } from '../formats/field.ts';
import type { Located } from '../formats/types.ts';
import { joined, type Stated, type Statement, statedField, statement } from './stated.ts';
import type { Subject } from './subject.ts';

/** Namespace and name of a Service. */
export interface ServiceName {
  namespace: string | undefined;
  name: string;
}

/** What outputs say of a Service. */
export interface ServiceStatements {
  clusterIp: Statement[];
  /** Its external address, as the cluster states it. */
  vip: Statement[];
  /** The address of the forwarding rule that leads to it. */
  forwarded: Statement[];
  /** The name of that rule. */
  forwardingRule: Statement[];
  nodePort: Statement[];
  port: Statement[];
  /** Ports of the pods, as the Service names them. */
  targetPort: Statement[];
  /** The cloud load balancer's pool or backend service, by name. */
  pool: Statement[];
  /** `namespace/name`, where an output says which Service something was made for. */
  madeFor: Statement[];
  /** Labels its pods carry, each as `app=nginx`. */
  selector: Statement[];
  /** How long it has been there, as kubectl prints it: `50m`. */
  age: Statement[];
  /** `Cluster` or `Local`: whether a node may send what arrives from outside to a pod on another. */
  externalPolicy: Statement[];
  /** `address:port` of its endpoints. */
  endpoints: Statement[];
  /** Addresses of the endpoints, without ports. */
  endpointIps: Statement[];
}

/** One thing said of a Service. */
export interface Said {
  thing: keyof ServiceStatements;
  statement: Statement;
}

/** What one output says of one Service. */
export interface Mention {
  subject: Subject;
  /** Undefined where the output states a value without saying whose it is. */
  service: ServiceName | undefined;
  /** True where the trace may be about this Service: one with a ClusterIP alone is among the others of its namespace. */
  nominates: boolean;
  /** True for the only thing of its kind in the output, which then belongs to the trace whatever it is called. */
  alone: boolean;
  said: Said[];
}

/** Collects what an output says; values without any say nothing. */
export function mentionOf(
  subject: Subject,
  service: ServiceName | undefined,
  { nominates = false, alone = false } = {},
) {
  const said: Said[] = [];
  return {
    mention: { subject, service, nominates, alone, said } satisfies Mention,
    /** @param word the output's own word for it, where its name says more */
    say(
      thing: Said['thing'],
      values: readonly (Field | Stated)[],
      what: string,
      word = what,
      { more = 0, unready = false } = {},
    ) {
      if (values.length === 0) return;
      const all = values.map((value) => ('at' in value ? value : statedField(subject, value)));
      const about = service && thing !== 'madeFor' && thing !== 'pool' ? `${word} of svc/${service.name}` : word;
      said.push({ thing, statement: { ...statement(what, subject, all, more, about), ...(unready && { unready }) } });
    },
  };
}

export type Notes = ReturnType<typeof mentionOf>;

export const isIp = ({ kind }: Field) => kind === 'ip';
export const endsIn =
  (name: string) =>
  ({ kind, path }: Field): boolean =>
    kind === 'port' && path.at(-1) === name;
export const isPool = ({ path }: Field) => /^(targetPools|backendServices)$/.test(path.at(-1) ?? '');

/** A name without the ending that `generateName` put behind it. */
export function withoutEnding(at: Located): string {
  const { kind, start } = field(at, [], 'name').parts?.at(-1) ?? {};
  return kind === 'hash' && start !== undefined ? at.value.slice(0, start - at.start - 1) : at.value;
}

/**
 * @param list.ports where they are listed apart: every address has every one of them
 * @param list.unready where those of pods which are not ready are listed, too
 */
export function sayEndpoints(
  { say }: Notes,
  subject: Subject,
  fields: readonly Field[],
  what: string,
  { ports, unready }: { ports?: Located[] | undefined; unready?: boolean } = {},
) {
  const ips = fields.filter(isIp);
  const more = fields
    .filter(({ path }) => path.at(-1) === 'more')
    .reduce((sum, { value }) => sum + Number(/\d+/.exec(value)?.[0] ?? 0), 0);
  const pairs = ips.flatMap((ip) => {
    const behind = (at: Field) => at.kind === 'port' && at.start > ip.end && at.start - ip.end <= 2;
    if (!ports) return [joined(subject, ip, fields.find(behind))];
    return ports.length === 0 ? [statedField(subject, ip)] : ports.map((port) => joined(subject, ip, port));
  });
  const rest = { more, ...(unready && { unready }) };
  say('endpointIps', ips, what, 'endpoint', rest);
  say('endpoints', pairs, what, 'endpoint', { ...rest, more: more * Math.max(1, ports?.length ?? 1) });
}
