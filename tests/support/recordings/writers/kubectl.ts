import type { CiliumSide, Cluster } from '../world.ts';
import { age, byText, KUBECTL, NARROW, table } from './text.ts';

/*
 * What kubectl prints of the Service and its pods (kubernetes/pkg/printers/internalversion, kubectl/pkg/describe).
 */

/** kubectl prints three endpoints and counts the rest. */
const SHOWN = 3;

function shortened(list: readonly string[], none: string): string {
  if (list.length === 0) return none;
  const rest = list.length - SHOWN;
  return `${list.slice(0, SHOWN).join(',')}${rest > 0 ? ` + ${rest} more...` : ''}`;
}

const endpointsOf = ({ pods }: Cluster) => pods.filter(({ ready }) => ready);

/** `kubectl get svc NAME` */
export function services({ service }: Cluster): string {
  return table(KUBECTL, [
    ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
    [
      service.name,
      'LoadBalancer',
      service.clusterIP,
      service.vip,
      `${service.port}:${service.nodePort}/TCP`,
      age(service.ages.l1),
    ],
  ]);
}

/** `kubectl describe svc NAME` */
export function describeService(cluster: Cluster): string {
  const { service } = cluster;
  const annotations = service.annotations.map(([key, value]) => `${key}: ${value}`);
  const fields: (readonly [string, string])[] = [
    ['Name:', service.name],
    ['Namespace:', service.namespace],
    ['Labels:', '<none>'],
    ...(annotations.length === 0 ? ['<none>'] : annotations).map(
      (line, index) => [index === 0 ? 'Annotations:' : '', line] as const,
    ),
    ['Selector:', labels(service.selector)],
    ['Type:', 'LoadBalancer'],
    ['IP Family Policy:', 'SingleStack'],
    ['IP Families:', 'IPv4'],
    ['IP:', service.clusterIP],
    ['IPs:', service.clusterIP],
    ['LoadBalancer Ingress:', `${service.vip} (VIP)`],
    ['Port:', `<unset>  ${service.port}/TCP`],
    ['TargetPort:', `${service.targetPort}/TCP`],
    ['NodePort:', `<unset>  ${service.nodePort}/TCP`],
    [
      'Endpoints:',
      shortened(
        endpointsOf(cluster).map(({ ip }) => `${ip}:${service.targetPort}`),
        '',
      ),
    ],
    ['Session Affinity:', 'None'],
    ['External Traffic Policy:', 'Cluster'],
    ['Internal Traffic Policy:', 'Cluster'],
    ...(service.events.length === 0 ? [['Events:', '<none>'] as const] : []),
  ];
  return table(NARROW, fields) + (service.events.length === 0 ? '' : events(cluster));
}

function events({ service }: Cluster): string {
  const rows = service.events.map(({ reason, message, lastSeen, firstSeen, count }) => [
    '  Normal',
    reason,
    count > 1 ? `${age(lastSeen)} (x${count} over ${age(firstSeen)})` : age(firstSeen),
    'service-controller',
    message,
  ]);
  const headings = ['  Type', 'Reason', 'Age', 'From', 'Message'];
  const dashes = ['  ----', '------', '----', '----', '-------'];
  return `Events:\n${table(NARROW, [headings, dashes, ...rows])}`;
}

/** `kubectl get endpoints NAME`: the ready addresses, in the order of their text. */
export function endpoints(cluster: Cluster): string {
  const { service } = cluster;
  const list = endpointsOf(cluster)
    .map(({ ip }) => ip)
    .sort(byText)
    .map((ip) => `${ip}:${service.targetPort}`);
  return table(KUBECTL, [
    ['NAME', 'ENDPOINTS', 'AGE'],
    [service.name, shortened(list, '<none>'), age(service.ages.l3)],
  ]);
}

/** `kubectl get endpointslices -o wide`: all addresses, ready or not. */
export function endpointSlices({ service, pods }: Cluster): string {
  return table(KUBECTL, [
    ['NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS', 'AGE'],
    [
      service.slice,
      'IPv4',
      String(service.targetPort),
      shortened(
        pods.map(({ ip }) => ip),
        '<unset>',
      ),
      age(service.ages.l3),
    ],
  ]);
}

/** The jsonpath of L3. */
export function nodePort({ service }: Cluster): string {
  return `NodePort: ${service.nodePort}\n`;
}

/** The jsonpaths of L6, after the scaling. */
export function asymmetric({ service, left, nodes }: Cluster): string {
  const names = nodes.map(({ name }) => name).sort(byText);
  return [
    `Deployment: ${service.name} replicas=1`,
    `Pod: ${left.name} on node ${left.node}`,
    'Service externalTrafficPolicy: Local',
    'Nodes:',
    ...names.map((name) => `node/${name}`),
    '',
  ].join('\n');
}

/** `kubectl get pods,svc -o wide` in the relay's namespace. */
export function relay({ relay }: CiliumSide): string {
  const none = '<none>';
  const pods = table(KUBECTL, [
    ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    [
      `pod/${relay.pod}`,
      relay.ready,
      'Running',
      String(relay.restarts),
      age(relay.age),
      relay.ip,
      relay.node,
      none,
      none,
    ],
  ]);
  const services = table(KUBECTL, [
    ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE', 'SELECTOR'],
    ['service/hubble-relay', 'ClusterIP', relay.clusterIP, none, '443/TCP', age(relay.age), 'k8s-app=hubble-relay'],
  ]);
  return `${pods}\n${services}`;
}

/** The custom columns of L8: every pod of the namespace with its identity, by name. */
export function identities({ podsAfter, clients, identity }: CiliumSide): string {
  const rows = [
    ...podsAfter.map(({ name, ip }) => [name, String(identity), ip]),
    ...clients.map((client) => [client.name, String(client.identity), client.ip]),
  ];
  return table(KUBECTL, [['POD', 'IDENTITY', 'IP'], ...rows.sort((a, b) => byText(a[0] ?? '', b[0] ?? ''))]);
}

/** `app=nginx,tier=web` */
export function labels(all: Readonly<Record<string, string>>): string {
  return Object.entries(all)
    .map((pair) => pair.join('='))
    .join(',');
}
