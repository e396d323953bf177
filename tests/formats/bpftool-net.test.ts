import { describe, expect, it } from 'vitest';
import { parseBpfNet } from '../../src/formats/bpftool-net.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('bpftool-net');

describe('bpftool-net', () => {
  it('says what hangs where', () => {
    const { attachments } = parseBpfNet(
      'xdp:\n\ntc:\nlxc1(12) tcx/ingress cil_from_container prog_id 227 link_id 14 \n',
    );
    expect(attachments).toMatchObject([
      {
        section: 'tc',
        device: { value: 'lxc1' },
        kind: { value: 'tcx/ingress' },
        name: { value: 'cil_from_container' },
        program: { value: '227' },
        link: { value: '14' },
      },
    ]);
  });

  it('says what it cannot read', () => {
    expect(refusal('bpftool-net', '')).toMatchInlineSnapshot(
      `"line 1: expected \`xdp:\` and \`tc:\`, each above \`eth0(2) …\`; found an empty output. Record \`bpftool net show\` without -j, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('bpftool-net', 'eth0(2) driver id 198\n')).toMatchInlineSnapshot(
      `"line 1: expected \`xdp:\` and \`tc:\`, each above \`eth0(2) …\`; found "eth0(2) driver id 198". Record \`bpftool net show\` without -j, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('bpftool-net', 'xdp:\neth0 driver\n')).toMatchInlineSnapshot(
      `"line 2: expected \`xdp:\` and \`tc:\`, each above \`eth0(2) …\`; found "eth0 driver". Record \`bpftool net show\` without -j, or correct \`format\` in layers.yaml."`,
    );
  });
});
