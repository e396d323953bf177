import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCapture } from '../../../src/captures/file.ts';

/*
 * A REPLAY, not the real thing: cilium-dbg, bpftool and hubble cannot be installed here. What they print is taken from a
 * folder that REPLAYED names, or else from the captured bytes of the published V2 cluster; for what was never published,
 * the fixtures of its format stand in.
 */
const OUTPUTS: Record<string, string> = {
  'service list': 'l4-ebpf-service-map',
  'bpf lb list': 'l4-ebpf-lb-map',
  'status --verbose': 'l4-cilium-status',
  'config --all': 'l4-cilium-config',
  'net show dev lxc9f2b': 'l5-pod-attachments',
  'prog show id': 'l5-pod-programs',
  'bpf ct list global': 'l6-cluster-mode-ct',
  'bpf nat list': 'l6-cluster-mode-nat',
  status: 'l7-hubble-status',
  'observe --namespace netflow-test --last 20 -o compact': 'l7-hubble-observe',
  'observe --namespace netflow-test --last 20 -o jsonpb': 'l7-hubble-observe-json',
  'observe --namespace netflow-test --verdict DROPPED --last 20 -o compact': 'l8-hubble-drop',
  'bpf ipcache list': 'l8-ipcache',
  'endpoint list': 'l8-endpoints',
  'bpf policy get -n': 'l8-policy-map-numeric',
  'bpf policy get': 'l8-policy-map',
};
/** What was not published: a fixture, or what is said here. */
const UNPUBLISHED: Record<string, string> = {
  'l4-ebpf-lb-map':
    'SERVICE ADDRESS            BACKEND ADDRESS (REVNAT_ID) (SLOT)\n10.24.8.39:80/TCP (1)      10.20.0.15:80/TCP (20) (1)\n',
  'l7-hubble-observe-json': '{"flow":{"verdict":"FORWARDED","IP":{"source":"162.195.118.115"}}}\n',
};
const FIXTURES: Record<string, string> = {
  'l4-cilium-status': 'cilium-status--verbose-1-16',
  'l4-cilium-config': 'cilium-config--all',
  'l5-pod-attachments': 'bpftool-net--tcx',
  'l5-pod-programs': 'bpftool-prog--cilium',
  'l6-cluster-mode-ct': 'cilium-bpf-ct-list--service-entries',
  'l6-cluster-mode-nat': 'cilium-bpf-nat-list--needs-ct',
  'l8-ipcache': 'cilium-bpf-ipcache-list--hastunnel',
  'l8-endpoints': 'cilium-endpoint-list--enforcement',
};

const [tool = '', ...rest] = process.argv.slice(2);
const line = rest.join(' ');
if (tool === 'curl') {
  process.stdout.write(
    line.includes('client-allowed')
      ? 'client-allowed -> nginx : HTTP 200 (0.006s)\n'
      : 'client-blocked -> nginx : HTTP 000 (5.000s)\n',
  );
} else if (line.startsWith('endpoint get')) {
  process.stdout.write('lxc9f2b\n');
} else {
  const name = Object.entries(OUTPUTS).find(([start]) => line.startsWith(start))?.[1];
  if (name === undefined) {
    process.stderr.write(`no replay of ${tool} ${line}\n`);
    process.exitCode = 127;
  } else process.stdout.write(output(name));
}

function output(name: string): Uint8Array | string {
  const replayed = process.env.REPLAYED && join(process.env.REPLAYED, name);
  // The same map: where only its labels are to be had, those are printed.
  if (name === 'l8-policy-map-numeric' && !(replayed && existsSync(replayed))) return output('l8-policy-map');
  if (replayed && (existsSync(replayed) || !(name in FIXTURES))) return readFileSync(replayed);
  const unpublished = UNPUBLISHED[name];
  if (unpublished !== undefined) return unpublished;
  const fixture = FIXTURES[name];
  if (fixture !== undefined) return readFileSync(new URL(`../../fixtures/formats/${fixture}.out`, import.meta.url));
  const file = new URL(`../../../captures/v2/${name}.txt`, import.meta.url);
  return decodeCapture(readFileSync(file), name).body;
}
