import { describe, expect, it } from 'vitest';
import { parseCiliumCtList } from '../../src/formats/cilium-bpf-ct-list.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-bpf-ct-list');

describe('cilium-bpf-ct-list', () => {
  it('names what an entry says', () => {
    const [entry] = parseCiliumCtList(
      'TCP OUT 10.96.43.209:80 -> 10.0.1.90:59668 service expires=475561 RxPackets=0 Flags=0x0010 [ SeenNonSyn ] RevNAT=5 SourceSecurityID=0\n',
    ).entries;
    expect(entry).toMatchObject({
      direction: { value: 'OUT' },
      source: { ip: { value: '10.96.43.209' }, port: { value: '80' } },
      marks: [{ value: 'service' }],
      flags: [{ value: 'SeenNonSyn' }],
    });
    expect(entry?.attributes.map(({ key, value }) => `${key.value} ${value.value}`)).toEqual([
      'expires 475561',
      'RxPackets 0',
      'Flags 0x0010',
      'RevNAT 5',
      'SourceSecurityID 0',
    ]);
  });

  it('says what it cannot read', () => {
    expect(parseOutput('cilium-bpf-ct-list', '')).toEqual({ format: 'cilium-bpf-ct-list', entries: [] });
    expect(
      refusal(
        'cilium-bpf-ct-list',
        'Unable to open /sys/fs/bpf/tc/globals/cilium_ct4_global: no such file or directory. Skipping.\n',
      ),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`TCP OUT 10.0.0.1:1024 -> 10.0.0.2:80 expires=… … SourceSecurityID=…\`; found "Unable to open /sys/fs/bpf/tc/globals/cilium_ct4_global: no such file or directory. Skipping.". Record \`cilium-dbg bpf ct list global\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-bpf-ct-list', 'TCP OUT 10.0.0.1:80 -> 10.0.0.2:1 XLATE_SRC 10.0.0.3:1\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`TCP OUT 10.0.0.1:1024 -> 10.0.0.2:80 expires=… … SourceSecurityID=…\`; found "TCP OUT 10.0.0.1:80 -> 10.0.0.2:1 XLATE_SRC 10.0.0.3:1". Record \`cilium-dbg bpf ct list global\` without -o, or correct \`format\` in layers.yaml."`,
    );
  });
});
