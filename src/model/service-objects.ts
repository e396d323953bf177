import type { Field } from '../formats/field.ts';
import { childOf, scalarAt, type TreeNode } from '../formats/tree.ts';
import { treeFields } from '../formats/values.ts';
import { endsIn, isIp, isPool, type Mention, mentionOf, type Notes, sayEndpoints, withoutEnding } from './mentions.ts';
import { stated, statedField } from './stated.ts';
import type { Subject } from './subject.ts';

/** What the objects of a YAML document say of Services. */
export function objectMentions(subject: Subject, document: TreeNode): Mention[] {
  return [document, ...itemsOf(document)].flatMap((object) => objectMention(subject, object) ?? []);
}

/** The objects of a list, such as `kubectl get services -o yaml` prints. */
function itemsOf(document: TreeNode): TreeNode[] {
  const items = childOf(document, 'items');
  return items?.type === 'list' ? items.items : [];
}

/** One object of `kubectl get … -o yaml` or `gcloud … describe`. */
function objectMention(subject: Subject, object: TreeNode): Mention | undefined {
  const kind = scalarAt(object, 'kind')?.value ?? '';
  if (/^compute#(targetPool|backendService)$/.test(kind)) return cloudObject(subject, object);
  const name = scalarAt(object, 'metadata', 'name');
  if (!name || !/^(Service|Endpoints|EndpointSlice)$/.test(kind)) return undefined;
  const labelled = scalarAt(object, 'metadata', 'labels', 'kubernetes.io/service-name')?.value;
  const isSlice = kind === 'EndpointSlice';
  const notes = mentionOf(
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
    sayEndpoints(notes, subject, addresses, `addresses of the ${kind}`, { ports, unready: isSlice });
  }
  return notes.mention;
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
  say('externalPolicy', under('spec', 'externalTrafficPolicy'), 'externalTrafficPolicy');
  say('targetPort', ports.filter(endsIn('targetPort')), 'targetPort');
  say(
    'selector',
    under('spec', 'selector').map((label) => stated(subject, label, `${label.path.at(-1)}=${label.value}`)),
    'selector',
  );
}

/** `gcloud compute target-pools describe` or `backend-services describe`. */
function cloudObject(subject: Subject, object: TreeNode): Mention {
  const fields = treeFields(object, []);
  // The description is JSON: {"kubernetes.io/service-name":"netflow-test/nginx"}.
  const made = fields.filter(({ path }) => /(^|\/)service-name$/.test(path.at(-2) ?? ''));
  const part = (key: string) => made.find(({ path }) => path.at(-1) === key);
  const [namespace, name] = [part('namespace'), part('name')];
  const service = name && { namespace: namespace?.value, name: name.value };
  const { mention, say } = mentionOf(subject, service, { nominates: true, alone: true });
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
  return mention;
}
