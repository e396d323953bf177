import { isStandIn } from '../formats/address.ts';
import type { CiliumServiceList } from '../formats/cilium-service-list.ts';
import { contains, type Network, parseNetwork } from '../formats/iptables-save/network.ts';
import type { Rule, Ruleset } from '../formats/iptables-save.ts';
import type { Model } from '../model/model.ts';
import { holdsServices, natRules } from '../model/service-rules.ts';
import type { Subject } from '../model/subject.ts';
import { addressOf } from '../netfilter/packet.ts';
import { type Packet, type Walk, walk, walkable } from '../netfilter/walk.ts';
import { lookupService, type Origin, type ServiceLookup } from './service-lookup.ts';
import type { Role, RoleValue } from './types.ts';

/** One packet on both sides: its walk through the rules of one, its service row on the other. */
export interface PacketWalk {
  /** In words: `pod → ClusterIP`. */
  label: string;
  rules: { capture: string; packet: Packet; walk: Walk };
  /** Undefined where the other side's service list is not there or has no such address. */
  services: { capture: string; packet: Packet; lookup: ServiceLookup } | undefined;
  /** What stands for a value the captures do not hold. */
  notes: string[];
}

/*
 * Addresses the captures do not hold are taken from the ranges set aside for documentation (RFC 5737), so that nobody
 * takes them for recorded ones.
 */
const CLIENT = '203.0.113.7';
const NODE = '192.0.2.10';
const NOBODY = '198.51.100.1';
const CLIENT_NOTE = `${CLIENT} stands for a client: an example address, not a captured one.`;
const NODE_NOTE = `${NODE} stands for the node's own address, which was not captured.`;

/** What one side's L4 output says about the packets worth following. */
interface Side {
  capture: string;
  value: (role: Role) => string | undefined;
  /** Port of the ClusterIP. */
  port: number;
  /** A pod that is no backend of the Service, and what it stands for where no output names it. */
  pod: string;
  podNote?: string;
  dns: string | undefined;
}

/**
 * The packets worth following, from what the captures hold: a pod and an outside client to the Service's addresses,
 * a pod to the cluster's DNS, and an address no Service has.
 * @returns none where there are no rules to walk through or the Service's addresses are not known
 */
export function packetWalks({ subjects }: Model, values: readonly RoleValue[]): PacketWalk[] {
  const rulesOf = subjects.find(({ parsed }) => parsed.format === 'iptables-save' && holdsServices(parsed));
  const servicesOf = subjects.find(({ parsed }) => parsed.format === 'cilium-service-list');
  if (rulesOf?.parsed.format !== 'iptables-save') return [];
  const left = iptablesSide(rulesOf, rulesOf.parsed, values);
  if (!left) return [];
  const list = servicesOf?.parsed.format === 'cilium-service-list' ? servicesOf.parsed : undefined;
  const right = servicesOf && list ? ciliumSide(servicesOf, list, values) : undefined;
  const ready = walkable(rulesOf.parsed);

  const walked = (
    label: string,
    origin: Origin,
    make: (side: Side) => Partial<Packet> | undefined,
    ...notes: string[]
  ) => {
    const packetOf = (side: Side | undefined): Packet | undefined => {
      const own = side && make(side);
      return own?.to === undefined || own.port === undefined
        ? undefined
        : {
            from: origin === 'pod' ? (side?.pod ?? CLIENT) : CLIENT,
            protocol: 'tcp',
            entry: 'prerouting',
            localAddresses: [NODE],
            to: own.to,
            port: own.port,
            ...own,
          };
    };
    const packet = packetOf(left);
    if (!packet) return [];
    const podNotes = origin === 'pod' ? new Set([left, right].flatMap((side) => side?.podNote ?? [])) : [];
    const other = packetOf(right);
    return [
      {
        label,
        rules: { capture: left.capture, packet, walk: walk(ready, packet) },
        services:
          right && list && other
            ? { capture: right.capture, packet: other, lookup: lookupService(list.services, other, origin) }
            : undefined,
        notes: [...notes, ...podNotes],
      },
    ];
  };
  return [
    ...walked('pod → ClusterIP', 'pod', ({ value, port }) => ({ to: value('cluster-ip'), port })),
    ...walked('outside → VIP', 'outside', ({ value, port }) => ({ to: value('vip'), port }), CLIENT_NOTE),
    ...walked(
      'outside → NodePort',
      'outside',
      ({ value }) => ({ to: NODE, port: Number(value('node-port')) || undefined }),
      CLIENT_NOTE,
      NODE_NOTE,
    ),
    ...walked('pod → DNS', 'pod', ({ dns }) => ({ to: dns, port: 53, protocol: 'udp' })),
    ...walked(
      'pod → unknown address',
      'pod',
      ({ port }) => ({ to: NOBODY, port }),
      `${NOBODY} stands for an address no Service has.`,
    ),
  ];
}

/** The first address, port and protocol a rule asks for. */
function askedFor({ matches }: Rule) {
  const asked: { from?: string; fromAnyBut?: string; to?: string; port?: number; protocol?: string } = {};
  for (const match of matches) {
    const address =
      match.kind === 'source' || match.kind === 'destination' ? match.address.value.replace(/\/32$/, '') : '';
    if (match.kind === 'source') asked[match.negated ? 'fromAnyBut' : 'from'] = address;
    if (match.kind === 'destination' && !match.negated) asked.to = address;
    if (match.kind === 'protocol' && !match.negated) asked.protocol = match.protocol.value;
    if (match.kind === 'ports' && match.side === 'destination' && match.ports[0]) asked.port = match.ports[0].from;
  }
  return asked;
}

function valuesOf(values: readonly RoleValue[], side: string) {
  return (role: Role) => values.find((value) => value.side === side && value.role === role)?.value;
}

function iptablesSide({ key, side }: Subject, ruleset: Ruleset, values: readonly RoleValue[]): Side | undefined {
  const value = valuesOf(values, side);
  const rules = natRules(ruleset);
  const services = rules.filter(({ chain }) => chain.value === 'KUBE-SERVICES');
  const own = services.map(askedFor).find(({ to }) => to !== undefined && to === value('cluster-ip'));
  if (own?.port === undefined) return undefined;
  const dns = services.map(askedFor).find(({ port, protocol }) => port === 53 && protocol === 'udp');
  return { capture: key, value, port: own.port, ...podOf(rules, values, side), dns: dns?.to };
}

/**
 * A pod on the node of the rules that is no backend of the Service: kube-proxy's own rules name its network. Where the
 * rules name no such pod, the last address of that network stands for one.
 */
function podOf(rules: readonly Rule[], values: readonly RoleValue[], side: string): Pick<Side, 'pod' | 'podNote'> {
  const backends = new Set(
    values.filter((value) => value.side === side && value.role === 'pod-ip').map(({ value }) => value),
  );
  const network = rules.map((rule) => askedFor(rule).fromAnyBut).find((text) => text !== undefined);
  const local = network === undefined ? undefined : parseNetwork(network);
  const pods = rules
    .filter(({ chain }) => chain.value.startsWith('KUBE-SEP-'))
    .flatMap((rule) => askedFor(rule).from ?? [])
    .filter((pod) => !backends.has(pod) && !isStandIn(pod) && (!local || contains(local, addressOf(pod))));
  const pod = leastBusy(pods);
  return pod === undefined ? examplePod(backends, local) : { pod };
}

/** What stands for a pod where no output names one: the last address of the pods' network that no backend has. */
function examplePod(backends: ReadonlySet<string>, network?: Network): Required<Pick<Side, 'pod' | 'podNote'>> {
  const [base = 0, mask = 0xffffffff] = network?.family === 4 ? [...network.base, ...network.mask] : [];
  const text = (address: number) => [24, 16, 8, 0].map((bits) => (address >>> bits) & 0xff).join('.');
  // The last address of an IPv4 network is its broadcast address.
  let last = base + (~mask >>> 0) - 1;
  while (last > base && backends.has(text(last))) last--;
  const pod = last > base ? text(last) : CLIENT;
  const where = last > base ? "an address of the pods' network" : 'an example address';
  return { pod, podNote: `${pod} stands for a pod: ${where}, not a captured one.` };
}

/** The pod behind the fewest Services: the plainest client. */
function leastBusy(pods: readonly string[]): string | undefined {
  const count = (pod: string) => pods.filter((other) => other === pod).length;
  return [...new Set(pods)].sort((a, b) => count(a) - count(b))[0];
}

function ciliumSide(
  { key, side }: Subject,
  { services }: CiliumServiceList,
  values: readonly RoleValue[],
): Side | undefined {
  const value = valuesOf(values, side);
  const own = services.find(({ frontend }) => frontend.ip.value === value('cluster-ip'));
  if (!own) return undefined;
  const backends = new Set(values.filter((v) => v.side === side && v.role === 'pod-ip').map((v) => v.value));
  const dns = services.find(({ frontend }) => frontend.port.value === '53' && frontend.protocol?.value === 'UDP');
  const others = services.flatMap((service) => service.backends.map(({ address }) => address.ip.value));
  const pod = leastBusy(others.filter((one) => !backends.has(one) && !isStandIn(one)));
  return {
    capture: key,
    value,
    port: Number(own.frontend.port.value),
    ...(pod === undefined ? examplePod(backends) : { pod }),
    dns: dns?.frontend.ip.value,
  };
}
