import type { CiliumAddress } from '../formats/cilium-address.ts';
import type { LbEntry } from '../formats/cilium-bpf-lb-list.ts';
import { type CiliumService, frontendName } from '../formats/cilium-service-list.ts';
import type { Located } from '../formats/types.ts';
import { type FrontendKind, kindsOf } from './kinds.ts';
import type { RulesetFacts } from './rulesets.ts';
import type { ServiceFacts } from './service.ts';
import { joined, type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** Where a frontend sends connections. */
export interface Backend {
  /** As the output names it: `10.20.0.8:80/TCP`. */
  name: string;
  ip: Located;
  /** Undefined where the port stays as it is. */
  port: Located | undefined;
  /** Both as one value, `10.20.0.8:80`. */
  at: Stated;
  /** True where the output prefers it to others (`preferred` of a cluster mesh). */
  preferred: boolean;
}

/** What one output of the dataplane does with one address and port of a Service. */
export interface Frontend {
  subject: Subject;
  /** As the output names it: `0.0.0.0:30574/TCP`; what its rules ask for. */
  name: string;
  /** Undefined where every address of the node will do, which the list of a service map prints as 0.0.0.0 or ::. */
  address: Located | undefined;
  /** Undefined where nothing tells. */
  family: 4 | 6 | undefined;
  port: Located;
  /** `TCP`, `UDP` or `SCTP`; undefined where the output does not tell protocols apart. */
  protocol: string | undefined;
  /** True where it is for traffic from inside the cluster only (a Local traffic policy has two). */
  inside: boolean;
  /** True for a port of every node. */
  nodePort: boolean;
  /** The type that the output gives it, and what that type is for. */
  type: { name: string; kind: FrontendKind | undefined } | undefined;
  /** Number the output gives it. */
  id: string | undefined;
  /** What of the traced Service it is; undefined for a frontend of another. */
  own: FrontendKind | undefined;
  /** The rule or the row that says so. */
  at: Stated;
  /** Those that take new connections. */
  backends: Backend[];
  /** Those that take none: they terminate or are in maintenance. */
  inactive: Backend[];
}

/** An output of the dataplane with every frontend it holds, those of other Services too. */
export interface DataplaneOutput {
  subject: Subject;
  /** What it prints: rules, a list of services, or the entries of the map behind it. */
  prints: 'rules' | 'services' | 'entries';
  /** How many of them. */
  count: number;
  frontends: Frontend[];
  /** The rules themselves; undefined for a map. */
  ruleset: RulesetFacts | undefined;
}

/** A frontend as an output tells it, not knowing which Service is traced. */
type Told = Omit<Frontend, 'subject' | 'own'>;
type Reading = Pick<DataplaneOutput, 'prints' | 'count'> & { frontends: Told[] };

/**
 * The frontends of every output of the dataplane on one side.
 * @param rulesets what the outputs of iptables-save hold
 * @param service says which of the frontends are the traced Service's
 */
export function dataplaneOutputs(
  subjects: readonly Subject[],
  rulesets: readonly RulesetFacts[],
  service: ServiceFacts,
): DataplaneOutput[] {
  const kindOf = kindsOf(service);
  return subjects.flatMap((subject) => {
    const ruleset = rulesets.find((one) => one.subject === subject);
    const reading = readingOf(subject, ruleset);
    if (!reading) return [];
    const frontends = reading.frontends.map((told): Frontend => ({ ...told, subject, own: kindOf(told) }));
    return [{ ...reading, subject, frontends, ruleset }];
  });
}

/**
 * Reads one output; another dataplane is one more case here, and nothing that asks for frontends changes.
 * @returns undefined for what is no output of the dataplane, and for rules that translate nothing (the filter table
 * alone)
 */
function readingOf(subject: Subject, ruleset: RulesetFacts | undefined): Reading | undefined {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'iptables-save':
      if (!ruleset?.translates) return undefined;
      return { prints: 'rules', count: ruleset.rules, frontends: ruleFrontends(subject, ruleset) };
    case 'cilium-service-list':
      return {
        prints: 'services',
        count: parsed.services.length,
        frontends: parsed.services.map((service) => listFrontend(subject, service)),
      };
    case 'cilium-bpf-lb-list': {
      const services = Map.groupBy(parsed.entries, ({ service }) => frontendName(service));
      return {
        prints: 'entries',
        count: parsed.entries.length,
        frontends: [...services.values()].map((slots) => slotFrontend(subject, slots)),
      };
    }
    default:
      return undefined;
  }
}

/** What the rules do with each address and port they ask for. */
function ruleFrontends(subject: Subject, { index }: RulesetFacts): Told[] {
  const groups = Map.groupBy(index.entrances.values(), ({ address, port, protocol }) =>
    [address?.value, port?.value, protocol].join(' '),
  );
  return [...groups.values()].flatMap((entrances): Told[] => {
    // Older versions of kube-proxy put a rule that only marks before the one that leads to the endpoints.
    const deciding = entrances.find(({ targets }) => targets.length > 0) ?? entrances[0];
    if (!deciding?.port) return [];
    const { rule, address, port, protocol, targets } = deciding;
    return [
      {
        name: `${address?.value ?? ''}:${port.value}/${protocol ?? 'TCP'}`,
        address,
        family: address && familyOf(address.value),
        port,
        protocol,
        inside: false,
        nodePort: !address,
        type: undefined,
        id: undefined,
        at: stated(subject, { value: rule.text, start: rule.start, end: rule.end }),
        backends: targets.flatMap(({ target }): Backend[] => {
          const effect = target?.effect;
          if (effect?.kind !== 'dnat' || !effect.host) return [];
          const { value } = joined(subject, effect.host, effect.port);
          const { host: ip, port: to } = effect;
          return [{ name: value, ip, port: to, at: stated(subject, effect.to, value), preferred: false }];
        }),
        inactive: [],
      },
    ];
  });
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The types Cilium prints, and what a frontend of that type is for. */
const TYPES = new Map<string, FrontendKind | undefined>([
  ['ClusterIP', 'cluster-ip'],
  ['NodePort', 'node-port'],
  ['LoadBalancer', 'vip'],
  ['ExternalIPs', 'vip'],
  ['HostPort', undefined],
  ['LocalRedirect', undefined],
]);
const NODE_TYPES = new Set(['NodePort', 'HostPort']);
const UNSPECIFIED = /^(?:0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/;

function backendOf(subject: Subject, address: CiliumAddress, preferred: boolean): Backend {
  const { ip, port } = address;
  return { name: nameOf(address), ip, port, at: joined(subject, ip, port), preferred };
}

/** An address without its scope. */
function nameOf({ ip, port, protocol }: CiliumAddress): string {
  return frontendName({ ip, port, ...(protocol && { protocol }) });
}

function mapFrontend(
  subject: Subject,
  frontend: CiliumAddress,
  type: string | undefined,
  rest: Pick<Told, 'id' | 'backends' | 'inactive'>,
): Told {
  const { ip, port, protocol, scope } = frontend;
  const everywhere = UNSPECIFIED.test(ip.value);
  return {
    name: nameOf(frontend),
    address: everywhere ? undefined : ip,
    family: familyOf(ip.value),
    port,
    protocol: protocol?.value,
    inside: scope !== undefined,
    nodePort: everywhere || NODE_TYPES.has(type ?? ''),
    type: type === undefined ? undefined : { name: type, kind: TYPES.get(type) },
    at: joined(subject, ip, port),
    ...rest,
  };
}

/** A service of the agent's view. */
function listFrontend(subject: Subject, { id, frontend, type, backends }: CiliumService): Told {
  const those = (wanted: boolean) =>
    backends
      .filter(({ state }) => (!state || state.value === 'active') === wanted)
      .map(({ address, preferred }) => backendOf(subject, address, preferred !== undefined));
  return mapFrontend(subject, frontend, type?.value, { id: id?.value, backends: those(true), inactive: those(false) });
}

/** The entries of one service: slot 0 is the service itself, with its flags, every other slot a backend. */
function slotFrontend(subject: Subject, slots: readonly LbEntry[]): Told {
  const [{ service }] = slots as [LbEntry];
  const type = slots.flatMap(({ flags }) => flags).find(({ value }) => TYPES.has(value));
  const backends = slots.flatMap(({ backend, slot, serviceSlot, flags }) => {
    const isService = (slot ?? serviceSlot)?.value === '0' || flags.some(({ value }) => TYPES.has(value)) || !backend;
    return isService || UNSPECIFIED.test(backend.ip.value) ? [] : [backendOf(subject, backend, false)];
  });
  return mapFrontend(subject, service, type?.value, { id: undefined, backends, inactive: [] });
}
