import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packetWalks } from '../../src/analysis/packets.ts';
import { walk, walkable } from '../../src/netfilter/walk.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { provenance } from '../../src/wording/words.ts';
import { recordedProject } from '../support/recorded.ts';
import { jsonOf } from './json-of.ts';

/*
 * V1 as the project's recorder wrote it on the test cluster (real kubectl, iptables, nginx), V2 as published. The test
 * cluster is not GKE: where the sides differ because of that, the differences are listed here one by one.
 */
let root: string;
let accepted: string;
let report: Report;

beforeAll(() => {
  ({ root, accepted } = recordedProject());
  report = buildReport(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const captured = (key: string) => {
  const found = report.captures.find((one) => one.key === key);
  if (!found) throw new Error(`no capture ${key}`);
  return found;
};

test('it takes no edit but the verdicts, and those are accepted', () => {
  expect(accepted).toMatchInlineSnapshot(`
    "layers.yaml:36
    -     expect: identical
    +     expect: diverges
    layers.yaml:192
    -     expect: identical
    +     expect: diverges
    L1: identical → diverges. 1 of 3 pairs differs. Service detail: Annotations: V1 only: “<none>”, and 2 more.
    L5: identical → diverges. 1 of 2 pairs differs. Pod interface & sockets: eth0 flags: V2 only: “M-DOWN”, and 10 more.
    "
  `);
});

test('no remark on the published V1 outlives its output, and each is named to be read again', () => {
  const beside = (side: string) => report.captures.filter((one) => one.side === side && one.observations.length > 0);
  expect(beside('v1')).toEqual([]);
  expect(beside('v2').length).toBeGreaterThan(5);
  expect(report.observations.stale.map(({ subject }) => subject)).toMatchInlineSnapshot(`
    [
      "observation l3-node-port-word",
      "observation l4-grep",
      "observation l5-added-lines",
      "observation l6-probe-command",
      "observation l6-symmetric-command",
      "observation l6-asymmetric-command",
      "observation l6-failover-v1",
      "observation l6-converged-command",
    ]
  `);
});

test('no check is broken, and what V1 lacks is told apart from what it contradicts', () => {
  const ids = (status: string) => report.checks.filter((one) => one.status === status).map(({ id }) => id);
  expect(ids('broken')).toEqual([]);
  expect(ids('holds').filter((id) => id.startsWith('v1/'))).toMatchInlineSnapshot(`
    [
      "v1/forwarding-rule",
      "v1/made-for",
      "v1/vip",
      "v1/cluster-ip",
      "v1/node-port",
      "v1/service-port",
      "v1/nodes",
      "v1/endpoints-agree",
      "v1/backends",
      "v1/equal-shares",
      "v1/jump-targets",
      "v1/endpoint-chains",
      "v1/inspected-pod",
      "v1/listening-port",
    ]
  `);
  const why = (id: string) => report.checks.find((one) => one.id === id)?.why;
  expect(why('v1/node-port')).toMatchInlineSnapshot(
    `"31057: the NodePort of PORT(S) in v1/l1-service-ips = NodePort in v1/l1-service-detail = the NodePort in v1/l3-nodeport = a frontend in v1/l4-iptables-nat"`,
  );
  expect(why('v1/jump-targets')).toMatchInlineSnapshot(`"15 rules of netflow-test/nginx in v1/l4-iptables-nat"`);
});

test('each layer has the verdict of what was recorded, and each difference its place', () => {
  expect(report.layers.map(({ id, verdict }) => `${id} ${verdict}`)).toMatchInlineSnapshot(`
    [
      "l1 diverges",
      "l2 identical",
      "l3 identical",
      "l4 diverges",
      "l5 diverges",
      "l6 diverges",
      "l7 only-v2",
      "l8 only-v2",
    ]
  `);
  const rows = report.layers.flatMap(({ id, rows }) => rows.map(({ evidence }) => ({ id, evidence })));
  expect(
    rows.flatMap(({ id, evidence }) =>
      (evidence?.differences ?? []).map(({ path }) => `${id} ${evidence?.row}: ${path}`),
    ),
  ).toMatchInlineSnapshot(`
    [
      "l1 service-detail: Annotations",
      "l1 service-detail: Annotations / cloud.google.com/neg / ingress",
      "l1 service-detail: Annotations / networking.gke.io/target-pool",
      "l4 dnat: mechanism",
      "l5 pod-interface: eth0 / flags",
      "l5 pod-interface: eth0 / mtu",
      "l5 pod-interface: eth0 / group",
      "l5 pod-interface: eth0 / link-netns",
      "l5 pod-interface: eth0 / inet / 0 / brd",
      "l5 pod-interface: eth0 / inet6 / 1 / family",
      "l5 pod-interface: eth0 / inet6 / 1 / ip",
      "l5 pod-interface: eth0 / inet6 / 1 / prefix length",
      "l5 pod-interface: eth0 / inet6 / 1 / scope",
      "l5 pod-interface: eth0 / inet6 / 1 / valid_lft",
      "l5 pod-interface: eth0 / inet6 / 1 / preferred_lft",
      "l6 cluster-mode: title / 0",
      "l6 cluster-mode: median time of those answered",
      "l6 local-symmetric: title / 0",
      "l6 local-symmetric: median time of those answered",
      "l6 local-failover: title / 0",
      "l6 local-failover: request / 2 / status",
      "l6 local-failover: request / 3 / status",
      "l6 local-failover: request / 5 / status",
      "l6 local-failover: request / 6 / status",
      "l6 local-failover: request / 8 / status",
      "l6 local-failover: request / 9 / status",
      "l6 local-failover: request / 10 / status",
      "l6 local-failover: request / 13 / status",
      "l6 local-failover: request / 14 / status",
      "l6 local-failover: request / 16 / status",
      "l6 local-failover: median time of those answered",
      "l6 local-failover: median time of those failed",
    ]
  `);
  expect(rows.find(({ evidence }) => evidence?.row === 'pod-interface')?.evidence?.rules).toContain('momentary-socket');
});

test('the filter table of the idle node is an output of its own, not the rules of the Service', () => {
  expect(captured('v1/l6-local-filter-table').stored?.text).toContain('has no local endpoints');
  const chains = report.values.filter(({ role, side }) => role === 'chain' && side === 'v1');
  expect(chains.every(({ how }) => how.endsWith('v1/l4-iptables-nat'))).toBe(true);
});

test('the audit has what V1 was recorded in, and nothing of V2', () => {
  expect(report.audit.map(({ id, v1, v2, outcome }) => `${id} ${outcome} ${v1} ${v2}`)).toMatchInlineSnapshot(`
    [
      "dataplane not-recorded kube-proxy (iptables) undefined",
      "server not-recorded v1.32.4-gke.1415000 undefined",
      "node.version not-recorded v1.32.4-gke.1415000 undefined",
      "node.kernel not-recorded 6.6.72+ undefined",
      "node.osImage not-recorded Container-Optimized OS from Google undefined",
      "node.runtime not-recorded containerd://1.7.24 undefined",
      "node.machineType not-recorded e2-standard-2 undefined",
      "node.zone not-recorded us-central1-c undefined",
      "node.count not-recorded 2 undefined",
      "location not-recorded us-central1-c undefined",
      "channel not-recorded REGULAR undefined",
      "workload not-recorded nginx:1.29-alpine@sha256:5616878291a2eed594aee8db4dade5878cf7edcb475e59193904b198d9b830de undefined",
      "order not-recorded undefined undefined",
      "addon.httpLoadBalancing not-recorded enabled undefined",
      "addon.networkPolicyConfig not-recorded disabled undefined",
      "tool.kubectl not-recorded v1.32.4-dispatcher undefined",
      "tool.gcloud not-recorded 528.0.0 undefined",
      "tool.ssh not-recorded OpenSSH_9.2p1 undefined",
      "tool.curl not-recorded 7.88.1 undefined",
    ]
  `);
});

test('provenance has where, how long and how it ended', () => {
  expect(provenance(captured('v1/l4-iptables-nat'))).toMatchInlineSnapshot(`
    [
      "recorded",
      "20 Nov 2026, 10:53:36 UTC",
      "run on node gke-test-pool-aaaa",
      "exit code 0",
      "took 374 ms",
      "55 lines · 3,970 B",
    ]
  `);
  expect(provenance(captured('v1/l5-pod-serves'))).toMatchInlineSnapshot(`
    [
      "recorded",
      "20 Nov 2026, 10:53:37 UTC",
      "run in pod nginx-bb6b8c496-xx649",
      "exit code 0",
      "took 69 ms",
      "5 lines · 71 B",
    ]
  `);
});

describe('the walk over a whole iptables-save', () => {
  test('every packet goes through nat and filter, and takes next to nothing for granted', () => {
    const walks = packetWalks(report.model, report.values);
    expect(
      walks.map(({ label, rules: { capture, packet, walk: found }, notes, services }) => ({
        label,
        capture,
        packet: `${packet.from} → ${packet.to}:${packet.port}`,
        ends: found.outcomes.map(
          ({ verdict, target, masquerade }) => `${target ?? verdict}${masquerade ? ' masqueraded' : ''}`,
        ),
        examined: found.examined,
        rests: [...notes, ...found.assumptions, ...found.missing, ...found.unknown],
        row: services?.lookup.frontend?.name.replace(/:\d+\/.*$/, ''),
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "capture": "v1/l4-iptables-nat",
          "ends": [
            "10.20.0.10:80 masqueraded",
            "10.20.1.11:80 masqueraded",
            "10.20.0.12:80 masqueraded",
          ],
          "examined": {
            "max": 19,
            "mean": 17.99999999976717,
            "min": 17,
          },
          "label": "outside → VIP",
          "packet": "203.0.113.7 → 203.0.113.10:80",
          "rests": [
            "203.0.113.7 stands for a client: an example address, not a captured one.",
          ],
          "row": "34.72.78.182",
        },
        {
          "capture": "v1/l4-iptables-nat",
          "ends": [
            "10.20.0.10:80",
            "10.20.1.11:80",
            "10.20.0.12:80",
          ],
          "examined": {
            "max": 15,
            "mean": 13.99999999976717,
            "min": 13,
          },
          "label": "pod → ClusterIP",
          "packet": "10.23.255.254 → 10.24.9.186:80",
          "rests": [
            "10.23.255.254 stands for a pod: an address of the pods' network, not a captured one.",
            "The packet is the first of its connection (conntrack state NEW).",
          ],
          "row": "10.24.8.39",
        },
        {
          "capture": "v1/l4-iptables-nat",
          "ends": [
            "10.20.0.10:80 masqueraded",
            "10.20.1.11:80 masqueraded",
            "10.20.0.12:80 masqueraded",
          ],
          "examined": {
            "max": 21,
            "mean": 19.99999999976717,
            "min": 19,
          },
          "label": "outside → NodePort",
          "packet": "203.0.113.7 → 192.0.2.10:31057",
          "rests": [
            "203.0.113.7 stands for a client: an example address, not a captured one.",
            "192.0.2.10 stands for the node's own address, which was not captured.",
            "The row 0.0.0.0:30574/TCP stands for an entry of each node address, which the list leaves out.",
          ],
          "row": "0.0.0.0",
        },
        {
          "capture": "v1/l4-iptables-nat",
          "ends": [
            "NONE",
          ],
          "examined": {
            "max": 11,
            "mean": 11,
            "min": 11,
          },
          "label": "pod → an address of no Service",
          "packet": "10.23.255.254 → 198.51.100.1:80",
          "rests": [
            "198.51.100.1 stands for an address no Service has.",
            "10.23.255.254 stands for a pod: an address of the pods' network, not a captured one.",
            "The packet is the first of its connection (conntrack state NEW).",
          ],
          "row": undefined,
        },
      ]
    `);
    for (const { rules } of walks) {
      const lines = captured('v1/l4-iptables-nat').stored?.text.split('\n') ?? [];
      const compared = rules.walk.steps.map(({ line }) => lines[line - 1] ?? '');
      expect(compared.some((line) => line.startsWith('-A FORWARD'))).toBe(true);
      expect(compared.every((line) => line.startsWith('-A '))).toBe(true);
    }
  });

  test('a node without a local pod drops what comes from outside in its filter table', () => {
    const [nat, filter] = ['v1/l4-iptables-nat', 'v1/l6-local-filter-table'].map((key) => {
      const subject = report.model.subjects.find((one) => one.key === key);
      if (subject?.parsed.format !== 'iptables-save') throw new Error(`no rules in ${key}`);
      return subject.parsed;
    });
    const packet = { from: '192.0.2.1', to: '203.0.113.10', port: 80, protocol: 'tcp', entry: 'prerouting' } as const;
    const own = { ...packet, localAddresses: ['10.10.0.2'] };
    const ends = (ruleset: typeof nat) =>
      ruleset && walk(walkable(ruleset), own).outcomes.map(({ verdict }) => verdict);
    expect(ends(filter)).toEqual(['DROP']);
    expect(ends(nat)).toEqual(['DNAT', 'DNAT', 'DNAT']);
  });
});

test('report.json names the rule that set sockets aside', () => {
  const { layers } = jsonOf(report) as { layers: { rows: { id: string; rules?: string[] }[] }[] };
  const row = layers.flatMap(({ rows }) => rows).find(({ id }) => id === 'pod-interface');
  expect(row?.rules).toContain('momentary-socket');
});
