import { describe, expect, it } from 'vitest';
import { parseCiliumIpcacheList } from '../../src/formats/cilium-bpf-ipcache-list.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-bpf-ipcache-list');

describe('cilium-bpf-ipcache-list', () => {
  it('reads an entry with and without names, and says when the headings are missing', () => {
    const { entries, filtered } = parseCiliumIpcacheList(
      '10.0.0.1/32   identity=6 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>\n10.0.0.2/32   6 0 192.0.2.1\n',
    );
    expect(filtered).toBe(true);
    expect(entries.map(({ identity, tunnelEndpoint }) => [identity.value, tunnelEndpoint?.value])).toEqual([
      ['6', '0.0.0.0'],
      ['6', '192.0.2.1'],
    ]);
  });

  it('says what it cannot read', () => {
    expect(refusal('cilium-bpf-ipcache-list', '')).toMatchInlineSnapshot(
      `"line 1: expected \`10.0.0.1/32   identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>\` below the headings; found an empty output. Record \`cilium-dbg bpf ipcache list\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-bpf-ipcache-list', 'No entries found.\n')).toMatchInlineSnapshot(
      `"line 1: expected \`10.0.0.1/32   identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>\` below the headings; found "No entries found.". Record \`cilium-dbg bpf ipcache list\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-bpf-ipcache-list', 'IP PREFIX/ADDRESS   IDENTITY\n10.0.0.1/32   encryptkey=0\n'),
    ).toMatchInlineSnapshot(
      `"line 2: expected \`10.0.0.1/32   identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>\` below the headings; found "10.0.0.1/32   encryptkey=0". Record \`cilium-dbg bpf ipcache list\` without -o, or correct \`format\` in layers.yaml."`,
    );
  });
});
