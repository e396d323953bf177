import type { Field } from '../../formats/field.ts';
import { fieldsIn } from '../../model/fields.ts';
import type { Row } from '../../model/rows.ts';
import type { Subject } from '../../model/subject.ts';
import { baseOf, type Candidate, meaning, told } from './candidate.ts';

/*
 * What stands around the Service: the load balancer before it, nodes, pods with their addresses and identities, and the
 * peers of flows.
 */

/** The cloud's side: the forwarding rule, and the target pool or backend service it leads to. */
export function edgeCandidates(subjects: readonly Subject[], rows: readonly Row[]): Candidate[] {
  const made = (at: Field | undefined, key: string, how: string): Candidate[] =>
    at ? [{ role: 'forwarding-rule', value: at.value, how, key, group: key }] : [];
  return [
    ...rows.flatMap((row) => {
      if (!row.has('IP_ADDRESS') || !row.has('TARGET') || !row.alone) return [];
      const name = row.at('NAME').at(-1);
      const how = (what: string) => told(what, `the forwarding rule`, row.subject);
      const address = row.at('IP_ADDRESS').filter(({ kind }) => kind === 'ip');
      return [
        ...address.map(
          (at): Candidate => ({ role: 'vip', value: at.value, how: how('IP_ADDRESS'), group: '4', key: '4' }),
        ),
        ...made(name, 'rule', how('NAME')),
        ...made(row.at('TARGET').at(-1), 'target', how('TARGET')),
      ];
    }),
    ...subjects.flatMap((subject) =>
      fieldsIn(subject).flatMap((at) => {
        if (at.kind !== 'hash' && at.kind !== 'name') return [];
        const path = at.path.join('/');
        const pool = subject.parsed.format === 'yaml' && (path === 'name' || path === 'selfLink/targetPools');
        if (!pool && path !== 'Annotations/networking.gke.io/target-pool') return [];
        return made(at, 'target', told(path, 'the target pool', subject));
      }),
    ),
  ];
}

/** Every node that is named, and the addresses of nodes in `kubectl get nodes -o wide`. */
export function nodeCandidates(subjects: readonly Subject[], rows: readonly Row[]): Candidate[] {
  const names = subjects.flatMap((subject) =>
    fieldsIn(subject)
      .filter(({ kind }) => kind === 'node')
      .map((at): Candidate => ({ role: 'node', value: at.value, how: `node named in ${subject.key}`, group: '' })),
  );
  const addresses = rows.flatMap((row) =>
    row.has('INTERNAL-IP')
      ? row.at('INTERNAL-IP').map(
          (at): Candidate => ({
            role: 'node-ip',
            value: at.value,
            how: told('INTERNAL-IP', 'a node', row.subject),
            group: '',
          }),
        )
      : [],
  );
  return [...names, ...addresses];
}

/** A pod as an output names it, with what the same row or output says of it. */
interface NamedPod {
  pod: Field;
  ip: Field | undefined;
  identity: Field | undefined;
  subject: Subject;
  /** False where the output may hold pods that have nothing to do with the Service. */
  ours: boolean;
}

function namedPods(subjects: readonly Subject[], rows: readonly Row[]): NamedPod[] {
  const pods: NamedPod[] = [];
  for (const row of rows) {
    const pod = [...row.at('POD'), ...row.at('NAME')].find(({ kind }) => kind === 'pod');
    const identity = row.at('IDENTITY').find(({ value }) => /^\d+$/.test(value));
    const ip = [...row.at('IP'), ...row.at('POD IP'), ...row.at('IPV4')].find(({ kind }) => kind === 'ip');
    if (pod) pods.push({ pod, ip, identity, subject: row.subject, ours: identity !== undefined });
  }
  for (const subject of subjects) {
    const { parsed } = subject;
    if (parsed.format === 'kubectl-table') continue;
    const fields = fieldsIn(subject);
    const ip =
      parsed.format === 'pod-network'
        ? fields.find(({ path, kind }) => path.includes('inet') && kind === 'ip')
        : undefined;
    const identities = identitiesByEnd(fields);
    for (const pod of fields) {
      if (pod.kind === 'pod') pods.push({ pod, ip, identity: identities.get(endOf(pod)), subject, ours: true });
    }
  }
  return pods;
}

/** The end of a flow that a value belongs to. */
function endOf({ path }: Field): string {
  return path.slice(0, -1).join('\u0000');
}

/** The numeric identities of flows, by the end they stand behind. */
function identitiesByEnd(fields: readonly Field[]): Map<string, Field> {
  return new Map(
    fields.flatMap((at) =>
      at.path[0] === 'flow' && at.kind === 'identity' && /^\d+$/.test(at.value) ? [[endOf(at), at]] : [],
    ),
  );
}

/** Pods, their addresses and their identities. `endpoints` are the addresses known to be the Service's. */
export function podCandidates(
  subjects: readonly Subject[],
  rows: readonly Row[],
  endpoints: ReadonlySet<string>,
): Candidate[] {
  const pods = namedPods(subjects, rows);
  const behind = new Set(pods.flatMap(({ pod, ip }) => (ip && endpoints.has(meaning(ip)) ? [baseOf(pod)] : [])));
  if (behind.size === 0) {
    // Pods were replaced since the endpoints were listed: the pod that was looked into is still one of the Service's.
    for (const { pod, subject } of pods) if (subject.parsed.format === 'pod-network') behind.add(baseOf(pod));
  }
  return pods.flatMap(({ pod, ip, identity, subject, ours }): Candidate[] => {
    const base = baseOf(pod);
    if (!ours && !behind.has(base)) return [];
    const group = behind.has(base) ? 'endpoints' : base;
    return [
      { role: 'pod', value: pod.value, how: `pod named in ${subject.key}`, group: base },
      ...(ip ? [{ role: 'pod-ip', value: meaning(ip), how: told('address', pod.value, subject), group } as const] : []),
      ...(identity
        ? [{ role: 'identity', value: identity.value, how: told('identity', pod.value, subject), group: base } as const]
        : []),
    ];
  });
}

/** Reserved identities of peers outside the cluster, and of nodes (Cilium, pkg/identity/numericidentity.go). */
const OUTSIDE = /^(?:reserved:)?world(?:-ipv[46])?$/;
const NODES = /^(?:reserved:)?(?:host|remote-node)$/;

/** Clients and nodes by the reserved identity that flows give their addresses. */
export function peerCandidates(subjects: readonly Subject[]): Candidate[] {
  return subjects.flatMap((subject) =>
    endsOf(subject).flatMap(({ ip, reserved }): Candidate[] => {
      const how = `${reserved} in the flows of ${subject.key}`;
      if (OUTSIDE.test(reserved)) return [{ role: 'client-ip', value: ip, how, group: '' }];
      return NODES.test(reserved) ? [{ role: 'node-ip', value: ip, how, group: '' }] : [];
    }),
  );
}

function endsOf({ parsed }: Subject): { ip: string; reserved: string }[] {
  if (parsed.format === 'hubble-flows') {
    return parsed.events.flatMap((event) =>
      event.type !== 'flow'
        ? []
        : [event.left, event.right].flatMap(({ ip, identity }) =>
            ip && identity?.reserved ? [{ ip: ip.value, reserved: identity.reserved.value }] : [],
          ),
    );
  }
  if (parsed.format !== 'hubble-flows-json') return [];
  return parsed.events.flatMap((event) =>
    event.type !== 'flow'
      ? []
      : [event.source, event.destination].flatMap(({ ip, labels }) =>
          ip ? labels.map(({ value }) => ({ ip: ip.value, reserved: value })) : [],
        ),
  );
}
