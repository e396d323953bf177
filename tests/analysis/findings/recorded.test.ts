import { expect, test } from 'vitest';
import { type Finding, findingsOf } from '../../../src/analysis/findings.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { worldOf } from '../../support/recordings/generate.ts';
import { outputsOf } from '../../support/recordings/outputs.ts';
import { type Edit, subjectsOf, tellingWorld } from '../../support/recordings/subjects.ts';
import { truthOf } from '../../support/recordings/truth.ts';
import type { Tracked } from '../../support/recordings/world.ts';
import { lets } from '../../support/recordings/writers/cilium.ts';
import { published, subjectOf } from '../subjects.ts';
import { expectWhole, WORLDS } from './worlds.ts';

/* What connections, the agent, programs, flows and identities show, against the worlds they were written of. */

const KINDS = [
  'tracked-connections',
  'tracked-compared',
  'agent-serves',
  'programs-at-pod',
  'flow-fields',
  'policy-chain',
  'nodes-by-number',
] as const;
type Kind = (typeof KINDS)[number];

const worlds = Array.from({ length: WORLDS }, (_, index) => {
  const world = worldOf(index + 1);
  const texts = outputsOf(world);
  return { number: index + 1, world, texts, truth: truthOf(world), model: modelOf(subjectsOf(world)) };
});
const all = (model: ReturnType<typeof modelOf>) =>
  findingsOf({ model, rows: [] }).filter(({ kind }) => (KINDS as readonly string[]).includes(kind));
const of = <One extends Kind>(findings: readonly Finding[], kind: One, side: 'v1' | 'v2' = 'v2') =>
  findings.filter((one): one is Extract<Finding, { kind: One }> => one.kind === kind && one.about.side === side);
const said = (subjects: readonly Subject[], kind: Kind) =>
  findingsOf({ model: modelOf(subjects), rows: [] })
    .filter((one) => one.kind === kind)
    .map((one) => findingText(one).replaceAll('\u00a0', ' '));

test('the published captures show nothing of the kind', () => {
  expect(all(modelOf(published))).toEqual([]);
});

test('every kind is found, and every sentence is whole', () => {
  const kinds = new Set<string>();
  for (const read of worlds) {
    const findings = all(read.model);
    for (const { kind, places } of findings) {
      kinds.add(kind);
      expect(places.length, kind).toBeGreaterThan(0);
    }
    expectWhole(read, findings);
  }
  expect([...kinds].sort()).toEqual([...KINDS].sort());
});

test('connections: as many, to the same backends, with as many addresses replaced', () => {
  let compared = 0;
  for (const { world, texts, model } of worlds) {
    const findings = all(model);
    for (const [side, key, nat] of [
      ['v1', 'v1/l6-cluster-mode-conntrack', true],
      ['v2', 'v2/l6-cluster-mode-ct', texts.has('v2/l6-cluster-mode-nat')],
    ] as const) {
      const groups = of(findings, 'tracked-connections', side)[0]?.groups ?? [];
      const tracked = texts.has(key) ? (world[side]?.tracked ?? []) : [];
      const { service, pods } = model.sides[side];
      // Without an output that states it, an address is nobody's.
      const known = [service.vip, service.clusterIp, service.nodePort].every((one) => one.length > 0);
      if (!known || pods.seen.length === 0) continue;
      compared += groups.length;
      const ways: Record<string, (one: Tracked) => boolean> = {
        vip: ({ frontend }) => frontend.ip === world[side]?.service.vip,
        'cluster-ip': ({ frontend }) => frontend.ip === world[side]?.service.clusterIP,
        'node-port': ({ frontend }) => frontend.port === world[side]?.service.nodePort,
      };
      for (const [kind, is] of Object.entries(ways)) {
        const own = tracked.filter(is);
        const group = groups.find((one) => one.kind === kind);
        expect(group?.connections ?? 0).toBe(own.length);
        if (!group) continue;
        expect(new Set(group.backends)).toEqual(new Set(own.map(({ backend: { ip, port } }) => `${ip}:${port}`)));
        const replaced = own.filter(({ masqueradedAs }) => masqueradedAs).length;
        expect([group.replaced, group.kept, group.untold]).toEqual(
          nat ? [replaced, own.length - replaced, 0] : [0, 0, own.length],
        );
      }
    }
  }
  expect(compared).toBeGreaterThan(40);
});

test('the agent, its programs and the flows', () => {
  for (const { world, texts, truth, model } of worlds) {
    const findings = all(model);
    const { inside, inspection } = world.v2 ?? {};
    const settings = Object.fromEntries(of(findings, 'agent-serves').map(({ setting, value }) => [setting, value]));
    expect(settings).toEqual(
      inside && texts.has('v2/l4-cilium-status')
        ? {
            kubeProxyReplacement: inside.kubeProxyReplacement,
            socketLb: inside.socketLb,
            nodePortMode: inside.mode,
            masquerading: inside.masquerading,
          }
        : {},
    );
    const [programs] = of(findings, 'programs-at-pod');
    const shown = inside && texts.has('v2/l5-pod-attachments') && texts.has('v2/l5-pod-interface');
    expect(programs?.programs).toEqual(shown ? inside.programs.map(({ name, kind }) => ({ name, kind })) : undefined);
    if (programs) expect(programs).toMatchObject({ device: inside?.device, index: String(inspection?.peer) });
    const [fields] = of(findings, 'flow-fields');
    const json = texts.get('v2/l7-hubble-observe-json') ?? '';
    expect(fields?.flows ?? 0).toBe(json === '' ? 0 : truth.v2?.traffic.observed.flows);
    if (fields) expect(fields.replies).toBe((json.match(/"is_reply":true/g) ?? []).length);
  }
});

test('a policy, step by step', () => {
  let chains = 0;
  for (const { world, texts, model } of worlds) {
    const { v2 } = world;
    const has = (key: string) => texts.has(`v2/l8-${key}`);
    for (const chain of of(all(model), 'policy-chain')) {
      chains += 1;
      const client = v2?.clients.find(({ name }) => name === chain.client.value);
      expect(client).toBeDefined();
      if (!client || !v2) continue;
      expect(chain.identity?.value).toBe(has('identities') ? String(client.identity) : undefined);
      const cached = has('identities') && has('ipcache') ? { address: client.ip } : undefined;
      expect(chain.cached && { address: chain.cached.address }).toEqual(cached);
      expect(chain.answered).toBe(v2.enforcement.find((one) => one.client === client)?.request.status !== '000');
      const drops = v2.drops.filter(({ from }) => from.pod === client.name).length;
      expect(chain.drops).toBe(has('hubble-drop') ? drops : undefined);
      const numbered = has('policy-map-numeric') && has('identities');
      const allowed = v2.policy === undefined || lets(v2.policy, client);
      expect(chain.entry?.is).toBe(numbered ? (allowed ? 'allow' : 'none') : undefined);
      if (chain.endpoints) expect(chain.endpoints.enforced).toBe(v2.policy !== undefined);
    }
  }
  expect(chains).toBeGreaterThan(50);
});

const world = tellingWorld(
  ({ v2 }) =>
    v2.clients.length === 2 &&
    v2.drops.length > 0 &&
    v2.inside.maps === 'one' &&
    v2.inside.programs.length === 2 &&
    v2.podsAfter.filter(({ node }) => node === v2.inspection.pod.node).length === 1 &&
    v2.enforcement.some(({ request }) => request.status === '200'),
);
const edited = (...edits: Edit[]) => subjectsOf(world, edits);

test('a policy in words', () => {
  const names = new Map([
    [world.v2.clients[0]?.ip ?? '', 'A'],
    [world.v2.clients[1]?.ip ?? '', 'B'],
    [String(world.v2.clients[0]?.identity), '1001'],
    [String(world.v2.clients[1]?.identity), '1002'],
    [String(world.v2.endpoint), '423'],
  ]);
  const plain = (texts: string[]) =>
    texts.map((text) =>
      [...names]
        .reduce((out, [from, to]) => out.replaceAll(from, to), text)
        .replace(/\d[\d,]* packets? counted/, 'N packets counted')
        .replace(/\b\d+ packets? of it (?:was|were)/, 'N packets of it were'),
    );
  expect(plain(said(edited(), 'policy-chain'))).toMatchInlineSnapshot(`
    [
      "client-allowed has identity 1001, which the ipcache gives its address A. Endpoint 423, a pod of the Service, enforces a policy on what comes in; the policy map has an entry that lets it in (N packets counted). It is answered, and no packet of it was captured as denied.",
      "client-blocked has identity 1002, which the ipcache gives its address B. Endpoint 423, a pod of the Service, enforces a policy on what comes in; the policy map has no entry for it. It gets no answer; N packets of it were captured as denied.",
    ]
  `);
  expect(said(edited(), 'nodes-by-number')).toMatchInlineSnapshot(`
    [
      "By number, the host (1) has an entry and another node (6) has none: by this map, traffic that another node relays is denied.",
    ]
  `);
  const moved = edited(['v2/l8-ipcache', new RegExp(`identity=${world.v2.clients[1]?.identity} `), 'identity=9 ']);
  expect(plain(said(moved, 'policy-chain'))[1]).toMatchInlineSnapshot(
    `"client-blocked has identity 1002; the ipcache gives its address B identity 9. Endpoint 423, a pod of the Service, enforces a policy on what comes in; the policy map has no entry for it. It gets no answer; N packets of it were captured as denied."`,
  );
  const open = edited(['v2/l8-endpoints', 'Enabled ', 'Disabled']);
  expect(plain(said(open, 'policy-chain'))[1]).toMatchInlineSnapshot(
    `"client-blocked has identity 1002, which the ipcache gives its address B. Endpoint 423, a pod of the Service, does not enforce a policy on what comes in; the policy map has no entry for it. It gets no answer; N packets of it were captured as denied."`,
  );
});

test('the settings of the agent in words', () => {
  const status = (socket: string, mode: string, masquerading: string, replaces: string) =>
    said(
      [
        subjectOf(
          'v2/l4-cilium-status',
          'cilium-status',
          `KVStore: Disabled\nKubeProxyReplacement:   ${replaces}\nMasquerading:   ${masquerading}\nKubeProxyReplacement Details:\n  Socket LB:   ${socket}\n  Mode:   ${mode}\n`,
        ),
      ],
      'agent-serves',
    );
  expect([
    ...status('Enabled\n  Socket LB Coverage:   Full', 'SNAT', 'BPF   [eth0]', 'True'),
    ...status(
      'Enabled\n  Socket LB Coverage:   Hostns-only',
      'DSR',
      'IPTables [IPv4: Enabled, IPv6: Disabled]',
      'False',
    ),
    ...status('Enabled', 'Hybrid', 'Disabled', 'Partial'),
    ...status('Disabled', 'Annotation', 'Disabled', 'Strict'),
  ]).toMatchInlineSnapshot(`
    [
      "KubeProxyReplacement is True: the agent serves Services in place of kube-proxy.",
      "Socket load balancing is Enabled, coverage Full: a pod’s connection to a ClusterIP is translated when the pod opens it, so that no packet to the ClusterIP exists.",
      "The mode of NodePorts is SNAT: a node that relays a connection from outside puts its own address in place of the client’s.",
      "Masquerading is BPF: what pods send out of the cluster may leave with the address of their node.",
      "KubeProxyReplacement is False: the agent does not take the place of kube-proxy.",
      "Socket load balancing is Enabled, coverage Hostns-only: pods are left out, so that their packets to a ClusterIP are translated where they enter the node.",
      "The mode of NodePorts is DSR: a node that relays a connection from outside keeps the client’s address, and the pod’s node answers the client itself.",
      "Masquerading is IPTables: what pods send out of the cluster may leave with the address of their node.",
      "KubeProxyReplacement is Partial: the agent takes the place of kube-proxy in part.",
      "Socket load balancing is Enabled; whether that includes pods is not printed.",
      "The mode of NodePorts is Hybrid: a node that relays a connection from outside keeps the client’s address for TCP and puts its own in its place for UDP.",
      "Masquerading is Disabled: the agent leaves the addresses of pods as they are.",
      "KubeProxyReplacement is Strict: the agent serves Services in place of kube-proxy.",
      "Socket load balancing is Disabled: a packet of a pod to a ClusterIP is translated where it enters the node.",
      "The mode of NodePorts is Annotation.",
      "Masquerading is Disabled: the agent leaves the addresses of pods as they are.",
    ]
  `);
});

const line = (client: string, frontend: string, backend: string, to = client) => {
  const ends = (from: string, at: string) => {
    const [[a, b], [c, d]] = [from.split(':'), at.split(':')] as [[string, string], [string, string]];
    return `src=${a} dst=${c} sport=${b} dport=${d}`;
  };
  return `tcp      6 117 TIME_WAIT ${ends(client, frontend)} ${ends(backend, to)} [ASSURED] mark=0 use=1\n`;
};
const tracking = (text: string) => [
  ...published.filter(({ side }) => side === 'v1'),
  subjectOf('v1/l6-cluster-mode-conntrack', 'conntrack-list', text),
];

test('connections in words', () => {
  const [vip, pod, other] = ['136.64.249.50:80', '10.20.0.9:80', '10.20.1.13:80'];
  expect(
    said(tracking(line('198.51.100.7:4001', vip, pod, '192.0.2.5:4001')), 'tracked-connections'),
  ).toMatchInlineSnapshot(`
    [
      "1 tracked connection to the VIP was sent to 10.20.0.9:80. The client’s address was replaced, by 192.0.2.5.",
    ]
  `);
  expect(
    said(
      tracking(
        line('198.51.100.7:4001', vip, pod, '192.0.2.5:4001') +
          line('198.51.100.7:4002', vip, other) +
          line('10.20.1.4:4003', '10.24.9.186:80', pod) +
          line('198.51.100.7:4004', '192.0.2.5:31057', pod, '192.0.2.5:9'),
      ),
      'tracked-connections',
    ),
  ).toMatchInlineSnapshot(`
    [
      "2 tracked connections to the VIP were sent to 10.20.0.9:80 and 10.20.1.13:80. The client’s address was replaced in 1, by 192.0.2.5; in 1 it was kept. 1 tracked connection to the ClusterIP was sent to 10.20.0.9:80. The client’s address was kept. 1 tracked connection to the NodePort was sent to 10.20.0.9:80. The client’s address was replaced, by 192.0.2.5.",
    ]
  `);
  // Another port of the address, and another Service's, are not the Service.
  expect(
    said(
      tracking(line('198.51.100.7:4001', '136.64.249.50:443', pod) + line('10.20.1.4:1', '10.24.0.1:443', other)),
      'tracked-connections',
    ),
  ).toEqual([]);
});

test('older entries of Cilium, printed from the way back', () => {
  const map = (text: string) => [
    ...published.filter(({ side }) => side === 'v2'),
    subjectOf('v2/l6-cluster-mode-ct', 'cilium-bpf-ct-list', text),
  ];
  const rest =
    'expires=475561 RxPackets=2 RxBytes=140 Flags=0x0010 [ SeenNonSyn ] RevNAT=5 SourceSecurityID=2 IfIndex=0';
  const service = `TCP OUT 34.72.78.182:80 -> 198.51.100.7:59668 service ${rest}\n`;
  expect(
    said(map(`${service}TCP OUT 198.51.100.7:59668 -> 10.20.1.9:80 ${rest}\n`), 'tracked-connections'),
  ).toMatchInlineSnapshot(`
    [
      "1 tracked connection to the VIP was sent to 10.20.1.9:80. Whether the client’s address was replaced was not captured.",
    ]
  `);
  expect(
    said(
      map(`${service}TCP OUT 198.51.100.7:59668 -> 10.20.1.9:80 ${rest.replace('=5', '=6')}\n`),
      'tracked-connections',
    ),
  ).toMatchInlineSnapshot(`
    [
      "1 tracked connection to the VIP: no entry tells where it was sent.",
    ]
  `);
});

test('an interface at which no program stands says so', () => {
  const net = (text: string) => [
    ...published.filter(({ side }) => side === 'v2'),
    subjectOf('v2/l5-pod-attachments', 'bpftool-net', text),
  ];
  expect(said(net('xdp:\n\ntc:\n\nflow_dissector:\n\n'), 'programs-at-pod')).toMatchInlineSnapshot(`
    [
      "The other end of eth0 of nginx-bb6b8c496-jfd4v is interface 14 of the node: no program stands there.",
    ]
  `);
  expect(
    said(
      net('xdp:\n\ntc:\nlxc1(14) clsact/ingress bpf_lxc.o:[from-container] id 242\n\nflow_dissector:\n\n'),
      'programs-at-pod',
    ),
  ).toMatchInlineSnapshot(`
    [
      "At lxc1, the other end of eth0 of nginx-bb6b8c496-jfd4v, stands bpf_lxc.o:[from-container] (clsact/ingress).",
    ]
  `);
});
