import { describe, expect, it } from 'vitest';
import { parseHubbleJson } from '../../src/formats/hubble-flows-json.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('hubble-flows-json');

describe('hubble-flows-json', () => {
  it('names what a flow says', () => {
    const [, flow] = parseHubbleJson(
      '{"lost_events":{}}\n{"flow":{"verdict":"FORWARDED","l4":{"TCP":{"source_port":1,"flags":{"SYN":true,"ACK":false}}},"source":{"labels":["a=b"]}}}\n',
    ).events;
    expect(flow).toMatchObject({
      verdict: { value: 'FORWARDED' },
      protocol: { value: 'TCP' },
      flags: [{ value: 'SYN' }],
      source: { port: { value: '1' }, labels: [{ value: 'a=b' }] },
    });
  });

  it('says what it cannot read', () => {
    expect(refusal('hubble-flows-json', '{"flow":{"verdict":"DROPPED"}}\n{"flow":{"verd')).toMatchInlineSnapshot(
      `"line 2: expected a JSON object with \`flow\`, \`lost_events\` or \`node_status\`; found "{\\"flow\\":{\\"verd". Record \`hubble observe -o json\`, or correct \`format\` in layers.yaml (hubble-flows for -o compact)."`,
    );
    expect(refusal('hubble-flows-json', '{"other":1}\n')).toMatchInlineSnapshot(
      `"line 1: expected a JSON object with \`flow\`, \`lost_events\` or \`node_status\`; found "{\\"other\\":1}". Record \`hubble observe -o json\`, or correct \`format\` in layers.yaml (hubble-flows for -o compact)."`,
    );
    expect(refusal('hubble-flows-json', `{"flow":${'['.repeat(300)}${']'.repeat(300)}}`)).toMatchInlineSnapshot(
      `"line 1: expected a JSON object with \`flow\`, \`lost_events\` or \`node_status\`; found "{\\"flow\\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…. Record \`hubble observe -o json\`, or correct \`format\` in layers.yaml (hubble-flows for -o compact)."`,
    );
  });
});
