import { NODES, VIP } from './net.ts';

const PROJECT = 'projects/dataplane-test';
const BASE = `https://www.googleapis.com/compute/v1/${PROJECT}`;
const POOL = 'ac973ff85436744bfa586378db41283e';

/**
 * What Compute Engine and GKE answer about the cluster.
 * @param balancer whether the address belongs to a target pool or to a backend service (GKE 1.37 and later)
 */
export function google(path: string, balancer: 'pool' | 'service', side: 'v1' | 'v2'): object | undefined {
  if (path === `/compute/v1/${PROJECT}/aggregated/forwardingRules`) {
    const target =
      balancer === 'pool'
        ? { target: `${BASE}/regions/us-central1/targetPools/${POOL}` }
        : { backendService: `${BASE}/regions/us-central1/backendServices/${POOL}` };
    const rule = {
      kind: 'compute#forwardingRule',
      id: '1',
      name: POOL,
      region: `${BASE}/regions/us-central1`,
      IPAddress: VIP,
      IPProtocol: 'TCP',
      ...target,
    };
    return {
      kind: 'compute#forwardingRuleAggregatedList',
      items: { 'regions/us-central1': { forwardingRules: [rule] } },
    };
  }
  if (path === `/compute/v1/${PROJECT}/regions/us-central1/targetPools/${POOL}`) {
    return {
      kind: 'compute#targetPool',
      id: '2121913344195039787',
      creationTimestamp: '2026-07-01T17:11:48.998-07:00',
      name: POOL,
      description: '{"kubernetes.io/service-name":"netflow-test/nginx"}',
      region: `${BASE}/regions/us-central1`,
      healthChecks: [`${BASE}/global/httpHealthChecks/k8s-d22eb523ac8ee445-node`],
      instances: NODES.map(({ name }) => `${BASE}/zones/us-central1-c/instances/${name}`),
      sessionAffinity: 'NONE',
      selfLink: `${BASE}/regions/us-central1/targetPools/${POOL}`,
    };
  }
  if (path === `/compute/v1/${PROJECT}/regions/us-central1/backendServices/${POOL}`) {
    return {
      kind: 'compute#backendService',
      id: '3',
      name: POOL,
      region: `${BASE}/regions/us-central1`,
      loadBalancingScheme: 'EXTERNAL',
    };
  }
  if (path === `/v1/${PROJECT}/locations/-/clusters`) {
    return {
      clusters: [
        {
          name: 'test',
          location: 'us-central1-c',
          endpoint: '127.0.0.1',
          releaseChannel: { channel: 'REGULAR' },
          addonsConfig: { httpLoadBalancing: {}, networkPolicyConfig: { disabled: true } },
          networkConfig: { datapathProvider: side === 'v1' ? 'LEGACY_DATAPATH' : 'ADVANCED_DATAPATH' },
        },
      ],
    };
  }
  return undefined;
}
