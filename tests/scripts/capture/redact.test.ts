import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Output } from '../../../scripts/capture/output.ts';
import { Redactor } from '../../../scripts/capture/redact.ts';
import type { RedactionRule } from '../../../src/recipe/schema.ts';

const rules: RedactionRule[] = (['e-mail', 'public-address'] as const).map((find) => ({
  rule: find,
  find,
  role: 'role',
}));
const client: RedactionRule = { rule: 'client-address', find: 'public-address', role: 'client' };

describe('what must not be published', () => {
  test.each([
    ['private-key', '-----BEGIN PRIVATE KEY-----'],
    ['private-key', '-----BEGIN EC PRIVATE KEY-----'],
    ['private-key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['service-account-key', '  "private_key_id": "1234",'],
    ['service-account-key', '{"type": "service_account"}'],
    ['jwt', 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl'],
    ['authorization', 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz'],
    ['token', 'ya29.a0AfH6SMBxyzxyzxyzxyz'],
    ['token', `ghp_${'a'.repeat(36)}`],
    ['token', 'AKIAIOSFODNN7EXAMPLE'],
    ['token', `AIza${'x'.repeat(35)}`],
    ['password', 'password: hunter2hunter2'],
    ['token', '"client_secret":"0123456789abcdef"'],
    ['kubeconfig-credential', '    client-key-data: LS0tLS1CRUdJTg=='],
    ['token', '    token: 0123456789abcdef'],
    ['e-mail', 'created by jane.doe+x@mail.example.com'],
    ['e-mail', 'robot@project.iam.gserviceaccount.com'],
    ['public-address', 'from 8.8.8.8 to 10.0.0.1'],
    ['public-address', 'host 3.2.1.34.bc.googleusercontent.com'],
    ['public-address', 'via 2600:1900:4000::1'],
  ] as const)('%s: %s', async (kind, text) => {
    const redactor = new Redactor([], ['34.72.78.182']);
    const { leaks, result } = await redactor.body(Output.of(`first\nsecond ${text}\n`));
    expect(leaks).toContainEqual({ kind, line: 2 });
    // Without a rule nothing is replaced: the output is refused as a whole.
    expect(result.text()).toBe(`first\nsecond ${text}\n`);
    const covered = await new Redactor(rules).body(Output.of(`x ${text}\n`));
    if (kind === 'e-mail' || kind === 'public-address') {
      expect(covered.leaks).toEqual([]);
      expect(covered.applied).toContainEqual({ rule: kind, count: expect.any(Number) });
      expect(covered.result.text()).toContain('role-1');
    } else {
      // No rule covers what gives access, and nothing around it is replaced.
      expect(covered.leaks).toContainEqual({ kind, line: 1 });
      expect(covered.result.text()).toBe(`x ${text}\n`);
    }
  });

  test.each([
    'inet 10.20.0.9/24 brd 10.20.0.255',
    'LoadBalancer Ingress: 34.72.78.182 (VIP)',
    '0.0.0.0:30574/TCP NodePort',
    'link/ether a6:b1:ed:39:f3:a4 brd ff:ff:ff:ff:ff:ff',
    'inet6 fe80::44b7:68ff:fe1d:e70b/64',
    'Jul  2 15:03:39.769: x',
    'image: nginx:1.29-alpine@sha256:5616878291a2eed594aee8db4dade5878cf7edcb475e59193904b198d9b830de',
    '2: eth0@if12: <BROADCAST>',
    'version v1.32.4-gke.1415000',
    'kernel 6.6.72+',
    '203.0.113.7 198.51.100.4 192.0.2.1 2001:db8::1',
    'token: <none>',
  ])('not: %s', async (text) => {
    expect((await new Redactor([], ['34.72.78.182']).body(Output.of(`${text}\n`))).leaks).toEqual([]);
  });
});

test('the same value gets the same name in everything one run writes, in the order of appearance', async () => {
  const redactor = new Redactor([client]);
  expect((await redactor.body(Output.of('8.8.8.8 -> 9.9.9.9\n9.9.9.9:443 (world)\n'))).result.text()).toBe(
    'client-1 -> client-2\nclient-2:443 (world)\n',
  );
  expect(await redactor.text('curl http://9.9.9.9; ping 1.1.1.1')).toEqual({
    result: 'curl http://client-2; ping client-3',
    applied: [{ rule: 'client-address', count: 2 }],
    leaks: [],
  });
});

test('a table keeps its columns', async () => {
  const table =
    'NAME   EXTERNAL-IP       PORT\na      162.195.118.115   80\nb      8.8.8.8           80\nc      9.9.9.9  80\n';
  expect((await new Redactor([client]).body(Output.of(table))).result.text()).toBe(
    'NAME   EXTERNAL-IP       PORT\na      client-1          80\nb      client-2          80\nc      client-3  80\n',
  );
});

test('a table keeps its columns where an address has company in its cell, and a sentence its words', async () => {
  const redact = async (text: string) => (await new Redactor([client]).body(Output.of(text))).result.text();
  expect(
    await redact(
      'ENDPOINTS                            AGE\n162.195.118.115:80,162.195.118.116:80   5d\n8.8.8.8,9.9.9.9,1.1.1.1 + 3 more...     5d\n' +
        '8    162.195.118.115:8443/TCP   NodePort\n',
    ),
  ).toBe(
    'ENDPOINTS                            AGE\nclient-1:80,client-2:80                 5d\nclient-3,client-4,client-5 + 3 more...  5d\n' +
      '8    client-1:8443/TCP          NodePort\n',
  );
  expect(await redact('from 162.195.118.115 for  all  time\n162.195.118.115\n  next\n')).toBe(
    'from client-1 for  all  time\nclient-1\n  next\n',
  );
});

test('bytes that are not UTF-8 pass unchanged, also around a replacement', async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x20, ...Buffer.from('8.8.8.8'), 0x0a, 0xc3, 0x28]);
  const { result } = await new Redactor([client]).body(Output.of(bytes));
  expect([...result.bytes()]).toEqual([0xff, 0xfe, 0x20, ...Buffer.from('client-1'), 0x0a, 0xc3, 0x28]);
});

test('a finding anywhere in a large output is found, with its line', async () => {
  const line = `${'x'.repeat(99)}\n`;
  const lines = 30_000;
  for (const at of [0, 10_485, 10_486, 20_000, lines - 1]) {
    const body = Buffer.from(`${line.repeat(at)}leak jane@example.com\n${line.repeat(lines - at)}`);
    expect((await new Redactor([]).body(Output.of(body))).leaks).toEqual([{ kind: 'e-mail', line: at + 1 }]);
  }
});

test('an output without anything to hide is given back as it is, not as a copy', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'abc XYZ\n\t:/-_') }), async (text) => {
      const body = Output.of(text);
      const result = await new Redactor([client]).body(body);
      expect(result.result).toBe(body);
      expect(result).toMatchObject({ applied: [], leaks: [] });
    }),
  );
});
