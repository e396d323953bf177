import type { FormatId } from '../../recipe/schema.ts';

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

type Part = string | RegExp;

/** A path pattern; its last part is a member of the collection. */
interface Collection {
  pattern: readonly Part[];
  holding: 'bag' | 'sequence';
}

const ANY = /^/;
/** Index of a list, as the parsers number them. */
const INDEX = /^\d+(?:#\d+)?$/;
const DIRECTION = /^(?:Ingress|Egress)$/;
/**
 * Lists of Kubernetes and GCE objects that are sets by their meaning. Others keep their order: that of containers'
 * arguments or of a Service's ipFamilies, for example, has a meaning.
 */
const SETS =
  /^(?:instances|healthChecks|endpoints|addresses|notReadyAddresses|subsets|policyTypes|ingress|egress|from|to|ports|items|finalizers|externalIPs|loadBalancerSourceRanges|backends|ownerReferences)$/;

const bag = (...pattern: Part[]): Collection => ({ pattern, holding: 'bag' });
const sequence = (...pattern: Part[]): Collection => ({ pattern, holding: 'sequence' });

/** The collections of each format. In YAML they are found by key at any depth. */
const COLLECTIONS: Readonly<Record<FormatId, readonly Collection[]>> = {
  'kubectl-table': [bag(ANY), bag(ANY, ANY, INDEX), bag(ANY, ANY, ANY, INDEX)],
  describe: [
    bag(/^(?:Endpoints|LoadBalancer Ingress|LoadBalancer Source Ranges|External IPs)$/, INDEX),
    bag('Events', ANY),
  ],
  yaml: [],
  'key-value': [bag(ANY, INDEX)],
  'iptables-save': [bag(ANY, ANY), sequence(ANY, ANY, INDEX)],
  'cilium-service-list': [bag(ANY), bag(ANY, 'backends', ANY)],
  'cilium-bpf-lb-list': [bag(ANY), bag(ANY, ANY)],
  'cilium-policy-map': [bag(/^\d+$/), bag(DIRECTION, ANY), bag(DIRECTION, ANY, ANY), bag(/^\d+$/, DIRECTION, ANY)],
  'hubble-flows': [bag(ANY, INDEX), bag(ANY, INDEX, 'summary', 'flags', INDEX)],
  'hubble-flows-json': [bag(ANY, INDEX), bag(ANY, INDEX, 'flags', INDEX)],
  'hubble-status': [],
  'http-probe': [],
  'pod-network': [
    bag(/^tcp6?$/, ANY),
    bag(/^tcp6?$/, ANY, ANY),
    bag(ANY, 'flags', INDEX),
    bag(ANY, 'inet', INDEX, 'flags', INDEX),
  ],
  plain: [sequence('line', INDEX)],
};

/** Lists that print a single member without an index: the index is put in, so that one member is a list of one. */
const LISTS = /^(?:ENDPOINTS|Endpoints|LoadBalancer Ingress|External IPs)$/;

/** The parts of a path with how they are held. */
export function segmentsOf(format: FormatId, path: readonly string[]): Segment[] {
  const parts = [...path];
  if (format === 'kubectl-table' || format === 'describe') {
    const list = parts.findIndex((part) => LISTS.test(part));
    if (list >= 0 && !INDEX.test(parts[list + 1] ?? '')) parts.splice(list + 1, 0, '0');
  }
  return parts.map((name, index) => ({ name, holding: holdingOf(format, parts, index) }));
}

function holdingOf(format: FormatId, parts: readonly string[], index: number): Holding {
  if (format === 'yaml') {
    return INDEX.test(parts[index] ?? '') && SETS.test(parts[index - 1] ?? '') ? 'bag' : 'key';
  }
  for (const { pattern, holding } of COLLECTIONS[format]) {
    if (pattern.length === index + 1 && pattern.every((part, at) => fits(part, parts[at] ?? ''))) return holding;
  }
  return 'key';
}

function fits(part: Part, name: string): boolean {
  return typeof part === 'string' ? part === name : part.test(name);
}
