import { field } from '../formats/field.ts';
import type { Located } from '../formats/types.ts';
import { fieldsIn } from './fields.ts';
import type { ServiceFacts } from './service.ts';
import { distinct, type Stated, type Statement, stated, statedField, statement } from './stated.ts';
import type { Subject } from './subject.ts';

/** A pod named by an output. */
export interface SeenPod {
  pod: Stated;
  ip?: Stated;
  node?: Stated;
  identity?: Stated;
  namespace?: string;
  subject: Subject;
  /** True where the output lists the pods there are, so that a pod it does not name is not there. */
  listed: boolean;
}

/** Pods, endpoints and nodes of one side. */
export interface PodFacts {
  /** `address:port` of the Service's endpoints, by output. */
  endpoints: Statement[];
  /** Addresses of the endpoints, without ports; EndpointSlice prints the ports apart. */
  endpointIps: Statement[];
  seen: SeenPod[];
  /** `Deployment-hash` of the ReplicaSets behind the Service. */
  replicaSets: Set<string>;
  nodes: Statement[];
}

/** `nginx-bb6b8c496` of `nginx-bb6b8c496-4d49g`; undefined for a pod that no Deployment made. */
export function replicaSetOf(name: string): string | undefined {
  const parts = field({ value: name, start: 0, end: name.length }, [], 'pod').parts;
  return parts?.length === 3 ? `${parts[0]?.value}-${parts[1]?.value}` : undefined;
}

/** Collects what the outputs of one side state about pods, endpoints and nodes. */
export function podFacts(subjects: readonly Subject[], { service }: ServiceFacts): PodFacts {
  const facts: PodFacts = { endpoints: [], endpointIps: [], seen: [], replicaSets: new Set(), nodes: [] };
  for (const subject of subjects) {
    if (service) addEndpoints(facts, subject, service.name);
    facts.seen.push(...podsIn(subject));
    addNodes(facts, subject);
  }
  const endpointIps = new Set(facts.endpointIps.flatMap(({ values }) => distinct(values)));
  for (const { pod, ip, subject, listed } of facts.seen) {
    const own = replicaSetOf(pod.value);
    // A pod that an output singles out is one of the Service; so is one with an endpoint's address.
    const singled = !listed && subject.parsed.format !== 'hubble-flows' && subject.parsed.format !== 'http-probe';
    if (own && (singled || (ip && endpointIps.has(ip.value)))) facts.replicaSets.add(own);
  }
  return facts;
}

function addEndpoints(facts: PodFacts, subject: Subject, name: string): void {
  const { parsed } = subject;
  const fields = fieldsIn(subject).filter(({ path }) => path.some((part) => /^endpoints(#\d+)?$/i.test(part)));
  const more = fields.filter(({ path }) => path.at(-1) === 'more').reduce((sum, { value }) => sum + countOf(value), 0);
  if (fields.length === 0 || (parsed.format !== 'describe' && parsed.format !== 'kubectl-table')) return;
  // `kubectl get endpointslices` names slices after the Service, with a generated ending.
  const own = fields.filter(({ path }) => parsed.format === 'describe' || isOf(name, path[0] ?? '', path[1] ?? ''));
  const ips = own.filter(({ kind }) => kind === 'ip');
  if (ips.length === 0) return;
  const isSlice = fieldsIn(subject).some(({ path }) => path.at(-1) === 'ADDRESSTYPE');
  const what = isSlice ? 'ENDPOINTS of the EndpointSlice' : parsed.format === 'describe' ? 'Endpoints' : 'ENDPOINTS';
  facts.endpointIps.push(
    statement(
      what,
      subject,
      ips.map((ip) => statedField(subject, ip)),
      more,
    ),
  );
  const pairs = isSlice
    ? sliceEndpoints(subject)
    : ips.map((ip) => {
        const next = own.find(({ start, kind }) => start > ip.end && kind === 'port' && start - ip.end <= 2);
        return joined(subject, ip, next);
      });
  facts.endpoints.push(statement(what, subject, pairs, more));
}

function countOf(text: string): number {
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

function isOf(service: string, first: string, second: string): boolean {
  return [first, second].some((part) => {
    const name = part.split('/').at(-1) ?? '';
    return name === service || (name.startsWith(`${service}-`) && /^[a-z0-9]{5}$/.test(name.slice(service.length + 1)));
  });
}

/** `address:port`, which stands in the text as one piece where both stand side by side. */
export function joined(subject: Subject, ip: Located, port: Located | undefined): Stated {
  if (!port) return stated(subject, ip);
  const host = ip.value.includes(':') ? `[${ip.value}]` : ip.value;
  const value = `${host}:${port.value}`;
  return stated(subject, { value, start: ip.start, end: port.start > ip.end ? port.end : ip.end });
}

/** Every address with every port of its slice. */
function sliceEndpoints(subject: Subject): Stated[] {
  if (subject.parsed.format !== 'kubectl-table') return [];
  return subject.parsed.tables.flatMap(({ rows }) =>
    rows.flatMap(({ cells }) => {
      const [from, to] = [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0];
      const own = fieldsIn(subject).filter(({ start, end }) => start >= from && end <= to);
      const ports = own.filter(({ kind, path }) => kind === 'port' && path.includes('PORTS'));
      return own
        .filter(({ kind, path }) => kind === 'ip' && path.includes('ENDPOINTS'))
        .flatMap((ip) =>
          ports.length === 0 ? [statedField(subject, ip)] : ports.map((port) => joined(subject, ip, port)),
        );
    }),
  );
}

function podsIn(subject: Subject): SeenPod[] {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'pod-network': {
      const ip = parsed.interfaces
        .filter(({ name }) => name.value !== 'lo')
        .flatMap(({ addresses }) => addresses.filter(({ family }) => family.value === 'inet'))[0]?.ip;
      const seen = { subject, listed: false, ...(ip && { ip: stated(subject, ip) }) };
      return parsed.pod ? [{ ...seen, pod: stated(subject, parsed.pod) }] : [];
    }
    case 'key-value': {
      const fields = fieldsIn(subject);
      const pod = fields.find(({ path, kind }) => path[0] === 'Pod' && kind === 'pod');
      const node = fields.find(({ path, kind }) => path[0] === 'Pod' && kind === 'node');
      return pod
        ? [
            {
              pod: statedField(subject, pod),
              subject,
              listed: false,
              ...(node && { node: statedField(subject, node) }),
            },
          ]
        : [];
    }
    case 'kubectl-table':
      return tablePods(subject);
    case 'hubble-flows':
      return parsed.events.flatMap((event) =>
        event.type !== 'flow'
          ? []
          : [event.left, event.right].flatMap(({ namespace, name, identity }) =>
              namespace && name
                ? [
                    {
                      pod: stated(subject, name),
                      namespace: namespace.value,
                      subject,
                      listed: false,
                      ...(identity?.id && { identity: stated(subject, identity.id) }),
                    },
                  ]
                : [],
            ),
      );
    case 'hubble-flows-json':
      return parsed.events.flatMap((event) =>
        event.type !== 'flow'
          ? []
          : [event.source, event.destination].flatMap(({ pod, namespace, identity }) =>
              pod && namespace
                ? [
                    {
                      pod: stated(subject, pod),
                      namespace: namespace.value,
                      subject,
                      listed: false,
                      ...(identity && { identity: stated(subject, identity) }),
                    },
                  ]
                : [],
            ),
      );
    default:
      return [];
  }
}

/** Rows of `kubectl get pods -o wide`, of ciliumendpoints, or of custom columns with a pod and its address. */
function tablePods(subject: Subject): SeenPod[] {
  if (subject.parsed.format !== 'kubectl-table') return [];
  return subject.parsed.tables.flatMap(({ headings, rows }) => {
    const column = (...names: string[]) =>
      headings.findIndex(({ value }) => names.includes(value.toUpperCase().replace(/ /g, '_')));
    const [name, ip, node, identity, namespace, status] = [
      column('POD', 'NAME'),
      column('IP', 'IPV4', 'POD_IP'),
      column('NODE'),
      column('IDENTITY', 'SECURITY_IDENTITY', 'IDENTITY_ID'),
      column('NAMESPACE'),
      column('STATUS'),
    ];
    if (name < 0 || (ip < 0 && identity < 0)) return [];
    return rows.flatMap(({ cells }) => {
      const cell = (index: number) => {
        const at = cells[index];
        return at && at.value !== '' && at.value !== '<none>' ? at : undefined;
      };
      const called = cell(name);
      const kind = called?.value.split('/');
      if (!called || !kind || (kind.length > 1 && kind[0] !== 'pod')) return [];
      if (status >= 0 && /^(Terminating|Completed|Error|Failed)$/.test(cells[status]?.value ?? '')) return [];
      const shift = called.value.lastIndexOf('/') + 1;
      const pod = { value: called.value.slice(shift), start: called.start + shift, end: called.end };
      const [address, host, number, space] = [cell(ip), cell(node), cell(identity), cell(namespace)];
      return [
        {
          pod: stated(subject, pod),
          subject,
          listed: true,
          ...(address && { ip: stated(subject, address) }),
          ...(host && { node: stated(subject, host) }),
          ...(number && { identity: stated(subject, number) }),
          ...(space && { namespace: space.value }),
        },
      ];
    });
  });
}

/** Outputs that list the nodes: the pool's instances, `Nodes:`, `kubectl get nodes`. */
function addNodes(facts: PodFacts, subject: Subject): void {
  const list = (what: string, test: (path: readonly string[]) => boolean) => {
    const nodes = fieldsIn(subject).filter(({ kind, path }) => kind === 'node' && test(path));
    if (nodes.length > 0)
      facts.nodes.push(
        statement(
          what,
          subject,
          nodes.map((node) => statedField(subject, node)),
        ),
      );
  };
  const { format } = subject.parsed;
  if (format === 'yaml') list('the instances of the pool', ([first]) => first === 'instances');
  if (format === 'key-value') list('Nodes', ([first]) => first === 'Nodes');
  if (format === 'kubectl-table') list('the nodes', (path) => path.at(-1) === 'NAME' || path.includes('NAME'));
}
