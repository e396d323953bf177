import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sent } from './lab.ts';

/* Runs inside a network namespace: sends each list of packets it reads, one JSON line each, and answers "sent n". */

async function sendUdp({ from, fromPort, to, port }: Sent): Promise<void> {
  const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((done, failed) => socket.once('error', failed).bind(fromPort, from, done));
  // Refused packets come back as errors: that is an answer, not a failure.
  socket.removeAllListeners('error').on('error', () => {});
  await new Promise<void>((done) => socket.send('x', port, to, () => done()));
  socket.close();
}

/** Closing at once keeps the kernel from sending the SYN a second time. */
async function sendSyn({ from, fromPort, to, port }: Sent): Promise<void> {
  const socket = connect({ host: to, port, localAddress: from, localPort: fromPort });
  socket.on('error', () => {});
  await wait(1);
  socket.destroy();
}

for await (const line of createInterface({ input: process.stdin })) {
  const packets = JSON.parse(line) as Sent[];
  for (const packet of packets) {
    await (packet.protocol === 'udp' ? sendUdp(packet) : sendSyn(packet));
  }
  process.stdout.write(`sent ${packets.length}\n`);
}
