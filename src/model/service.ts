import type { Field } from '../formats/field.ts';
import { fieldsIn } from './fields.ts';
import { type Stated, type Statement, statedField, statement } from './stated.ts';
import type { Subject } from './subject.ts';

/** Namespace and name of a Service. */
export interface ServiceName {
  namespace: string | undefined;
  name: string;
}

/** Everything the outputs of one side state about the traced Service, by thing. */
export interface ServiceFacts {
  service: ServiceName | undefined;
  clusterIp: Statement[];
  vip: Statement[];
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
}

/** The last part of a path without the number of its repetition. */
function lastOf(field: Field): string {
  return (field.path.at(-1) ?? '').replace(/#\d+$/, '');
}

/** The first part of a path without the number of its repetition. */
function firstOf(field: Field): string {
  return (field.path[0] ?? '').replace(/#\d+$/, '');
}

/** The Services an output describes. */
function describedServices(subject: Subject): ServiceName[] {
  if (subject.parsed.format !== 'describe') return [];
  return subject.parsed.objects.flatMap((entries) => {
    const value = (key: string) => entries.find((entry) => entry.key.value === key)?.values[0]?.value;
    const name = value('Name');
    const isService = value('Type') !== undefined && entries.some(({ key }) => /^(IP|Endpoints)$/.test(key.value));
    return name && isService ? [{ namespace: value('Namespace'), name }] : [];
  });
}

/** The Service a cloud object was made for, as its description says. */
function madeForField(subject: Subject): Field[] {
  return fieldsIn(subject).filter(({ path }) => /(^|\/)service-name$/.test(path.at(-2) ?? ''));
}

/** The Service the trace is about: the one described, else the one the cloud's objects name, else the LoadBalancer listed. */
function tracedService(subjects: readonly Subject[]): ServiceName | undefined {
  const [described] = subjects.flatMap(describedServices);
  if (described) return described;
  for (const subject of subjects) {
    const parts = madeForField(subject);
    const name = parts.find((field) => lastOf(field) === 'name')?.value;
    if (name) return { namespace: parts.find((field) => lastOf(field) === 'namespace')?.value, name };
  }
  for (const { parsed } of subjects) {
    for (const { headings, rows } of parsed.format === 'kubectl-table' ? parsed.tables : []) {
      const column = (name: string) => headings.findIndex(({ value }) => value === name);
      const row = rows.find(({ cells }) => cells[column('TYPE')]?.value === 'LoadBalancer');
      const name = row?.cells[column('NAME')]?.value.split('/').at(-1);
      if (name) return { namespace: row?.cells[column('NAMESPACE')]?.value, name };
    }
  }
  return undefined;
}

/** The fields of the rows of `kubectl get` that are about the Service, by heading. */
function serviceRow(subject: Subject, { name }: ServiceName): Map<string, Field[]> {
  const found = new Map<string, Field[]>();
  if (subject.parsed.format !== 'kubectl-table') return found;
  const names = new Set([name, `service/${name}`, `svc/${name}`]);
  for (const field of fieldsIn(subject)) {
    const at = field.path.findIndex((part) => names.has(part));
    const heading = field.path[at + 1];
    if (at >= 0 && at < 2 && heading) found.set(heading.replace(/#\d+$/, ''), [...(found.get(heading) ?? []), field]);
  }
  return found;
}

const isIp = (field: Field) => field.kind === 'ip';
const isPort = (name: string) => (field: Field) => field.kind === 'port' && lastOf(field) === name;

/** Collects what the outputs of one side state about the traced Service. */
export function serviceFacts(subjects: readonly Subject[]): ServiceFacts {
  const service = tracedService(subjects);
  const facts: ServiceFacts = {
    service,
    clusterIp: [],
    vip: [],
    nodePort: [],
    port: [],
    targetPort: [],
    pool: [],
    madeFor: [],
    selector: [],
  };
  for (const subject of subjects) {
    const add = (list: Statement[], what: string, fields: readonly Field[]) => {
      if (fields.length > 0)
        list.push(
          statement(
            what,
            subject,
            fields.map((field) => statedField(subject, field)),
          ),
        );
    };
    const { format } = subject.parsed;
    if (format === 'kubectl-table' && service) addTable(facts, serviceRow(subject, service), add);
    if (format === 'kubectl-table') addForwardingRules(facts, subject, add);
    if (format === 'describe' && service && describedServices(subject).some(({ name }) => name === service.name))
      addDescription(facts, subject, service, add);
    if (format === 'yaml') addCloudObject(facts, subject, add);
    if (format === 'key-value') {
      const ports = fieldsIn(subject).filter(({ path, kind }) => /^nodePort$/i.test(path[0] ?? '') && kind === 'port');
      add(facts.nodePort, 'the NodePort', ports);
    }
  }
  return facts;
}

type Add = (list: Statement[], what: string, fields: readonly Field[]) => void;

function addTable(facts: ServiceFacts, row: Map<string, Field[]>, add: Add): void {
  if (!row.has('CLUSTER-IP')) return;
  const ports = row.get('PORT(S)') ?? [];
  add(facts.clusterIp, 'CLUSTER-IP', (row.get('CLUSTER-IP') ?? []).filter(isIp));
  add(facts.vip, 'EXTERNAL-IP', (row.get('EXTERNAL-IP') ?? []).filter(isIp));
  add(facts.port, 'PORT(S)', ports.filter(isPort('port')));
  add(facts.nodePort, 'the NodePort of PORT(S)', ports.filter(isPort('nodePort')));
}

/** `gcloud compute forwarding-rules list`: address, and the pool or backend service it leads to. */
function addForwardingRules(facts: ServiceFacts, subject: Subject, add: Add): void {
  const fields = fieldsIn(subject);
  const addresses = fields.filter((field) => field.path.includes('IP_ADDRESS') && isIp(field));
  if (addresses.length === 0) return;
  add(facts.vip, 'IP_ADDRESS of the forwarding rule', addresses);
  const targets = fields.filter(
    ({ path }) => path.includes('TARGET') && /^(targetPools|backendServices)$/.test(path.at(-1) ?? ''),
  );
  add(facts.pool, 'TARGET of the forwarding rule', targets);
}

function addDescription(facts: ServiceFacts, subject: Subject, { name }: ServiceName, add: Add): void {
  const all = fieldsIn(subject);
  const severalObjects = subject.parsed.format === 'describe' && subject.parsed.objects.length > 1;
  const own = severalObjects
    ? all
        .filter(({ path }) => path.slice(0, 2).includes(name))
        .map((field) => ({ ...field, path: field.path.slice(field.path.indexOf(name) + 1) }))
    : all;
  const under = (...keys: string[]) => own.filter((field) => keys.includes(firstOf(field)));
  add(facts.clusterIp, 'IP', under('IP', 'IPs').filter(isIp));
  add(facts.vip, 'LoadBalancer Ingress', under('LoadBalancer Ingress').filter(isIp));
  add(facts.port, 'Port', under('Port').filter(isPort('port')));
  add(facts.nodePort, 'NodePort', under('NodePort').filter(isPort('port')));
  add(facts.targetPort, 'TargetPort', under('TargetPort').filter(isPort('port')));
  const labels = under('Selector').filter(({ path }) => path.length > 1);
  if (labels.length > 0)
    facts.selector.push(
      statement(
        'Selector',
        subject,
        labels.map((field) => ({ ...statedField(subject, field), value: `${lastOf(field)}=${field.value}` })),
      ),
    );
  add(
    facts.pool,
    'the target-pool annotation',
    under('Annotations').filter(({ path }) => /\/(target-pool|backend-service)$/.test(path.at(-1) ?? '')),
  );
  const [called] = under('Name');
  const [namespace] = under('Namespace');
  if (called && namespace) {
    facts.madeFor.push(
      statement('Namespace and Name', subject, [
        { ...statedField(subject, called), value: `${namespace.value}/${called.value}` },
      ]),
    );
  }
}

/** `gcloud compute target-pools describe` or `backend-services describe`. */
function addCloudObject(facts: ServiceFacts, subject: Subject, add: Add): void {
  const fields = fieldsIn(subject);
  const kind = fields.find(({ path }) => path.length === 1 && path[0] === 'kind')?.value ?? '';
  if (!/^compute#(targetPool|backendService)$/.test(kind)) return;
  add(
    facts.pool,
    'the name of the pool',
    fields.filter(({ path }) => path.length === 1 && path[0] === 'name'),
  );
  add(
    facts.pool,
    'selfLink of the pool',
    fields.filter(({ path }) => path[0] === 'selfLink' && /^(targetPools|backendServices)$/.test(path[1] ?? '')),
  );
  const parts = madeForField(subject);
  const name = parts.find((field) => lastOf(field) === 'name');
  const namespace = parts.find((field) => lastOf(field) === 'namespace');
  if (name && namespace) {
    const made: Stated = { ...statedField(subject, name), value: `${namespace.value}/${name.value}` };
    facts.madeFor.push(statement('the description of the pool', subject, [made]));
  }
}
