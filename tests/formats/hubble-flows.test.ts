import { describe, expect, it } from 'vitest';
import { parseHubbleFlows } from '../../src/formats/hubble-flows.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('hubble-flows');

describe('hubble-flows', () => {
  it('tells the ends of a flow apart', () => {
    const [flow] = parseHubbleFlows(
      'Jul  2 15:03:39.769 [node-1]: a/b:1 (ID:7) <- [fd00::1]:2 (world) Policy denied DROPPED (TCP Flags: SYN, ACK; Auth: SPIRE)',
    ).events;
    expect(flow).toMatchObject({
      type: 'flow',
      node: { value: 'node-1' },
      left: { namespace: { value: 'a' }, name: { value: 'b' }, port: { value: '1' }, identity: { id: { value: '7' } } },
      direction: { value: '<-' },
      right: { ip: { value: 'fd00::1' }, port: { value: '2' }, identity: { reserved: { value: 'world' } } },
      event: { value: 'Policy denied' },
      verdict: { value: 'DROPPED' },
      summary: { protocol: { value: 'TCP' }, tcpFlags: [{ value: 'SYN' }, { value: 'ACK' }], auth: { value: 'SPIRE' } },
    });
  });

  it('says what it cannot read', () => {
    expect(refusal('hubble-flows', 'unable to connect\n')).toMatchInlineSnapshot(
      `"line 1: expected \`time: source (identity) -> destination (identity) event VERDICT (summary)\`; found "unable to connect". Record \`hubble observe -o compact\`, or correct \`format\` in layers.yaml (hubble-flows-json for -o json)."`,
    );
    expect(
      refusal(
        'hubble-flows',
        '10.0.0.1:1 (world) -> 10.0.0.2:2 (ID:5) to-endpoint FORWARDED (UDP)\n10.0.0.1:1 (world) -> 10.0.0.2:2 (ID:5) to-endpoint MAYBE (UDP)\n',
      ),
    ).toMatchInlineSnapshot(
      `"line 2: expected \`time: source (identity) -> destination (identity) event VERDICT (summary)\`; found "10.0.0.1:1 (world) -> 10.0.0.2:2 (ID:5) to-endpoint MAYBE (UDP)". Record \`hubble observe -o compact\`, or correct \`format\` in layers.yaml (hubble-flows-json for -o json)."`,
    );
    expect(
      refusal('hubble-flows', '10.0.0.1:1 (world) -> 10.0.0.2:2 (ID:5) to-endpoint FORWARDED (TCP Fl'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`time: source (identity) -> destination (identity) event VERDICT (summary)\`; found "10.0.0.1:1 (world) -> 10.0.0.2:2 (ID:5) to-endpoint FORWARDED (TCP Fl". Record \`hubble observe -o compact\`, or correct \`format\` in layers.yaml (hubble-flows-json for -o json)."`,
    );
  });
});
