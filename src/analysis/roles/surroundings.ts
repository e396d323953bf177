import type { FlowOutput } from '../../model/flows.ts';
import type { Candidate } from './candidates.ts';

/** Reserved identities of peers outside the cluster, and of nodes (Cilium, pkg/identity/numericidentity.go). */
const OUTSIDE = /^world(?:-ipv[46])?$/;
const NODES = /^(?:host|remote-node)$/;

/** Clients and nodes by the reserved identity that flows give their addresses. */
export function peerCandidates(flows: readonly FlowOutput[]): Candidate[] {
  return flows.flatMap(({ capture, packets }) =>
    packets
      .flatMap(({ ends }) => ends)
      .flatMap(({ ip, reserved }) => (ip === undefined ? [] : reserved.map((name) => ({ ip, name }))))
      .flatMap(({ ip, name }): Candidate[] => {
        const how = `${name} in the flows of ${capture}`;
        if (OUTSIDE.test(name)) return [{ role: 'client-ip', value: ip, how, group: '' }];
        return NODES.test(name) ? [{ role: 'node-ip', value: ip, how, group: '' }] : [];
      }),
  );
}
