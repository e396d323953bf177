import type { Subject } from '../../model/subject.ts';
import type { Candidate } from './candidates.ts';

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
