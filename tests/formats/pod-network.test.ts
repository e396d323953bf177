import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAddress } from '../../src/formats/proc-net-tcp.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('pod-network');

describe('pod-network', () => {
  it('decodes addresses and ports of /proc/net/tcp', () => {
    expect(decodeAddress('0F00140A')).toBe('10.20.0.15');
    expect(decodeAddress('00000000000000000000000000000000')).toBe('::');
    expect(decodeAddress('B80D01200000000067452301EFCDAB89')).toBe('2001:db8:0:0:123:4567:89ab:cdef');
    expect(decodeAddress('0000000000000000FFFF00000F00140A')).toBe('10.20.0.15');
  });

  it('decodes every IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const hex = ip
          .split('.')
          .reverse()
          .map((byte) => Number(byte).toString(16).padStart(2, '0'));
        expect(decodeAddress(hex.join('').toUpperCase())).toBe(ip);
      }),
    );
  });

  it('says what it cannot read', () => {
    expect(refusal('pod-network', '--- Interface ---\n')).toMatchInlineSnapshot(
      `"line 1: expected a line of \`ip addr show\` or of /proc/net/tcp; found none in the whole output. Record \`ip addr show\` and \`cat /proc/net/tcp\` as they are, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('pod-network', 'Device "eth0" does not exist.\n')).toMatchInlineSnapshot(
      `"line 1: expected a line of \`ip addr show\` or of /proc/net/tcp; found "Device \\"eth0\\" does not exist.". Record \`ip addr show\` and \`cat /proc/net/tcp\` as they are, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('pod-network', '2: eth0: <UP> mtu 1460\n--- next ---\n    inet 10.0.0.1/24 scope global\n'),
    ).toMatchInlineSnapshot(
      `"line 3: expected a line of \`ip addr show\` or of /proc/net/tcp; found "inet 10.0.0.1/24 scope global". Record \`ip addr show\` and \`cat /proc/net/tcp\` as they are, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal(
        'pod-network',
        'sl  local_address rem_address   st tx_queue rx_queue tr\n0: 00000000:0050 00000000:0000 1F 00000000:00000000 00:00000000 00000000     0        0 73957\n',
      ),
    ).toMatchInlineSnapshot(
      `"line 2: expected a line of \`ip addr show\` or of /proc/net/tcp; found "0: 00000000:0050 00000000:0000 1F 00000000:00000000 00:00000000 00000000     0        0 73957". Record \`ip addr show\` and \`cat /proc/net/tcp\` as they are, or correct \`format\` in layers.yaml."`,
    );
  });
});
