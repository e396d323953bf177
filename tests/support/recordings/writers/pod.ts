import type { Cluster, Socket } from '../world.ts';

/* What a look into a pod shows: its page, busybox's `ip addr`, and /proc/net/tcp (net/ipv4/tcp_ipv4.c). */

/** First lines of what it serves. */
export function page({ inspection }: Cluster): string {
  return inspection.page.map((line) => `${line}\n`).join('');
}

/** Its interface and its sockets, with the headings of the command. */
export function network({ inspection: { pod, peer, mac, mtu, sockets } }: Cluster): string {
  const broadcast = pod.ip.replace(/\d+$/, '255');
  return [
    `Inspecting pod: ${pod.name}`,
    '',
    "--- Interface (the 'real' IP) ---",
    `2: eth0@if${peer}: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu ${mtu} qdisc noqueue state UP qlen 1000`,
    `    link/ether ${mac} brd ff:ff:ff:ff:ff:ff`,
    `    inet ${pod.ip}/24 brd ${broadcast} scope global eth0`,
    '       valid_lft forever preferred_lft forever',
    '',
    '--- Listening sockets (/proc/net/tcp) ---',
    line('  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'),
    ...sockets.map((socket, slot) => line(entry(socket, slot))),
    '',
  ].join('\n');
}

/** Each line of the file is as long as the others. */
const line = (text: string) => text.padEnd(149);

const hex = (number: number, digits: number) => number.toString(16).toUpperCase().padStart(digits, '0');
const STATES = { ESTABLISHED: 1, TIME_WAIT: 6, LISTEN: 10 };

/** Address in the byte order of a little-endian machine, port in network order. */
function end({ ip, port }: Socket['local']): string {
  const bytes = ip.split('.').map((part) => hex(Number(part), 2));
  return `${bytes.reverse().join('')}:${hex(port, 4)}`;
}

function entry({ state, local, remote, inode }: Socket, slot: number): string {
  const head = `${String(slot).padStart(4)}: ${end(local)} ${end(remote)} ${hex(STATES[state], 2)} 00000000:00000000`;
  // A socket in TIME_WAIT has no inode any more, and a running timer.
  if (state === 'TIME_WAIT') return `${head} 03:000016C2 00000000     0        0 0 3 0000000000000000`;
  const rest = state === 'LISTEN' ? '1 0000000000000000 100 0 0 10 0' : '2 0000000000000000 20 4 30 10 -1';
  return `${head} 00:00000000 00000000     0        0 ${inode} ${rest}`;
}
