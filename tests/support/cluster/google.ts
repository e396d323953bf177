import { NODES, VIP } from './net.ts';

const PROJECT = 'projects/dataplane-test';
const BASE = `https://www.googleapis.com/compute/v1/${PROJECT}`;
const POOL = 'ac973ff85436744bfa586378db41283e';

/**
 * What Compute Engine and GKE answer about the cluster.
 * @param balancer whether the address belongs to a target pool or to a backend service (GKE 1.37 and later)
 */
export function google(
  path: string,
  body: string,
  balancer: 'pool' | 'service',
  side: 'v1' | 'v2',
  healthy: (node: string) => boolean,
): object | undefined {
  const stateOf = (name: string) => ({
    healthState: healthy(name) ? 'HEALTHY' : 'UNHEALTHY',
    instance: `${BASE}/zones/us-central1-c/instances/${name}`,
    ipAddress: NODES.find((node) => node.name === name)?.address,
    port: 80,
  });
  if (path === `/compute/v1/${PROJECT}/regions/us-central1/targetPools/${POOL}/getHealth`) {
    const name = String(JSON.parse(body).instance).split('/').at(-1) ?? '';
    return { kind: 'compute#targetPoolInstanceHealth', healthStatus: [stateOf(name)] };
  }
  if (path === `/compute/v1/${PROJECT}/regions/us-central1/backendServices/${POOL}/getHealth`) {
    return { kind: 'compute#backendServiceGroupHealth', healthStatus: NODES.map(({ name }) => stateOf(name)) };
  }

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
      backends: [{ group: `${BASE}/zones/us-central1-c/instanceGroups/k8s-ig--d22eb523ac8ee445` }],
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

/**
 * Requests that gcloud sends in one (multipart/mixed, each part an HTTP request), answered in the same way.
 * @param answer as {@link google}
 */
export function batch(body: string, answer: (path: string, body: string) => object | undefined): Batch {
  const boundary = /^--(\S+)/m.exec(body)?.[1] ?? '';
  const parts = body.split(`--${boundary}`).flatMap((part) => {
    const [, id] = /^Content-ID: <(.*)>/im.exec(part) ?? [];
    const [, path, own] = /^POST (\S+) HTTP[\s\S]*?\r?\n\r?\n([\s\S]*)/m.exec(part) ?? [];
    if (id === undefined || path === undefined) return [];
    const text = JSON.stringify(answer(path, (own ?? '').trim()) ?? {});
    const response = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    return [`--${boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-${id}>\r\n\r\n${response}\r\n`];
  });
  return { type: `multipart/mixed; boundary=${boundary}`, text: `${parts.join('')}--${boundary}--\r\n` };
}

/** A body with its type. */
interface Batch {
  type: string;
  text: string;
}
