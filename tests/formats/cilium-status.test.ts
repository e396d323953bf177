import { describe, expect, it } from 'vitest';
import { parseCiliumStatus } from '../../src/formats/cilium-status.ts';
import { checkFormat, fixturesOf, refusal } from './support.ts';

checkFormat('cilium-status');

describe('cilium-status', () => {
  it('names what a reader asks it', () => {
    const facts = fixturesOf('cilium-status').map(({ text }) => {
      const { format: _, entries: __, ...rest } = parseCiliumStatus(text);
      return Object.fromEntries(Object.entries(rest).map(([name, at]) => [name, at.value]));
    });
    expect(facts).toMatchInlineSnapshot(`
      [
        {
          "hostRouting": "BPF",
          "kubeProxyReplacement": "Probe",
          "masquerading": "BPF (ip-masq-agent)",
          "nodePortMode": "Hybrid",
        },
        {
          "hostRouting": "Legacy",
          "kubeProxyReplacement": "True",
          "masquerading": "IPTables [IPv4: Enabled, IPv6: Disabled]",
          "nodePortMode": "SNAT",
          "socketLb": "Enabled",
          "socketLbCoverage": "Hostns-only",
        },
      ]
    `);
  });

  it('says what it cannot read', () => {
    expect(refusal('cilium-status', '')).toMatchInlineSnapshot(
      `"line 1: expected \`Kubernetes:   Ok   …\` and the other lines of \`cilium-dbg status\`; found an empty output. Record \`cilium-dbg status --verbose\` without -o and --brief, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-status', 'OK\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Kubernetes:   Ok   …\` and the other lines of \`cilium-dbg status\`; found "OK". Record \`cilium-dbg status --verbose\` without -o and --brief, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-status', 'Kubernetes:   Ok\nis the agent running?\n')).toMatchInlineSnapshot(
      `"line 2: expected \`Kubernetes:   Ok   …\` and the other lines of \`cilium-dbg status\`; found "is the agent running?". Record \`cilium-dbg status --verbose\` without -o and --brief, or correct \`format\` in layers.yaml."`,
    );
  });
});
