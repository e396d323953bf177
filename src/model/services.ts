import { type DescribeEntry, describeFields } from '../formats/describe.ts';
import type { Field } from '../formats/field.ts';
import type { Located } from '../formats/types.ts';
import { fieldsIn } from './fields.ts';
import { endsIn, isIp, isPool, type Mention, mentionOf, sayEndpoints, withoutEnding } from './mentions.ts';
import { type Row, rowsIn } from './rows.ts';
import { objectMentions } from './service-objects.ts';
import { type Stated, stated, statedField } from './stated.ts';
import type { Subject } from './subject.ts';

/** What an output says of Services, one mention for each that it tells of. */
export function mentionsIn(subject: Subject): Mention[] {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'kubectl-table':
      return rowsIn(subject).flatMap((row) => rowMention(row) ?? []);
    case 'describe':
      return parsed.objects.flatMap((object) => describedService(subject, object));
    case 'yaml':
      return parsed.documents.flatMap((document) => objectMentions(subject, document));
    case 'key-value': {
      const ports = fieldsIn(subject).filter(({ path, kind }) => /node ?port/i.test(path[0] ?? '') && kind === 'port');
      const own = mentionOf(subject, undefined, { alone: true });
      own.say('nodePort', ports, 'the NodePort', ports[0]?.path[0]);
      const policies = fieldsIn(subject).filter(({ path }) => /(?:^| )externalTrafficPolicy$/.test(path.at(-1) ?? ''));
      own.say('externalPolicy', policies, 'externalTrafficPolicy');
      return own.mention.said.length > 0 ? [own.mention] : [];
    }
    default:
      return [];
  }
}

/** NodePorts with the port before each, which they stand for. */
function nodePorts(subject: Subject, fields: readonly Field[], isPort: Test, isNodePort: Test): Stated[] {
  let port: string | undefined;
  return fields.flatMap((at) => {
    if (isPort(at)) port = at.value;
    return isNodePort(at) ? [{ ...statedField(subject, at), ...(port !== undefined && { port }) }] : [];
  });
}

type Test = (field: Field) => boolean;

function rowMention(row: Row): Mention | undefined {
  if (row.has('CLUSTER-IP')) return serviceRow(row);
  if (row.has('ENDPOINTS')) return endpointsRow(row);
  return row.has('IP_ADDRESS') ? forwardingRule(row) : undefined;
}

/** The name of the object in a row, without the `service/` that `kubectl get pods,svc` puts before it. */
function nameIn(row: Row): Located | undefined {
  return row.at('NAME').at(-1);
}

/** `kubectl get services`. */
function serviceRow(row: Row): Mention | undefined {
  const { subject } = row;
  const name = nameIn(row)?.value;
  if (name === undefined) return undefined;
  const { mention, say } = mentionOf(
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
  return mention;
}

/** `kubectl get endpoints`, which is named after its Service, or `endpointslices`, with a generated ending. */
function endpointsRow(row: Row): Mention | undefined {
  const { subject } = row;
  const at = nameIn(row);
  if (!at) return undefined;
  const isSlice = row.has('ADDRESSTYPE');
  const name = isSlice ? withoutEnding(at) : at.value;
  const notes = mentionOf(subject, { namespace: row.cell('NAMESPACE')?.value, name }, { nominates: !isSlice });
  sayEndpoints(
    notes,
    subject,
    row.at('ENDPOINTS'),
    isSlice ? 'ENDPOINTS of the EndpointSlice' : 'ENDPOINTS',
    // kubectl prints the first addresses of a slice whatever their conditions (printEndpointSlice).
    isSlice ? { ports: row.at('PORTS').filter(({ kind }) => kind === 'port'), unready: true } : {},
  );
  return notes.mention;
}

/** `gcloud compute forwarding-rules list`: address, and the pool or backend service it leads to. */
function forwardingRule(row: Row): Mention {
  const { mention, say } = mentionOf(row.subject, undefined, { alone: row.alone });
  say('forwarded', row.at('IP_ADDRESS').filter(isIp), 'IP_ADDRESS of the forwarding rule');
  say('forwardingRule', row.at('NAME').slice(-1), 'NAME of the forwarding rule');
  say('pool', row.at('TARGET').filter(isPool), 'TARGET of the forwarding rule');
  return mention;
}

/** `kubectl describe service`: the lines Port, TargetPort and NodePort come once for each port. */
function describedService(subject: Subject, entries: DescribeEntry[]): Mention[] {
  const all = describeFields({ format: 'describe', objects: [entries] });
  const has = (key: string) => entries.some((entry) => entry.key.value === key);
  const value = (key: string) => entries.find((entry) => entry.key.value === key)?.values[0];
  const [name, namespace] = [value('Name'), value('Namespace')];
  const isService = has('Session Affinity') || (has('Type') && (has('IP') || has('Endpoints')));
  if (!name || !isService) return [];
  const notes = mentionOf(subject, { namespace: namespace?.value, name: name.value }, { nominates: true });
  const { say } = notes;
  const under = (...keys: string[]) => all.filter(({ path }) => keys.includes(path[0] ?? ''));
  const portOf = (key: string) => (at: Field) => at.path[0] === key && endsIn('port')(at);
  say('clusterIp', under('IP', 'IPs').filter(isIp), 'IP');
  say('vip', under('LoadBalancer Ingress').filter(isIp), 'LoadBalancer Ingress');
  say('port', all.filter(portOf('Port')), 'Port');
  say('nodePort', nodePorts(subject, all, portOf('Port'), portOf('NodePort')), 'NodePort');
  say('targetPort', all.filter(portOf('TargetPort')), 'TargetPort');
  say('externalPolicy', under('External Traffic Policy'), 'External Traffic Policy');
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
  return [notes.mention];
}
