import { describe, expect, it } from 'vitest';
import { parseCiliumConfig } from '../../src/formats/cilium-config.ts';
import { checkFormat, fixturesOf, refusal } from './support.ts';

checkFormat('cilium-config');

describe('cilium-config', () => {
  it('finds what a Service without a backend answers, and how far events are aggregated', () => {
    const all = fixturesOf('cilium-config').find(({ name }) => name === 'all')?.text ?? '';
    expect(parseCiliumConfig(all)).toMatchObject({
      serviceNoBackendResponse: { value: 'reject' },
      monitorAggregation: { value: 'medium' },
      monitorAggregationInterval: { value: '5000000000' },
      socketLbHostOnly: { value: 'true' },
    });
  });

  it('keeps the entries of a map with their map', () => {
    const { settings } = parseCiliumConfig('Monitor\n\tcpus                      : 2\nMTU   : 0\n');
    expect(settings).toMatchObject([
      { key: { value: 'Monitor' }, entries: [{ key: { value: 'cpus' }, value: { value: '2' } }] },
      { key: { value: 'MTU' }, value: { value: '0' }, entries: [] },
    ]);
  });

  it('says what it cannot read', () => {
    expect(refusal('cilium-config', '')).toMatchInlineSnapshot(
      `"line 1: expected \`MonitorAggregation                : medium\` and the other settings; found an empty output. Record \`cilium-dbg config --all\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-config', 'Error while retrieving configuration: no\n')).toMatchInlineSnapshot(
      `"line 1: expected \`MonitorAggregation                : medium\` and the other settings; found "Error while retrieving configuration: no". Record \`cilium-dbg config --all\` without -o, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('cilium-config', 'MTU   : 0\n\tcpus   : 2\n')).toMatchInlineSnapshot(
      `"line 2: expected an entry below the name of a map; found "cpus   : 2". Record \`cilium-dbg config --all\` without -o, or correct \`format\` in layers.yaml."`,
    );
  });
});
