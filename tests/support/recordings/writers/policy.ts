import type { CiliumSide } from '../world.ts';

/* `kubectl get networkpolicy -o yaml`: as the API server gives it, or the manifest that was published in its place. */

/** The policy; undefined where there is none. */
export function policy({ policy: own, service, wording, start }: CiliumSide): string | undefined {
  if (!own) return undefined;
  const indented = (all: Readonly<Record<string, string>>, by: number) =>
    Object.entries(all).map(([key, value]) => `${' '.repeat(by)}${key}: ${value}`);
  const lines =
    wording === 'published'
      ? [
          'apiVersion: networking.k8s.io/v1',
          'kind: NetworkPolicy',
          'metadata:',
          `  name: ${own.name}`,
          `  namespace: ${service.namespace}`,
          'spec:',
          '  podSelector:',
          '    matchLabels:',
          ...indented(own.selects, 6),
          '  policyTypes: [Ingress]',
          ...(own.peers.length === 0 ? [] : ['  ingress:', '    - from:']),
          ...own.peers.flatMap((peer) => ['        - podSelector:', '            matchLabels:', ...indented(peer, 14)]),
        ]
      : [
          'apiVersion: networking.k8s.io/v1',
          'kind: NetworkPolicy',
          'metadata:',
          '  annotations:',
          '    kubectl.kubernetes.io/last-applied-configuration: |',
          `      ${JSON.stringify(applied(own, service.namespace))}`,
          `  creationTimestamp: "${new Date(start).toISOString().replace(/\.\d+/, '')}"`,
          '  generation: 1',
          `  name: ${own.name}`,
          `  namespace: ${service.namespace}`,
          '  resourceVersion: "1782951108"',
          '  uid: 0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0',
          'spec:',
          ...(own.peers.length === 0 ? [] : ['  ingress:', '  - from:']),
          ...own.peers.flatMap((peer) => ['    - podSelector:', '        matchLabels:', ...indented(peer, 10)]),
          '  podSelector:',
          '    matchLabels:',
          ...indented(own.selects, 6),
          '  policyTypes:',
          '  - Ingress',
        ];
  return `${lines.join('\n')}\n`;
}

function applied({ name, selects, peers }: NonNullable<CiliumSide['policy']>, namespace: string): object {
  const from = peers.map((matchLabels) => ({ podSelector: { matchLabels } }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { annotations: {}, name, namespace },
    spec: {
      ...(peers.length === 0 ? {} : { ingress: [{ from }] }),
      podSelector: { matchLabels: selects },
      policyTypes: ['Ingress'],
    },
  };
}
