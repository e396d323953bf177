import { part } from './cut.ts';
import type { Located } from './types.ts';

/**
 * What a parser knows about a value from its shape or its place.
 * - `ip`, `prefix` (address/length), `port`, `protocol`, `mac`: network values
 * - `node`, `pod`, `namespace`, `name` (of anything else)
 * - `identity`: a Cilium security identity, by number or by reserved name
 * - `age` (kubectl's rounded duration), `duration`, `timestamp`
 * - `count`: something that was counted up to the capture (events, bytes, packets, restarts, flows)
 * - `number`: a number that is configuration or state; `hash`: a generated identifier; `inode`
 * - `http-status`, `state` (a word from a fixed list), `text`
 */
export type FieldKind =
  | 'ip'
  | 'prefix'
  | 'port'
  | 'protocol'
  | 'mac'
  | 'node'
  | 'pod'
  | 'namespace'
  | 'name'
  | 'identity'
  | 'age'
  | 'duration'
  | 'timestamp'
  | 'count'
  | 'number'
  | 'hash'
  | 'inode'
  | 'http-status'
  | 'state'
  | 'text';

/**
 * One value of an output with its place in the text and its place in the meaning.
 * The fields of an output do not overlap, stand in text order, and have distinct paths.
 */
export interface Field extends Located {
  /** Where it stands in the meaning, for example `['nginx', 'PORT(S)', 'nodePort']`. */
  path: readonly string[];
  kind: FieldKind;
  /** The value in its usual notation, where the text shows another: `80` for the `0050` of /proc/net/tcp. */
  means?: string;
  /** The pieces of a generated name, inside the field: the base name, and the hashes after it. */
  parts?: readonly NamePart[];
}

/** A piece of a generated name. */
export interface NamePart extends Located {
  kind: 'name' | 'hash';
}

/** Makes a field. */
export function field(at: Located, path: readonly string[], kind: FieldKind, means?: string): Field {
  const { value, start, end } = at;
  const parts = kind === 'node' || kind === 'pod' || kind === 'name' ? nameParts(at) : undefined;
  return { value, start, end, path, kind, ...(means === undefined ? {} : { means }), ...(parts ? { parts } : {}) };
}

/** The alphabet of Kubernetes' generated name suffixes (k8s.io/apimachinery/pkg/util/rand). */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
/** Longest DNS subdomain (RFC 1123); nothing longer is a name. */
const MAX_NAME = 253;
/** Node of a GKE node pool: `gke-<cluster>-<pool>-<8 hexadecimal digits>-<4>`. */
const GKE_NODE = /^(gke-[a-z0-9-]+)-([0-9a-f]{8})-([0-9a-z]{4})$/d;
/** Pod of a Deployment: `<name>-<hash of the pod template>-<suffix>`. */
const DEPLOYMENT_POD = new RegExp(`^([a-z0-9][a-z0-9.-]*)-(${SAFE}{6,10})-(${SAFE}{5})$`, 'd');
/** Anything named by `generateName`: a DaemonSet's pod, an EndpointSlice. */
const GENERATED = new RegExp(`^([a-z0-9][a-z0-9.-]*)-(${SAFE}{5})$`, 'd');
/** A name around a long hexadecimal number, such as a health check of GKE. */
const AROUND_HASH = /^(?:([a-z][a-z0-9-]*)-)?([0-9a-f]{16,40})(?:-([a-z0-9-]+))?$/d;

/** How a generated name is put together, most telling first. */
const SHAPES: readonly { shape: RegExp; kinds: readonly NamePart['kind'][] }[] = [
  { shape: GKE_NODE, kinds: ['name', 'hash', 'hash'] },
  { shape: DEPLOYMENT_POD, kinds: ['name', 'hash', 'hash'] },
  { shape: GENERATED, kinds: ['name', 'hash'] },
  { shape: AROUND_HASH, kinds: ['name', 'hash', 'name'] },
];

/** `node` or `pod` where the name alone gives it away. */
export function kindOfName(name: string): 'node' | 'pod' | undefined {
  if (name.length > MAX_NAME) return undefined;
  if (GKE_NODE.test(name)) return 'node';
  return DEPLOYMENT_POD.test(name) ? 'pod' : undefined;
}

/** A long hexadecimal or decimal identifier: GCE's names of load balancers and numbers of resources, digests. */
const HASH = /^(?:sha256:)?[0-9a-f]{16,64}$/;

/** True for a value that is nothing but a generated identifier. */
export function isHash(value: string): boolean {
  return HASH.test(value);
}

function nameParts(at: Located): NamePart[] | undefined {
  if (at.value.length > MAX_NAME) return undefined;
  for (const { shape, kinds } of SHAPES) {
    const spans = shape.exec(at.value)?.indices?.slice(1);
    if (!spans) continue;
    const parts = kinds.flatMap((kind, index) => {
      const span = spans[index];
      return span ? [{ ...part(at, span[0], span[1]), kind }] : [];
    });
    return parts.length > 1 ? parts : undefined;
  }
  return undefined;
}
