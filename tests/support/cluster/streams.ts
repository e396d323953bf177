import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * How a stream is made to misbehave; the next one does. `{ closeAfter: 36 }` closes it after so many bytes of stdout,
 * without a status: kubectl takes that for success.
 */
export type StreamFault = 'close-early' | 'reset' | 'hang' | { closeAfter: number } | undefined;

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
});

/** Answers exec and attach: the command's output over channels 1 and 2, its end over channel 3. */
export function stream(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  argv: string[],
  fault: StreamFault,
  onExit: (code: number) => void = () => {},
): void {
  server.handleUpgrade(request, socket, head, (client) => {
    const child = spawn(argv[0] ?? 'false', argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('close', (code) => onExit(code ?? 137));
    if (fault === 'hang') child.kill();
    else send(client, child, fault, socket);
  });
}

function send(client: WebSocket, child: ChildProcess, fault: StreamFault, socket: Duplex): void {
  let sent = 0;
  const frame = (channel: number) => (chunk: Buffer) => {
    const given = sent;
    const left = typeof fault === 'object' ? fault.closeAfter - sent : Number.POSITIVE_INFINITY;
    if (left <= 0 || (typeof fault === 'string' && sent > 0)) return;
    const part = typeof fault === 'string' ? chunk.subarray(0, Math.ceil(chunk.length / 2)) : chunk.subarray(0, left);
    sent += part.length;
    client.send(Buffer.concat([Buffer.from([channel]), part]));
    if (fault === 'reset') setTimeout(() => socket.destroy(), 50);
    // A clean end without a status on channel 3: kubectl takes it for success.
    if (fault === 'close-early' || (typeof fault === 'object' && sent - given === left)) {
      setTimeout(() => client.close(1000), 50);
    }
  };
  if (typeof fault === 'object' && fault.closeAfter === 0) client.close(1000);
  child.stdout?.on('data', frame(1));
  child.stderr?.on('data', frame(2));
  child.on('error', (error) => finish(126, error.message));
  child.on('close', (code) => finish(code ?? 137, ''));
  client.on('close', () => child.kill());
  function finish(code: number, message: string): void {
    if (fault !== undefined) return;
    const status =
      code === 0
        ? { metadata: {}, status: 'Success' }
        : {
            metadata: {},
            status: 'Failure',
            message: message || `command terminated with non-zero exit code: exit status ${code}`,
            reason: 'NonZeroExitCode',
            details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
          };
    client.send(Buffer.concat([Buffer.from([3]), Buffer.from(JSON.stringify(status))]));
    client.close(1000);
  }
}
