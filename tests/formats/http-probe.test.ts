import { describe, expect, it } from 'vitest';
import { parseHttpProbe } from '../../src/formats/http-probe.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('http-probe');

describe('http-probe', () => {
  it('reads a timeout as what it is', () => {
    const [request] = parseHttpProbe(
      'client-blocked  (role=other)    -> nginx : HTTP 000  (5.0s timeout)    ✗ denied',
    ).requests;
    expect(request).toMatchObject({
      client: { value: 'client-blocked' },
      label: { key: { value: 'role' }, value: { value: 'other' } },
      target: { value: 'nginx' },
      status: { value: '000' },
      time: { value: '5.0' },
      timeout: { value: 'timeout' },
      mark: { value: '✗' },
      remark: { value: 'denied' },
    });
  });

  it('says what it cannot read', () => {
    expect(refusal('http-probe', '=== nothing asked ===\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Request 1: HTTP 200 (time 0.1s)\`, \`client -> target : HTTP 200 (0.1s)\` or \`200 0.1\`; found none in the whole output. Let the probe print curl's '%{http_code} %{time_total}', or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('http-probe', 'Request  1: HTTP 200 (time 0.1s)\ncurl: (28) Connection timed out\n'),
    ).toMatchInlineSnapshot(
      `"line 2: expected \`Request 1: HTTP 200 (time 0.1s)\`, \`client -> target : HTTP 200 (0.1s)\` or \`200 0.1\`; found "curl: (28) Connection timed out". Let the probe print curl's '%{http_code} %{time_total}', or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('http-probe', 'Request  1: HTTP 2000 (time 0.1s)\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Request 1: HTTP 200 (time 0.1s)\`, \`client -> target : HTTP 200 (0.1s)\` or \`200 0.1\`; found "Request  1: HTTP 2000 (time 0.1s)". Let the probe print curl's '%{http_code} %{time_total}', or correct \`format\` in layers.yaml."`,
    );
  });
});
