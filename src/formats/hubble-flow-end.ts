import { isAddress, STAND_IN } from './address.ts';
import { match, part } from './cut.ts';
import type { FlowEnd } from './hubble-event.ts';
import type { Located } from './types.ts';

const HOST_PORT = new RegExp(
  String.raw`^(?:\[(?<ip6>[0-9A-Fa-f:.]+|${STAND_IN})\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$`,
  'd',
);

/**
 * Reads one end of a flow: `10.0.0.1:80`, `[fd00::1]:80`, `namespace/pod:80`, or any of them without the port.
 * @param identity what stands in parentheses behind it: `ID:7`, `world`
 */
export function endOf(printed: Located, identity: Located | undefined): FlowEnd {
  const joined = match<'port', 'ip6' | 'host'>(HOST_PORT, printed);
  const host = joined?.ip6 ?? joined?.host ?? printed;
  const slash = host.value.indexOf('/');
  return {
    host,
    ...(isAddress(host.value) && { ip: host }),
    ...(slash > 0 && { namespace: part(host, 0, slash), name: part(host, slash + 1) }),
    ...(joined && { port: joined.port }),
    ...(identity && {
      identity: identity.value.startsWith('ID:') ? { id: part(identity, 3) } : { reserved: identity },
    }),
  };
}
