import { describe, expect, test } from 'vitest';
import type { FormatId } from '../../src/formats/index.ts';
import { modelOf } from '../../src/model/model.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { published } from '../analysis/edited-outputs.ts';
import { subject } from '../analysis/subject.ts';

const SERVICE =
  'Name:  web\nNamespace:  shop\nType:  LoadBalancer\nIP:  10.0.0.1\nLoadBalancer Ingress:  203.0.113.1\nPort:  http  80/TCP\nNodePort:  http  31000/TCP\nSession Affinity:  None\n';

/** The frontends of one output beside the description of a Service. */
function frontendsOf(format: FormatId, text: string) {
  const subjects = [subject('v1', 'l1-svc', 'describe', SERVICE), subject('v1', 'l4-map', format, text)];
  const [output, ...more] = modelOf(subjects).sides.v1.dataplane;
  expect(more).toEqual([]);
  return output?.frontends ?? [];
}

/** A frontend in a line. */
const told = ({ own, name, inside, backends, inactive }: ReturnType<typeof frontendsOf>[number]) =>
  `${own ?? 'other'} ${name}${inside ? ' inside' : ''} → ${backends.map(({ at }) => at.value)}${inactive.length > 0 ? ` (${inactive.map(({ at }) => at.value)})` : ''}`;

test('every value stands where the output has it', () => {
  for (const side of ['v1', 'v2'] as SideId[]) {
    for (const { subject: output, frontends } of modelOf(published()).sides[side].dataplane) {
      const at = ({ start, end }: { start: number; end: number }) => output.text.slice(start, end);
      expect(frontends.length).toBeGreaterThan(5);
      for (const { address, port, backends, at: whole } of frontends) {
        for (const one of [address, port, ...backends.flatMap(({ ip, port }) => [ip, port])])
          if (one) expect(at(one)).toBe(one.value);
        expect(at(whole.at)).toContain(port.value);
        for (const { at: both } of backends) expect(at(both.at)).toBe(both.value);
      }
    }
  }
});

test('rules and map of the published Service are told in the same words', () => {
  const own = (side: SideId) =>
    modelOf(published()).sides[side].dataplane.flatMap(({ frontends }) =>
      frontends.flatMap((one) => (one.own ? [told(one)] : [])),
    );
  expect(own('v1')).toMatchInlineSnapshot(`
    [
      "node-port :31057/TCP → 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80",
      "cluster-ip 10.24.9.186:80/TCP → 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80",
      "vip 136.64.249.50:80/TCP → 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80",
    ]
  `);
  expect(own('v2')).toMatchInlineSnapshot(`
    [
      "node-port 0.0.0.0:30574/TCP → 10.20.0.15:80,10.20.1.9:80,10.20.1.10:80",
      "cluster-ip 10.24.8.39:80/TCP → 10.20.0.15:80,10.20.1.9:80,10.20.1.10:80",
      "vip 34.72.78.182:80/TCP → 10.20.0.15:80,10.20.1.9:80,10.20.1.10:80",
    ]
  `);
});

describe('rules', () => {
  const rules = (...lines: string[]) => `*nat\n${lines.join('\n')}\nCOMMIT\n`;
  const entrance = (of: string, to: string) =>
    `-A KUBE-SERVICES ${of} -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j ${to}`;
  const chain = [
    '-A KUBE-SVC-A -m comment --comment "shop/web -> 10.1.0.5:8080" -j KUBE-SEP-A',
    '-A KUBE-SEP-A -s 10.1.0.5/32 -m comment --comment "shop/web" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-A -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination 10.1.0.5:8080',
  ];
  test('a rule that only marks does not hide the one that leads to the endpoints', () => {
    const found = frontendsOf(
      'iptables-save',
      rules(
        entrance('! -s 10.1.0.0/16 -d 10.0.0.1/32', 'KUBE-MARK-MASQ'),
        entrance('-d 10.0.0.1/32', 'KUBE-SVC-A'),
        ...chain,
      ),
    );
    expect(found.map(told)).toEqual(['cluster-ip 10.0.0.1:80/TCP → 10.1.0.5:8080']);
  });
  test('an address whose rule leads nowhere is a frontend without backends', () => {
    expect(
      frontendsOf('iptables-save', rules(entrance('-d 203.0.113.1/32', 'KUBE-SVC-GONE'), ...chain)).map(told),
    ).toEqual(['vip 203.0.113.1:80/TCP → ']);
  });
  test('a NodePort of the loopback network alone is not one of every address', () => {
    const port = (of: string) =>
      `-A KUBE-NODEPORTS ${of}-p tcp -m comment --comment "shop/web" -m tcp --dport 31000 -j KUBE-SVC-A`;
    expect(frontendsOf('iptables-save', rules(port('-d 127.0.0.0/8 '), ...chain)).map(told)).toEqual([
      'other 127.0.0.0/8:31000/TCP → 10.1.0.5:8080',
    ]);
    expect(frontendsOf('iptables-save', rules(port('-d 127.0.0.0/8 '), port(''), ...chain)).map(told)).toEqual([
      'other 127.0.0.0/8:31000/TCP → 10.1.0.5:8080',
      'node-port :31000/TCP → 10.1.0.5:8080',
    ]);
  });
  test('backends of IPv6 stand in brackets, as a map prints them', () => {
    const [first] = frontendsOf(
      'iptables-save',
      rules(
        '-A KUBE-SERVICES -d fd00::1/128 -p tcp -m tcp --dport 80 -j KUBE-SVC-A',
        '-A KUBE-SVC-A -j KUBE-SEP-A',
        '-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination [fd00::5]:8080',
      ),
    );
    expect(first && told(first)).toBe('other fd00::1:80/TCP → [fd00::5]:8080');
    expect(first?.family).toBe(6);
  });
  test('the filter table alone is no output of the dataplane', () => {
    const text =
      '*filter\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m comment --comment "shop/web has no endpoints" -m tcp --dport 80 -j REJECT\nCOMMIT\n';
    expect(frontendsOf('iptables-save', text)).toEqual([]);
  });
});

describe('maps of Cilium', () => {
  const list = (...rows: string[]) => ['ID   Frontend                Service Type    Backend', ...rows, ''].join('\n');
  test('backends that take no new connections are told apart, and what is for traffic from inside', () => {
    expect(
      frontendsOf(
        'cilium-service-list',
        list(
          '1    10.0.0.1:80/TCP         ClusterIP       1 => 10.1.0.5:80/TCP (active)',
          '                                             2 => 10.1.0.6:80/TCP (terminating)',
          '2    0.0.0.0:31000/TCP       NodePort        1 => 10.1.0.5:80/TCP (active)',
          '3    0.0.0.0:31000/TCP/i     NodePort        1 => 10.1.0.5:80/TCP (active)',
        ),
      ).map(told),
    ).toEqual([
      'cluster-ip 10.0.0.1:80/TCP → 10.1.0.5:80 (10.1.0.6:80)',
      'node-port 0.0.0.0:31000/TCP → 10.1.0.5:80',
      'node-port 0.0.0.0:31000/TCP inside → 10.1.0.5:80',
    ]);
  });
  test('a NodePort that is listed at an address of the node is one', () => {
    const [row] = frontendsOf(
      'cilium-service-list',
      list('1    10.128.0.5:31000/TCP    NodePort        1 => 10.1.0.5:80/TCP (active)'),
    );
    expect(row).toMatchObject({ own: 'node-port', nodePort: true, address: { value: '10.128.0.5' } });
  });
  test('a number that is a NodePort elsewhere is none at an address of another Service', () => {
    const [row] = frontendsOf(
      'cilium-service-list',
      list('1    10.0.0.9:31000/TCP      ClusterIP       1 => 10.1.0.5:80/TCP (active)'),
    );
    expect(row).toMatchObject({ own: undefined, nodePort: false });
  });
  test('the map itself gives the same frontends as the view of the agent', () => {
    const view = frontendsOf(
      'cilium-service-list',
      list(
        '1    10.0.0.1:80/TCP         ClusterIP       1 => 10.1.0.5:80/TCP (active)',
        '2    203.0.113.1:80/TCP      LoadBalancer',
      ),
    );
    const head = 'SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)\n';
    const map = frontendsOf(
      'cilium-bpf-lb-list',
      `${head}203.0.113.1:80/TCP (0)        0.0.0.0:0 (2) (0) [LoadBalancer]\n10.0.0.1:80/TCP (1)           10.1.0.5:80/TCP (1) (1)\n10.0.0.1:80/TCP (0)           0.0.0.0:0 (1) (0) [ClusterIP, non-routable]\n`,
    );
    const said = (all: typeof view) => all.map((one) => `${told(one)} ${one.type?.name} ${one.type?.kind}`).sort();
    expect(said(map)).toEqual(said(view));
  });
  test('before slots were printed, the entry with the unspecified address is the service', () => {
    const text =
      'SERVICE ADDRESS      BACKEND ADDRESS (REVNAT_ID)\n10.0.0.1:80          0.0.0.0:0 (1) [ClusterIP]\n                     10.1.0.5:80 (1)\n';
    expect(frontendsOf('cilium-bpf-lb-list', text).map(told)).toEqual(['cluster-ip 10.0.0.1:80 → 10.1.0.5:80']);
  });
});
