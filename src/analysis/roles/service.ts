import { type Field, field } from '../../formats/field.ts';
import { fieldsIn } from '../../model/fields.ts';
import { nameIn, type Row } from '../../model/rows.ts';
import type { Subject } from '../../model/subject.ts';
import { type Candidate, familyOf, meaning, told } from './candidate.ts';

/** A NodePort field such as `NodePort` or `.spec.ports[0].nodePort`. */
const NODE_PORT = /node ?port/i;

function isServiceDescription(fields: readonly Field[]): boolean {
  return fields.some(({ path }) => path[0] === 'Session Affinity');
}

/** The kinds of the Kubernetes or GCE objects in a YAML output. */
function yamlKind(fields: readonly Field[]): string | undefined {
  return fields.find(({ path }) => path.length === 1 && path[0] === 'kind')?.value;
}

/**
 * The Service the trace is about: the name that most outputs carry as a Service's. A namespace often has one Service
 * only, but tables of other namespaces stand beside it (that of the Hubble relay, for example).
 */
export function serviceName(subjects: readonly Subject[], rows: readonly Row[]): string | undefined {
  const votes = new Map<string, number>();
  const vote = (name: string | undefined) => name && votes.set(name, (votes.get(name) ?? 0) + 1);
  for (const subject of subjects) {
    const fields = fieldsIn(subject);
    if (subject.parsed.format === 'describe' && isServiceDescription(fields)) {
      vote(fields.find(({ path }) => path[0] === 'Name')?.value);
    } else if (subject.parsed.format === 'yaml' && /^(?:Service|Endpoints)$/.test(yamlKind(fields) ?? '')) {
      vote(fields.find(({ path }) => path.join('/') === 'metadata/name')?.value);
    }
  }
  for (const row of rows) {
    if (row.has('CLUSTER-IP') || (row.has('ENDPOINTS') && !row.has('ADDRESSTYPE'))) vote(nameIn(row)?.value);
  }
  let best: string | undefined;
  for (const [name, count] of votes) if (count > (votes.get(best ?? '') ?? 0)) best = name;
  return best;
}

/** Addresses, ports and endpoints of the Service, from every output that names them. */
export function serviceCandidates(subjects: readonly Subject[], rows: readonly Row[], name: string): Candidate[] {
  return [
    ...rows.flatMap((row) => rowCandidates(row, name)),
    ...subjects.flatMap((subject) => {
      const fields = fieldsIn(subject);
      switch (subject.parsed.format) {
        case 'describe':
          return isServiceDescription(fields) ? described(subject, fields) : [];
        case 'key-value':
          return fields
            .filter(({ kind, path }) => kind === 'port' && NODE_PORT.test(path[0] ?? ''))
            .map((at) => ({
              ...nodePort(at),
              how: `${at.path[0]} in ${subject.key}`,
            }));
        case 'yaml':
          return object(subject, fields);
        default:
          return [];
      }
    }),
  ];
}

function ips(fields: readonly Field[], role: 'vip' | 'cluster-ip' | 'pod-ip', how: string): Candidate[] {
  return fields
    .filter(({ kind }) => kind === 'ip')
    .map((at) => {
      const value = meaning(at);
      return role === 'pod-ip'
        ? { role, value, how, group: 'endpoints' }
        : { role, value, how, key: familyOf(value), group: familyOf(value) };
    });
}

function nodePort(at: Field, port?: string): Omit<Candidate, 'how'> {
  return { role: 'node-port', value: meaning(at), group: port ?? '', ...(port && { key: port }) };
}

function rowCandidates(row: Row, service: string): Candidate[] {
  const { subject } = row;
  const name = nameIn(row);
  const how = (heading: string) => told(heading, `svc/${service}`, subject);
  if (row.has('CLUSTER-IP') && name?.value === service) {
    let port = '';
    return [
      ...ips(row.at('EXTERNAL-IP'), 'vip', how('EXTERNAL-IP')),
      ...ips(row.at('CLUSTER-IP'), 'cluster-ip', how('CLUSTER-IP')),
      ...row.at('PORT(S)').flatMap((at) => {
        if (at.path.at(-1) === 'port') port = at.value;
        return at.path.at(-1) === 'nodePort' ? [{ ...nodePort(at, port), how: how('PORT(S)') }] : [];
      }),
    ];
  }
  if (row.has('ENDPOINTS')) {
    // An EndpointSlice is named after its Service, with a generated ending.
    const slice = name && field(name, [], 'name').parts?.[0]?.value;
    if (row.alone || name?.value === service || slice === service) {
      return ips(row.at('ENDPOINTS'), 'pod-ip', how('endpoint'));
    }
  }
  return [];
}

/** `kubectl describe svc`: the lines Port, TargetPort and NodePort come once for each port. */
function described(subject: Subject, fields: readonly Field[]): Candidate[] {
  const name = fields.find(({ path }) => path[0] === 'Name')?.value ?? '';
  let port = '';
  return fields.flatMap((at): Candidate[] => {
    const [label = '', last = ''] = [at.path[0], at.path.at(-1)?.split('#')[0]];
    const key = label.split('#')[0] ?? '';
    const how = told(key, `svc/${name}`, subject);
    if (key === 'Port' && last === 'port') port = at.value;
    if (key === 'NodePort' && last === 'port') return [{ ...nodePort(at, port), how }];
    if (key === 'IP' || key === 'IPs') return ips([at], 'cluster-ip', how);
    if (key === 'LoadBalancer Ingress') return ips([at], 'vip', how);
    return key === 'Endpoints' ? ips([at], 'pod-ip', told('endpoint', `svc/${name}`, subject)) : [];
  });
}

/** `-o yaml` of a Service, its Endpoints or an EndpointSlice. */
function object(subject: Subject, fields: readonly Field[]): Candidate[] {
  const kind = yamlKind(fields);
  const how = (what: string) => `${what} in ${subject.key}`;
  if (kind === 'Endpoints' || kind === 'EndpointSlice') return ips(fields, 'pod-ip', how('endpoint'));
  if (kind !== 'Service') return [];
  const ports = new Map<string, string>();
  for (const { path, value } of fields) {
    if (path[1] === 'ports' && path[3] === 'port') ports.set(path[2] ?? '', value);
  }
  return fields.flatMap((at): Candidate[] => {
    const [top, key, index] = at.path;
    if (top === 'spec' && (key === 'clusterIP' || key === 'clusterIPs')) return ips([at], 'cluster-ip', how(key));
    if (top === 'status' && key === 'loadBalancer') return ips([at], 'vip', how('loadBalancer.ingress'));
    if (top === 'spec' && key === 'ports' && at.path[3] === 'nodePort') {
      return [{ ...nodePort(at, ports.get(index ?? '')), how: how('nodePort') }];
    }
    return [];
  });
}
