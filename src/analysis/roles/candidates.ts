import type { SideModel } from '../../model/model.ts';
import { workloadOf } from '../../model/pods.ts';
import type { Stated, Statement } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import type { Role } from '../types.ts';

/** One place that says what a value is. */
export interface Candidate {
  role: Role;
  value: string;
  how: string;
  /**
   * What there can be only one of: the family of an address, the Service port of a NodePort. Where places disagree,
   * the value that most of them name is taken, so that one wrong number does not become a second truth.
   */
  key?: string;
  /** Values of one group are interchangeable across the sides. */
  group: string;
}

/** `4` or `6` for an address. */
export function familyOf(address: string): '4' | '6' {
  return address.includes(':') ? '6' : '4';
}

/** The Service's addresses and ports, and the load balancer before it. */
export function serviceCandidates({ service, subjects }: SideModel): Candidate[] {
  const tables = new Set(subjects.flatMap(({ key, parsed }) => (parsed.format === 'kubectl-table' ? [key] : [])));
  const isTable = ({ capture }: Statement) => Number(tables.has(capture));
  // A column says in a word what a description says in a line.
  const of = (
    statements: readonly Statement[],
    role: Role,
    grouped: (value: Stated) => Pick<Candidate, 'key' | 'group'>,
  ) =>
    statements
      .toSorted((a, b) => isTable(b) - isTable(a))
      .flatMap(({ how, values }) => values.map((one): Candidate => ({ role, value: one.value, how, ...grouped(one) })));
  const one = (key: string) => () => ({ key, group: key });
  const family = ({ value }: Stated) => one(familyOf(value))();
  return [
    ...of(service.vip, 'vip', family),
    ...of(service.clusterIp, 'cluster-ip', family),
    ...of(service.nodePort, 'node-port', ({ port }) => ({
      group: port ?? '',
      ...(port !== undefined && { key: port }),
    })),
    ...of(service.endpointIps, 'pod-ip', () => ({ group: 'endpoints' })),
    ...of(service.forwarded, 'vip', family),
    ...of(service.forwardingRule, 'forwarding-rule', one('rule')),
    ...of(service.pool, 'forwarding-rule', one('target')),
  ];
}

/** Every node that is named, and the addresses of nodes. */
export function nodeCandidates({ nodes }: SideModel): Candidate[] {
  const of = (statements: readonly Statement[], role: Role) =>
    statements.flatMap(({ how, values }) => values.map(({ value }): Candidate => ({ role, value, how, group: '' })));
  return [...of(nodes.named, 'node'), ...of(nodes.addresses, 'node-ip')];
}

/**
 * Pods, their addresses and their identities. Tables may list pods that have nothing to do with the Service; those with
 * an identity may be its clients.
 */
export function podCandidates({ pods: { seen, workloads } }: SideModel): Candidate[] {
  const isRow = ({ by }: (typeof seen)[number]) => by === 'list' || by === 'row';
  const told = (what: string, pod: string, { key }: Subject) => `${what} of ${pod} in ${key}`;
  return [...seen.filter(isRow), ...seen.filter((one) => !isRow(one))].flatMap((one): Candidate[] => {
    const { pod, ip, identity, subject, by } = one;
    const base = workloadOf(pod.value);
    const behind = workloads.has(base);
    if (by === 'host' || (isRow(one) && !identity && !behind)) return [];
    const group = behind ? 'endpoints' : base;
    return [
      { role: 'pod', value: pod.value, how: `pod named in ${subject.key}`, group: base },
      ...(ip ? [{ role: 'pod-ip', value: ip.value, how: told('address', pod.value, subject), group } as const] : []),
      ...(identity
        ? [{ role: 'identity', value: identity.value, how: told('identity', pod.value, subject), group: base } as const]
        : []),
    ];
  });
}
