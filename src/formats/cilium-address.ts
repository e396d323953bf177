import { isAddress, STAND_IN } from './address.ts';
import { match } from './cut.ts';
import { type Field, field } from './field.ts';
import type { Located } from './types.ts';

/*
 * Addresses as Cilium's load balancer prints them (pkg/loadbalancer, L3n4Addr.StringWithProtocol):
 *
 *   10.24.0.10:53/TCP    [fd00::1]:80/TCP    0.0.0.0:32179/TCP/i    10.0.0.1@2:80/TCP    10.96.0.1:443 (before 1.17)
 *   client-1:80/TCP (redacted)
 */

/** An address with a port. */
export interface CiliumAddress {
  ip: Located;
  port: Located;
  /** Absent before Cilium 1.17, which did not tell protocols apart. */
  protocol?: Located;
  /** `i` where the entry is for traffic from inside the cluster only (externalTrafficPolicy Local). */
  scope?: Located;
  /** Number of the cluster in a cluster mesh. */
  cluster?: Located;
}

const ADDRESS = new RegExp(
  String.raw`^(?:\[(?<ip6>[0-9A-Fa-f:.]+|${STAND_IN})(?:@(?<cluster6>\d+))?\]|(?<ip4>[0-9.]+|${STAND_IN})(?:@(?<cluster4>\d+))?):(?<port>\d{1,5})(?:/(?<protocol>[A-Z][A-Z0-9]*))?(?:/(?<scope>i))?$`,
  'd',
);

/** Reads an address; undefined where `at` is none. */
export function parseCiliumAddress(at: Located): CiliumAddress | undefined {
  const found = match<'port', 'ip4' | 'ip6' | 'cluster4' | 'cluster6' | 'protocol' | 'scope'>(ADDRESS, at);
  const ip = found?.ip4 ?? found?.ip6;
  if (!found || !ip || !isAddress(ip.value)) return undefined;
  const { port, protocol, scope } = found;
  const cluster = found.cluster4 ?? found.cluster6;
  return { ip, port, ...(protocol && { protocol }), ...(scope && { scope }), ...(cluster && { cluster }) };
}

/** The values of an address, below `path`. */
export function ciliumAddressFields(
  { ip, port, protocol, scope, cluster }: CiliumAddress,
  path: readonly string[],
): Field[] {
  return [
    field(ip, [...path, 'ip'], 'ip'),
    ...(cluster ? [field(cluster, [...path, 'cluster'], 'number')] : []),
    field(port, [...path, 'port'], 'port'),
    ...(protocol ? [field(protocol, [...path, 'protocol'], 'protocol')] : []),
    ...(scope ? [field(scope, [...path, 'scope'], 'state')] : []),
  ];
}
