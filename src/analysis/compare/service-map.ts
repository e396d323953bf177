import type { CiliumAddress } from '../../formats/cilium-address.ts';
import { type Field, type FieldKind, field } from '../../formats/field.ts';
import type { Rule } from '../../formats/iptables-save.ts';
import type { Located } from '../../formats/types.ts';
import { holdsServices } from '../../model/service-rules.ts';
import type { Subject } from '../../model/subject.ts';
import { type Walk, walk, walkable } from '../../netfilter/walk.ts';
import type { SideId } from '../../recipe/schema.ts';
import { type Frontend as RuleFrontend, serviceRules } from '../roles/chains.ts';
import type { Role, RoleValue } from '../types.ts';

/** One backend of a frontend. */
export interface Backend {
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
  role: Role;
  at: Field;
  backends: Backend[];
  /** What is said of it that does not fit its role or cannot be told. */
  problems: string[];
  /** True where it rewrites the source address of traffic from outside; undefined where the output does not say. */
  masquerade: boolean | undefined;
}

/** The Service as one output maps it. */
export interface ServiceMap {
  frontends: MappedFrontend[];
  /** `16 rules`, `3 rows`. */
  size: string;
}

/** The formats that say where a Service's packets go. */
export type MapFormat = 'iptables-save' | 'cilium-service-list' | 'cilium-bpf-lb-list';
const FORMATS: readonly string[] = ['iptables-save', 'cilium-service-list', 'cilium-bpf-lb-list'] satisfies MapFormat[];

/** True where the output says where a Service's packets go. */
export function isServiceMap({ parsed }: Subject): boolean {
  if (parsed.format === 'iptables-save') return holdsServices(parsed);
  return FORMATS.includes(parsed.format);
}

/** The frontends of a side by their values. */
interface Frontends {
  of(wanted: 'vip' | 'cluster-ip' | 'node-port'): Set<string>;
  role(value: string): 'vip' | 'cluster-ip' | 'node-port' | undefined;
  /** The same name for counterparts: the role, with a number where there are several. */
  name(value: string, port: string, protocol: string): string;
}

function frontendsOf(values: readonly RoleValue[], side: SideId): Frontends {
  const roles = ['vip', 'cluster-ip', 'node-port'] as const;
  const known = values.flatMap((one) => {
    const role = roles.find((wanted) => wanted === one.role);
    return role ? [{ ...one, role }] : [];
  });
  const own = known.filter((one) => one.side === side);
  const byValue = new Map(own.map((one) => [one.value, one]));
  return {
    of: (wanted) => new Set(own.flatMap(({ role, value }) => (role === wanted ? [value] : []))),
    role: (value) => byValue.get(value)?.role,
    name(value, port, protocol) {
      const one = byValue.get(value);
      const left = one?.side === 'v2' && one.counterpart[0] !== undefined ? one.counterpart[0] : value;
      const first = known.filter(({ role, side: on }) => role === one?.role && on === 'v1');
      const place = first.findIndex((other) => other.value === left);
      const number = place > 0 ? ` #${place + 1}` : '';
      return `${one?.role}${number} ${one?.role === 'node-port' ? protocol : `${port}/${protocol}`}`;
    },
  };
}

/** Reads the Service's frontends and backends from an output, by the roles of its side. */
export function serviceMapOf(subject: Subject, values: readonly RoleValue[]): ServiceMap {
  const own = frontendsOf(values, subject.side);
  switch (subject.parsed.format) {
    case 'iptables-save':
      return fromRules(subject, own);
    case 'cilium-service-list':
      return fromEntries(
        subject.parsed.services.map(({ frontend, type, backends }) => ({
          frontend,
          type,
          backends: backends.filter(({ state }) => !state || state.value === 'active').map(({ address }) => address),
        })),
        own,
      );
    case 'cilium-bpf-lb-list':
      return fromEntries(entriesOfMap(subject), own);
    default:
      return { frontends: [], size: 'nothing' };
  }
}

function made(at: Located, kind: FieldKind, path: string): Field {
  return field(at, [path], kind);
}

/** Addresses from which nothing in the rules can come: those of documentation (RFC 5737, RFC 3849). */
const CLIENT = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const NODE = { 4: '192.0.2.2', 6: '2001:db8::2' } as const;

function fromRules(subject: Subject, own: Frontends): ServiceMap {
  const { parsed, text } = subject;
  if (parsed.format !== 'iptables-save') return { frontends: [], size: 'nothing' };
  const addresses = new Set([...own.of('vip'), ...own.of('cluster-ip')]);
  const { frontends, rules } = serviceRules(parsed, addresses, own.of('node-port'));
  const ready = walkable(parsed);
  const places = new Map(
    rules.flatMap(({ target }) =>
      target?.effect.kind === 'dnat' ? [[target.effect.to.value, target.effect.to] as const] : [],
    ),
  );
  return {
    size: `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`,
    frontends: frontends.map((frontend) => {
      const { ip, port, protocol } = frontend;
      return {
        ...ending(sent(frontend, ready), places),
        name: own.name(ip ?? port, port, protocol),
        role: own.role(ip ?? port) ?? 'node-port',
        at: frontendField(frontend, text),
      };
    }),
  };
}

/** Sends a first packet to a frontend. */
function sent({ ip, port, protocol }: RuleFrontend, ready: ReturnType<typeof walkable>): Walk {
  const family = ip?.includes(':') ? 6 : 4;
  return walk(ready, {
    from: CLIENT[family],
    to: ip ?? NODE[family],
    port: Number(port),
    protocol: (protocol.toLowerCase() || 'tcp') as 'tcp' | 'udp' | 'sctp',
    entry: 'prerouting',
    localAddresses: [NODE[family]],
  });
}

function ending(
  { outcomes }: Walk,
  places: ReadonlyMap<string, Located>,
): Pick<MappedFrontend, 'backends' | 'problems' | 'masquerade'> {
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
    backends: [...shares].map(([target, share]) => {
      const colon = target.lastIndexOf(':');
      const place = places.get(target);
      return {
        ip: target.slice(0, colon).replace(/^\[|\]$/g, ''),
        port: target.slice(colon + 1),
        share,
        at: place && made(place, 'text', 'to'),
      };
    }),
  };
}

/** A share in whole percent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The place of the frontend in a rule that takes its packets: the address, or the port. */
function frontendField({ ip, rules }: RuleFrontend, text: string): Field {
  const narrowed = (rule: Rule) => rule.matches.some(({ kind }) => kind === 'destination');
  const rule = rules.find((one) => narrowed(one) === (ip !== undefined)) ?? rules[0];
  for (const match of rule?.matches ?? []) {
    if (ip !== undefined && match.kind === 'destination') {
      const { start } = match.address;
      return made({ value: text.slice(start, start + ip.length), start, end: start + ip.length }, 'ip', 'ip');
    }
    if (ip === undefined && match.kind === 'ports' && match.ports[0]) return made(match.ports[0], 'port', 'port');
  }
  return made({ value: '', start: rule?.start ?? 0, end: rule?.start ?? 0 }, 'text', 'rule');
}

/** A service as Cilium lists it, whichever command printed it. */
interface Entry {
  frontend: CiliumAddress;
  type: Located | undefined;
  backends: CiliumAddress[];
}

function entriesOfMap({ parsed }: Subject): Entry[] {
  if (parsed.format !== 'cilium-bpf-lb-list') return [];
  const entries = new Map<string, Entry>();
  for (const { service, backend, flags } of parsed.entries) {
    const key = [service.ip, service.port, service.protocol, service.scope].map((at) => at?.value).join();
    const entry = entries.get(key) ?? { frontend: service, type: undefined, backends: [] };
    entries.set(key, entry);
    const type = flags.find(({ value }) => TYPES.has(value));
    if (type) entry.type = type;
    else if (backend && !/^(?:0\.0\.0\.0|::)$/.test(backend.ip.value)) entry.backends.push(backend);
  }
  return [...entries.values()];
}

/** The types Cilium prints, and the role of a frontend of that type. */
const TYPES = new Map<string, Role | undefined>([
  ['ClusterIP', 'cluster-ip'],
  ['NodePort', 'node-port'],
  ['LoadBalancer', 'vip'],
  ['ExternalIPs', 'vip'],
  ['HostPort', undefined],
  ['LocalRedirect', undefined],
]);

function fromEntries(entries: readonly Entry[], own: Frontends): ServiceMap {
  const frontends = new Map<string, MappedFrontend>();
  let rows = 0;
  for (const { frontend, type, backends } of entries) {
    const { ip, port, protocol } = frontend;
    const byPort = /^(?:NodePort|HostPort)$/.test(type?.value ?? '') ? own.role(port.value) : undefined;
    const role = own.role(ip.value) ?? byPort;
    // Entries with the scope `i` are for traffic inside the cluster; what comes from outside is compared.
    if (!role || frontend.scope) continue;
    rows++;
    const name = own.name(role === 'node-port' ? port.value : ip.value, port.value, protocol?.value ?? 'TCP');
    const problems: string[] = [];
    if (type && TYPES.get(type.value) !== role) problems.push(`its type is ${type.value}`);
    const found: MappedFrontend = {
      name,
      role,
      at: role === 'node-port' ? made(port, 'port', 'port') : made(ip, 'ip', 'ip'),
      backends: backends.map((one) => ({
        ip: one.ip.value,
        port: one.port.value,
        share: undefined,
        at: made(one.ip, 'ip', 'ip'),
      })),
      problems,
      masquerade: undefined,
    };
    // A NodePort stands once for each address of the node; the first stands for all that say the same.
    const before = frontends.get(name);
    if (before && targets(before) === targets(found)) continue;
    frontends.set(before ? `${name} again` : name, before ? { ...found, name: `${name} again` } : found);
  }
  return { frontends: [...frontends.values()], size: `${rows} ${rows === 1 ? 'row' : 'rows'}` };
}

/** The backends of a frontend as text, equal for equal sets. */
export function targets({ backends }: MappedFrontend): string {
  return backends
    .map(({ ip, port }) => `${ip}:${port}`)
    .sort()
    .join();
}
