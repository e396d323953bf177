import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCapture } from '../../../src/captures/file.ts';

/*
 * A REPLAY, not the real thing: cilium-dbg and hubble cannot be installed here. What they print is taken from a folder
 * that REPLAYED names, or else from the captured bytes of the published V2 cluster.
 */
const OUTPUTS: Record<string, string> = {
  'service list': 'l4-ebpf-service-map',
  'bpf lb list': 'l4-ebpf-lb-map',
  'bpf policy get': 'l8-policy-map',
  status: 'l7-hubble-status',
  'observe --namespace netflow-test --last 20 -o compact': 'l7-hubble-observe',
  'observe --namespace netflow-test --last 20 -o jsonpb': 'l7-hubble-observe-json',
  'observe --namespace netflow-test --verdict DROPPED --last 20 -o compact': 'l8-hubble-drop',
};
/** What was not published. */
const UNPUBLISHED: Record<string, string> = {
  'l4-ebpf-lb-map':
    'SERVICE ADDRESS            BACKEND ADDRESS (REVNAT_ID) (SLOT)\n10.24.8.39:80/TCP (1)      10.20.0.15:80/TCP (20) (1)\n',
  'l7-hubble-observe-json': '{"flow":{"verdict":"FORWARDED","IP":{"source":"162.195.118.115"}}}\n',
};

const [tool = '', ...rest] = process.argv.slice(2);
const line = rest.join(' ');
if (tool === 'curl') {
  process.stdout.write(
    line.includes('client-allowed')
      ? 'client-allowed -> nginx : HTTP 200 (0.006s)\n'
      : 'client-blocked -> nginx : HTTP 000 (5.000s)\n',
  );
} else {
  const name = Object.entries(OUTPUTS).find(([start]) => line.startsWith(start))?.[1];
  if (name === undefined) {
    process.stderr.write(`no replay of ${tool} ${line}\n`);
    process.exitCode = 127;
  } else process.stdout.write(output(name));
}

function output(name: string): Uint8Array | string {
  if (process.env.REPLAYED) return readFileSync(join(process.env.REPLAYED, name));
  const unpublished = UNPUBLISHED[name];
  if (unpublished !== undefined) return unpublished;
  const file = new URL(`../../../captures/v2/${name}.txt`, import.meta.url);
  return decodeCapture(readFileSync(file), name).body;
}
