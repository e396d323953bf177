import { describe, expect, it } from 'vitest';
import { parseCiliumEndpointList } from '../../src/formats/cilium-endpoint-list.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-endpoint-list');

const HEADINGS =
  'ENDPOINT   POLICY (ingress)   POLICY (egress)   IDENTITY   LABELS (source:key[=value])   IPv6   IPv4       STATUS';

describe('cilium-endpoint-list', () => {
  it('tells an endpoint from its identity', () => {
    const { endpoints } = parseCiliumEndpointList(
      `${HEADINGS}\n7          Enabled            Disabled          18565      k8s:app=web                          10.0.0.1   ready\n`,
    );
    expect(endpoints).toMatchObject([
      { id: { value: '7' }, identity: { value: '18565' }, ingress: { value: 'Enabled' }, ipv4: { value: '10.0.0.1' } },
    ]);
    expect(endpoints[0]?.ipv6).toBeUndefined();
  });

  it('says what it cannot read', () => {
    expect(refusal('cilium-endpoint-list', '')).toMatchInlineSnapshot(
      `"line 1: expected the headings ENDPOINT, POLICY (ingress), POLICY (egress), IDENTITY, LABELS, IPv6, IPv4 and STATUS; found an empty output. Record \`cilium-dbg endpoint list\` without -o and --no-headers, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-endpoint-list', '7   Enabled   Disabled   18565   k8s:app=web      10.0.0.1   ready\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected the headings ENDPOINT, POLICY (ingress), POLICY (egress), IDENTITY, LABELS, IPv6, IPv4 and STATUS; found "7   Enabled   Disabled   18565   k8s:app=web      10.0.0.1   ready". Record \`cilium-dbg endpoint list\` without -o and --no-headers, or correct \`format\` in layers.yaml."`,
    );
  });
});
