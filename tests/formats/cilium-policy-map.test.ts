import { describe, expect, it } from 'vitest';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-policy-map');

describe('cilium-policy-map', () => {
  it('says what it cannot read', () => {
    const head = 'POLICY   DIRECTION   IDENTITY   PORT/PROTO   PROXY PORT   BYTES   PACKETS\n';
    expect(refusal('cilium-policy-map', '')).toMatchInlineSnapshot(
      `"line 1: expected the headings DIRECTION, LABELS or IDENTITY, PORT/PROTO, PROXY PORT, BYTES and PACKETS; found an empty output. Record \`cilium-dbg bpf policy get <endpoint>\` without -o and with its headings, or correct \`format\`."`,
    );
    expect(refusal('cilium-policy-map', 'POLICY   DIRECTION   PORT/PROTO\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings DIRECTION, LABELS or IDENTITY, PORT/PROTO, PROXY PORT, BYTES and PACKETS; found "POLICY   DIRECTION   PORT/PROTO". Record \`cilium-dbg bpf policy get <endpoint>\` without -o and with its headings, or correct \`format\`."`,
    );
    expect(
      refusal('cilium-policy-map', `${head}Allow    Sideways    1          ANY          NONE         0       0\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected an entry, or one more label of the entry above; found "Allow    Sideways    1          ANY          NONE         0       0". Record \`cilium-dbg bpf policy get <endpoint>\` without -o and with its headings, or correct \`format\`."`,
    );
    expect(
      refusal('cilium-policy-map', `${head}Allow    Ingress                ANY          NONE         0       0\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected an entry, or one more label of the entry above; found "Allow    Ingress                ANY          NONE         0       0". Record \`cilium-dbg bpf policy get <endpoint>\` without -o and with its headings, or correct \`format\`."`,
    );
    expect(refusal('cilium-policy-map', 'Path: /sys/fs/bpf\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Endpoint ID:\` before \`Path:\`; found "Path: /sys/fs/bpf". Record \`cilium-dbg bpf policy get <endpoint>\` without -o and with its headings, or correct \`format\`."`,
    );
  });
});
