import { type Field, field, type NamePart } from '../../formats/field.ts';
import type { FormatId } from '../../formats/index.ts';
import { meaning } from '../../model/fields.ts';
import type { SideId } from '../../recipe/schema.ts';
import { familyOf } from '../roles/candidates.ts';
import { numericRole, valueKey } from '../roles/occurrences.ts';
import type { Role, RoleValue } from '../types.ts';
import { latencyClass } from './latency.ts';
import type { RuleId } from './rules.ts';

/** What a value is compared by. */
export type Criterion =
  /** To the letter; `by` tells of a role value inside a text. */
  | { type: 'literal'; text: string; by?: Role }
  /** By class, and one to one within the output: an address, a name, a role value. */
  | { type: 'bound'; class: string; raw: string; by: Role | RuleId; words: string }
  /** By class alone: an age, a count, a time. */
  | { type: 'free'; class: string; by: RuleId };

/** The role values of a side, for look-up. */
export interface SideRoles {
  find(role: Role | undefined, value: string): { role: Role; group: string } | undefined;
}

/** Makes the look-up; values of one group are interchangeable across the sides. */
export function rolesOf(values: readonly RoleValue[], side: SideId): SideRoles {
  const left = new Map(
    values.flatMap((value) =>
      value.side === 'v1' ? [[valueKey(value.role, value.value), value.counterpart.join()]] : [],
    ),
  );
  const known = new Map(
    values.flatMap((one) => {
      if (one.side !== side) return [];
      const [first] = one.counterpart;
      const shared = side === 'v1' ? one.counterpart.join() : left.get(valueKey(one.role, first ?? ''));
      const group = first === undefined ? `only ${side} ${one.value}` : (shared ?? '');
      return [[valueKey(one.role, one.value), { role: one.role, group }]];
    }),
  );
  return { find: (role, value) => known.get(valueKey(role, value)) };
}

/** How a role is called in a sentence. */
const roleWords: Readonly<Record<Role, string>> = {
  vip: 'the VIP',
  'cluster-ip': 'the ClusterIP',
  'node-port': 'the NodePort',
  'pod-ip': 'a pod’s address',
  pod: 'a pod',
  node: 'a node',
  chain: 'a chain of the Service',
  identity: 'an identity',
  'forwarding-rule': 'the name of the load balancer',
  'client-ip': 'a client’s address',
  'node-ip': 'a node’s address',
};

/** Addresses that mean the same everywhere: unspecified, loopback, broadcast, multicast. */
const FIXED = /^(?:0\.|127\.|255\.255\.255\.255$|22[4-9]\.|23\d\.|::1?$|ff)/i;
/** Private and shared address space, link-local included (RFC 1918, RFC 6598, RFC 3927, RFC 4193). */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]|fe[89ab])/i;
const FIXED_MACS = new Set(['ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00']);
/** Roles whose words may stand inside a text. */
const WORD = /[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?/g;

/** What a field is compared by. */
export function criterionOf(at: Field, format: FormatId, known: SideRoles): Criterion {
  const raw = meaning(at);
  switch (at.kind) {
    case 'ip':
    case 'prefix':
      return addressCriterion(raw, known);
    case 'port':
      if (isClientPort(at, format)) return { type: 'free', class: 'client port', by: 'client-port' };
      return numberCriterion(at, raw, known);
    case 'identity':
      if (/^\d+$/.test(raw)) return numberCriterion(at, raw, known) ?? bound('identity', raw, 'hash', 'an identity');
      return literal(raw);
    case 'number':
      return isSlot(at, format) ? { type: 'free', class: 'slot', by: 'order' } : numberCriterion(at, raw, known);
    case 'pod':
    case 'node':
    case 'name':
    case 'hash':
      return nameCriterion(at, known);
    case 'age':
      return raw.startsWith('<') ? literal(raw) : { type: 'free', class: 'age', by: 'age' };
    case 'count':
      return { type: 'free', class: 'count', by: 'count' };
    case 'timestamp':
      return { type: 'free', class: 'time', by: 'timestamp' };
    case 'inode':
      return { type: 'free', class: 'bookkeeping', by: 'inode' };
    case 'mac':
      return FIXED_MACS.has(raw.toLowerCase()) ? literal(raw.toLowerCase()) : bound('MAC', raw, 'mac', 'a MAC address');
    case 'duration': {
      const spent = format === 'http-probe' ? '' : ` ${latencyClass(Number.parseFloat(raw))}`;
      return { type: 'free', class: `duration${spent}`, by: 'latency' };
    }
    default:
      return textCriterion(raw, known);
  }
}

function literal(text: string): Criterion {
  return { type: 'literal', text };
}

function bound(kind: string, raw: string, by: Role | RuleId, words: string): Criterion {
  return { type: 'bound', class: kind, raw, by, words };
}

function roleCriterion(raw: string, found: { role: Role; group: string }, more = ''): Criterion {
  return bound(`${found.role} ${found.group}${more}`, raw, found.role, roleWords[found.role]);
}

function addressCriterion(raw: string, known: SideRoles): Criterion {
  const [ip = '', length] = raw.split('/');
  if (FIXED.test(ip)) return literal(raw);
  const scope = PRIVATE.test(ip) ? 'private' : 'public';
  const more = ` IPv${familyOf(ip)} ${scope}${length === undefined ? '' : ` /${length}`}`;
  const found = known.find(undefined, ip);
  if (found) return roleCriterion(raw, found, more);
  return bound(`address${more}`, raw, 'address', `a ${scope} address without a role`);
}

function numberCriterion(at: Field, raw: string, known: SideRoles): Criterion {
  const role = numericRole(at);
  const found = role && known.find(role, raw);
  return found ? roleCriterion(raw, found) : literal(raw);
}

function nameCriterion(at: Field, known: SideRoles): Criterion {
  const raw = meaning(at);
  const found = known.find(undefined, raw);
  const shape = at.parts && shapeOf(at.parts);
  // A pod or chain is matched with one of the same base name; nodes are named after their cluster.
  if (found?.role === 'pod') return shape ? roleCriterion(raw, found, ` ${shape}`) : literal(raw);
  if (found) return roleCriterion(raw, found);
  if (shape) return bound(`name ${shape}`, raw, 'generated-name', `a generated name ${shape}`);
  if (at.path.at(-1) === 'projects') return bound('project', raw, 'project', 'a project');
  return at.kind === 'hash' ? bound('hash', raw, 'hash', 'a generated identifier') : textCriterion(raw, known);
}

/** `k8s-…-node`: the parts of a generated name that are not hashes. */
function shapeOf(parts: readonly NamePart[]): string {
  return parts.map(({ kind, value }) => (kind === 'hash' ? '…' : value)).join('-');
}

/** A text, with the role values in it replaced by their roles. */
function textCriterion(raw: string, known: SideRoles): Criterion {
  let by: Role | undefined;
  const text = raw.replace(WORD, (word) => {
    const found = known.find(undefined, word);
    if (!found || found.role === 'pod') return word;
    by ??= found.role;
    return `{${found.role}}`;
  });
  return by ? { type: 'literal', text, by } : literal(raw);
}

/** First port that Linux gives to clients unless told otherwise (ip_local_port_range, ip-sysctl.rst). */
const FIRST_CLIENT_PORT = 32_768;

/**
 * The port a client sends from. Compact flows print the end that asked first; JSON names both ends by direction, so that
 * the range tells.
 */
function isClientPort({ path, value }: Field, format: FormatId): boolean {
  if (format === 'hubble-flows') return path[2] === 'left';
  if (format !== 'hubble-flows-json') return false;
  return /^(?:source|destination)_port$/.test(path.at(-1) ?? '') && Number(value) >= FIRST_CLIENT_PORT;
}

/** Position of a backend in its service. */
function isSlot({ path }: Field, format: FormatId): boolean {
  return (format === 'cilium-service-list' || format === 'cilium-bpf-lb-list') && path.at(-1) === 'slot';
}

/** A part of a path as it is shown: generated names and role values by what they are, anything else as it stands. */
export function shownSegment(segment: string, known: SideRoles): string {
  const whole = known.find(undefined, segment);
  if (whole) return `{${whole.role}}`;
  const parts = field({ value: segment, start: 0, end: segment.length }, [], 'name').parts;
  if (parts) return shapeOf(parts);
  return segment.replace(WORD, (word) => {
    const found = known.find(undefined, word);
    if (found) return `{${found.role}}`;
    const isAddress = /^\d+(?:\.\d+){3}$/.test(word) && !FIXED.test(word);
    return isAddress ? '{address}' : word;
  });
}
