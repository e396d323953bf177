import { readFileSync } from 'node:fs';
import { decodeCapture } from '../../../src/captures/file.ts';

/*
 * A REPLAY, not the real thing: cilium-dbg and hubble cannot be installed here, so the captured bytes of the
 * published V2 cluster stand in for what they print.
 */
const CAPTURED: Record<string, string> = {
  'service list': 'l4-ebpf-service-map',
  'bpf policy get': 'l8-policy-map',
  status: 'l7-hubble-status',
  'observe --namespace netflow-test --last 20 -o compact': 'l7-hubble-observe',
  'observe --namespace netflow-test --verdict DROPPED --last 20 -o compact': 'l8-hubble-drop',
};

const [tool = '', ...rest] = process.argv.slice(2);
const line = rest.join(' ');
if (tool === 'curl') {
  process.stdout.write(
    line.includes('client-allowed')
      ? 'client-allowed -> nginx : HTTP 200 (0.006s)\n'
      : 'client-blocked -> nginx : HTTP 000 (5.000s)\n',
  );
} else if (line === 'bpf lb list') {
  process.stdout.write(
    'SERVICE ADDRESS            BACKEND ADDRESS (REVNAT_ID) (SLOT)\n10.24.8.39:80/TCP (1)      10.20.0.15:80/TCP (20) (1)\n',
  );
} else if (line.endsWith('-o jsonpb')) {
  process.stdout.write('{"flow":{"verdict":"FORWARDED","IP":{"source":"162.195.118.115"}}}\n');
} else {
  const name = Object.entries(CAPTURED).find(([start]) => line.startsWith(start))?.[1];
  if (name === undefined) {
    process.stderr.write(`no replay of ${tool} ${line}\n`);
    process.exitCode = 127;
  } else {
    const file = new URL(`../../../captures/v2/${name}.txt`, import.meta.url);
    process.stdout.write(decodeCapture(readFileSync(file), name).body);
  }
}
