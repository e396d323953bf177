import type { OtherService, Probe } from '../world.ts';

/* What both sides of the published trace share, and short ways to write it down. */

/** `0.104455` … as whole microseconds, each with the status of its request. */
export function probe(title: string, times: string, fails: (number: number) => boolean = () => false): Probe {
  const requests = times.split(/\s+/).map((seconds, index) => ({
    status: fails(index + 1) ? '000' : '200',
    took: Math.round(Number(seconds) * 1e6),
  }));
  return { title, requests };
}

/** Headings of the script that probed. */
export const TITLES = {
  clusterMode: 'Cluster mode, 3 pods on N nodes',
  localSymmetric: 'Local mode, 3 pods (symmetric)',
  localFailover: 'Local mode, 1 pod on N nodes (failover window)',
};
/** The first lines of what nginx serves. */
export const PAGE = ['<!DOCTYPE html>', '<html>', '<head>', '<title>Welcome to nginx!</title>', '<style>'];

/** Another Service, its frontend and its backends as `ip:port`. */
export const other = (
  id: number,
  name: string,
  portName: string,
  frontend: string,
  backends: string,
  more: Partial<OtherService> = {},
): OtherService => {
  const [namespace = '', service = ''] = name.split('/');
  const pair = (text: string) => {
    const [ip = '', port = ''] = text.split(':');
    return { ip, port: Number(port) };
  };
  const { ip: clusterIP, port } = pair(frontend);
  return {
    namespace,
    name: service,
    portName,
    protocol: 'tcp',
    clusterIP,
    port,
    endpoints: backends === '' ? [] : backends.split(',').map(pair),
    id,
    ...more,
  };
};

const environment = { dataplane: '', evidence: [], nodes: [], workload: [], tools: {} };
/** Where both clusters were; their environments were not published. */
export const place = { project: 'authlab-gke-lab', region: 'us-central1', zone: 'us-central1-c', environment };
/** What the traced Service is on both sides. */
export const traced = {
  namespace: 'netflow-test',
  name: 'nginx',
  port: 80,
  targetPort: 80,
  selector: { app: 'nginx' },
};
/** An event of the Service, its ages in seconds. */
export const event = (reason: string, message: string, count: number, lastSeen: number, firstSeen: number) => ({
  reason,
  message,
  count,
  lastSeen,
  firstSeen,
});
/** Of a Service whose port is not TCP. */
export const UDP = { protocol: 'udp' } as const;
/** The node a pod's address belongs to. */
export const nodeOf = (names: readonly [string, string], ip: string) => names[ip.startsWith('10.20.0.') ? 0 : 1];
