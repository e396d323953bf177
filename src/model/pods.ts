import { field } from '../formats/field.ts';
import { fieldsIn } from './fields.ts';
import type { FlowOutput, Packet } from './flows.ts';
import { type Row, rowsIn } from './rows.ts';
import type { ServiceFacts } from './service.ts';
import { type Stated, type Statement, stated, statedField, statement, valuesOf } from './stated.ts';
import type { Subject } from './subject.ts';

/**
 * How an output comes to name a pod.
 * - `list`: as one of those there are, so that a pod it does not name is not there
 * - `row`: in another row of a table, such as that of a pod that ends
 * - `inspection`: as the one that was looked into
 * - `report`: as the one that is left after scaling
 * - `flow`: at an end of a flow
 * - `host`: at an end of a flow that may as well be a Service
 * - `text`: anywhere else, such as the client of a probe
 */
export type Naming = 'list' | 'row' | 'inspection' | 'report' | 'flow' | 'host' | 'text';

/** A pod named by an output. */
export interface SeenPod {
  pod: Stated;
  by: Naming;
  ip?: Stated;
  node?: Stated;
  /** Number of its identity. */
  identity?: Stated;
  namespace?: string;
  subject: Subject;
}

/** A listed pod with the identity that the list gives it. */
export type IdentifiedPod = SeenPod & { identity: Stated };

/** Pods of one side. */
export interface PodFacts {
  seen: SeenPod[];
  /** The rows of tables of identities. */
  identified: IdentifiedPod[];
  /** `Deployment-hash` of the ReplicaSets behind the Service. */
  replicaSets: Set<string>;
  /** Names of the Deployments and the like behind the Service, as {@link workloadOf}. */
  workloads: Set<string>;
  /**
   * Ports on which sockets listen in the pods that were looked into, in decimal; empty where none does. Sockets in
   * another state are counted beside them.
   */
  listening: (Statement & { otherSockets: number })[];
  /** Numbers of replicas the Deployment was scaled to. */
  replicas: Statement[];
}

/** `nginx-bb6b8c496` of `nginx-bb6b8c496-4d49g`; undefined for a pod that no Deployment made. */
export function replicaSetOf(name: string): string | undefined {
  const parts = partsOf(name);
  return parts?.length === 3 ? `${parts[0]?.value}-${parts[1]?.value}` : undefined;
}

/** What a pod is a replica of: `nginx` of `nginx-bb6b8c496-4d49g`, its whole name where nothing of it is generated. */
export function workloadOf(name: string): string {
  return partsOf(name)?.[0]?.value ?? name;
}

function partsOf(name: string) {
  return field({ value: name, start: 0, end: name.length }, [], 'pod').parts;
}

/** True for a pod of a ReplicaSet behind the Service. */
export function isOfService({ replicaSets }: PodFacts, name: string): boolean {
  return replicaSets.has(replicaSetOf(name) ?? '');
}

/** Reads what the outputs of one side say of pods. */
export function podFacts(
  subjects: readonly Subject[],
  { endpointIps }: ServiceFacts,
  flows: readonly FlowOutput[],
): PodFacts {
  const seen = subjects.flatMap((subject) =>
    podsIn(subject, flows.find(({ capture }) => capture === subject.key)?.packets),
  );
  const addresses = new Set(valuesOf(endpointIps));
  // A pod that an output singles out is one of the Service; so is one with an endpoint's address.
  const own = seen
    .filter(({ by, ip }) => by === 'inspection' || by === 'report' || (ip && addresses.has(ip.value)))
    .map(({ pod }) => pod.value);
  return {
    seen,
    identified: seen.filter((one): one is IdentifiedPod => one.by === 'list' && one.identity !== undefined),
    replicaSets: new Set(own.flatMap((name) => replicaSetOf(name) ?? [])),
    workloads: new Set(own.map(workloadOf)),
    listening: subjects.flatMap(listeningIn),
    replicas: subjects.flatMap(replicasIn),
  };
}

/** Every pod that an output names, in its order. */
function podsIn(subject: Subject, packets: readonly Packet[] | undefined): SeenPod[] {
  if (subject.parsed.format === 'kubectl-table') return rowsIn(subject).flatMap(podInRow);
  const known = packets ? podsAtEnds(subject, packets) : knownPods(subject);
  const places = new Set(known.map(({ pod }) => pod.at.start));
  const others = fieldsIn(subject)
    .filter(({ kind, start }) => kind === 'pod' && !places.has(start))
    .map((at): SeenPod => ({ pod: statedField(subject, at), by: 'text', subject }));
  return [...known, ...others];
}

/** The pods at the ends of packets, of which flows say the namespace and the identity. */
function podsAtEnds(subject: Subject, packets: readonly Packet[]): SeenPod[] {
  return packets.flatMap(({ ends }) =>
    ends.flatMap(({ pod, isPod, namespace, identity }): SeenPod[] =>
      pod && namespace !== undefined
        ? [{ pod, by: isPod ? 'flow' : 'host', namespace, subject, ...(identity && { identity }) }]
        : [],
    ),
  );
}

/** The pods of which an output says more than the name. */
function knownPods(subject: Subject): SeenPod[] {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'pod-network': {
      const ip = parsed.interfaces
        .filter(({ name }) => name.value !== 'lo')
        .flatMap(({ addresses }) => addresses.filter(({ family }) => family.value === 'inet'))[0]?.ip;
      const { pod } = parsed;
      return pod
        ? [{ pod: stated(subject, pod), by: 'inspection', subject, ...(ip && { ip: stated(subject, ip) }) }]
        : [];
    }
    case 'key-value': {
      const own = fieldsIn(subject).filter(({ path }) => path[0] === 'Pod');
      const pod = own.find(({ kind }) => kind === 'pod');
      const node = own.find(({ kind }) => kind === 'node');
      return pod
        ? [
            {
              pod: statedField(subject, pod),
              by: 'report',
              subject,
              ...(node && { node: statedField(subject, node) }),
            },
          ]
        : [];
    }
    default:
      return [];
  }
}

/** Columns of `kubectl get pods -o wide`, of ciliumendpoints (older and newer), and of custom columns. */
const NAME = ['POD', 'NAME'];
const IP = ['IP', 'IPV4', 'POD_IP'];
const IDENTITY = ['IDENTITY', 'SECURITY_IDENTITY', 'IDENTITY_ID'];

/** A row lists a pod where it says which address or identity it has, and not that it ends. */
function podInRow(row: Row): SeenPod[] {
  const { subject } = row;
  const name = row.at(...NAME).at(-1);
  const kind = row.cell(...NAME)?.value.match(/^([^/]+)\//)?.[1];
  const placed = [...IP, ...IDENTITY].some((heading) => row.has(heading));
  if (!name || (kind && kind !== 'pod') || !(placed || name.kind === 'pod')) return [];
  const ends = /^(Terminating|Completed|Error|Failed)$/.test(row.cell('STATUS')?.value ?? '');
  const ip = row.at(...IP).find((at) => at.kind === 'ip') ?? row.cell(...IP);
  const node = row.cell('NODE');
  const identity = row.cell(...IDENTITY);
  const namespace = row.cell('NAMESPACE');
  return [
    {
      pod: statedField(subject, name),
      by: placed && !ends ? 'list' : 'row',
      subject,
      ...(ip && { ip: stated(subject, ip) }),
      ...(node && { node: stated(subject, node) }),
      ...(identity && /^\d+$/.test(identity.value) && { identity: stated(subject, identity) }),
      ...(namespace && { namespace: namespace.value }),
    },
  ];
}

function listeningIn(subject: Subject): PodFacts['listening'] {
  if (subject.parsed.format !== 'pod-network' || subject.parsed.tables.length === 0) return [];
  const sockets = subject.parsed.tables.flatMap((table) => table.sockets);
  const listening = sockets.filter(({ stateName }) => stateName === 'LISTEN');
  const ports = listening.map(({ local }) => stated(subject, local.port, String(local.portNumber)));
  const otherSockets = sockets.length - listening.length;
  return [{ ...statement('listening sockets', subject, ports), otherSockets }];
}

function replicasIn(subject: Subject): Statement[] {
  if (subject.parsed.format !== 'key-value') return [];
  const replicas = fieldsIn(subject).filter(({ path }) => path.at(-1) === 'replicas');
  return replicas.length > 0
    ? [
        statement(
          'replicas',
          subject,
          replicas.map((at) => statedField(subject, at)),
        ),
      ]
    : [];
}
