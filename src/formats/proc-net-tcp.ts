import { formatAddress, isStandIn, parseKernelAddress, STAND_IN, unmapped } from './address.ts';
import { match, words } from './cut.ts';
import { type Field, field } from './field.ts';
import type { Located } from './types.ts';

/*
 * /proc/net/tcp and /proc/net/tcp6 (kernel: Documentation/networking/proc_net_tcp.rst, net/ipv4/tcp_ipv4.c), and
 * /proc/net/udp and /proc/net/udp6 (net/ipv4/udp.c), which are told by `ref pointer drops` behind their headings:
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 73957 1 0000000000000000 100 0 0 10 0
 *
 * Numbers are hexadecimal. An address is printed as 32-bit words in the byte order of the machine, which is
 * little-endian on every machine GKE and kind run on: 0F00140A is 10.20.0.15. A port is in network order: 0050 is 80.
 */

/** An address and port as printed, with what they mean. */
export interface SocketEnd {
  address: Located;
  /**
   * In the usual notation; IPv6 in eight groups without leading zeros, or as an IPv4 address where it maps one; or what
   * stands in place of a redacted address.
   */
  ip: string;
  port: Located;
  portNumber: number;
}

/** One socket of either protocol. */
export interface NetSocket {
  line: number;
  slot: Located;
  local: SocketEnd;
  remote: SocketEnd;
  state: Located;
  /** Name in include/net/tcp_states.h, without `TCP_`. A UDP socket without a peer is `CLOSE`: it receives all the same. */
  stateName: string;
  /** Bytes not yet acknowledged, and not yet read, as hexadecimal digits. */
  txQueue: Located;
  rxQueue: Located;
  uid: Located;
  /** 0 for a socket that no process holds any more. */
  inode: Located;
  /** Timer, retransmissions, probes without answer, and what follows the inode: kernel internals. */
  internals: Located[];
}

/** One table of sockets. */
export interface SocketTable {
  line: number;
  /** By the headings: those of udp go on behind `inode`, those of version 6 say `remote_address`. */
  family: 'tcp' | 'tcp6' | 'udp' | 'udp6';
  sockets: NetSocket[];
}

/** include/net/tcp_states.h */
const STATES: readonly string[] = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
  'BOUND_INACTIVE',
];

const HEADINGS = /^sl +local_address +rem(?:ote)?_address +st +tx_queue +rx_queue\b/;
const IP = `[0-9A-F]{8}|[0-9A-F]{32}|${STAND_IN}`;
const ROW = new RegExp(
  String.raw`^(?<slot>\d+): (?<localIp>${IP}):(?<localPort>[0-9A-F]{4}) (?<remoteIp>${IP}):(?<remotePort>[0-9A-F]{4}) (?<state>[0-9A-F]{2}) (?<tx>[0-9A-F]{8}):(?<rx>[0-9A-F]{8}) (?<timer>[0-9A-F]{2}:[0-9A-F]{8}) (?<retransmits>[0-9A-F]{8}) +(?<uid>\d+) +(?<probes>\d+) +(?<inode>\d+)(?<rest>(?: .*)?)$`,
  'd',
);

/** The headings of a table; undefined where they are none. */
export function readSocketHeadings(content: Located, line: number): SocketTable | undefined {
  if (!HEADINGS.test(content.value)) return undefined;
  const protocol = content.value.includes(' ref pointer drops') ? 'udp' : 'tcp';
  return { line, family: content.value.includes('remote_address') ? `${protocol}6` : protocol, sockets: [] };
}

/** One socket; undefined where the line is none, or where its addresses are not of the table's family. */
export function readSocket({ family }: SocketTable, content: Located, line: number): NetSocket | undefined {
  type Group = 'slot' | 'localIp' | 'localPort' | 'remoteIp' | 'remotePort' | 'state' | 'tx' | 'rx';
  const found = match<Group | 'timer' | 'retransmits' | 'uid' | 'probes' | 'inode' | 'rest'>(ROW, content);
  const stateName = found && STATES[Number.parseInt(found.state.value, 16)];
  const fits = ({ value }: Located) => isStandIn(value) || value.length === (family.endsWith('6') ? 32 : 8);
  if (!found || !stateName || !fits(found.localIp) || !fits(found.remoteIp)) return undefined;
  return {
    line,
    slot: found.slot,
    local: endOf(found.localIp, found.localPort),
    remote: endOf(found.remoteIp, found.remotePort),
    state: found.state,
    stateName,
    txQueue: found.tx,
    rxQueue: found.rx,
    uid: found.uid,
    inode: found.inode,
    internals: [found.timer, found.retransmits, found.probes, ...words(found.rest)],
  };
}

function endOf(address: Located, port: Located): SocketEnd {
  return { address, ip: decodeAddress(address.value), port, portNumber: Number.parseInt(port.value, 16) };
}

/** `0F00140A` → `10.20.0.15`, `client-1` → `client-1`. */
export function decodeAddress(hex: string): string {
  return isStandIn(hex) ? hex : formatAddress(unmapped(parseKernelAddress(hex)));
}

/** The values of a table. A socket is named by its local address and port, its remote ones, and its place. */
export function socketTableFields({ family, sockets }: SocketTable): Field[] {
  return sockets.flatMap((socket) => {
    const { slot, local, remote, state, stateName, txQueue, rxQueue, uid, inode, internals } = socket;
    const path = [family, `${local.ip}:${local.portNumber}`, `${remote.ip}:${remote.portNumber}`];
    const end = ({ address, ip, port, portNumber }: SocketEnd, name: string) => [
      field(address, [...path, name, 'ip'], 'ip', ip),
      field(port, [...path, name, 'port'], 'port', String(portNumber)),
    ];
    return [
      field(slot, [...path, 'slot'], 'inode'),
      ...end(local, 'local'),
      ...end(remote, 'remote'),
      field(state, [...path, 'state'], 'state', stateName),
      field(txQueue, [...path, 'tx queue'], 'count'),
      field(rxQueue, [...path, 'rx queue'], 'count'),
      field(uid, [...path, 'uid'], 'number'),
      field(inode, [...path, 'inode'], 'inode'),
      ...internals.map((at, index) => field(at, [...path, 'internals', String(index)], 'inode')),
    ];
  });
}
