import { spawnSync } from 'node:child_process';
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

  it('reads when a request began, how it failed and who answered', () => {
    const [answered, failed, old] = parseHttpProbe(
      [
        '1 start=2026-11-20T09:15:02.123Z status=200 exit=0 connect=0.0513 total=0.1031 pod=nginx-7c5ddbdf54-abcde error=',
        '2 start=2026-11-20T09:15:03.131Z status=000 exit=28 connect=0.0000 total=6.0013 pod= error=Connection timed out after 6001 milliseconds',
        'Request  3: HTTP 200 (time 0.104455s)',
      ].join('\n'),
    ).requests;
    expect(answered).toMatchObject({
      number: { value: '1' },
      start: { value: '2026-11-20T09:15:02.123Z' },
      status: { value: '200' },
      exit: { value: '0' },
      connect: { value: '0.0513' },
      time: { value: '0.1031' },
      pod: { value: 'nginx-7c5ddbdf54-abcde' },
    });
    expect(answered).not.toHaveProperty('error');
    expect(failed).toMatchObject({
      exit: { value: '28' },
      error: { value: 'Connection timed out after 6001 milliseconds' },
    });
    expect(failed).not.toHaveProperty('pod');
    for (const name of ['start', 'exit', 'connect', 'pod', 'error']) expect(old).not.toHaveProperty(name);
  });

  it('reads what curl itself prints, error and blanks included', () => {
    const format =
      'status=%{http_code} exit=%{exitcode} connect=%{time_connect} total=%{time_total} pod=%header{x-pod} error=%{errormsg}';
    const { stdout } = spawnSync('curl', ['-sS', '-o', '/dev/null', '-w', format, 'http://127.0.0.1:9/'], {
      encoding: 'utf8',
    });
    const [request] = parseHttpProbe(`1 start=2026-11-20T09:15:02.123Z ${stdout}\n`).requests;
    expect(request).toMatchObject({ status: { value: '000' }, exit: { value: '7' } });
    expect(request?.error?.value).toMatch(/Failed to connect to 127\.0\.0\.1 port 9/);
  });

  it('says what it cannot read', () => {
    expect(
      refusal('http-probe', '1 start=09:15:02 status=200 exit=0 connect=0.1 total=0.2 pod= error=\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`1 start=2026-11-20T09:15:02.123Z status=200 exit=0 connect=0.1 total=0.2 pod=… error=…\`; found "1 start=09:15:02 status=200 exit=0 connect=0.1 total=0.2 pod= error=". Let the probe print curl's '%{http_code} %{time_total}', or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('http-probe', '1 start=2026-11-20T09:15:02.123Z status=200 exit=0 total=0.2 pod= error=\n'),
    ).toMatchInlineSnapshot(
      `"line 1: expected \`1 start=2026-11-20T09:15:02.123Z status=200 exit=0 connect=0.1 total=0.2 pod=… error=…\`; found "1 start=2026-11-20T09:15:02.123Z status=200 exit=0 total=0.2 pod= error=". Let the probe print curl's '%{http_code} %{time_total}', or correct \`format\` in layers.yaml."`,
    );
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
