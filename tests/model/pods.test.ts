import { describe, expect, test } from 'vitest';
import { roleValues } from '../../src/analysis/roles.ts';
import type { FormatId } from '../../src/formats/index.ts';
import { modelOf, sideModel } from '../../src/model/model.ts';
import type { SeenPod } from '../../src/model/pods.ts';
import { valuesOf } from '../../src/model/stated.ts';
import type { Subject } from '../../src/model/subject.ts';
import { published } from '../analysis/edited-outputs.ts';
import { subject } from '../analysis/subject.ts';

const output = (format: FormatId, text: string, name = 'l5-out') => subject('v2', name, format, text);
const told = ({ pod, by, ip, node, identity, namespace }: SeenPod) =>
  [by, pod.value, ip?.value, node?.value, identity?.value, namespace].filter(Boolean).join(' ');
const seen = (...subjects: Subject[]) => sideModel('v2', subjects).pods.seen.map(told);

describe('how an output names a pod', () => {
  test.each<[FormatId, string, string[]]>([
    [
      'kubectl-table',
      'NAMESPACE  NAME  READY  STATUS  IP  NODE\nshop  cart-7d4f9bcd58-x7x7x  1/1  Running  10.20.0.8  n1\nshop  cart-7d4f9bcd58-b2b2b  1/1  Terminating  10.20.0.9  n1\nshop  web-0  0/1  Pending  <none>  <none>\n',
      [
        'list cart-7d4f9bcd58-x7x7x 10.20.0.8 n1 shop',
        'row cart-7d4f9bcd58-b2b2b 10.20.0.9 n1 shop',
        'list web-0 shop',
      ],
    ],
    [
      'kubectl-table',
      'NAME  SECURITY IDENTITY  ENDPOINT STATE  IPV4  IPV6\nweb-0  4711  ready  10.20.0.8  fd00::8\n',
      ['list web-0 10.20.0.8 4711'],
    ],
    ['kubectl-table', 'POD  IDENTITY  IP\nweb-0  <none>  10.20.0.8\n', ['list web-0 10.20.0.8']],
    ['kubectl-table', 'NAME  READY  AGE\npod/cart-7d4f9bcd58-x7x7x  1/1  1m\n', ['row cart-7d4f9bcd58-x7x7x']],
    ['kubectl-table', 'NAME  CLUSTER-IP\nservice/cart  10.0.0.1\n', []],
    [
      'pod-network',
      'Inspecting pod: web-0\n1: lo: <UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n2: eth0: <UP> mtu 1460\n    inet 10.20.0.8/24 scope global eth0\n',
      ['inspection web-0 10.20.0.8'],
    ],
    ['key-value', 'Pod: cart-7d4f9bcd58-x7x7x on node n1\n', ['report cart-7d4f9bcd58-x7x7x n1']],
    [
      'hubble-flows',
      'shop/cart-7d4f9bcd58-x7x7x:4000 (ID:18) -> kube-system/kube-dns:53 (ID:19) to-endpoint FORWARDED (UDP)\n',
      ['flow cart-7d4f9bcd58-x7x7x 18 shop', 'host kube-dns 19 kube-system'],
    ],
    ['plain', 'looked at cart-7d4f9bcd58-x7x7x\n', []],
    ['yaml', 'kind: Pod\nmetadata: {name: cart-7d4f9bcd58-x7x7x}\n', ['text cart-7d4f9bcd58-x7x7x']],
  ])('%s: %s', (format, text, pods) => expect(seen(output(format, text))).toEqual(pods));
});

test('pods with an endpoint’s address, inspected and left ones are behind the Service', () => {
  const endpoints = output('kubectl-table', 'NAME  ENDPOINTS  AGE\ncart  10.20.0.8:80  1m\n', 'l3-ep');
  const list = output(
    'kubectl-table',
    'NAME  IP\ncart-7d4f9bcd58-x7x7x  10.20.0.8\nrelay-7d4f9bcd58-b2b2b  10.20.0.9\n',
  );
  const { replicaSets, workloads } = sideModel('v2', [endpoints, list]).pods;
  expect([...replicaSets, ...workloads]).toEqual(['cart-7d4f9bcd58', 'cart']);
});

test('a pod of a StatefulSet behind the Service has a role, a Service at the end of a flow has none', () => {
  const values = roleValues(
    modelOf([
      output('kubectl-table', 'NAME  ENDPOINTS  AGE\nweb  10.20.0.8:80  1m\n', 'l3-ep'),
      output('kubectl-table', 'NAME  IP  NODE\nweb-0  10.20.0.8  n1\nother-0  10.20.0.9  n1\n', 'l5-pods'),
      output(
        'hubble-flows',
        'shop/web-0:4000 (ID:18) -> kube-system/kube-dns:53 to-endpoint FORWARDED (UDP)\n',
        'l7-f',
      ),
    ]),
  );
  expect(values.filter(({ role }) => role === 'pod').map(({ value }) => value)).toEqual(['web-0']);
});

test('listening sockets, replicas and nodes in the published outputs', () => {
  for (const side of ['v1', 'v2'] as const) {
    const { pods, nodes } = sideModel(
      side,
      published().filter((one) => one.side === side),
    );
    expect(pods.listening.map(({ capture, values }) => [capture, values.map(({ value }) => value)])).toEqual([
      [`${side}/l5-pod-interface`, ['80']],
    ]);
    expect(pods.replicas.map(({ name }) => name)).toEqual([`replicas in ${side}/l6-local-asymmetric`]);
    expect(nodes.listed.map(({ name }) => name)).toEqual([
      `the instances of the pool in ${side}/l2-target-pool`,
      `Nodes in ${side}/l6-local-asymmetric`,
    ]);
    expect(valuesOf(nodes.named)).toEqual(valuesOf(nodes.listed));
  }
});

test('addresses of nodes', () => {
  const text =
    'NAME  STATUS  INTERNAL-IP\ngke-c-p-c7a308a6-bnmh  Ready  10.10.0.3\ngke-c-p-c7a308a6-wvbv  Ready  10.10.0.4\n';
  const { nodes } = sideModel('v2', [output('kubectl-table', text)]);
  expect(valuesOf(nodes.addresses)).toEqual(['10.10.0.3', '10.10.0.4']);
  expect(nodes.listed).toHaveLength(1);
  expect(nodes.addresses[0]?.how).toBe('INTERNAL-IP of a node in v2/l5-out');
});
