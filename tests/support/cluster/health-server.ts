import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/*
 * What kube-proxy answers on a node's healthCheckNodePort, in a process of its own because it is another network. Without
 * its file the Service has no such port, and connections are closed.
 */
const [file = '', port] = process.argv.slice(2);
createServer((request, response) => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    request.socket.destroy();
    return;
  }
  const { localEndpoints } = JSON.parse(text) as { localEndpoints: number };
  response.writeHead(localEndpoints > 0 ? 200 : 503, {
    'content-type': 'application/json',
    'x-load-balancing-endpoint-weight': String(localEndpoints),
  });
  response.end(text);
}).listen(Number(port));
