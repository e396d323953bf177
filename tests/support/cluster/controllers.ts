import { join } from 'node:path';
import { answerHealth, HEALTH_PORT, syncRules } from './kube-proxy.ts';
import { addPod, CLUSTER_IP, NODE_PORT, NODES, removePod, startNginx, steer, VIP } from './net.ts';
import type { Any, Store } from './store.ts';

/** After this long the load balancer stops sending to a node without a pod, in milliseconds. */
const HEALTH_CHECK_MS = 15_000;

/** What kubelet, kube-proxy, the controllers and the cloud do, as far as a recording can see it. */
export class Controllers {
  readonly #store: Store;
  readonly #dir: string;
  readonly #networks = new Map<string, string>();
  /** The cloud gives no external address. */
  noAddress = false;
  readonly #unhealthy = new Set<string>();
  readonly #checks = new Map<string, NodeJS.Timeout>();
  #count = 10;
  #busy = false;
  #again = false;

  constructor(store: Store, dir: string) {
    this.#store = store;
    this.#dir = dir;
    store.listen(({ resource }) => {
      if (['deployments', 'services', 'pods'].includes(resource.plural)) this.#soon();
    });
  }

  /** Network namespace of a pod. */
  network(namespace: string, pod: string): string | undefined {
    return this.#networks.get(`${namespace}/${pod}`);
  }

  #soon(): void {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    setImmediate(() => {
      do {
        this.#again = false;
        this.#reconcile();
      } while (this.#again);
      this.#busy = false;
    });
  }

  #reconcile(): void {
    for (const pod of this.#store.list('pods')) if (pod.spec.containers[0].name !== 'debugger') this.#kubelet(pod);
    for (const key of [...this.#networks.keys()]) {
      const [namespace = '', name = ''] = key.split('/');
      if (!this.#store.get('pods', namespace, name)) {
        removePod(this.#networks.get(key) ?? '');
        this.#networks.delete(key);
      }
    }
    for (const deployment of this.#store.list('deployments')) {
      if (deployment.spec.template?.spec?.containers?.[0]?.name === 'nginx') this.#deployment(deployment);
    }
    for (const service of this.#store.list('services'))
      if (service.spec.type === 'LoadBalancer') this.#service(service);
  }

  #kubelet(pod: Any): void {
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (
      this.#networks.has(key) ||
      pod.metadata.namespace === 'kube-system' ||
      pod.metadata.namespace.startsWith('gke-')
    )
      return;
    const node = NODES.find(({ name }) => name === pod.spec.nodeName) ?? NODES[0];
    const netns = this.#freeNetwork();
    const number = netns.slice(1);
    addPod(netns, node, `${node.pods}.${number}`);
    this.#networks.set(key, netns);
    if (pod.metadata.labels?.app === 'nginx') {
      const mounted = this.#store.get('configmaps', pod.metadata.namespace, 'nginx');
      const servers = mounted?.data?.['default.conf'] ?? 'server { listen 80; root /usr/share/nginx/html; }';
      startNginx(netns, join(this.#dir, netns), pod.metadata.name, servers);
    }
    this.#store.put('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName: node.name },
      status: {
        phase: 'Running',
        podIP: `${node.pods}.${number}`,
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: pod.spec.containers[0].name, ready: true, state: { running: {} } }],
      },
    });
  }

  /** `p10` to `p249`, of which each stands for an address of a pod; one that was given back is used again. */
  #freeNetwork(): string {
    const used = new Set(this.#networks.values());
    for (;;) {
      const name = `p${10 + (this.#count++ % 240)}`;
      if (!used.has(name)) return name;
    }
  }

  #deployment(deployment: Any): void {
    const { namespace, name } = deployment.metadata;
    const pods = this.#store.list('pods', namespace).filter((pod) => pod.metadata.labels?.app === name);
    const wanted: number = deployment.spec.replicas;
    for (let missing = wanted - pods.length; missing > 0; missing--) {
      const suffix = podSuffix(this.#count + missing * 7919);
      this.#store.put('pods', {
        metadata: {
          name: `${name}-bb6b8c496-${suffix}`,
          namespace,
          labels: { ...deployment.spec.template.metadata.labels },
        },
        spec: { ...deployment.spec.template.spec, nodeName: NODES[(missing + 1) % 2]?.name },
        status: { phase: 'Pending' },
      });
    }
    // The pod on the second node stays, so that the node the load balancer sends to first has none.
    const surplus = pods
      .sort((a, b) => (a.spec.nodeName < b.spec.nodeName ? -1 : 1))
      .slice(0, Math.max(0, pods.length - wanted));
    for (const pod of surplus) this.#store.remove('pods', namespace, pod.metadata.name);
    const ready = this.#running(namespace, name).length;
    const status = {
      observedGeneration: deployment.metadata.generation,
      replicas: ready,
      updatedReplicas: ready,
      readyReplicas: ready,
      availableReplicas: ready,
    };
    if (JSON.stringify(deployment.status) !== JSON.stringify(status))
      this.#store.put('deployments', { ...deployment, status });
  }

  #running(namespace: string, app: string): Any[] {
    return this.#store
      .list('pods', namespace)
      .filter((pod) => pod.metadata.labels?.app === app && pod.status?.phase === 'Running');
  }

  #service(service: Any): void {
    const { namespace, name } = service.metadata;
    if (service.status?.loadBalancer === undefined) {
      if (this.noAddress) return;
      for (const [reason, message] of [
        ['EnsuringLoadBalancer', 'Ensuring load balancer'],
        ['EnsuredLoadBalancer', 'Ensured load balancer'],
      ]) {
        this.#store.put('events', {
          metadata: { name: `${name}.${reason}`, namespace },
          type: 'Normal',
          reason,
          message,
          source: { component: 'service-controller' },
          involvedObject: { kind: 'Service', name, namespace },
          firstTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
          lastTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
          count: 1,
        });
      }
      this.#store.put('services', {
        ...service,
        spec: {
          ...service.spec,
          clusterIP: CLUSTER_IP,
          clusterIPs: [CLUSTER_IP],
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          sessionAffinity: 'None',
          internalTrafficPolicy: 'Cluster',
          ports: service.spec.ports.map((port: Any) => ({ protocol: 'TCP', ...port, nodePort: NODE_PORT })),
        },
        status: { loadBalancer: { ingress: [{ ip: VIP, ipMode: 'VIP' }] } },
      });
    }
    const pods = this.#running(namespace, service.spec.selector.app).map((pod) => ({
      address: pod.status.podIP as string,
      node: pod.spec.nodeName as string,
      name: pod.metadata.name as string,
    }));
    const subsets = [
      { addresses: pods.map(({ address }) => ({ ip: address })), ports: [{ port: 80, protocol: 'TCP' }] },
    ];
    const old = this.#store.get('endpoints', namespace, name);
    const policy = service.spec.externalTrafficPolicy ?? 'Cluster';
    if (policy === 'Local' && service.spec.healthCheckNodePort === undefined) {
      const own = this.#store.get('services', namespace, name) ?? service;
      this.#store.put('services', { ...own, spec: { ...own.spec, healthCheckNodePort: HEALTH_PORT } });
    }
    const state = JSON.stringify([subsets, policy]);
    if (old?.state === state) return;
    this.#store.put('endpoints', { metadata: { name, namespace }, subsets, state });
    this.#store.put('endpointslices', {
      metadata: { name: `${name}-66c7s`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: pods.map((pod) => ({ addresses: [pod.address], conditions: { ready: true }, nodeName: pod.node })),
    });
    for (const node of NODES) {
      syncRules(node, { pods, policy });
      const local = pods.filter((pod) => pod.node === node.name).length;
      answerHealth(node, this.#dir, policy === 'Local' ? { namespace, name, local } : undefined);
      const passes = policy === 'Cluster' || local > 0;
      clearTimeout(this.#checks.get(node.name));
      this.#checks.set(
        node.name,
        setTimeout(() => this.#judge(node.name, passes), passes ? 0 : HEALTH_CHECK_MS),
      );
    }
  }

  /** The cloud's health check has come to a conclusion: connections go to the first node that passes it. */
  #judge(node: string, passes: boolean): void {
    if (passes) this.#unhealthy.delete(node);
    else this.#unhealthy.add(node);
    steer((NODES.find(({ name }) => this.healthy(name)) ?? NODES[0]).address);
  }

  /** Whether the load balancer holds a node to be healthy. */
  healthy(node: string): boolean {
    return !this.#unhealthy.has(node);
  }
}

/** Five characters that a ReplicaSet may give a pod: no vowels, no 0, 1 and 3 (k8s.io/apimachinery, util/rand). */
function podSuffix(number: number): string {
  const letters = '2456789bcdfghjklmnpqrstvwxz';
  return Array.from({ length: 5 }, (_, place) => letters[Math.floor(number / letters.length ** place) % letters.length])
    .toReversed()
    .join('');
}
