import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from '../../scripts/walk.ts';

const FILE = 'captures/v1/l4-iptables-nat.txt';

/** Runs the command with files given as text. */
function run(args: readonly string[], files: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const status = main(args, {
    read: (file) => {
      const text = files[file];
      if (text !== undefined) return Buffer.from(text);
      if (file === FILE) return readFileSync(FILE);
      throw Object.assign(new Error('missing'), { code: 'ENOENT' });
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { status, out, err };
}

const TO = ['--from', '10.20.1.4', '--to', '10.24.9.186:80'];

test('prints the walk for a person, with the lines of the file', () => {
  const { status, out, err } = run([FILE, ...TO]);
  expect([status, err]).toEqual([0, '']);
  expect(out).toMatchInlineSnapshot(`
    "10.20.1.4 → 10.24.9.186:80 tcp, arriving at the node: captures/v1/l4-iptables-nat.txt

    Outcomes
       33.3 %  DNAT to 10.20.0.8:80
       33.3 %  DNAT to 10.20.0.9:80
       33.3 %  DNAT to 10.20.1.13:80

    Rules examined: 14 to 16, 15.0 on average

    Rules in order (line of the file; > matches)
    *nat
       75  … 9 rules of KUBE-SERVICES that do not match
    >  84  -A KUBE-SERVICES -d 10.24.9.186/32 -p tcp -m comment --comment "netflow-test/nginx cluster IP" -m tcp --dport 80 -j KUBE-SVC-P2CJC57QC736K2NH
       98    -A KUBE-SVC-P2CJC57QC736K2NH ! -s 10.20.1.0/24 -d 10.24.9.186/32 -p tcp -m comment --comment "netflow-test/nginx cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
    >  99    -A KUBE-SVC-P2CJC57QC736K2NH -m comment --comment "netflow-test/nginx -> 10.20.0.8:80" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-WINV7FEMCBPDEZGG  (33.3 % of these packets)
       67      -A KUBE-SEP-WINV7FEMCBPDEZGG -s 10.20.0.8/32 -m comment --comment "netflow-test/nginx" -j KUBE-MARK-MASQ
    >  68      -A KUBE-SEP-WINV7FEMCBPDEZGG -p tcp -m comment --comment "netflow-test/nginx" -m tcp -j DNAT --to-destination 10.20.0.8:80
    > 100    -A KUBE-SVC-P2CJC57QC736K2NH -m comment --comment "netflow-test/nginx -> 10.20.0.9:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-X4MLFZ67G53NH3PU  (50.0 % of these packets)
       69      -A KUBE-SEP-X4MLFZ67G53NH3PU -s 10.20.0.9/32 -m comment --comment "netflow-test/nginx" -j KUBE-MARK-MASQ
    >  70      -A KUBE-SEP-X4MLFZ67G53NH3PU -p tcp -m comment --comment "netflow-test/nginx" -m tcp -j DNAT --to-destination 10.20.0.9:80
    > 101    -A KUBE-SVC-P2CJC57QC736K2NH -m comment --comment "netflow-test/nginx -> 10.20.1.13:80" -j KUBE-SEP-P5UCONCOPU635JFJ
       53      -A KUBE-SEP-P5UCONCOPU635JFJ -s 10.20.1.13/32 -m comment --comment "netflow-test/nginx" -j KUBE-MARK-MASQ
    >  54      -A KUBE-SEP-P5UCONCOPU635JFJ -p tcp -m comment --comment "netflow-test/nginx" -m tcp -j DNAT --to-destination 10.20.1.13:80

    Missing in the file
      table filter
      nat PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      nat POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
      nat KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN

    Assumed
      The file lacks the \`*table\` lines: each rule is taken for the table kube-proxy writes it to.
      The file went through a filter: rules it may lack are not counted; those listed as missing are assumed.
      No rule of the filter table rejects, drops or accepts the packet: the file lacks that table.
      nat PREROUTING jumps to KUBE-SERVICES, as kube-proxy writes it.
      nat POSTROUTING jumps to KUBE-POSTROUTING, as kube-proxy writes it.
      nat KUBE-POSTROUTING holds what kube-proxy always puts there: -m mark ! --mark 0x4000/0x4000 -j RETURN; -j MARK --xor-mark 0x4000; -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE.
    "
  `);
  const lines = readFileSync(FILE, 'utf8').split('\n');
  for (const [, line, text] of out.matchAll(/^[> ] +(\d+) +(-A .*?)(?: {2}\(.*)?$/gm)) {
    expect(lines[Number(line) - 1]).toBe(text);
  }
});

test('prints the same as JSON', () => {
  const { status, out } = run([FILE, ...TO, '--json']);
  expect(status).toBe(0);
  const walk = JSON.parse(out);
  expect(Object.keys(walk)).toEqual(['outcomes', 'examined', 'steps', 'missing', 'assumptions', 'unknown']);
  expect(walk.outcomes).toHaveLength(3);
  expect(walk.outcomes[0]).toEqual({
    target: '10.20.0.8:80',
    verdict: 'DNAT',
    probability: expect.closeTo(1 / 3, 8),
    masquerade: false,
  });
  expect(walk.examined).toEqual({ min: 14, max: 16, mean: expect.closeTo(15, 8) });
  expect(walk.steps[9]).toEqual({
    table: 'nat',
    chain: 'KUBE-SERVICES',
    rule: 10,
    text: expect.stringContaining('-A KUBE-SERVICES -d 10.24.9.186/32'),
    line: 84,
    matched: true,
    reached: 1,
    chance: 1,
    depth: 0,
  });
});

test('hands every option on', () => {
  const rules = [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    '-A OUTPUT -p udp -m udp --sport 5000 -m addrtype --dst-type LOCAL -m recent --rcheck --name SEEN -j DNAT --to-destination 10.0.0.1:53',
    '-A POSTROUTING -o eth1 -j MASQUERADE',
    'COMMIT',
    '',
  ].join('\n');
  const args = ['-', '--from', '10.0.0.9:5000', '--to', '10.0.0.8:53', '--proto', 'udp', '--entry', 'output', '--json'];
  const more = ['--local-ip', '10.0.0.8', '--local-ip', '10.0.0.9', '--recent', 'SEEN', '--out-interface', 'eth1'];
  const outcomes = (list: string[]) => JSON.parse(run(list, { '-': rules }).out).outcomes;
  expect(outcomes([...args, ...more])).toEqual([
    { target: '10.0.0.1:53', verdict: 'DNAT', probability: 1, masquerade: true },
  ]);
  expect(outcomes(args)).toEqual([{ target: null, verdict: 'NONE', probability: 1, masquerade: null }]);
});

test('reads IPv6 addresses with and without brackets', () => {
  const rules =
    '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d fd00::1/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00::2]:80\nCOMMIT\n';
  for (const from of ['fd00::9', '[fd00::9]', '[fd00::9]:4000']) {
    const { out } = run(['x', '--from', from, '--to', '[fd00::1]:80', '--json'], { x: rules });
    expect(JSON.parse(out).outcomes[0].target).toBe('[fd00::2]:80');
  }
});

test('says what is wrong with a command line, and exits with 2', () => {
  const wrong = [
    [],
    ['x'],
    ['x', '--from', '10.0.0.1'],
    ['x', '--from', '10.0.0.1', '--to', '10.0.0.2'],
    ['x', '--from', '10.0.0.256', '--to', '10.0.0.2:80'],
    ['x', '--from', '10.0.0.1', '--to', '10.0.0.2:70000'],
    ['x', '--from', '10.0.0.1', '--to', '[fd00::1]:80'],
    ['x', '--from', '10.0.0.1', '--to', '10.0.0.2:80', '--proto', 'icmp'],
    ['x', '--from', '10.0.0.1', '--to', '10.0.0.2:80', '--entry', 'forward'],
    ['x', '--from', '10.0.0.1', '--to', '10.0.0.2:80', '--local-ip', 'node'],
    ['x', 'y', '--from', '10.0.0.1', '--to', '10.0.0.2:80'],
    ['x', '--form', '10.0.0.1'],
    ['x', '--from'],
    ['x', '--json=yes'],
  ].map((args) => run(args));
  expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 2));
  expect(wrong.map(({ err }) => err.split('\n')[0])).toMatchInlineSnapshot(`
    [
      "walk: expected a FILE; found none. Name the output of iptables-save, or - for standard input.",
      "walk: expected --from with the source address; found none.",
      "walk: expected --to with the destination and its port; found none.",
      "walk: expected --to IP:PORT; found "10.0.0.2" without a port.",
      "walk: expected --from with an address such as 10.20.1.4; found "10.0.0.256".",
      "walk: expected --to with an address such as 10.20.1.4:80; found "10.0.0.2:70000".",
      "walk: expected --from and --to of one family; found an IPv4 and an IPv6 address.",
      "walk: expected --proto with tcp or udp or sctp; found "icmp".",
      "walk: expected --entry with prerouting or output; found "forward".",
      "walk: expected --local-ip with an address; found "node".",
      "walk: expected one FILE; found also "y".",
      "walk: Unknown option '--form'.",
      "walk: Option '--from <value>' argument missing.",
      "walk: Option '--json' does not take an argument.",
    ]
  `);
});

test('says what is wrong with a file, and exits with 1', () => {
  const wrong = [
    run(['nowhere', ...TO]),
    run(['x', ...TO], { x: '' }),
    run(['x', ...TO], { x: 'iptables: command not found\n' }),
    run(['x', ...TO], {
      x: '---\norigin: "published"\ncommand: "c"\nwhen: "2026-07-01"\n---\n*nat\n-A X -s 1.2.3 -j Y\n',
    }),
    run(['x', ...TO], { x: '---\norigin: published\n' }),
    run(['x', ...TO], { x: '\u0000\u0001\n' }),
  ];
  expect(wrong.map(({ status, out }) => [status, out])).toEqual(wrong.map(() => [1, '']));
  expect(wrong.map(({ err }) => err)).toMatchInlineSnapshot(`
    [
      "nowhere: expected the output of iptables-save; found no such file. Name another file, or - for standard input.
    ",
      "x: expected iptables rules; found not a single one. Record it again as root: without privileges iptables-save prints nothing.
    ",
      "x:1: expected a rule (-A CHAIN …), a chain (:NAME …), a table (*name), COMMIT or a # comment; found "iptables: command not found". This is not iptables-save output: keep only what the command printed, without prompts and messages.
    ",
      "x:7: expected an address or network; found "1.2.3". Restore the line as iptables-save printed it.
    ",
      "x:1: header: expected a second \`---\` line that closes the header; found none. Close the header; if the file is a plain output that starts with \`---\`, put an empty header (\`---\` twice) above it.
    ",
      "x:1: expected a rule (-A CHAIN …), a chain (:NAME …), a table (*name), COMMIT or a # comment; found "\\u0000\\u0001". This is not iptables-save output: keep only what the command printed, without prompts and messages.
    ",
    ]
  `);
});

test('explains itself', () => {
  const { status, out } = run(['--help']);
  expect(status).toBe(0);
  expect(out).toContain('Usage: npm run --silent walk -- FILE --from IP[:PORT] --to IP:PORT [options]');
});

test('runs as a program: reads standard input, and a reader that stops early is no error', () => {
  const node = process.execPath;
  const program = (args: string[], input?: string) =>
    spawnSync(node, ['scripts/walk.ts', ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
  const piped = program(['-', ...TO, '--json'], readFileSync(FILE, 'utf8'));
  expect([piped.status, piped.stderr]).toEqual([0, '']);
  expect(JSON.parse(piped.stdout).outcomes).toHaveLength(3);
  expect(program(['/', ...TO])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^\/: expected .*; found a folder\. .*\n$/),
  });
  const early = spawnSync('sh', ['-c', `"${node}" scripts/walk.ts ${FILE} ${TO.join(' ')} --json | head -n 1`], {
    encoding: 'utf8',
  });
  expect([early.stdout, early.stderr]).toEqual(['{\n', '']);
});
