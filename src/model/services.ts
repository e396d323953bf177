import { type DescribeEntry, describeFields } from '../formats/describe.ts';
import { type Field, field } from '../formats/field.ts';
import { childOf, scalarAt, type TreeNode } from '../formats/tree.ts';
import type { Located } from '../formats/types.ts';
import { treeFields } from '../formats/values.ts';
import { fieldsIn } from './fields.ts';
import { type Row, rowsIn } from './rows.ts';
import { joined, type Stated, type Statement, stated, statedField, statement } from './stated.ts';
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
export interface Notice {
  subject: Subject;
  /** Undefined where the output states a value without saying whose it is. */
  service: ServiceName | undefined;
  /** True where the trace may be about this Service: one with a ClusterIP alone is among the others of its namespace. */
  nominates: boolean;
  /** True for the only thing of its kind in the output, which then belongs to the trace whatever it is called. */
  alone: boolean;
  said: Said[];
}

/** What an output says of Services, one notice for each that it tells of. */
export function noticesIn(subject: Subject): Notice[] {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'kubectl-table':
      return rowsIn(subject).flatMap((row) => rowNotice(row) ?? []);
    case 'describe':
      return parsed.objects.flatMap((object) => describedService(subject, object));
    case 'yaml':
      return parsed.documents
        .flatMap((document) => [document, ...itemsOf(document)])
        .flatMap((object) => objectNotice(subject, object) ?? []);
    case 'key-value': {
      const ports = fieldsIn(subject).filter(({ path, kind }) => /node ?port/i.test(path[0] ?? '') && kind === 'port');
      const own = noticeOf(subject, undefined, { alone: true });
      own.say('nodePort', ports, 'the NodePort', ports[0]?.path[0]);
      return own.notice.said.length > 0 ? [own.notice] : [];
    }
    default:
      return [];
  }
}

/** Collects what an output says; values without any say nothing. */
function noticeOf(subject: Subject, service: ServiceName | undefined, { nominates = false, alone = false } = {}) {
  const said: Said[] = [];
  return {
    notice: { subject, service, nominates, alone, said } satisfies Notice,
    /** @param word the output's own word for it, where its name says more */
    say(thing: Said['thing'], values: readonly (Field | Stated)[], what: string, word = what, more = 0) {
      if (values.length === 0) return;
      const all = values.map((value) => ('at' in value ? value : statedField(subject, value)));
      const about = service && thing !== 'madeFor' && thing !== 'pool' ? `${word} of svc/${service.name}` : word;
      said.push({ thing, statement: statement(what, subject, all, more, about) });
    },
  };
}

type Notes = ReturnType<typeof noticeOf>;

const isIp = ({ kind }: Field) => kind === 'ip';
const endsIn =
  (name: string) =>
  ({ kind, path }: Field): boolean =>
    kind === 'port' && path.at(-1) === name;
const isPool = ({ path }: Field) => /^(targetPools|backendServices)$/.test(path.at(-1) ?? '');

/** NodePorts with the port before each, which they stand for. */
function nodePorts(subject: Subject, fields: readonly Field[], isPort: Test, isNodePort: Test): Stated[] {
  let port: string | undefined;
  return fields.flatMap((at) => {
    if (isPort(at)) port = at.value;
    return isNodePort(at) ? [{ ...statedField(subject, at), ...(port !== undefined && { port }) }] : [];
  });
}

type Test = (field: Field) => boolean;

function rowNotice(row: Row): Notice | undefined {
  if (row.has('CLUSTER-IP')) return serviceRow(row);
  if (row.has('ENDPOINTS')) return endpointsRow(row);
  return row.has('IP_ADDRESS') ? forwardingRule(row) : undefined;
}

/** The name of the object in a row, without the `service/` that `kubectl get pods,svc` puts before it. */
function nameIn(row: Row): Located | undefined {
  return row.at('NAME').at(-1);
}

/** `kubectl get services`. */
function serviceRow(row: Row): Notice | undefined {
  const { subject } = row;
  const name = nameIn(row)?.value;
  if (name === undefined) return undefined;
  const { notice, say } = noticeOf(
    subject,
    { namespace: row.cell('NAMESPACE')?.value, name },
    { nominates: row.cell('TYPE')?.value !== 'ClusterIP' },
  );
  const ports = row.at('PORT(S)');
  say('clusterIp', row.at('CLUSTER-IP').filter(isIp), 'CLUSTER-IP');
  say('vip', row.at('EXTERNAL-IP').filter(isIp), 'EXTERNAL-IP');
  say('port', ports.filter(endsIn('port')), 'PORT(S)');
  const allocated = nodePorts(subject, ports, endsIn('port'), endsIn('nodePort'));
  say('nodePort', allocated, 'the NodePort of PORT(S)', 'PORT(S)');
  say('age', row.at('AGE').slice(0, 1), 'AGE');
  return notice;
}

/** `kubectl get endpoints`, which is named after its Service, or `endpointslices`, with a generated ending. */
function endpointsRow(row: Row): Notice | undefined {
  const { subject } = row;
  const at = nameIn(row);
  if (!at) return undefined;
  const isSlice = row.has('ADDRESSTYPE');
  const name = isSlice ? withoutEnding(at) : at.value;
  const notes = noticeOf(subject, { namespace: row.cell('NAMESPACE')?.value, name }, { nominates: !isSlice });
  sayEndpoints(
    notes,
    subject,
    row.at('ENDPOINTS'),
    isSlice ? 'ENDPOINTS of the EndpointSlice' : 'ENDPOINTS',
    isSlice ? row.at('PORTS').filter(({ kind }) => kind === 'port') : undefined,
  );
  return notes.notice;
}

/** A name without the ending that `generateName` put behind it. */
function withoutEnding(at: Located): string {
  const { kind, start } = field(at, [], 'name').parts?.at(-1) ?? {};
  return kind === 'hash' && start !== undefined ? at.value.slice(0, start - at.start - 1) : at.value;
}

/** @param ports where they are listed apart: every address has every one of them */
function sayEndpoints({ say }: Notes, subject: Subject, fields: readonly Field[], what: string, ports?: Located[]) {
  const ips = fields.filter(isIp);
  const more = fields
    .filter(({ path }) => path.at(-1) === 'more')
    .reduce((sum, { value }) => sum + Number(/\d+/.exec(value)?.[0] ?? 0), 0);
  const pairs = ips.flatMap((ip) => {
    const behind = (at: Field) => at.kind === 'port' && at.start > ip.end && at.start - ip.end <= 2;
    if (!ports) return [joined(subject, ip, fields.find(behind))];
    return ports.length === 0 ? [statedField(subject, ip)] : ports.map((port) => joined(subject, ip, port));
  });
  say('endpointIps', ips, what, 'endpoint', more);
  say('endpoints', pairs, what, 'endpoint', more);
}

/** `gcloud compute forwarding-rules list`: address, and the pool or backend service it leads to. */
function forwardingRule(row: Row): Notice {
  const { notice, say } = noticeOf(row.subject, undefined, { alone: row.alone });
  say('forwarded', row.at('IP_ADDRESS').filter(isIp), 'IP_ADDRESS of the forwarding rule');
  say('forwardingRule', row.at('NAME').slice(-1), 'NAME of the forwarding rule');
  say('pool', row.at('TARGET').filter(isPool), 'TARGET of the forwarding rule');
  return notice;
}

/** `kubectl describe service`: the lines Port, TargetPort and NodePort come once for each port. */
function describedService(subject: Subject, entries: DescribeEntry[]): Notice[] {
  const all = describeFields({ format: 'describe', objects: [entries] });
  const has = (key: string) => entries.some((entry) => entry.key.value === key);
  const value = (key: string) => entries.find((entry) => entry.key.value === key)?.values[0];
  const [name, namespace] = [value('Name'), value('Namespace')];
  const isService = has('Session Affinity') || (has('Type') && (has('IP') || has('Endpoints')));
  if (!name || !isService) return [];
  const notes = noticeOf(subject, { namespace: namespace?.value, name: name.value }, { nominates: true });
  const { say } = notes;
  const under = (...keys: string[]) => all.filter(({ path }) => keys.includes(path[0] ?? ''));
  const portOf = (key: string) => (at: Field) => at.path[0] === key && endsIn('port')(at);
  say('clusterIp', under('IP', 'IPs').filter(isIp), 'IP');
  say('vip', under('LoadBalancer Ingress').filter(isIp), 'LoadBalancer Ingress');
  say('port', all.filter(portOf('Port')), 'Port');
  say('nodePort', nodePorts(subject, all, portOf('Port'), portOf('NodePort')), 'NodePort');
  say('targetPort', all.filter(portOf('TargetPort')), 'TargetPort');
  say(
    'selector',
    under('Selector')
      .filter(({ path }) => path.length > 1)
      .map((label) => stated(subject, label, `${label.path.at(-1)}=${label.value}`)),
    'Selector',
  );
  say(
    'pool',
    under('Annotations').filter(({ path }) => /\/(target-pool|backend-service)$/.test(path.at(-1) ?? '')),
    'the target-pool annotation',
  );
  if (namespace) say('madeFor', [stated(subject, name, `${namespace.value}/${name.value}`)], 'Namespace and Name');
  sayEndpoints(notes, subject, under('Endpoints'), 'Endpoints');
  return [notes.notice];
}

/** The objects of a list, such as `kubectl get services -o yaml` prints. */
function itemsOf(document: TreeNode): TreeNode[] {
  const items = childOf(document, 'items');
  return items?.type === 'list' ? items.items : [];
}

/** One object of `kubectl get … -o yaml` or `gcloud … describe`. */
function objectNotice(subject: Subject, object: TreeNode): Notice | undefined {
  const kind = scalarAt(object, 'kind')?.value ?? '';
  if (/^compute#(targetPool|backendService)$/.test(kind)) return cloudObject(subject, object);
  const name = scalarAt(object, 'metadata', 'name');
  if (!name || !/^(Service|Endpoints|EndpointSlice)$/.test(kind)) return undefined;
  const labelled = scalarAt(object, 'metadata', 'labels', 'kubernetes.io/service-name')?.value;
  const isSlice = kind === 'EndpointSlice';
  const notes = noticeOf(
    subject,
    {
      namespace: scalarAt(object, 'metadata', 'namespace')?.value,
      name: isSlice ? (labelled ?? withoutEnding(name)) : name.value,
    },
    { nominates: !isSlice && scalarAt(object, 'spec', 'type')?.value !== 'ClusterIP' },
  );
  const under = (...keys: string[]) => {
    const node = childOf(keys.slice(0, -1).reduce<TreeNode | undefined>(childOf, object), keys.at(-1) ?? '');
    return node ? treeFields(node, [...keys]) : [];
  };
  if (kind === 'Service') sayService(notes, subject, under);
  const sets = childOf(object, 'subsets');
  for (const set of kind === 'Endpoints' ? (sets?.type === 'list' ? sets.items : []) : isSlice ? [object] : []) {
    const of = (key: string) => treeFields(childOf(set, key) ?? { type: 'list', items: [] }, [key]);
    const ports = of('ports').filter(endsIn('port'));
    const addresses = of(isSlice ? 'endpoints' : 'addresses').filter(
      ({ path }) => path[2] === (isSlice ? 'addresses' : 'ip'),
    );
    sayEndpoints(notes, subject, addresses, `addresses of the ${kind}`, ports);
  }
  return notes.notice;
}

function sayService({ say }: Notes, subject: Subject, under: (...keys: string[]) => Field[]): void {
  const ports = under('spec', 'ports');
  say('clusterIp', [...under('spec', 'clusterIP'), ...under('spec', 'clusterIPs')].filter(isIp), 'clusterIP');
  say('vip', under('status', 'loadBalancer').filter(isIp), 'loadBalancer.ingress');
  say('port', ports.filter(endsIn('port')), 'port');
  // The keys of an object are in alphabetical order, so that nodePort comes before port.
  const portOf = new Map(ports.filter(endsIn('port')).map(({ path, value }) => [path[2], value]));
  say(
    'nodePort',
    ports.filter(endsIn('nodePort')).map((at) => {
      const port = portOf.get(at.path[2]);
      return { ...statedField(subject, at), ...(port !== undefined && { port }) };
    }),
    'nodePort',
  );
  say('targetPort', ports.filter(endsIn('targetPort')), 'targetPort');
  say(
    'selector',
    under('spec', 'selector').map((label) => stated(subject, label, `${label.path.at(-1)}=${label.value}`)),
    'selector',
  );
}

/** `gcloud compute target-pools describe` or `backend-services describe`. */
function cloudObject(subject: Subject, object: TreeNode): Notice {
  const fields = treeFields(object, []);
  // The description is JSON: {"kubernetes.io/service-name":"netflow-test/nginx"}.
  const made = fields.filter(({ path }) => /(^|\/)service-name$/.test(path.at(-2) ?? ''));
  const part = (key: string) => made.find(({ path }) => path.at(-1) === key);
  const [namespace, name] = [part('namespace'), part('name')];
  const service = name && { namespace: namespace?.value, name: name.value };
  const { notice, say } = noticeOf(subject, service, { nominates: true, alone: true });
  say(
    'pool',
    fields.filter(({ path }) => path.length === 1 && path[0] === 'name'),
    'the name of the pool',
  );
  say(
    'pool',
    fields.filter((at) => at.path[0] === 'selfLink' && isPool(at)),
    'selfLink of the pool',
  );
  if (namespace && name)
    say('madeFor', [stated(subject, name, `${namespace.value}/${name.value}`)], 'the description of the pool');
  return notice;
}
