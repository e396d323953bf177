import type { ServiceFacts } from './service.ts';
import { valuesOf } from './stated.ts';

/** What a frontend of a LoadBalancer Service is for. */
export type FrontendKind = 'vip' | 'cluster-ip' | 'node-port';

/** Where something is served: an address with a port, or a port of every node. */
export interface Served {
  /** Undefined where every address of the node will do. */
  address: { value: string } | undefined;
  /** Undefined where every port will do. */
  port: { value: string } | undefined;
  /** True for a port of every node, which some outputs name with an address of the node. */
  nodePort: boolean;
}

/**
 * Tells what is the traced Service's: by its addresses, or as a port of every node by its NodePorts.
 * @returns undefined for what is another Service's
 */
export function kindsOf({ clusterIp, vip, nodePort }: ServiceFacts): (served: Served) => FrontendKind | undefined {
  const kinds = (kind: FrontendKind, statements: typeof vip) =>
    valuesOf(statements).map((value) => [value, kind] as const);
  const addresses = new Map([...kinds('cluster-ip', clusterIp), ...kinds('vip', vip)]);
  const ports = new Map(kinds('node-port', nodePort));
  return ({ address, port, nodePort: isNodePort }) => {
    if (!port) return undefined;
    return addresses.get(address?.value ?? '') ?? (isNodePort ? ports.get(port.value) : undefined);
  };
}
