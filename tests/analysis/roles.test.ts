import { expect, test } from 'vitest';
import { roleValues } from '../../src/analysis/roles.ts';
import type { RoleValue } from '../../src/analysis/types.ts';
import { modelOf } from '../../src/model/model.ts';
import { compared, subjectsOf, texts } from './committed.ts';
import { subject } from './subject.ts';

const published = roleValues(modelOf(subjectsOf(texts)));

function find(values: readonly RoleValue[], side: string, value: string): RoleValue | undefined {
  return values.find((one) => one.side === side && one.value === value);
}

test('finds the roles in the published captures', () => {
  expect(
    published.map(({ side, role, value, counterpart, occurrences }) => {
      return `${side} ${role} ${value} ↔ ${counterpart.length} · ${occurrences.length}×`;
    }),
  ).toMatchInlineSnapshot(`
    [
      "v1 vip 136.64.249.50 ↔ 1 · 4×",
      "v1 cluster-ip 10.24.9.186 ↔ 1 · 5×",
      "v1 node-port 31057 ↔ 1 · 5×",
      "v1 pod-ip 10.20.0.8 ↔ 5 · 6×",
      "v1 pod-ip 10.20.0.9 ↔ 5 · 7×",
      "v1 pod-ip 10.20.1.13 ↔ 5 · 6×",
      "v1 pod nginx-bb6b8c496-4d49g ↔ 4 · 1×",
      "v1 pod nginx-bb6b8c496-j6s5g ↔ 4 · 1×",
      "v1 node gke-authlab-gke-primary-c7a308a6-bnmh ↔ 2 · 3×",
      "v1 node gke-authlab-gke-primary-c7a308a6-wvbv ↔ 2 · 2×",
      "v1 chain KUBE-EXT-P2CJC57QC736K2NH ↔ 0 · 5×",
      "v1 chain KUBE-SVC-P2CJC57QC736K2NH ↔ 0 · 7×",
      "v1 chain KUBE-SEP-P5UCONCOPU635JFJ ↔ 0 · 4×",
      "v1 chain KUBE-SEP-X4MLFZ67G53NH3PU ↔ 0 · 4×",
      "v1 chain KUBE-SEP-WINV7FEMCBPDEZGG ↔ 0 · 4×",
      "v1 forwarding-rule ac973ff85436744bfa586378db41283e ↔ 1 · 5×",
      "v2 vip 34.72.78.182 ↔ 1 · 4×",
      "v2 cluster-ip 10.24.8.39 ↔ 1 · 4×",
      "v2 node-port 30574 ↔ 1 · 4×",
      "v2 pod-ip 10.20.0.15 ↔ 3 · 7×",
      "v2 pod-ip 10.20.1.10 ↔ 3 · 7×",
      "v2 pod-ip 10.20.1.9 ↔ 3 · 6×",
      "v2 pod-ip 10.20.0.18 ↔ 0 · 1×",
      "v2 pod-ip 10.20.1.14 ↔ 0 · 1×",
      "v2 pod-ip 10.20.1.12 ↔ 3 · 1×",
      "v2 pod-ip 10.20.1.11 ↔ 3 · 1×",
      "v2 pod client-allowed ↔ 0 · 2×",
      "v2 pod client-blocked ↔ 0 · 5×",
      "v2 pod nginx-bb6b8c496-2gd6m ↔ 2 · 8×",
      "v2 pod nginx-bb6b8c496-vc6pj ↔ 2 · 10×",
      "v2 pod nginx-bb6b8c496-w8kkn ↔ 2 · 5×",
      "v2 pod nginx-bb6b8c496-jfd4v ↔ 2 · 1×",
      "v2 node gke-authlab-gke-primary-a62dd7d5-91t0 ↔ 2 · 3×",
      "v2 node gke-authlab-gke-primary-a62dd7d5-q8b5 ↔ 2 · 3×",
      "v2 identity 51014 ↔ 0 · 1×",
      "v2 identity 6385 ↔ 0 · 4×",
      "v2 identity 18565 ↔ 0 · 22×",
      "v2 forwarding-rule a433432921d1a44f9b12e84eff8ab128 ↔ 1 · 5×",
      "v2 client-ip 162.195.118.115 ↔ 0 · 8×",
      "v2 node-ip 10.10.0.3 ↔ 0 · 7×",
      "v2 node-ip 10.10.0.4 ↔ 0 · 1×",
    ]
  `);
});

test('says how each value is known', () => {
  expect(find(published, 'v1', '136.64.249.50')?.how).toBe('EXTERNAL-IP of svc/nginx in v1/l1-service-ips');
  expect(find(published, 'v2', '18565')?.how).toBe('identity of nginx-bb6b8c496-2gd6m in v2/l8-identities');
  expect(find(published, 'v1', 'KUBE-SEP-WINV7FEMCBPDEZGG')?.how).toMatch(/^on the way from the Service's addresses/);
});

test('every occurrence is the value, in its usual notation or in that of /proc/net/tcp', () => {
  for (const { value, side, occurrences } of published) {
    expect(occurrences.length).toBeGreaterThan(0);
    for (const { capture, line, column, length, start, end } of occurrences) {
      expect(capture.startsWith(side)).toBe(true);
      const text = texts.get(capture) ?? '';
      expect(text.slice(start, end)).toBe(value);
      expect(text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length)).toBe(value);
    }
  }
});

test('a value counts at token boundaries only', () => {
  const values = roleValues(
    modelOf([
      subject('v1', 'l3-endpoints', 'kubectl-table', 'NAME  ENDPOINTS     AGE\nweb   10.20.1.1:80  1m\n'),
      subject(
        'v1',
        'l4-list',
        'plain',
        '10.20.1.1 10.20.1.10 110.20.1.1 10.20.1.1:80 "10.20.1.1/32" x10.20.1.1 10.20.1.1.\n',
      ),
    ]),
  );
  const places = values[0]?.occurrences.filter(({ capture }) => capture === 'v1/l4-list').map(({ column }) => column);
  expect(places).toEqual([1, 33, 47, 72]);
});

test('a number counts only where a field says what it is', () => {
  const values = roleValues(
    modelOf([
      subject(
        'v1',
        'l1-svc',
        'kubectl-table',
        'NAME  TYPE      CLUSTER-IP  EXTERNAL-IP  PORT(S)       AGE\nweb   NodePort  10.0.0.9    <none>       80:31057/TCP  1m\n',
      ),
      subject('v1', 'l3-port', 'key-value', '31057\n'),
      subject('v1', 'l6-replicas', 'key-value', 'replicas: 31057\n'),
      subject('v1', 'l6-text', 'plain', 'pid 31057\n'),
      subject('v1', 'l4-nat', 'iptables-save', '-A KUBE-NODEPORTS -p tcp -m tcp --dport 31057 -j KUBE-EXT-A\n'),
    ]),
  );
  const nodePort = values.find(({ role }) => role === 'node-port');
  expect(nodePort?.occurrences.map(({ capture }) => capture)).toEqual(['v1/l1-svc', 'v1/l3-port', 'v1/l4-nat']);
});

test('where places disagree on the one ClusterIP, most of them win', () => {
  const outputs = new Map(texts);
  outputs.set('v1/l1-service-ips', (texts.get('v1/l1-service-ips') ?? '').replace('10.24.9.186', '10.24.9.187'));
  const values = roleValues(modelOf(subjectsOf(outputs)));
  expect(values.filter(({ role, side }) => role === 'cluster-ip' && side === 'v1').map(({ value }) => value)).toEqual([
    '10.24.9.186',
  ]);
});

test('nothing is tied to the published names and addresses', () => {
  const renamed = new Map(
    [...texts].map(([key, text]) => [
      key,
      text
        .replace(/nginx/g, 'store')
        .replace(/netflow-test/g, 'shop-system1')
        .replace(/\b10\.2(\d)\./g, '10.7$1.'),
    ]),
  );
  const { values, layers } = compared(renamed);
  expect(layers.map(({ verdict }) => verdict)).toEqual(compared().layers.map(({ verdict }) => verdict));
  expect(values.map(({ role, side, occurrences }) => [role, side, occurrences.length])).toEqual(
    published.map(({ role, side, occurrences }) => [role, side, occurrences.length]),
  );
});

test('both families and several ports keep their counterparts apart', () => {
  const service = (ip: string, six: string, one: number, two: number) =>
    `Name:  web\nIP:  ${ip}\nIPs:  ${ip},${six}\nPort:  http  80/TCP\nNodePort:  http  ${one}/TCP\nPort:  tls  443/TCP\nNodePort:  tls  ${two}/TCP\nSession Affinity:  None\n`;
  const values = roleValues(
    modelOf([
      subject('v1', 'l1-svc', 'describe', service('10.0.0.1', 'fd00::1', 31001, 31002)),
      subject('v2', 'l1-svc', 'describe', service('10.9.0.1', 'fd99::9', 32009, 32008)),
    ]),
  );
  expect(values.map(({ side, role, value, counterpart }) => `${side} ${role} ${value} ↔ ${counterpart}`)).toEqual([
    'v1 cluster-ip 10.0.0.1 ↔ 10.9.0.1',
    'v1 cluster-ip fd00::1 ↔ fd99::9',
    'v1 node-port 31001 ↔ 32009',
    'v1 node-port 31002 ↔ 32008',
    'v2 cluster-ip 10.9.0.1 ↔ 10.0.0.1',
    'v2 cluster-ip fd99::9 ↔ fd00::1',
    'v2 node-port 32009 ↔ 31001',
    'v2 node-port 32008 ↔ 31002',
  ]);
});
