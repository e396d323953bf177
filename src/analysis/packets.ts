import { isStandIn } from '../formats/address.ts';
import { contains, type Network, parseNetwork } from '../formats/iptables-save/network.ts';
import { tableOf } from '../formats/iptables-save/table.ts';
import type { Rule, Ruleset } from '../formats/iptables-save.ts';
import type { DataplaneOutput, Frontend } from '../model/frontends.ts';
import type { Model, SideModel } from '../model/model.ts';
import type { RulesetFacts } from '../model/rulesets.ts';
import { addressOf } from '../netfilter/packet.ts';
import { type Packet, type Walk, walk, walkable } from '../netfilter/walk.ts';
import { sideIds } from '../recipe/schema.ts';
import { lookupService, type Origin, type ServiceLookup } from './service-lookup.ts';
import type { Role, RoleValue } from './types.ts';

/** One packet on both sides: its walk through the rules of one, its service row on the other. */
export interface PacketWalk {
  /** In words: `pod → ClusterIP`. */
  label: string;
  /** Who sends it. */
  origin: Origin;
  rules: {
    capture: string;
    packet: Packet;
    walk: Walk;
    /** Rules of the chains on the way that it is not compared with, in the order of the output. */
    passedOver: { table: string; rule: Rule }[];
  };
  /** Undefined where the other side's service list is not there or has no such address. */
  services: { capture: string; packet: Packet; lookup: ServiceLookup; rows: readonly Frontend[] } | undefined;
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

/** What one side's output says about the packets worth following. */
interface Side {
  output: DataplaneOutput;
  value: (role: Role) => string | undefined;
  /** Port of the ClusterIP. */
  port: number;
  /** A pod that is no backend of the Service, and what it stands for where no output names it. */
  pod: string;
  podNote?: string;
}

/**
 * The packets worth following, from what the captures hold: an outside client and a pod to the Service's addresses, the
 * Service's own story first, and a pod to an address no Service has. None to the cluster's DNS: where NodeLocal DNSCache
 * runs, it answers before these rules, by a raw table that need not be captured.
 * @returns none where there are no rules to walk through or the Service's addresses are not known
 */
export function packetWalks({ sides }: Model, values: readonly RoleValue[]): PacketWalk[] {
  const outputs = sideIds.flatMap((side) => sides[side].dataplane);
  const rules = outputs.find(({ ruleset }) => ruleset);
  const list = outputs.find(({ prints }) => prints === 'services');
  const left = rules?.ruleset && sideOf(rules, values, rulePods(rules.ruleset));
  if (!left || !rules?.ruleset) return [];
  const right = list && sideOf(list, values, listPods(list));
  const { ruleset } = rules.ruleset;
  const ready = walkable(ruleset);

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
    const lookup = right && other && lookupService(right.output.frontends, other, origin);
    const done = walk(ready, packet);
    return [
      {
        label,
        origin,
        rules: { capture: left.output.subject.key, packet, walk: done, passedOver: passedOver(ruleset, done) },
        services: lookup && {
          capture: right.output.subject.key,
          packet: other,
          lookup,
          rows: right.output.frontends,
        },
        notes: [...notes, ...podNotes, ...(lookup ? surrogateNotes(lookup) : [])],
      },
    ];
  };
  return [
    ...walked('outside → VIP', 'outside', ({ value, port }) => ({ to: value('vip'), port }), CLIENT_NOTE),
    ...walked(
      'pod → ClusterIP',
      'pod',
      ({ value, port }) => ({ to: value('cluster-ip'), port }),
      ...(right ? socketNotes(sides[right.output.subject.side]) : []),
    ),
    ...walked(
      'outside → NodePort',
      'outside',
      ({ value }) => ({ to: NODE, port: Number(value('node-port')) || undefined }),
      CLIENT_NOTE,
      NODE_NOTE,
    ),
    ...walked(
      'pod → an address of no Service',
      'pod',
      ({ port }) => ({ to: NOBODY, port }),
      `${NOBODY} stands for an address no Service has.`,
    ),
  ];
}

/** Rules that stand in a chain the packet is in, and that no branch of it is compared with. */
export function passedOver(ruleset: Ruleset, { steps }: Walk): { table: string; rule: Rule }[] {
  const chains = new Set(steps.map(({ table, chain }) => `${table} ${chain}`));
  const compared = new Set(steps.map(({ line }) => line));
  return ruleset.tables.flatMap(({ name, rules }) =>
    rules.flatMap((rule) => {
      if (compared.has(rule.line)) return [];
      const table = name?.value ?? tableOf(rule);
      return chains.has(`${table} ${rule.chain.value}`) ? [{ table, rule }] : [];
    }),
  );
}

/** Where the sockets of pods are translated, the packet of this walk is never sent on that side. */
function socketNotes({ side, agent: { statuses } }: SideModel): string[] {
  const covered = statuses.find(
    ({ socketLb, socketLbCoverage }) => socketLb?.value === 'Enabled' && socketLbCoverage?.value === 'Full',
  );
  if (!covered) return [];
  return [
    `On ${side.toUpperCase()} a pod sends no such packet: by ${covered.subject.key}, its connection is translated when it is opened.`,
  ];
}

/** The list prints a NodePort once, for no address; a packet has one. */
function surrogateNotes({ frontend, matchedBy }: ServiceLookup): string[] {
  if (!frontend || frontend.address || matchedBy !== 'node-port') return [];
  return [`The row ${frontend.name} stands for an entry of each node address, which the list leaves out.`];
}

/** Pods that an output names, and the network they are on where it says so. */
interface Pods {
  named: string[];
  network: Network | undefined;
}

/** @returns undefined where the output does not serve the ClusterIP */
function sideOf(output: DataplaneOutput, values: readonly RoleValue[], { named, network }: Pods): Side | undefined {
  const { side } = output.subject;
  const known = values.filter((value) => value.side === side);
  const value = (role: Role) => known.find((one) => one.role === role)?.value;
  const own = output.frontends.find(({ address }) => address && address.value === value('cluster-ip'));
  if (!own) return undefined;
  const backends = new Set(known.flatMap((one) => (one.role === 'pod-ip' ? [one.value] : [])));
  const pod = leastBusy(named.filter((one) => !backends.has(one) && !isStandIn(one)));
  return {
    output,
    value,
    port: Number(own.port.value),
    ...(pod === undefined ? examplePod(backends, network) : { pod }),
  };
}

/** Pods on the node of the rules: kube-proxy's own rules name their network. */
function rulePods({ index }: RulesetFacts): Pods {
  const network = index.podNetwork === undefined ? undefined : parseNetwork(index.podNetwork);
  const named = [...index.endpoints.values()].flat().flatMap(({ source }) => source ?? []);
  return {
    named: network ? named.filter((pod) => isStandIn(pod) || contains(network, addressOf(pod))) : named,
    network,
  };
}

/** Pods that a service list sends connections to. */
function listPods({ frontends }: DataplaneOutput): Pods {
  const named = frontends.flatMap(({ backends, inactive }) => [...backends, ...inactive].map(({ ip }) => ip.value));
  return { named, network: undefined };
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
