import { describe, expect, it } from 'vitest';
import { parseCiliumNatList } from '../../src/formats/cilium-bpf-nat-list.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-bpf-nat-list');

describe('cilium-bpf-nat-list', () => {
  it('names what is rewritten to what', () => {
    const [entry] = parseCiliumNatList(
      'TCP IN 10.20.1.9:80 -> 10.128.0.5:54120 XLATE_DST 203.0.113.9:54120 Created=12sec ago NeedsCT=1\n',
    ).entries;
    expect(entry).toMatchObject({
      rewrites: { value: 'DST' },
      to: { ip: { value: '203.0.113.9' }, port: { value: '54120' } },
      attributes: [{ value: { value: '12sec ago' } }, { key: { value: 'NeedsCT' } }],
    });
  });

  it('says what it cannot read', () => {
    expect(parseOutput('cilium-bpf-nat-list', '')).toEqual({ format: 'cilium-bpf-nat-list', entries: [] });
    expect(refusal('cilium-bpf-nat-list', 'TCP IN 10.20.1.9:80 -> 10.128.0.5:54120 XLATE_DST\n')).toMatchInlineSnapshot(
      `"line 1: expected \`TCP OUT 10.0.0.1:1024 -> 192.0.2.1:80 XLATE_SRC 192.0.2.2:1024 Created=… NeedsCT=…\`; found "TCP IN 10.20.1.9:80 -> 10.128.0.5:54120 XLATE_DST". Record \`cilium-dbg bpf nat list\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-bpf-nat-list', 'TCP IN 10.20.1.9:80 -> 10.128.0.999:54120 XLATE_DST 203.0.113.9:1\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`TCP OUT 10.0.0.1:1024 -> 192.0.2.1:80 XLATE_SRC 192.0.2.2:1024 Created=… NeedsCT=…\`; found "TCP IN 10.20.1.9:80 -> 10.128.0.999:54120 XLATE_DST 203.0.113.9:1". Record \`cilium-dbg bpf nat list\` without -o, or correct \`format\` in layers.yaml."`,
    );
  });
});
