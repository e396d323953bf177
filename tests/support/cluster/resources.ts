/** Kinds of objects the API server keeps, as discovery tells them. */
export interface Resource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  short: string[];
  namespaced: boolean;
  sub?: string[];
}

const core = (kind: string, plural: string, short: string[], namespaced = true, sub: string[] = []): Resource => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  short,
  namespaced,
  sub,
});

export const resources: Resource[] = [
  core('Namespace', 'namespaces', ['ns'], false),
  core('Node', 'nodes', ['no'], false),
  core('Pod', 'pods', ['po'], true, ['exec', 'attach', 'log', 'ephemeralcontainers']),
  core('ConfigMap', 'configmaps', ['cm']),
  core('Service', 'services', ['svc']),
  core('Endpoints', 'endpoints', ['ep']),
  core('Event', 'events', ['ev']),
  { ...core('Deployment', 'deployments', ['deploy'], true, ['scale']), group: 'apps' },
  { ...core('EndpointSlice', 'endpointslices', []), group: 'discovery.k8s.io' },
  { ...core('Lease', 'leases', []), group: 'coordination.k8s.io' },
  { ...core('NetworkPolicy', 'networkpolicies', ['netpol']), group: 'networking.k8s.io' },
  { ...core('CiliumEndpoint', 'ciliumendpoints', ['cep']), group: 'cilium.io', version: 'v2' },
];

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** Aggregated discovery (apidiscovery.k8s.io/v2) of the core group or of all others. */
export function discovery(coreGroup: boolean): object {
  const groups = [...new Set(resources.filter((one) => (one.group === '') === coreGroup).map((one) => one.group))];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => {
      const members = resources.filter((one) => one.group === group);
      return {
        metadata: { name: group },
        versions: [
          {
            version: members[0]?.version,
            freshness: 'Current',
            resources: members.map((one) => ({
              resource: one.plural,
              responseKind: { group: '', version: '', kind: one.kind },
              scope: one.namespaced ? 'Namespaced' : 'Cluster',
              singularResource: one.kind.toLowerCase(),
              verbs: VERBS,
              shortNames: one.short,
              subresources: (one.sub ?? []).map((name) => ({
                subresource: name,
                responseKind:
                  name === 'scale'
                    ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
                    : { group: '', version: '', kind: one.kind },
                verbs: ['get', 'patch', 'update', 'create'],
              })),
            })),
          },
        ],
      };
    }),
  };
}

/** /openapi/v3 and its documents: as much as kubectl reads to know that the server validates fields itself. */
export function openapi(path: string): object {
  const roots = [...new Set(resources.map(rootOf))];
  if (path === '/openapi/v3') {
    return {
      paths: Object.fromEntries(roots.map((root) => [root.slice(1), { serverRelativeURL: `/openapi/v3${root}` }])),
    };
  }
  const root = path.slice('/openapi/v3'.length);
  const members = resources.filter((one) => rootOf(one) === root);
  return {
    openapi: '3.0.0',
    info: { title: 'test', version: '1' },
    paths: Object.fromEntries(
      members.map((one) => [
        `${root}/${one.namespaced ? 'namespaces/{namespace}/' : ''}${one.plural}/{name}`,
        {
          patch: {
            'x-kubernetes-group-version-kind': { group: one.group, version: one.version, kind: one.kind },
            parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
            responses: {},
          },
        },
      ]),
    ),
  };
}

/** `/api/v1` or `/apis/apps/v1`. */
export function rootOf(one: Resource): string {
  return one.group === '' ? `/api/${one.version}` : `/apis/${one.group}/${one.version}`;
}
