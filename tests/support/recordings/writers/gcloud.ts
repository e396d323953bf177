import type { Cluster } from '../world.ts';
import { byText, NARROW, table } from './text.ts';

/* What gcloud prints of the load balancer, a target pool. */

const BASE = 'https://www.googleapis.com/compute/v1/projects';

/** `gcloud compute forwarding-rules list` */
export function forwardingRules({ service: { vip, pool }, region }: Cluster): string {
  return table(NARROW, [
    ['NAME', 'REGION', 'IP_ADDRESS', 'IP_PROTOCOL', 'TARGET'],
    [pool.name, region, vip, 'TCP', `${region}/targetPools/${pool.name}`],
  ]);
}

/** `gcloud compute target-pools describe` */
export function targetPool({ service, project, region, zone, nodes }: Cluster): string {
  const { pool, namespace, name } = service;
  const of = `${BASE}/${project}`;
  const instances = nodes.map((node) => `- ${of}/zones/${zone}/instances/${node.name}`).sort(byText);
  return [
    `creationTimestamp: '${pool.created}'`,
    `description: '{"kubernetes.io/service-name":"${namespace}/${name}"}'`,
    'healthChecks:',
    `- ${of}/global/httpHealthChecks/${pool.healthCheck}`,
    `id: '${pool.id}'`,
    'instances:',
    ...instances,
    'kind: compute#targetPool',
    `name: ${pool.name}`,
    `region: ${of}/regions/${region}`,
    `selfLink: ${of}/regions/${region}/targetPools/${pool.name}`,
    'sessionAffinity: NONE',
    '',
  ].join('\n');
}
