import { expect, test } from 'vitest';
import { aligned } from '../../src/analysis/compare/pairs.ts';
import { compareRow, expectationProblems, layerVerdict, rules } from '../../src/analysis/compare.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import type { RowVerdict } from '../../src/analysis/types.ts';
import type { FormatId } from '../../src/formats/index.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { formatProblem } from '../../src/problem.ts';
import { compared, recipe, subjectsOf, texts } from './committed.ts';
import { withServices } from './many-services.ts';
import { subject } from './subject.ts';

const published = compared();

/** The verdict on two texts of one format, without any other output. */
function verdict(format: FormatId, one: string, other: string): RowVerdict {
  const [v1, v2] = [subject('v1', 'l9-row', format, one), subject('v2', 'l9-row', format, other)];
  const model = modelOf([v1, v2]);
  return compareRow(model, v1, v2, roleValues(model));
}

/** Differences as `path: what`. */
function differences(format: FormatId, one: string, other: string): string[] {
  return verdict(format, one, other).differences.map(({ path, what }) => `${path}: ${what}`);
}

test('the layers of the published captures, from the captures alone', () => {
  expect(published.layers.map(({ layer, verdict, why }) => `${layer} ${verdict}: ${why}`)).toMatchInlineSnapshot(`
    [
      "l1 identical: All 3 rows are the same on both sides.",
      "l2 identical: The row is the same on both sides.",
      "l3 identical: All 3 rows are the same on both sides.",
      "l4 diverges: Same mapping, different mechanism: 3 frontends → the same number of backends (3) on each side; 16 rules against 3 frontends with 3 backends each.",
      "l5 identical: Both rows are the same on both sides.",
      "l6 diverges: 1 of 4 pairs differs. 1 output was captured on one side only. Local mode, failover window: requests 4, 7, 11, 12, 15 and 17–20 were answered on V2 only; median time of those failed: 6.0 s on V1, 0.05 s on V2 (V1: 0 of 20 answered; failures took 6.0 s; V2: 9 of 20 answered, typically in 0.1 s; failures took 0.05 s). Local mode, later probe: Only V1 has this output: 7 of 10 answered, typically in 0.1 s; failures took 6.0 s.",
      "l7 only-v2: Only V2 has outputs here.",
      "l8 only-v2: Only V2 has outputs here.",
    ]
  `);
});

test('the rows of the published captures', () => {
  expect(
    published.rows.map(({ layer, row, verdict, mapping, matched, rules, differences, notes }) => {
      const by = Map.groupBy(matched, (one) => one.by);
      const counts = [...by].map(([name, all]) => `${name} ${all.length}`).sort();
      return [
        `${layer}/${row} ${verdict}${mapping ? ` (${mapping} mapping)` : ''}`,
        counts.join(', '),
        rules.join(', '),
        `${differences.length} differ`,
        ...notes,
      ];
    }),
  ).toMatchInlineSnapshot(`
    [
      [
        "l1/gce-forwarding-rule identical",
        "equal 3, forwarding-rule 2, vip 1",
        "",
        "0 differ",
      ],
      [
        "l1/service-ips identical",
        "age 1, cluster-ip 1, equal 4, node-port 1, vip 1",
        "age",
        "0 differ",
      ],
      [
        "l1/service-detail identical",
        "age 4, cluster-ip 2, count 2, equal 30, forwarding-rule 1, node-port 1, pod-ip 3, vip 1",
        "age, count",
        "0 differ",
      ],
      [
        "l2/target-pool identical",
        "equal 19, forwarding-rule 2, generated-name 1, hash 1, node 2, timestamp 1",
        "generated-name, hash, timestamp",
        "0 differ",
      ],
      [
        "l3/endpoints identical",
        "age 1, equal 4, pod-ip 3",
        "age",
        "0 differ",
      ],
      [
        "l3/endpointslice identical",
        "age 1, equal 2, generated-name 1, pod-ip 3",
        "age, generated-name",
        "0 differ",
      ],
      [
        "l3/nodeport identical",
        "node-port 1",
        "",
        "0 differ",
      ],
      [
        "l4/dnat diverges (same mapping)",
        "cluster-ip 1, node-port 1, pod-ip 9, vip 1",
        "",
        "1 differ",
        "V1: the source of traffic from outside the cluster is rewritten (masqueraded) on its way to node-port TCP, vip 80/TCP.",
      ],
      [
        "l5/pod-serves identical",
        "equal 5",
        "",
        "0 differ",
      ],
      [
        "l5/pod-interface identical",
        "address 1, equal 40, inode 2, mac 1, pod 1, pod-ip 1",
        "address, inode, mac",
        "0 differ",
      ],
      [
        "l6/cluster-mode identical",
        "equal 21, latency 10",
        "latency",
        "0 differ",
        "Times are compared by the class of their median: those answered 10 ms to 0.5 s on both sides.",
      ],
      [
        "l6/local-symmetric identical",
        "equal 21, latency 10",
        "latency",
        "0 differ",
        "Times are compared by the class of their median: those answered 10 ms to 0.5 s on both sides.",
      ],
      [
        "l6/local-asymmetric identical",
        "equal 5, node 3, pod 1",
        "",
        "0 differ",
      ],
      [
        "l6/local-failover diverges",
        "equal 32, latency 20",
        "latency",
        "10 differ",
        "Times are compared by the class of their median: those failed 2.5 to 10 s on V1, 10 ms to 0.5 s on V2.",
        "V2: requests 1, 2, 3, 5, 6, 8, 9, 10, 13, 14 and 16 failed.",
      ],
      [
        "l6/local-converged only-v1",
        "",
        "",
        "0 differ",
        "V1: requests 1, 2 and 4 failed.",
      ],
      [
        "l7/hubble-relay only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l7/hubble-status only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l7/hubble-observe only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l8/policy only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l8/identities only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l8/enforcement only-v2",
        "",
        "",
        "0 differ",
        "V2: request client-blocked failed.",
      ],
      [
        "l8/hubble-drop only-v2",
        "",
        "",
        "0 differ",
      ],
      [
        "l8/policy-map only-v2",
        "",
        "",
        "0 differ",
      ],
    ]
  `);
});

test('what differs in L6 is typed, with its places', () => {
  const row = published.rows.find(({ row }) => row === 'local-failover');
  expect(row?.differences[0]).toEqual({
    path: 'request / 4 / status',
    v1: { text: '000', at: { capture: 'v1/l6-local-failover', line: 5, column: 18, length: 3, start: 186, end: 189 } },
    v2: { text: '200', at: { capture: 'v2/l6-local-failover', line: 5, column: 18, length: 3, start: 186, end: 189 } },
    what: 'no answer on V1, answered with 200 on V2',
  });
  expect(row?.differences.at(-1)?.what).toBe('6.0 s on V1, 0.05 s on V2');
});

test('every applied rule is documented', () => {
  for (const row of published.rows) for (const rule of row.rules) expect(rules).toHaveProperty(rule);
  for (const sentence of Object.values(rules)) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

/** /proc/net/tcp with a socket for each far end and state. */
function sockets(...all: string[]): string {
  const rows = all.map(
    (one, slot) =>
      `   ${slot}: 00000000:0050 ${one} 00000000:00000000 00:00000000 00000000     0        0 ${slot} 1 0 100 0 0 10 0\n`,
  );
  return `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n${rows.join('')}`;
}

test.each<[string, FormatId, string, string]>([
  ['age', 'kubectl-table', 'NAME  AGE\nweb   5m\n', 'NAME  AGE\nweb   3d\n'],
  ['count', 'kubectl-table', 'NAME  RESTARTS\nweb   0\n', 'NAME  RESTARTS\nweb   3 (5m ago)\n'],
  ['timestamp', 'yaml', 'created: 2026-07-01T17:11:48Z\n', 'created: 2027-01-02T03:04:05Z\n'],
  ['generated-name', 'kubectl-table', 'NAME       READY\nweb-66c7s  1/1\n', 'NAME       READY\nweb-cpdvm  1/1\n'],
  ['hash', 'yaml', "id: '2121913344195039787'\n", "id: '368248394460420258'\n"],
  [
    'project',
    'yaml',
    'zone: https://www.googleapis.com/compute/v1/projects/a/zones/z\n',
    'zone: https://www.googleapis.com/compute/v1/projects/b/zones/z\n',
  ],
  [
    'mac',
    'pod-network',
    '2: eth0: <UP> mtu 1460\n    link/ether a6:b1:ed:39:f3:a4 brd ff:ff:ff:ff:ff:ff\n',
    '2: eth0: <UP> mtu 1460\n    link/ether be:1b:62:45:aa:0e brd ff:ff:ff:ff:ff:ff\n',
  ],
  ['inode', 'pod-network', '2: eth0: <UP> mtu 1460\n', '7: eth0: <UP> mtu 1460\n'],
  [
    'momentary-socket',
    'pod-network',
    sockets('00000000:0000 0A'),
    sockets('00000000:0000 0A', '0100007F:D718 06', '0100007F:D719 06'),
  ],
  ['address', 'key-value', 'Address: 10.1.2.3\n', 'Address: 10.9.8.7\n'],
  [
    'order',
    'kubectl-table',
    'NAME  STATUS\na     Running\nb     Pending\n',
    'NAME  STATUS\nb     Pending\na     Running\n',
  ],
  ['latency', 'http-probe', '200 0.104\n', '200 0.099\n'],
  [
    'client-port',
    'hubble-flows',
    'default/a:42222 (ID:7) <> default/b:80 (ID:8) Policy denied DROPPED (TCP Flags: SYN)\n',
    'default/a:51515 (ID:7) <> default/b:80 (ID:8) Policy denied DROPPED (TCP Flags: SYN)\n',
  ],
])('the rule %s sets a difference aside and is named', (rule, format, one, other) => {
  const row = verdict(format, one, other);
  expect(row).toMatchObject({ verdict: 'identical', differences: [] });
  expect(row.rules).toContain(rule);
});

test('a listening socket that is missing differs, whatever else is there', () => {
  const [momentary, listening] = ['0100007F:D718 01', '00000000:0000 0A'];
  expect(verdict('pod-network', sockets(listening, momentary), sockets(momentary)).differences).not.toEqual([]);
  expect(verdict('pod-network', sockets(momentary), sockets()).differences).toEqual([]);
});

test('an address is matched one to one, within its family and scope', () => {
  const nets = (a: string, b: string) => `First: ${a}\nSecond: ${b}\n`;
  expect(verdict('key-value', nets('10.1.2.3', '10.1.2.3'), nets('10.9.8.7', '10.9.8.7')).verdict).toBe('identical');
  expect(differences('key-value', nets('10.1.2.3', '10.1.2.3'), nets('10.9.8.7', '10.9.8.8'))).toEqual([
    'Second: a private address without a role on both sides, but not the one that stands for it elsewhere in this output',
  ]);
  expect(differences('key-value', 'A: 10.1.2.3\n', 'A: 34.1.2.3\n')).toEqual([
    'A: a private address without a role on V1, a public address without a role on V2',
  ]);
  expect(verdict('key-value', 'A: 10.1.2.0/24\n', 'A: 10.9.8.0/25\n').verdict).toBe('diverges');
  expect(verdict('key-value', 'A: 127.0.0.1\n', 'A: 10.9.8.7\n').verdict).toBe('diverges');
  expect(verdict('key-value', 'A: fd00::1\n', 'A: 10.9.8.7\n').verdict).toBe('diverges');
});

test('lists are sets only where their order means nothing', () => {
  expect(verdict('yaml', 'policyTypes: [Ingress, Egress]\n', 'policyTypes: [Egress, Ingress]\n').verdict).toBe(
    'identical',
  );
  expect(verdict('yaml', 'args: [-a, -b]\n', 'args: [-b, -a]\n').verdict).toBe('diverges');
  expect(verdict('plain', 'a\nb\n', 'b\na\n').verdict).toBe('diverges');
});

test('a missing line shifts nothing', () => {
  expect(differences('plain', 'a\nb\nc\nd\n', 'a\nc\nd\n')).toEqual(['line: V1 only: “b”']);
});

test('what differs in a record is named, not the whole record', () => {
  const table = (port: number) => `NAME  PORTS  AGE\na     80     1m\nb     ${port}    1m\n`;
  expect(differences('kubectl-table', table(81), table(82))).toEqual(['b / PORTS: “81” on V1, “82” on V2']);
});

test('two outputs of iptables-save agree whatever the hashes, and not when a negation is gone', () => {
  const nat = texts.get('v1/l4-iptables-nat') ?? '';
  const other = nat.replace(/(KUBE-(?:SVC|SEP|EXT)-)([A-Z2-7])([A-Z2-7]+)/g, '$1$3$2');
  expect(verdict('iptables-save', nat, other)).toMatchObject({ verdict: 'identical', differences: [] });
  expect(differences('iptables-save', nat, other.replace(' ! -s', ' -s'))).toHaveLength(1);
  expect(verdict('iptables-save', nat, other.replace(/-A KUBE-SEP.*\n/, '')).verdict).toBe('diverges');
});

test('policy maps and flows of two sides are compared like any other output', () => {
  const map = texts.get('v2/l8-policy-map') ?? '';
  expect(verdict('cilium-policy-map', map, map.replace('1078', '2222').replace(' 14 ', ' 25 '))).toMatchObject({
    verdict: 'identical',
    rules: ['count'],
  });
  expect(differences('cilium-policy-map', map, map.replace('k8s:role=frontend', 'k8s:role=other   '))).not.toEqual([]);
  const flows = texts.get('v2/l8-hubble-drop') ?? '';
  expect(verdict('hubble-flows', flows, flows.split('\n').toReversed().join('\n')).verdict).toBe('identical');
  expect(verdict('hubble-flows', flows, flows.replace('Policy denied DROPPED', 'to-endpoint FORWARDED')).verdict).toBe(
    'diverges',
  );
});

test('flows in JSON are compared without the ports clients send from', () => {
  const flow = (port: number, verdict: string) =>
    `${JSON.stringify({ flow: { verdict, IP: { source: '10.1.0.5', destination: '10.1.0.9' }, l4: { TCP: { source_port: port, destination_port: 80 } } } })}\n`;
  expect(verdict('hubble-flows-json', flow(42222, 'DROPPED'), flow(51515, 'DROPPED'))).toMatchObject({
    verdict: 'identical',
    rules: ['client-port'],
  });
  expect(verdict('hubble-flows-json', flow(42222, 'DROPPED'), flow(42222, 'FORWARDED')).verdict).toBe('diverges');
});

test('many records without an equal are compared in order, not each with each', { timeout: 20_000 }, () => {
  const table = (state: string) =>
    `NAME      STATUS\n${Array.from({ length: 20_000 }, (_, row) => `p${String(row).padStart(8, '0')} ${state}${row}`).join('\n')}\n`;
  const started = performance.now();
  expect(differences('kubectl-table', table(' a'), table(' b'))).toHaveLength(20_000);
  expect(performance.now() - started).toBeLessThan(15_000);
});

test('a probe is judged by outcomes and classes, which are named', () => {
  const probe = (...lines: string[]) => `${lines.join('\n')}\n`;
  const row = verdict('http-probe', probe('200 0.1', '200 0.1', '200 0.1'), probe('200 1.1', '200 0.1', '200 0.1'));
  expect(row).toMatchObject({
    verdict: 'identical',
    notes: ['Times are compared by the class of their median: those answered 10 ms to 0.5 s on both sides.'],
  });
  expect(differences('http-probe', probe('200 0.1', '000 5.0'), probe('000 5.0', '200 0.1'))).toEqual([
    'request / 1 / status: answered with 200 on V1, no answer on V2',
    'request / 2 / status: no answer on V1, answered with 200 on V2',
  ]);
  expect(differences('http-probe', probe('200 0.1'), probe('200 3.1'))).toEqual([
    'median time of those answered: 0.1 s on V1, 3.1 s on V2',
  ]);
  expect(verdict('http-probe', probe('200 0.1'), probe('503 0.1')).verdict).toBe('diverges');
});

/** The outputs of L4 with others in place of those committed. */
function l4(...others: Subject[]): RowVerdict {
  const subjects = [...subjectsOf(texts).filter(({ layer }) => layer !== 'l4'), ...others];
  const model = modelOf(subjects);
  return compareRow(
    model,
    others.find(({ side }) => side === 'v1'),
    others.find(({ side }) => side === 'v2'),
    roleValues(model),
  );
}

const nat = (text: string) => subject('v1', 'l4-dnat', 'iptables-save', text);
const committed = (key: string) => texts.get(key) ?? '';

/** The committed service map as `cilium-dbg bpf lb list` prints it. */
function lbList(): string {
  const backends = ['10.20.0.15', '10.20.1.9', '10.20.1.10'];
  const rows = [
    ['0.0.0.0:30574/TCP', 'NodePort'],
    ['10.24.8.39:80/TCP', 'ClusterIP'],
    ['34.72.78.182:80/TCP', 'LoadBalancer'],
  ].flatMap(([address, type], service) => [
    [`${address} (0)`, `0.0.0.0:0 (${service + 1}) (0) [${type}]`],
    ...backends.map((ip, slot) => [`${address} (${slot + 1})`, `${ip}:80/TCP (${service + 1}) (${slot + 1})`]),
  ]);
  return [['SERVICE ADDRESS', 'BACKEND ADDRESS (REVNAT_ID) (SLOT)'], ...rows]
    .map(([left = '', right = '']) => `${left.padEnd(30)}${right}\n`)
    .join('');
}

test('rules and map are compared by what they map, whichever command printed the map', () => {
  const rulesOf = nat(committed('v1/l4-iptables-nat'));
  const list = subject('v2', 'l4-dnat', 'cilium-service-list', committed('v2/l4-ebpf-service-map'));
  const map = subject('v2', 'l4-dnat', 'cilium-bpf-lb-list', lbList());
  for (const other of [list, map]) {
    expect(l4(rulesOf, other)).toMatchObject({
      verdict: 'diverges',
      mapping: 'same',
      why: 'Same mapping, different mechanism: 3 frontends → the same number of backends (3) on each side; 16 rules against 3 frontends with 3 backends each.',
    });
  }
});

test('the rules and the map entries are the difference, at the first of each', () => {
  const row = published.rows.find(({ row }) => row === 'dnat');
  expect(row?.differences).toMatchObject([
    {
      path: 'mechanism',
      v1: { text: expect.stringMatching(/^-A KUBE-\S+ .*netflow-test\/nginx/) },
      v2: { text: expect.stringMatching(/^18 +0\.0\.0\.0:30574\/TCP +NodePort +1 => 10\.20\.0\.15:80/) },
      what: '16 rules on V1, 3 frontends with 3 backends each on V2',
    },
  ]);
});

test.each([
  [
    'a backend less',
    /( {2,}3 => 10\.20\.1\.10:80.*\n)(?=21)/,
    '',
    'cluster-ip 80/TCP → backends: 3 backends on V1, 2 on V2',
  ],
  ['a type', /LoadBalancer/, 'ClusterIP   ', 'vip 80/TCP: V2: its type is ClusterIP'],
  ['a port', /182:80/, '182:81', 'vip 80/TCP: a frontend on V1 only'],
  ['a target port', /(182.*1 => 10\.20\.0\.15:)80/, '$181', 'vip 80/TCP → backend port: port 80 on V1, 81 on V2'],
])('another mapping is told: %s', (_, from, to, what) => {
  const row = l4(
    nat(committed('v1/l4-iptables-nat')),
    subject('v2', 'l4-dnat', 'cilium-service-list', committed('v2/l4-ebpf-service-map').replace(from, to)),
  );
  expect(row.mapping).toBe('different');
  expect(row.differences.map(({ path, what }) => `${path}: ${what}`)).toContain(what);
});

test.each([
  [
    'uneven shares',
    /0\.33333333349/,
    '0.60000000000',
    'vip 80/TCP → shares: V1: the backends get 60 %, 20 %, 20 % of new connections, not even shares',
  ],
  ['a drop', /(-A KUBE-SEP-WINV.*)-j DNAT.*/, '$1-j DROP', 'vip 80/TCP: V1: 33 % of new connections end as DROP'],
])('rules that do something else are told: %s', (_, from, to, what) => {
  const row = l4(
    nat(committed('v1/l4-iptables-nat').replace(from, to)),
    subject('v2', 'l4-dnat', 'cilium-service-list', committed('v2/l4-ebpf-service-map')),
  );
  expect(row.differences.map(({ path, what }) => `${path}: ${what}`)).toContain(what);
});

test('two formats that have nothing in common diverge and say so', () => {
  const row = compareRow(
    modelOf([]),
    subject('v1', 'l9-a', 'plain', 'x\n'),
    subject('v2', 'l9-a', 'yaml', 'x: 1\n'),
    [],
  );
  expect(row).toMatchObject({
    verdict: 'diverges',
    why: 'The outputs are of different kinds (plain on V1 and yaml on V2 cannot be compared value by value).',
  });
});

test('a row or layer without outputs has no verdict', () => {
  expect(() => compareRow(modelOf([]), undefined, undefined, [])).toThrow(RangeError);
  expect(() => layerVerdict([])).toThrow(RangeError);
});

test('an expectation the captures do not support is refused with the lines that disagree', () => {
  const problems = (expectation: 'identical' | 'diverges') =>
    expectationProblems(
      recipe.layers.filter(({ id }) => id === 'l1' || id === 'l6').map((layer) => ({ ...layer, expect: expectation })),
      published.layers,
      published.rows,
      ({ capture, line }) => ({ file: `captures/${capture}.txt`, line: line + 7 }),
    ).map(formatProblem);
  expect(problems('diverges')).toMatchInlineSnapshot(`
    [
      "layers.yaml: layer l1, expect: expected the verdict diverges, as \`expect\` in layers.yaml says; found identical: All 3 rows are the same on both sides. Find out why; \`npm run check -- --accept\` writes what the captures show as what is expected.",
    ]
  `);
  expect(problems('identical')).toMatchInlineSnapshot(`
    [
      "layers.yaml: layer l6, expect: expected the verdict identical, as \`expect\` in layers.yaml says; found diverges: 1 of 4 pairs differs. 1 output was captured on one side only. Local mode, failover window: requests 4, 7, 11, 12, 15 and 17–20 were answered on V2 only; median time of those failed: 6.0 s on V1, 0.05 s on V2 (V1: 0 of 20 answered; failures took 6.0 s; V2: 9 of 20 answered, typically in 0.1 s; failures took 0.05 s). Local mode, later probe: Only V1 has this output: 7 of…. Find out why; \`npm run check -- --accept\` writes what the captures show as what is expected. 2 more lines differ.",
      "captures/v2/l6-local-failover.txt:12: layer l6, row local-failover, request / 4 / status: expected what captures/v1/l6-local-failover.txt:12 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:15: layer l6, row local-failover, request / 7 / status: expected what captures/v1/l6-local-failover.txt:15 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:19: layer l6, row local-failover, request / 11 / status: expected what captures/v1/l6-local-failover.txt:19 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:20: layer l6, row local-failover, request / 12 / status: expected what captures/v1/l6-local-failover.txt:20 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:23: layer l6, row local-failover, request / 15 / status: expected what captures/v1/l6-local-failover.txt:23 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:25: layer l6, row local-failover, request / 17 / status: expected what captures/v1/l6-local-failover.txt:25 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:26: layer l6, row local-failover, request / 18 / status: expected what captures/v1/l6-local-failover.txt:26 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
      "captures/v2/l6-local-failover.txt:27: layer l6, row local-failover, request / 19 / status: expected what captures/v1/l6-local-failover.txt:27 says, "000"; found "200" (no answer on V1, answered with 200 on V2). Look at both lines: this is one of the reasons for the verdict.",
    ]
  `);
});

test('sequences are aligned by what they have in common', () => {
  const pairs = (a: string, b: string) =>
    aligned([...a], [...b], (char) => char)
      .map(([x, y]) => `${x ?? '-'}${y ?? '-'}`)
      .join(' ');
  expect(pairs('abcd', 'acd')).toBe('aa b- cc dd');
  expect(pairs('abc', 'axc')).toBe('aa bx cc');
  expect(pairs('', 'ab')).toBe('-a -b');
  expect(pairs('abxcd', 'cdab')).toBe('a- b- x- cc dd -a -b');
  expect(pairs('aaaa', 'aa')).toBe('aa aa a- a-');
});

test('the cost grows with the size, not with its square: 10 MB of rules', { timeout: 60_000 }, () => {
  const big = withServices(committed('v1/l4-iptables-nat'), 7_300, 1);
  expect(big.length).toBeGreaterThan(10_000_000);
  const others = new Map(texts).set('v1/l4-iptables-nat', big);
  const subjects = subjectsOf(others);
  const started = performance.now();
  const model = modelOf(subjects);
  const row = compareRow(
    model,
    subjects.find(({ layer, side }) => layer === 'l4' && side === 'v1'),
    subjects.find(({ layer, side }) => layer === 'l4' && side === 'v2'),
    roleValues(model),
  );
  expect(row.mapping).toBe('same');
  // Measured at 2 s; a quadratic step would take minutes.
  expect(performance.now() - started).toBeLessThan(40_000);
});
