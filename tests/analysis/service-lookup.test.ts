import { expect, test } from 'vitest';
import { lookupService, type Origin } from '../../src/analysis/service-lookup.ts';
import type { Frontend } from '../../src/model/frontends.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Packet } from '../../src/netfilter/walk.ts';
import { texts } from './committed.ts';
import { subject } from './subject.ts';

/** The frontends of a service list. */
function frontendsOf(text: string): readonly Frontend[] {
  return modelOf([subject('v2', 'l4-list', 'cilium-service-list', text)]).sides.v2.dataplane[0]?.frontends ?? [];
}

const services = frontendsOf(texts.get('v2/l4-ebpf-service-map') ?? '');
const NGINX = ['10.20.0.15:80', '10.20.1.9:80', '10.20.1.10:80'];

function look(packet: Partial<Packet>, origin: Origin = 'pod', list = services) {
  const found = lookupService(
    list,
    {
      from: '10.20.1.4',
      to: '10.24.8.39',
      port: 80,
      protocol: 'tcp',
      entry: 'prerouting',
      localAddresses: ['10.128.0.5'],
      ...packet,
    },
    origin,
  );
  const backends = found.backends.map(({ ip, port }) => `${ip.value}:${port?.value}`);
  return { ...found, id: found.frontend?.id, type: found.frontend?.type?.name, backends };
}

test.each([
  ['pod to ClusterIP', {}, 'pod', { id: '20', type: 'ClusterIP', matchedBy: 'address', backends: NGINX }],
  [
    'outside to VIP',
    { from: '203.0.113.9', to: '34.72.78.182' },
    'outside',
    { id: '21', type: 'LoadBalancer', backends: NGINX },
  ],
  [
    'outside to NodePort',
    { to: '10.128.0.5', port: 30574 },
    'outside',
    { id: '18', type: 'NodePort', matchedBy: 'node-port', backends: NGINX },
  ],
  [
    'pod to DNS, redirected to the node',
    { to: '10.24.0.10', port: 53, protocol: 'udp' },
    'pod',
    { id: '2', type: 'LocalRedirect', backends: ['10.20.0.13:53'] },
  ],
  ['a Service without backends', { to: '10.24.3.59', port: 8443 }, 'pod', { id: '6', backends: [] }],
] as const)('published list: %s', (_, packet, origin, expected) => {
  const found = look(packet, origin);
  expect(found).toMatchObject(expected);
  expect([found.assumptions, found.unknown]).toEqual([[], []]);
});

test.each([
  ['an unknown address', { to: '192.0.2.1' }],
  ['another port', { port: 81 }],
  ['another protocol', { protocol: 'udp' as const }],
  ['a NodePort at an address that is not the node', { to: '192.0.2.1', port: 30574 }],
])('published list: no row for %s', (_, packet) => {
  expect(look(packet)).toMatchObject({ frontend: undefined, matchedBy: undefined, backends: [], assumptions: [] });
});

test('says what it takes for granted about addresses nobody stated', () => {
  expect(look({ to: '192.0.2.1', port: 30574, localAddresses: undefined }).assumptions).toEqual([
    '192.0.2.1 is not an address of the node: none but loopback were stated.',
  ]);
});

const list = (...rows: string[]) =>
  frontendsOf(['ID   Frontend                Service Type    Backend', ...rows, ''].join('\n'));

test('a Local traffic policy: one row for traffic from outside, one (/i) for traffic from inside', () => {
  const two = list(
    '1    0.0.0.0:32179/TCP       NodePort        1 => 10.0.0.1:80/TCP (active)',
    '2    0.0.0.0:32179/TCP/i     NodePort        1 => 10.0.0.1:80/TCP (active)',
    '                                             2 => 10.0.1.1:80/TCP (active)',
  );
  const packet = { to: '10.128.0.5', port: 32179 };
  expect(look(packet, 'outside', two).id).toBe('1');
  expect(look(packet, 'pod', two).id).toBe('2');
  expect(look(packet, 'node', two).id).toBe('2');
});

test('only active backends take new connections; without any it does not guess', () => {
  const row = (first: string, second: string) =>
    list(
      `1    10.24.8.39:80/TCP       ClusterIP       1 => 10.0.0.1:80/TCP (${first})`,
      `                                             2 => 10.0.1.1:80/TCP (${second})`,
    );
  expect(look({}, 'pod', row('active', 'terminating')).backends).toEqual(['10.0.0.1:80']);
  const none = look({}, 'pod', row('terminating', 'quarantined'));
  expect(none.backends).toEqual([]);
  expect(none.unknown).toEqual(['line 2: cannot tell whether backends that are not active still receive connections']);
});

test('lists of older versions: neither protocols nor states', () => {
  const old = list('1    10.24.8.39:80           ClusterIP       1 => 10.0.0.1:80');
  const found = look({ protocol: 'udp' }, 'pod', old);
  expect(found.backends).toEqual(['10.0.0.1:80']);
  expect(found.assumptions).toEqual([
    'The list does not tell protocols apart (Cilium before 1.17): the row is taken for every protocol.',
  ]);
});

test('IPv6', () => {
  const six = list('1    [::]:30000/TCP          NodePort        1 => [fd00::9]:80/TCP (active)');
  const packet = { from: 'fd00::1', to: 'fd00::5', port: 30000, localAddresses: ['fd00::5'] };
  expect(look(packet, 'outside', six)).toMatchObject({ id: '1', backends: ['fd00::9:80'] });
});
