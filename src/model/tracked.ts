import type { CiliumCtEntry } from '../formats/cilium-bpf-ct-list.ts';
import type { CiliumNatEntry } from '../formats/cilium-bpf-nat-list.ts';
import type { TupleEnd } from '../formats/cilium-tuple.ts';
import type { ConntrackEntry } from '../formats/conntrack-list.ts';
import type { Located } from '../formats/types.ts';
import { type FrontendKind, kindsOf } from './kinds.ts';
import type { ServiceFacts } from './service.ts';
import { joined, type Stated, stated, valuesOf } from './stated.ts';
import type { Subject } from './subject.ts';

/*
 * Connections to the traced Service as the node keeps track of them: netfilter's table (`conntrack -L`), and Cilium's
 * maps (`bpf ct list`, and `bpf nat list` for the source).
 *
 * An entry of conntrack tells all by itself: how the connection began, and what its replies look like. Cilium has an
 * entry towards the frontend, which names the backend by a number, and one from the same client towards the backend with
 * the same number for the way back (RevNAT). What replaces the client's address is an entry of the NAT map.
 */

/** A connection to the traced Service. */
export interface TrackedConnection {
  /** What of the Service it was opened to. */
  kind: FrontendKind;
  /** `address:port` of who opened it, as the node saw it arrive. */
  client: Stated;
  /** `address:port` it was opened to. */
  frontend: Stated;
  /** `address:port` it was sent to; absent where no entry tells. */
  backend?: Stated;
  /**
   * Whether the client's address was replaced on the way to the backend; absent where that is not recorded. Where only
   * maps tell, an entry that is not there means that this node replaced nothing.
   */
  masqueraded?: boolean;
  /** The address that replaced it. */
  as?: Stated;
}

/** An output with the connections of a node. */
export interface TrackedOutput {
  subject: Subject;
  /** All the entries of the output. */
  entries: number;
  /** Those to the traced Service. */
  connections: TrackedConnection[];
}

/** The connections to the traced Service, output by output. */
export function trackedOutputs(subjects: readonly Subject[], service: ServiceFacts): TrackedOutput[] {
  const kindOf = kindOfEnd(service);
  const maps = subjects.flatMap((subject) =>
    subject.parsed.format === 'cilium-bpf-nat-list' ? [{ subject, entries: subject.parsed.entries }] : [],
  );
  return subjects.flatMap((subject): TrackedOutput[] => {
    const { parsed } = subject;
    if (parsed.format === 'conntrack-list') {
      const connections = parsed.entries.flatMap((entry) => fromConntrack(subject, entry, kindOf));
      return [{ subject, entries: parsed.entries.length, connections }];
    }
    if (parsed.format !== 'cilium-bpf-ct-list') return [];
    const connections = parsed.entries.flatMap((entry) => fromCilium(subject, entry, parsed.entries, maps, kindOf));
    return [{ subject, entries: parsed.entries.length, connections }];
  });
}

type KindOf = (ip: Located, port: Located) => FrontendKind | undefined;

/** What of the Service an address with a port is. */
function kindOfEnd(service: ServiceFacts): KindOf {
  const kindOf = kindsOf(service);
  const ports = valuesOf(service.port);
  return (address, port) => {
    const kind = kindOf({ address, port, nodePort: true });
    return kind === 'node-port' || ports.length === 0 || ports.includes(port.value) ? kind : undefined;
  };
}

function fromConntrack(subject: Subject, { original, reply }: ConntrackEntry, kindOf: KindOf): TrackedConnection[] {
  const kind = original.destinationPort && kindOf(original.destination, original.destinationPort);
  if (!kind) return [];
  const masqueraded = reply.destination.value !== original.source.value;
  return [
    {
      kind,
      client: joined(subject, original.source, original.sourcePort),
      frontend: joined(subject, original.destination, original.destinationPort),
      backend: joined(subject, reply.source, reply.sourcePort),
      masqueraded,
      ...(masqueraded && { as: stated(subject, reply.destination) }),
    },
  ];
}

type NatMap = { subject: Subject; entries: readonly CiliumNatEntry[] };

function fromCilium(
  subject: Subject,
  entry: CiliumCtEntry,
  all: readonly CiliumCtEntry[],
  maps: readonly NatMap[],
  kindOf: KindOf,
): TrackedConnection[] {
  const [client, frontend] = endsOf(entry) ?? [];
  const kind = frontend && kindOf(frontend.ip, frontend.port);
  if (!client || !kind) return [];
  const number = revNat(entry);
  const onwards = all.find(
    (other) =>
      !endsOf(other) &&
      other.protocol.value === entry.protocol.value &&
      isSame(other.source, client) &&
      number !== undefined &&
      revNat(other) === number,
  )?.destination;
  const end = (at: TupleEnd) => joined(subject, at.ip, at.port);
  return [
    {
      kind,
      client: end(client),
      frontend: end(frontend),
      ...(onwards && { backend: end(onwards), ...masquerade(client, onwards, maps) }),
    },
  ];
}

function masquerade(client: TupleEnd, backend: TupleEnd, maps: readonly NatMap[]) {
  for (const { subject, entries } of maps) {
    const found = entries.find(
      ({ rewrites, source, destination }) =>
        rewrites.value === 'SRC' && isSame(source, client) && isSame(destination, backend),
    );
    // An entry that keeps the address only holds the port for the way back.
    if (found && found.to.ip.value !== client.ip.value) return { masqueraded: true, as: stated(subject, found.to.ip) };
  }
  return maps.length > 0 ? { masqueraded: false } : {};
}

/** Who asked which frontend, of an entry towards a frontend; older versions print it from the way back. */
function endsOf({ direction, marks, source, destination }: CiliumCtEntry): [TupleEnd, TupleEnd] | undefined {
  if (direction.value === 'SVC') return [source, destination];
  return marks.some(({ value }) => value === 'service') ? [destination, source] : undefined;
}

function revNat({ attributes }: CiliumCtEntry): string | undefined {
  const number = attributes.find(({ key }) => key.value === 'RevNAT')?.value.value;
  return number === '0' ? undefined : number;
}

function isSame(one: TupleEnd, other: TupleEnd): boolean {
  return one.ip.value === other.ip.value && one.port.value === other.port.value;
}
