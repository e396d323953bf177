import { describe, expect, it } from 'vitest';
import { checkFormat, refusal } from './support.ts';

checkFormat('hubble-status');

describe('hubble-status', () => {
  it('says what it cannot read', () => {
    expect(refusal('hubble-status', '')).toMatchInlineSnapshot(
      `"line 1: expected \`Healthcheck (via server): …\`; found an empty output. Record \`hubble status\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('hubble-status', 'Flows/s: 1.0\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Healthcheck (via server): …\`; found "Flows/s: 1.0". Record \`hubble status\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('hubble-status', 'Healthcheck (via a:1): Ok\nFlows/s: 1.0\nFlows/s: 2.0\n')).toMatchInlineSnapshot(
      `"line 3: expected a line of \`hubble status\`, once; found "Flows/s: 2.0". Record \`hubble status\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('hubble-status', 'Healthcheck (via a:1): Ok\nUptime: 3s\n')).toMatchInlineSnapshot(
      `"line 2: expected a line of \`hubble status\`, once; found "Uptime: 3s". Record \`hubble status\` without -o, or correct \`format\` in layers.yaml."`,
    );
  });
});
