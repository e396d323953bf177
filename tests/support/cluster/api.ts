import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agentOutputs } from './agents.ts';
import type { Controllers } from './controllers.ts';
import { batch, google } from './google.ts';
import { NODES } from './net.ts';
import { decodePod } from './protobuf.ts';
import { replay } from './replay.ts';
import { discovery, openapi, type Resource, resources, rootOf } from './resources.ts';
import type { Any, Change, Store } from './store.ts';
import { type StreamFault, stream } from './streams.ts';
import { table } from './tables.ts';

/** What can be made to go wrong, through the second server. */
export interface Faults {
  /** The next exec or attach. */
  stream?: StreamFault;
  /** Plural of a resource this user may not read. */
  forbid?: string;
  balancer?: 'pool' | 'service';
  /** The next exec finds its pod gone. */
  podGone?: boolean;
  /** For so long from now on, in milliseconds, it refuses connections; 0 ends that. */
  awayMs?: number;
  /** Namespaces that are deleted stay, terminating, until this is set to false. */
  keepDeleted?: boolean;
  /** The cloud gives no external address. */
  noAddress?: boolean;
  /** Objects to put in place, as somebody else would. */
  put?: { plural: string; object: Any }[];
}

/**
 * The API server. Listens on loopback of the network namespace it is in.
 * @param dir holds the stand-ins of {@link standIns}
 * @param world number of the world the stand-ins print; without it they print what was published
 */
export function apiServer(
  store: Store,
  controllers: Controllers,
  side: 'v1' | 'v2',
  dir: string,
  world?: number,
): { server: Server; control: Server } {
  const faults: Faults = {};
  const requests: string[] = [];
  const terminating: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(`${request.method} ${request.url}`);
      handle(request, Buffer.concat(chunks), response);
    });
  });
  let back: NodeJS.Timeout | undefined;
  /** Refuses connections for a while, as a control plane does that is being upgraded. */
  const goAway = (ms: number) => {
    const { port } = server.address() as AddressInfo;
    const comeBack = () => {
      clearTimeout(back);
      back = undefined;
      server.listen(port, '127.0.0.1');
    };
    server.close();
    server.closeAllConnections();
    back = setTimeout(comeBack, ms);
    return comeBack;
  };
  let comeBack = () => {};
  const control = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      Object.assign(faults, JSON.parse(body || '{}'));
      controllers.noAddress = faults.noAddress ?? false;
      for (const { plural, object } of faults.put ?? []) store.put(plural, object);
      if (!faults.keepDeleted) for (const remove of terminating.splice(0)) remove();
      if (faults.awayMs === 0 && back) comeBack();
      if (faults.awayMs && !back) comeBack = goAway(faults.awayMs);
      faults.put = undefined;
      faults.awayMs = undefined;
      response.end(
        JSON.stringify({
          requests,
          objects: resources.flatMap(({ plural }) =>
            store.list(plural).map((one) => `${plural}/${one.metadata.namespace ?? ''}/${one.metadata.name}`),
          ),
          services: store.list('services'),
          deployments: store.list('deployments'),
          leases: store.list('leases'),
        }),
      );
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${request.url}`);
    const match = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach)$/.exec(url.pathname);
    const pod = match && store.get('pods', match[1], match[2] ?? '');
    if (!match || !pod || faults.podGone) {
      const body = JSON.stringify(failure(404, 'NotFound', `pods "${match?.[2]}" not found`));
      socket.end(
        `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    const fault = faults.stream;
    faults.stream = undefined;
    const argv = match[3] === 'exec' ? execArgv(pod, url.searchParams.getAll('command')) : debugArgv(pod);
    stream(request, socket, head, argv, fault, (code) => {
      if (match[3] === 'attach') endDebug(pod, code);
    });
  });
  return { server, control };

  function execArgv(pod: Any, command: string[]): string[] {
    const netns = controllers.network(pod.metadata.namespace, pod.metadata.name);
    if (netns === undefined || (side === 'v2' && command.join(' ').includes('http://nginx')))
      return replay(dir, command, world === undefined ? undefined : agentOutputs(store, world, pod.spec.nodeName));
    return [
      'ip',
      'netns',
      'exec',
      netns,
      'unshare',
      '--uts',
      'sh',
      '-c',
      'hostname "$0" && exec "$@"',
      pod.metadata.name,
      ...command,
    ];
  }

  function debugArgv(pod: Any): string[] {
    const node = NODES.find(({ name }) => name === pod.spec.nodeName);
    const { command = [], args = [] } = pod.spec.containers[0];
    // The node's files are this machine's, so there is no other root to change to.
    const own =
      [...command, ...args].slice(0, 2).join(' ') === 'chroot /host'
        ? [...command, ...args].slice(2)
        : [...command, ...args];
    return ['ip', 'netns', 'exec', node?.netns ?? '', ...own];
  }

  function endDebug(pod: Any, exitCode: number): void {
    const live = store.get('pods', pod.metadata.namespace, pod.metadata.name);
    if (!live) return;
    store.put('pods', {
      ...live,
      status: { phase: 'Succeeded', containerStatuses: [{ name: 'debugger', state: { terminated: { exitCode } } }] },
    });
  }

  function handle(request: IncomingMessage, body: Buffer, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const answer = (code: number, object: object) => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(object));
    };
    if (url.pathname === '/version') return answer(200, { major: '1', minor: '32', gitVersion: 'v1.32.4-gke.1415000' });
    if (url.pathname === '/api' || url.pathname === '/apis') {
      response.setHeader('content-type', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
      return response.end(JSON.stringify(discovery(url.pathname === '/api')));
    }
    if (url.pathname.startsWith('/openapi/v3')) return answer(200, openapi(url.pathname));
    const ofCloud = (path: string, text: string) =>
      google(path, text, faults.balancer ?? 'pool', side, (node) => controllers.healthy(node));
    if (url.pathname === '/batch/compute/v1') {
      const { type, text } = batch(body.toString(), (line, own) =>
        ofCloud(new URL(line, url).pathname.replace(/^\/*(?=compute)/, '/'), own),
      );
      response.writeHead(200, { 'content-type': type });
      return response.end(text);
    }
    const cloud = ofCloud(url.pathname, body.toString());
    if (cloud) return answer(200, cloud);

    const resource = resources.find((one) => url.pathname.startsWith(`${rootOf(one)}/`) && target(one, url.pathname));
    const at = resource && target(resource, url.pathname);
    if (!resource || !at) return answer(404, failure(404, 'NotFound', `the server could not find ${url.pathname}`));
    if (faults.forbid === resource.plural) {
      const message = `${resource.plural} is forbidden: User "test" cannot list resource "${resource.plural}"`;
      return answer(403, failure(403, 'Forbidden', message));
    }
    serve(
      resource,
      at,
      { method: request.method ?? 'GET', accept: String(request.headers.accept), url, body },
      answer,
      response,
    );
  }

  function serve(
    resource: Resource,
    at: { namespace: string | undefined; name: string | undefined; sub: string | undefined },
    { method, accept, url, body }: { method: string; accept: string; url: URL; body: Buffer },
    answer: (code: number, object: object) => void,
    response: ServerResponse,
  ) {
    const { plural } = resource;
    const found = at.name === undefined ? undefined : store.get(plural, at.namespace, at.name);
    const missing = () => answer(404, failure(404, 'NotFound', `${plural} "${at.name}" not found`));
    const asTable = accept.includes('as=Table');
    if (method === 'GET' && at.name === undefined) {
      if (url.searchParams.get('watch')) return watch(resource, at.namespace, url, response);
      const items = store.list(plural, at.namespace).filter((one) => selected(one, url));
      return answer(
        200,
        asTable
          ? table(resource.kind, items)
          : {
              kind: `${resource.kind}List`,
              apiVersion: rootOf(resource).replace(/^\/apis?\//, ''),
              metadata: { resourceVersion: store.version() },
              items,
            },
      );
    }
    if (method === 'POST') {
      const home = at.namespace === undefined ? undefined : store.get('namespaces', undefined, at.namespace);
      if (home?.metadata.deletionTimestamp) {
        const message = `${plural} is forbidden: unable to create new content in namespace ${at.namespace} because it is being terminated`;
        return answer(403, failure(403, 'Forbidden', message));
      }
      const object = body.subarray(0, 4).toString('latin1') === 'k8s\0' ? decodePod(body) : JSON.parse(body.toString());
      if (store.get(plural, at.namespace, object.metadata.name))
        return answer(409, failure(409, 'AlreadyExists', `${plural} "${object.metadata.name}" already exists`));
      return answer(201, store.put(plural, created(object, at.namespace)));
    }
    if (!found) return missing();
    if (method === 'GET')
      return answer(200, at.sub === 'scale' ? scaleOf(found) : asTable ? table(resource.kind, [found]) : found);
    if (method === 'DELETE') {
      const remove = () => {
        if (plural === 'namespaces') {
          for (const one of resources.filter(({ namespaced }) => namespaced)) {
            for (const object of store.list(one.plural, at.name))
              store.remove(one.plural, at.name, object.metadata.name);
          }
        }
        store.remove(plural, at.namespace, at.name ?? '');
      };
      if (plural === 'namespaces' && faults.keepDeleted) {
        store.put(plural, {
          ...found,
          metadata: { ...found.metadata, deletionTimestamp: new Date().toISOString() },
          status: { phase: 'Terminating' },
        });
        terminating.push(remove);
      } else remove();
      return answer(200, { kind: 'Status', apiVersion: 'v1', status: 'Success', details: { name: at.name } });
    }
    const patch = JSON.parse(body.toString());
    const merged = Array.isArray(patch)
      ? patched(structuredClone(found), patch)
      : merge(structuredClone(found), at.sub === 'scale' ? { spec: { replicas: patch.spec.replicas } } : patch);
    if (typeof merged === 'string') return answer(422, failure(422, 'Invalid', merged));
    merged.metadata.generation = (merged.metadata.generation ?? 1) + 1;
    const stored = store.put(plural, merged);
    return answer(200, at.sub === 'scale' ? scaleOf(stored) : stored);
  }

  function created(object: Any, namespace: string | undefined): Any {
    const isDebugger = object.spec?.containers?.[0]?.name === 'debugger';
    return {
      ...object,
      metadata: { ...object.metadata, generation: 1, namespace },
      ...(isDebugger
        ? {
            status: {
              phase: 'Running',
              containerStatuses: [{ name: 'debugger', ready: true, state: { running: {} } }],
            },
          }
        : {}),
    };
  }

  function watch(resource: Resource, namespace: string | undefined, url: URL, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const stop = store.listen((change: Change) => {
      const here = namespace === undefined || change.object.metadata.namespace === namespace;
      if (change.resource === resource && here && selected(change.object, url)) {
        response.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
      }
    });
    // What happened between the list and this watch.
    for (const object of store.list(resource.plural, namespace)) {
      const since = Number(url.searchParams.get('resourceVersion') ?? 0);
      if (Number(object.metadata.resourceVersion) > since && selected(object, url)) {
        response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      }
    }
    response.on('close', stop);
  }
}

function target(resource: Resource, path: string) {
  const rest = path.slice(rootOf(resource).length + 1).split('/');
  const inNamespace = rest[0] === 'namespaces' && rest[2] !== undefined;
  if (inNamespace && !resource.namespaced) return undefined;
  const [plural, name, sub] = inNamespace ? rest.slice(2) : rest;
  return plural === resource.plural ? { namespace: inNamespace ? rest[1] : undefined, name, sub } : undefined;
}

function failure(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code };
}

function scaleOf(deployment: Any): object {
  const { name, namespace, resourceVersion } = deployment.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, resourceVersion },
    spec: { replicas: deployment.spec.replicas },
    status: { replicas: deployment.status?.replicas ?? 0 },
  };
}

/** JSON merge patch (RFC 7396), which is what a strategic merge of these small patches comes to. */
function merge(object: Any, patch: Any): Any {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete object[key];
    else if (typeof value === 'object' && !Array.isArray(value)) object[key] = merge(object[key] ?? {}, value);
    else object[key] = value;
  }
  return object;
}

/** JSON patch (RFC 6902) of objects, without arrays. @returns why a test failed, where one did */
function patched(object: Any, operations: { op: string; path: string; value?: unknown }[]): Any {
  for (const { op, path, value } of operations) {
    const keys = path.slice(1).split('/');
    const last = keys.pop() ?? '';
    const parent = keys.reduce((at, key) => at?.[key], object);
    if (op === 'test' && parent?.[last] !== value) return `testing value ${path} failed: test failed`;
    if (op === 'remove') delete parent[last];
    if (op === 'add' || op === 'replace') parent[last] = value;
  }
  return object;
}

function selected(object: Any, url: URL): boolean {
  const labels = object.metadata.labels ?? {};
  const fields: Record<string, string> = {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace,
    'status.phase': object.status?.phase,
    'involvedObject.name': object.involvedObject?.name,
    'involvedObject.namespace': object.involvedObject?.namespace,
    'involvedObject.kind': object.involvedObject?.kind,
  };
  const pairs = (name: string) =>
    (url.searchParams.get(name) ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('='));
  return (
    pairs('labelSelector').every(([key = '', value]) => labels[key] === value) &&
    pairs('fieldSelector').every(([key = '', value]) => !(key in fields) || fields[key] === value)
  );
}
