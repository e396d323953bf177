import { type Field, field } from '../../formats/field.ts';
import type { DataplaneOutput, Frontend } from '../../model/frontends.ts';
import type { FrontendKind } from '../../model/kinds.ts';
import { type Walk, type WalkableRuleset, walk, walkable } from '../../netfilter/walk.ts';
import type { SideId } from '../../recipe/schema.ts';
import { counted } from '../../words.ts';
import type { RoleValue } from '../types.ts';

/** One backend of a frontend. */
export interface MappedBackend {
  ip: string;
  port: string;
  /** Share of new connections it gets; undefined where the output does not say. */
  share: number | undefined;
  at: Field | undefined;
}

/** What a Service answers on, with the backends it leads to. */
export interface MappedFrontend {
  /** `vip 80/TCP`, `node-port TCP`: the same on both sides for the same frontend. */
  name: string;
  role: FrontendKind;
  at: Field;
  backends: MappedBackend[];
  /** What is said of it that does not fit its role or cannot be told. */
  problems: string[];
  /** True where it rewrites the source address of traffic from outside; undefined where the output does not say. */
  masquerade: boolean | undefined;
}

/** The Service as one output maps it. */
export interface ServiceMap {
  frontends: MappedFrontend[];
  /** `16 rules`, `3 frontends with 3 backends each`. */
  size: string;
  /** The whole line of its first rule or row; undefined where it has none. */
  first: Field | undefined;
}

/**
 * How an output maps the traced Service for traffic from outside the cluster. Rules are asked by walking a packet
 * through them, for they give shares and may end elsewhere; a map is taken as it stands.
 */
export function serviceMapOf(
  { subject, frontends, ruleset }: DataplaneOutput,
  values: readonly RoleValue[],
): ServiceMap {
  const nameOf = names(values, subject.side);
  const ready = ruleset && walkable(ruleset.ruleset);
  const mapped = new Map<string, MappedFrontend>();
  const own = frontends.flatMap((frontend) =>
    frontend.own && !frontend.inside ? [{ frontend, role: frontend.own }] : [],
  );
  for (const { frontend, role } of own) {
    const name = nameOf(frontend, role);
    const found: MappedFrontend = {
      name,
      role,
      at: role !== 'node-port' && frontend.address ? made(frontend.address, 'ip') : made(frontend.port, 'port'),
      ...(ready ? ending(sent(frontend, ready), frontend) : asItStands(frontend, role)),
    };
    // A NodePort stands once for each address of the node; the first stands for all that say the same.
    const before = mapped.get(name);
    if (before && targets(before) === targets(found)) continue;
    mapped.set(before ? `${name} again` : name, before ? { ...found, name: `${name} again` } : found);
  }
  const all = [...mapped.values()];
  const start = ruleset ? ruleset.own.rules[0]?.start : own[0]?.frontend.at.at.start;
  return {
    frontends: all,
    size: ruleset ? counted(ruleset.own.rules.length, 'rule') : sizeOf(all),
    first: start === undefined ? undefined : lineAt(subject.text, start),
  };
}

/** `3 frontends with 3 backends each`: rows and rules would be unlike things. */
function sizeOf(frontends: readonly MappedFrontend[]): string {
  const numbers = frontends.map(({ backends }) => backends.length);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const size = counted(frontends.length, 'frontend');
  if (frontends.length === 0) return size;
  const backends = least === most ? counted(most, 'backend') : `${least} to ${counted(most, 'backend')}`;
  return `${size} with ${backends}${frontends.length === 1 ? '' : ' each'}`;
}

function lineAt(text: string, place: number): Field {
  const start = text.lastIndexOf('\n', place) + 1;
  const value = text.slice(start).split('\n', 1)[0]?.trimEnd() ?? '';
  return made({ value, start, end: start + value.length }, 'text');
}

/** Names frontends: the same for counterparts, the role with a number where there are several. */
function names(values: readonly RoleValue[], side: SideId): (frontend: Frontend, role: FrontendKind) => string {
  return ({ address, port, protocol = 'TCP' }, role) => {
    const known = values.filter((one) => one.role === role);
    const value = role === 'node-port' ? port.value : address?.value;
    const one = known.find((other) => other.side === side && other.value === value);
    const left = (side === 'v2' && one?.counterpart[0]) || value;
    const place = known.filter((other) => other.side === 'v1').findIndex((other) => other.value === left);
    const number = place > 0 ? ` #${place + 1}` : '';
    return `${role}${number} ${role === 'node-port' ? protocol : `${port.value}/${protocol}`}`;
  };
}

function made(at: Pick<Field, 'value' | 'start' | 'end'>, kind: 'ip' | 'port' | 'text'): Field {
  return field(at, [kind], kind);
}

function asItStands({ type, backends }: Frontend, role: FrontendKind) {
  return {
    problems: type && type.kind !== role ? [`its type is ${type.name}`] : [],
    masquerade: undefined,
    backends: backends.map(
      ({ ip, port }): MappedBackend => ({
        ip: ip.value,
        port: port?.value ?? '',
        share: undefined,
        at: made(ip, 'ip'),
      }),
    ),
  };
}

/** Addresses from which nothing in the rules can come: those of documentation (RFC 5737, RFC 3849). */
const CLIENT = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const NODE = { 4: '192.0.2.2', 6: '2001:db8::2' } as const;

/** Sends a first packet to a frontend. */
function sent({ address, family = 4, port, protocol = 'TCP' }: Frontend, ready: WalkableRuleset): Walk {
  return walk(ready, {
    from: CLIENT[family],
    to: address?.value ?? NODE[family],
    port: Number(port.value),
    protocol: protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp',
    entry: 'prerouting',
    localAddresses: [NODE[family]],
  });
}

/** Where a packet ends, with the places of those targets that are backends of its frontend. */
function ending({ outcomes }: Walk, { backends }: Frontend) {
  const places = new Map(backends.map(({ at }) => [at.value, at.at]));
  const problems: string[] = [];
  const shares = new Map<string, number>();
  for (const { target, verdict, probability } of outcomes) {
    if (target !== null && verdict === 'DNAT') shares.set(target, (shares.get(target) ?? 0) + probability);
    else problems.push(`${percent(probability)} of new connections end as ${verdict}`);
  }
  const translated = outcomes.filter(({ verdict }) => verdict === 'DNAT');
  const masked = new Set(translated.map(({ masquerade }) => masquerade));
  return {
    problems,
    masquerade: masked.size === 1 ? ([...masked][0] ?? undefined) : undefined,
    backends: [...shares].map(([target, share]): MappedBackend => {
      const colon = target.lastIndexOf(':');
      const place = places.get(target);
      return {
        ip: target.slice(0, colon).replace(/^\[|\]$/g, ''),
        port: target.slice(colon + 1),
        share,
        at: place && made({ value: target, start: place.start, end: place.end }, 'text'),
      };
    }),
  };
}

/** A share in whole percent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The backends of a frontend as text, equal for equal sets. */
export function targets({ backends }: MappedFrontend): string {
  return backends
    .map(({ ip, port }) => `${ip}:${port}`)
    .sort()
    .join();
}
