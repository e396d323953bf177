import type { DataplaneOutput } from '../../model/frontends.ts';
import { counted, examples } from '../../words.ts';
import { valueKey } from '../roles/occurrences.ts';
import type { RoleValue } from '../types.ts';
import type { Pair } from './pairs.ts';
import { type MappedFrontend, percent, type ServiceMap, serviceMapOf, targets } from './service-map.ts';

/** What the comparison of two mappings says. */
export interface MappingComparison {
  mapping: 'same' | 'different';
  why: string;
  pairs: Pair[];
  notes: string[];
}

/** Shares closer than this are even: kube-proxy rounds probabilities, the kernel to 2^-31. */
const EVEN = 1e-6;

/**
 * Compares two outputs of different formats by what they mean: which frontends of the Service lead to how many backends,
 * on which port, and whether those are its pods. Where an output is rules, a packet is walked through them.
 */
export function compareMappings(
  v1: DataplaneOutput,
  v2: DataplaneOutput,
  values: readonly RoleValue[],
): MappingComparison {
  const [left, right] = [serviceMapOf(v1, values), serviceMapOf(v2, values)];
  const pods = new Set(
    values.flatMap(({ side, role, value }) => (role === 'pod-ip' ? [`${side} ${valueKey(role, value)}`] : [])),
  );
  const pairs: Pair[] = [];
  const notes: string[] = [];
  const byName = new Map(right.frontends.map((frontend) => [frontend.name, frontend]));
  for (const one of left.frontends) {
    const other = byName.get(one.name);
    byName.delete(one.name);
    compareFrontends(one, other, pairs);
  }
  for (const other of byName.values()) compareFrontends(undefined, other, pairs);
  for (const [side, map] of [['v1', left] as const, ['v2', right] as const]) {
    checkBackends(side, map, pods, pairs, notes);
    notes.push(...masqueradeNotes(side, map));
  }
  const known = left.frontends.length > 0 && right.frontends.length > 0;
  const same = known && pairs.every(({ by }) => by !== undefined);
  if (same) {
    const places = { ...(left.first && { v1: left.first }), ...(right.first && { v2: right.first }) };
    pairs.push({ path: 'mechanism', ...places, what: `${left.size} on V1, ${right.size} on V2` });
  }
  return { mapping: same ? 'same' : 'different', why: wordsOf(left, right, same), pairs, notes };
}

function wordsOf(left: ServiceMap, right: ServiceMap, same: boolean): string {
  const size = `${left.size} against ${right.size}`;
  if (left.frontends.length === 0 || right.frontends.length === 0) {
    const empty = left.frontends.length === 0 ? 'V1' : 'V2';
    return `No frontend of the Service was found on ${empty}; ${size}.`;
  }
  const count = (map: ServiceMap) => `${map.frontends.length} ${map.frontends.length === 1 ? 'frontend' : 'frontends'}`;
  if (!same) return `Other mapping: ${count(left)} on V1, ${count(right)} on V2, with differences; ${size}.`;
  const numbers = new Set(left.frontends.map(({ backends }) => backends.length));
  const backends =
    numbers.size === 1 ? `the same number of backends (${[...numbers][0]})` : 'the same numbers of backends';
  return `Same mapping, different mechanism: ${count(left)} → ${backends} on each side; ${size}.`;
}

function compareFrontends(one: MappedFrontend | undefined, other: MappedFrontend | undefined, pairs: Pair[]): void {
  const name = (one ?? other)?.name ?? '';
  const places = { ...(one && { v1: one.at }), ...(other && { v2: other.at }) };
  if (!one || !other) {
    pairs.push({ path: name, ...places, what: `a frontend on ${one ? 'V1' : 'V2'} only` });
    return;
  }
  pairs.push({ path: name, ...places, by: one.role });
  for (const [side, { problems }] of [['V1', one] as const, ['V2', other] as const]) {
    for (const problem of problems) pairs.push({ path: name, ...places, what: `${side}: ${problem}` });
  }
  if (one.backends.length !== other.backends.length) {
    const what = `${counted(one.backends.length, 'backend')} on V1, ${other.backends.length} on V2`;
    pairs.push({ path: `${name} → backends`, ...places, what });
  }
  comparePorts(name, one, other, pairs);
  for (const [side, frontend] of [['V1', one] as const, ['V2', other] as const]) {
    const shares = frontend.backends.flatMap(({ share }) => share ?? []);
    if (shares.every((share) => Math.abs(share - (shares[0] ?? 0)) <= EVEN)) continue;
    const what = `${side}: the backends get ${examples(shares.map(percent)).join(', ')} of new connections, not even shares`;
    pairs.push({ path: `${name} → shares`, ...places, what });
  }
}

/** Pairs backend with backend, by port first: pods are interchangeable, ports are not. */
function comparePorts(name: string, one: MappedFrontend, other: MappedFrontend, pairs: Pair[]): void {
  const waiting = [...other.backends];
  const alone = one.backends.filter((backend) => {
    const place = waiting.findIndex(({ port }) => port === backend.port);
    if (place < 0) return true;
    const [match] = waiting.splice(place, 1);
    const places = { ...(backend.at && { v1: backend.at }), ...(match?.at && { v2: match.at }) };
    pairs.push({ path: `${name} → backend`, ...places, by: 'pod-ip' });
    return false;
  });
  for (const [index, backend] of alone.entries()) {
    const match = waiting[index];
    if (!match) continue;
    const places = { ...(backend.at && { v1: backend.at }), ...(match.at && { v2: match.at }) };
    const what = `port ${backend.port} on V1, ${match.port} on V2`;
    pairs.push({ path: `${name} → backend port`, ...places, what });
  }
}

/** The frontends of a Service share their backends, and these are its endpoints. */
function checkBackends(
  side: 'v1' | 'v2',
  { frontends }: ServiceMap,
  pods: ReadonlySet<string>,
  pairs: Pair[],
  notes: string[],
): void {
  const [first] = frontends;
  for (const frontend of frontends) {
    if (!first || targets(frontend) === targets(first) || frontend.backends.length !== first.backends.length) continue;
    const what = `${side.toUpperCase()}: other backends than ${first.name}`;
    pairs.push({ path: `${frontend.name} → backends`, [side]: frontend.at, what });
  }
  const all = new Map(frontends.flatMap(({ backends }) => backends.map((backend) => [backend.ip, backend])));
  const strange = [...all.values()].filter(({ ip }) => !pods.has(`${side} ${valueKey('pod-ip', ip)}`));
  if (strange.length === 0) return;
  if (strange.length === all.size) {
    notes.push(
      `${side.toUpperCase()}: none of the backends is an endpoint of the other outputs; pods may have been replaced.`,
    );
    return;
  }
  for (const { at } of strange) {
    const what = `${side.toUpperCase()}: a backend that is no endpoint of the Service`;
    pairs.push({ path: 'backends', ...(at && { [side]: at }), what });
  }
}

function masqueradeNotes(side: 'v1' | 'v2', { frontends }: ServiceMap): string[] {
  const masked = frontends
    .filter(({ masquerade, role }) => masquerade === true && role !== 'cluster-ip')
    .map(({ name }) => name);
  if (masked.length === 0) return [];
  return [
    `${side.toUpperCase()}: the source of traffic from outside the cluster is rewritten (masqueraded) on its way to ${examples(masked).join(', ')}.`,
  ];
}
