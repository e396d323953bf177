import { roleValues } from '../../../src/analysis/roles.ts';
import type { Role } from '../../../src/analysis/types.ts';
import { modelOf } from '../../../src/model/model.ts';
import { subjectsOf, texts } from '../committed.ts';
import { type Edit, edit, everywhere, on, onBoth } from './edit.ts';

const sides = ['v1', 'v2'] as const;
const keys = [...texts.keys()];

/** Moves every letter and digit of a piece on by one within the alphabet given, so that its length stays. */
function turned(piece: string, alphabet: string, by: number): string {
  return [...piece]
    .map((char) => {
      const place = alphabet.indexOf(char);
      return place < 0 ? char : (alphabet[(place + by) % alphabet.length] as string);
    })
    .join('');
}

const HEX = '0123456789abcdef';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** Another value of the same kind and length; columns stay where they are. */
function another(role: Role, value: string): string | undefined {
  switch (role) {
    case 'vip':
    case 'client-ip':
      return value.replace(/^\d/, (digit) => (digit === '1' ? '1' : '5')).replace(/\.\d/, '.5');
    case 'cluster-ip':
    case 'pod-ip':
    case 'node-ip':
      // 10.20.0.8 → 10.60.0.8
      return value.replace(/^10\.\d/, '10.6');
    case 'node-port':
      return `3${Number(value.slice(1)) === 2222 ? '1111' : '2222'}`;
    case 'identity':
      return turned(value, '123456789', 3);
    case 'chain':
      return value.replace(/[A-Z2-7]{16}$/, (hash) => turned(hash, BASE32, 5));
    case 'forwarding-rule':
      return `a${turned(value.slice(1), HEX, 3)}`;
    case 'node':
      return value.replace(/....$/, (ending) => turned(ending, HEX, 5));
    case 'pod':
      // The clients of L8 are called by name.
      return /-[a-z0-9]{5}$/.test(value) ? value.replace(/.....$/, (ending) => turned(ending, SAFE, 7)) : undefined;
  }
}

/** Every value with a role, one after the other, replaced wherever it stands on its side. */
const roleEdits: Edit[] = roleValues(modelOf(subjectsOf(texts))).flatMap(({ role, side, value }) => {
  const other = another(role, value);
  if (other === undefined) return [];
  const whole = new RegExp(`(?<![\\w.-])${value.replaceAll('.', '\\.')}(?![\\w-]|\\.\\d)`, 'g');
  return [everywhere('all', `${role} ${value} is ${other}`, side, (text) => text.replace(whole, other))];
});

/** Other networks and names on a whole side. */
const sideEdits: Edit[] = sides.flatMap((side) => [
  everywhere('all', 'other pod network', side, (text) => text.replace(/\b10\.20\./g, '10.48.')),
  everywhere('all', 'other Service network', side, (text) => text.replace(/\b10\.24\./g, '10.96.')),
  everywhere('all', 'other project', side, (text) => text.replaceAll('authlab-gke-lab', 'another-project')),
  everywhere('all', 'other cluster hash', side, (text) =>
    text.replaceAll(side === 'v1' ? 'c7a308a6' : 'a62dd7d5', '0f1e2d3c'),
  ),
  everywhere('all', 'other hash of the pod template', side, (text) => text.replaceAll('bb6b8c496', '7f9d4c8b6')),
  everywhere('all', 'lines end with CR LF', side, (text) => text.replaceAll('\n', '\r\n')),
  everywhere('all', 'no line feed at the end', side, (text) => text.replace(/\n$/, '')),
]);

/** Puts blanks before every column of a table but the first, where all lines have blanks. */
function widened(text: string, by: number): string {
  return text
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      const starts = [...(lines[0] ?? '').matchAll(/(?<= {2})\S/g)].map(({ index }) => index);
      return lines
        .map((line) => {
          let wide = line;
          for (const start of starts.toReversed()) {
            if (line.length > start) wide = wide.slice(0, start) + ' '.repeat(by) + wide.slice(start);
          }
          return wide;
        })
        .join('\n');
    })
    .join('\n\n');
}

const TABLES = /l1-(?:gce|service-ips)|l3-endpoint|l4-ebpf|l7-hubble-relay|l8-(?:identities|policy-map)/;
const widths: Edit[] = keys
  .filter((key) => TABLES.test(key))
  .map((key) => edit('kubectl-table', 'wider columns', key, (text) => widened(text, 4)));

const tables: Edit[] = [
  ...onBoth('kubectl-table', 'l1-service-ips', [['age', /\d+[ms]$/m, '3d4h']]),
  ...onBoth('kubectl-table', 'l3-endpoints', [
    ['age', /\d+[ms]$/m, '12s'],
    ['order of endpoints', /([\d.]+:80),([\d.]+:80),([\d.]+:80)/, '$3,$1,$2'],
  ]),
  ...onBoth('kubectl-table', 'l3-endpointslice', [
    ['age', /\d+[ms]$/m, '7y3d'],
    ['order of endpoints', /(10[\d.]+),(10[\d.]+),(10[\d.]+)/, '$2,$3,$1'],
    ['generated name', /nginx-...../, 'nginx-zx9v4'],
  ]),
];

const described: Edit[] = onBoth('describe', 'l1-service-detail', [
  ['order of endpoints', /([\d.]+:80),([\d.]+:80),([\d.]+:80)/, '$3,$2,$1'],
  ['order of annotations', /(cloud\.google.*\n)( +)(networking.*\n)/, '$3$2$1'],
  ['event count', /\(x\d+ over/, '(x9 over'],
  ['event ages', /\d+[ms] \(x(\d) over \d+[ms]\)/g, '2h3m (x$1 over 5h)'],
  ['an event came once', /(\d+[ms]) \(x\d over \d+[ms]\)/, '$1'],
  ['order of events', /(.*Ensuring.*\n)(.*Ensured.*\n)/, '$2$1'],
  ['wider labels', /^([A-Z][A-Za-z ]+:) +(?=[^ \n])/gm, '$1                              '],
]);

const yaml: Edit[] = onBoth('yaml', 'l2-target-pool', [
  ['time of creation', /'2026-\S+'/, "'2027-01-02T03:04:05.678-08:00'"],
  ['resource number', /id: '\d+'/, "id: '1234567890123456789'"],
  ['hash of the health check', /k8s-[0-9a-f]{16}/, 'k8s-0123456789abcdef'],
  ['order of nodes', /(- \S+instances\/\S+\n)(- \S+instances\/\S+\n)/, '$2$1'],
  ['order of keys', /^(kind: .*\n)(name: .*\n)/m, '$2$1'],
  ['quoted otherwise', /'(\{.*\})'/, '|-\n  $1'],
]);

const nat = 'v1/l4-iptables-nat';
const rules: Edit[] = [
  ...on('iptables-save', nat, [
    ['counters', /\[0:0\]/g, '[12:720]'],
    ['counted rules', /^-A/gm, '[3:180] -A'],
    ['order of chains', /(:KUBE-SEP.*\n)(:KUBE-SEP.*\n)/, '$2$1'],
    ['a comment line', /^/, '# Generated by iptables-save v1.8.9\n'],
    ['hashes of other Services', /XP4WJ6VSLGWALMW5/g, 'AAAABBBBCCCCDDDD'],
    ['an endpoint of another Service', /10\.20\.1\.9:53/g, '10.20.1.77:53'],
    ['a rule of another Service less', /-A KUBE-SVC-YTPYYJDCMEBC5FLU !.*\n/, ''],
    ['a rounder probability', /0\.33333333349/, '0.33333333333'],
    ['the SEP rules in front', /((?:-A KUBE-EXT.*\n)+)([\s\S]*?)(?=-A KUBE-SERVICES)/, '$2$1'],
  ]),
];

const map = 'v2/l4-ebpf-service-map';
const serviceMap: Edit[] = on('cilium-service-list', map, [
  ['IDs', /^(1[0-9]|2[0-9]) {2}/gm, '7$1 '],
  ['order of backends', /(0\.0\.0\.0:30574.*1 => )(\S+)(.*\n.*2 => )(\S+)/, '$1$4$3$2'],
  ['a Service of another namespace less', /^9 .*\n/m, ''],
  [
    'another Service more',
    /^9 /m,
    '9    10.24.6.9:443/TCP       ClusterIP       1 => 10.20.0.8:10250/TCP (active)   \n99',
  ],
  ['blanks at the end', / +$/gm, ''],
]);

const pods: Edit[] = onBoth('pod-network', 'l5-pod-interface', [
  ['MAC', /ether \S+/, 'ether 02:42:ac:11:00:02'],
  ['inode', /(00000000 {5}0 {8}0 )\d+/, '$1777777'],
  ['index of the peer', /eth0@if\d+/, 'eth0@if99'],
  ['index of the interface', /^2: /m, '3: '],
  ['order of flags', /BROADCAST,MULTICAST/, 'MULTICAST,BROADCAST'],
  ['address of the kernel object', /0000000000000000/, 'ffff9a3c01020304'],
  [
    'a request that just ended',
    /(?<=sockets \(\/proc\/net\/tcp\) ---\n.*\n.*)$/m,
    '\n   1: 0100007F:D718 0100007F:0050 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 000000003b939d67',
  ],
  [
    'a request under way',
    /(?<=inode +\n)/,
    '   7: 0100007F:0050 0100007F:D718 01 00000000:00000000 00:00000000 00000000   101        0 53812 1 0000000000000000 20 4 30 10 -1\n',
  ],
]);

/** The same outcome, a little faster or slower. */
const probes: Edit[] = keys
  .filter((key) => /l6-(?:cluster-mode|local-(?:symmetric|failover|converged))$/.test(key))
  .flatMap((key) => [
    edit('http-probe', 'a millisecond more', key, (text) =>
      text.replace(/time (\d+\.\d+)s/g, (_, time: string) => `time ${(Number(time) + 0.001).toFixed(6)}s`),
    ),
    edit('http-probe', 'four digits', key, (text) =>
      text.replace(/time (\d+\.\d+)s/g, (_, time: string) => `time ${Number(time).toFixed(4)}s`),
    ),
  ]);

const reports: Edit[] = onBoth('key-value', 'l6-local-asymmetric', [
  ['order of nodes', /(node\/\S+\n)(node\/\S+\n)/, '$2$1'],
]);

/** Edits that change nothing of what the outputs mean. None of them may change a verdict, a difference or a note. */
export const harmless: readonly Edit[] = [
  ...roleEdits,
  ...sideEdits,
  ...widths,
  ...tables,
  ...described,
  ...yaml,
  ...rules,
  ...serviceMap,
  ...pods,
  ...probes,
  ...reports,
];
