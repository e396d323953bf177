import { describe, expect, it } from 'vitest';
import { parseConntrackList } from '../../src/formats/conntrack-list.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('conntrack-list');

describe('conntrack-list', () => {
  it('tells both directions of a translated connection apart', () => {
    const [entry] = parseConntrackList(
      'tcp      6 57 SYN_SENT src=203.0.113.9 dst=10.128.0.5 sport=60600 dport=31057 [UNREPLIED] src=10.20.1.13 dst=10.128.0.5 sport=80 dport=60600 mark=0 use=1\n',
    ).entries;
    expect(entry).toMatchObject({
      timeout: { value: '57' },
      state: { value: 'SYN_SENT' },
      original: { destination: { value: '10.128.0.5' }, destinationPort: { value: '31057' } },
      reply: { source: { value: '10.20.1.13' }, sourcePort: { value: '80' } },
      flags: [{ value: 'UNREPLIED' }],
    });
    expect(entry?.original.packets).toBeUndefined();
  });

  it('says what it cannot read', () => {
    expect(parseOutput('conntrack-list', '')).toEqual({ format: 'conntrack-list', entries: [] });
    expect(refusal('conntrack-list', 'conntrack: command not found\n')).toMatchInlineSnapshot(
      `"line 1: expected \`tcp      6 86394 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1\`; found "conntrack: command not found". Record \`conntrack -L\` without -o xml or save, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('conntrack-list', 'tcp      6 57 SYN_SENT src=203.0.113.9 dst=10.128.0.5 sport=60600 dport=310\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`tcp      6 86394 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1\`; found "tcp      6 57 SYN_SENT src=203.0.113.9 dst=10.128.0.5 sport=60600 dport=310". Record \`conntrack -L\` without -o xml or save, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('conntrack-list', 'tcp 6 57 src=a dst=b src=c dst=d\n')).toMatchInlineSnapshot(
      `"line 1: expected \`tcp      6 86394 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1\`; found "tcp 6 57 src=a dst=b src=c dst=d". Record \`conntrack -L\` without -o xml or save, or correct \`format\` in layers.yaml."`,
    );
  });
});
