/**
 * How the parts of a path are held together: `key` by name, `bag` as members of a collection whose order and names mean
 * nothing, `sequence` as members in order, of which one may be missing.
 */
export type Holding = 'key' | 'bag' | 'sequence';

/** A part of a path: the name under which it is held, and how. */
export interface Segment {
  name: string;
  holding: Holding;
}

/** Tells the parts of a path how they are held. */
export type Shape = (path: readonly string[]) => Segment[];

type Part = string | RegExp;

/** A path pattern; its last part is a member of the collection. */
interface Collection {
  pattern: readonly Part[];
  holding: 'bag' | 'sequence';
}

/** Any name. */
export const ANY = /^/;
/** Index of a list, as the parsers number them. */
export const INDEX = /^\d+(?:#\d+)?$/;
/** Lists that print a single member without an index: the index is put in, so that one member is a list of one. */
const LISTS = /^(?:ENDPOINTS|Endpoints|LoadBalancer Ingress|External IPs)$/;

/** A collection whose order means nothing. */
export const bag = (...pattern: Part[]): Collection => ({ pattern, holding: 'bag' });
/** A collection whose order means something. */
export const sequence = (...pattern: Part[]): Collection => ({ pattern, holding: 'sequence' });

function fits(part: Part, name: string): boolean {
  return typeof part === 'string' ? part === name : part.test(name);
}

/** The shape with these collections; everything else is held by its name. */
export function shape(...collections: readonly Collection[]): Shape {
  return (path) =>
    path.map((name, index) => {
      const own = collections.find(
        ({ pattern }) => pattern.length === index + 1 && pattern.every((part, at) => fits(part, path[at] ?? '')),
      );
      return { name, holding: own?.holding ?? 'key' };
    });
}

/** The same for what kubectl prints, where a list of one member has no index. */
export function kubectlShape(...collections: readonly Collection[]): Shape {
  const own = shape(...collections);
  return (path) => {
    const list = path.findIndex((part) => LISTS.test(part));
    const single = list >= 0 && !INDEX.test(path[list + 1] ?? '');
    return own(single ? path.toSpliced(list + 1, 0, '0') : path);
  };
}

/**
 * Lists of Kubernetes and GCE objects that are sets by their meaning. Others keep their order: that of containers'
 * arguments or of a Service's ipFamilies, for example, has a meaning.
 */
const SETS =
  /^(?:instances|healthChecks|endpoints|addresses|notReadyAddresses|subsets|policyTypes|ingress|egress|from|to|ports|items|finalizers|externalIPs|loadBalancerSourceRanges|backends|ownerReferences)$/;

/** The shape of objects: sets are found by their key at any depth. */
export const objectShape: Shape = (path) =>
  path.map((name, index) => ({
    name,
    holding: INDEX.test(name) && SETS.test(path[index - 1] ?? '') ? 'bag' : 'key',
  }));
