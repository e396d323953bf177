import { describe, expect, it } from 'vitest';
import { checkFormat, refusal } from './support.ts';

checkFormat('cilium-bpf-lb-list');

describe('cilium-bpf-lb-list', () => {
  it('says what it cannot read', () => {
    const head = 'SERVICE ADDRESS           BACKEND ADDRESS (REVNAT_ID) (SLOT)\n';
    expect(refusal('cilium-bpf-lb-list', '')).toMatchInlineSnapshot(
      `"line 1: expected the headings SERVICE ADDRESS and BACKEND ADDRESS; found an empty output. Record \`cilium-dbg bpf lb list\` without --frontends, --backends, --revnat, --source-ranges and -o, or correct \`format\`."`,
    );
    expect(refusal('cilium-bpf-lb-list', 'ID   BACKEND ADDRESS (REVNAT_ID) (SLOT)\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings SERVICE ADDRESS and BACKEND ADDRESS; found "ID   BACKEND ADDRESS (REVNAT_ID) (SLOT)". Record \`cilium-dbg bpf lb list\` without --frontends, --backends, --revnat, --source-ranges and -o, or correct \`format\`."`,
    );
    expect(refusal('cilium-bpf-lb-list', `${head}10.0.0.1:80/TCP (0)       0.0.0.0:0\n`)).toMatchInlineSnapshot(
      `"line 2: expected \`service (slot)   backend (revnat) (slot) [flags]\`; found "10.0.0.1:80/TCP (0)       0.0.0.0:0". Record \`cilium-dbg bpf lb list\` without --frontends, --backends, --revnat, --source-ranges and -o, or correct \`format\`."`,
    );
    expect(
      refusal('cilium-bpf-lb-list', `${head}                          10.0.0.2:80/TCP (1) (1)\n`),
    ).toMatchInlineSnapshot(
      `"line 2: expected \`service (slot)   backend (revnat) (slot) [flags]\`; found "10.0.0.2:80/TCP (1) (1)". Record \`cilium-dbg bpf lb list\` without --frontends, --backends, --revnat, --source-ranges and -o, or correct \`format\`."`,
    );
  });
});
