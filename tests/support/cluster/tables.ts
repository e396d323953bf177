import type { Any } from './store.ts';

/** The columns kubectl prints, as an API server would send them (meta.k8s.io/v1 Table). */
export function table(kind: string, objects: Any[]): object {
  const columns = COLUMNS[kind] ?? [['Name', 0, (object: Any) => object.metadata.name]];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columns.map(([name, priority]) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(([, , value]) => value(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

type Column = [name: string, priority: number, value: (object: Any) => unknown];
const NAME: Column = ['Name', 0, (object) => object.metadata.name];
const AGE: Column = [
  'Age',
  0,
  (object) => `${Math.round((Date.now() - Date.parse(object.metadata.creationTimestamp)) / 1000)}s`,
];
const none = '<none>';

const COLUMNS: Record<string, Column[]> = {
  Service: [
    NAME,
    ['Type', 0, (object) => object.spec.type ?? 'ClusterIP'],
    ['Cluster-IP', 0, (object) => object.spec.clusterIP],
    ['External-IP', 0, (object) => object.status?.loadBalancer?.ingress?.[0]?.ip ?? none],
    [
      'Port(s)',
      0,
      (object) =>
        object.spec.ports.map((port: Any) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/TCP`).join(','),
    ],
    AGE,
    [
      'Selector',
      1,
      (object) =>
        Object.entries(object.spec.selector ?? {})
          .map((pair) => pair.join('='))
          .join(','),
    ],
  ],
  Pod: [
    NAME,
    ['Ready', 0, (object) => `${object.spec.containers.length}/${object.spec.containers.length}`],
    ['Status', 0, (object) => object.status.phase],
    ['Restarts', 0, () => '0'],
    AGE,
    ['IP', 1, (object) => object.status.podIP],
    ['Node', 1, (object) => object.spec.nodeName],
    ['Nominated Node', 1, () => none],
    ['Readiness Gates', 1, () => none],
  ],
  Endpoints: [
    NAME,
    [
      'Endpoints',
      0,
      (object) => (object.subsets?.[0]?.addresses ?? []).map((one: Any) => `${one.ip}:80`).join(',') || none,
    ],
    AGE,
  ],
  EndpointSlice: [
    NAME,
    ['AddressType', 0, () => 'IPv4'],
    ['Ports', 0, () => '80'],
    ['Endpoints', 0, (object) => object.endpoints.map((one: Any) => one.addresses[0]).join(',') || '<unset>'],
    AGE,
  ],
};
