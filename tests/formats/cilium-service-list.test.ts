import { describe, expect, it } from 'vitest';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-service-list');

describe('cilium-service-list', () => {
  it('says what it cannot read', () => {
    const head = 'ID   Frontend            Service Type   Backend\n';
    expect(refusal('cilium-service-list', '')).toMatchInlineSnapshot(
      `"line 1: expected the headings Frontend, Service Type and Backend; found an empty output. Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-service-list', '1    10.0.0.1:80/TCP\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings Frontend, Service Type and Backend; found "1    10.0.0.1:80/TCP". Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-service-list', `${head}1    10.0.0.1:80/TCP     ClusterIP      10.0.0.2:80 (active)\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected a service, or \`1 => address:port (state)\` below one; found "1    10.0.0.1:80/TCP     ClusterIP      10.0.0.2:80 (active)". Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-service-list', `${head}                                        1 => 10.0.0.2:80/TCP (active)\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected a service, or \`1 => address:port (state)\` below one; found "1 => 10.0.0.2:80/TCP (active)". Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('cilium-service-list', `${head}1    10.0.0.1:80/TCP                    1 => 10.0.0.2:80/TCP (active)\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected a service, or \`1 => address:port (state)\` below one; found "1    10.0.0.1:80/TCP                    1 => 10.0.0.2:80/TCP (active)". Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-service-list', `${head}1    10.0.0.400:80/TCP   ClusterIP\n`)).toMatchInlineSnapshot(
      `"line 2: expected a service, or \`1 => address:port (state)\` below one; found "1    10.0.0.400:80/TCP   ClusterIP". Record \`cilium-dbg service list\` without -o and with its headings, or correct \`format\` in layers.yaml."`,
    );
  });
});
