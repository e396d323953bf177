import { type Resource, resources } from './resources.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of the Kubernetes API, as free as JSON.
export type Any = any;

/** What changed, as a watch tells it. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: Resource;
  object: Any;
}

/** The objects of the API server, in memory. */
export class Store {
  readonly #objects = new Map<string, Any>();
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 1000;

  resource(plural: string): Resource {
    const found = resources.find((one) => one.plural === plural);
    if (!found) throw new Error(`no resource ${plural}`);
    return found;
  }

  get(plural: string, namespace: string | undefined, name: string): Any {
    return this.#objects.get(`${plural}/${namespace ?? ''}/${name}`);
  }

  list(plural: string, namespace?: string): Any[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${plural}/${namespace === undefined ? '' : `${namespace}/`}`))
      .map(([, object]) => object);
  }

  put(plural: string, object: Any): Any {
    const resource = this.resource(plural);
    const { metadata } = object;
    if (!resource.namespaced) metadata.namespace = undefined;
    const key = `${plural}/${metadata.namespace ?? ''}/${metadata.name}`;
    const old = this.#objects.get(key);
    metadata.uid ??= crypto.randomUUID();
    metadata.creationTimestamp ??= new Date().toISOString().replace(/\.\d+/, '');
    metadata.resourceVersion = String(++this.#version);
    object.kind = resource.kind;
    object.apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    this.#objects.set(key, object);
    this.#tell({ type: old ? 'MODIFIED' : 'ADDED', resource, object });
    return object;
  }

  remove(plural: string, namespace: string | undefined, name: string): Any {
    const key = `${plural}/${namespace ?? ''}/${name}`;
    const object = this.#objects.get(key);
    if (object && this.#objects.delete(key)) this.#tell({ type: 'DELETED', resource: this.resource(plural), object });
    return object;
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  version(): string {
    return String(this.#version);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
