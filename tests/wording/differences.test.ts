import { expect, test } from 'vitest';
import { buildReport } from '../../src/report/report.ts';
import { saidDifferences } from '../../src/wording/differences.ts';

const rows = saidDifferences(buildReport('.'));
const of = (key: string) => rows.find(({ v1 }) => v1 === key);

test('each difference is a sentence with the values that stand in the lines', () => {
  const { words, places } = of('v1/l6-local-failover') ?? { words: [], places: [] };
  expect(words).toHaveLength(places.length);
  expect(words[0]).toBe('Request 4 status: no answer on V1, answered with 200 on V2 (000 | 200)');
  expect(words.at(-1)).toBe('Median time of those failed: 6.0 s on V1, 0.05 s on V2 (6.005029 | 0.054369)');
  for (const row of rows) expect(row.words, row.v1).toHaveLength(row.places.length);
});

test('each row says what was compared and how it came out', () => {
  expect(rows.map(({ v1, says }) => `${v1}: ${says}`)).toMatchInlineSnapshot(`
    [
      "v1/l1-gce-forwarding-rule: 6 values: 3 equal, 3 matched by role (VIP, forwarding rule), none different",
      "v1/l1-service-ips: 8 values: 4 equal, 3 matched by role (VIP, ClusterIP, NodePort), 1 set aside by rule (age), none different",
      "v1/l1-service-detail: 44 values: 30 equal, 8 matched by role (VIP, ClusterIP, NodePort, pod IP, forwarding rule), 6 set aside by rule (age, count), none different",
      "v1/l2-target-pool: 26 values: 19 equal, 4 matched by role (node, forwarding rule), 3 set aside by rule (generated-name, hash, timestamp), none different",
      "v1/l3-endpoints: 8 values: 4 equal, 3 matched by role (pod IP), 1 set aside by rule (age), none different",
      "v1/l3-endpointslice: 7 values: 2 equal, 3 matched by role (pod IP), 2 set aside by rule (age, generated-name), none different",
      "v1/l3-nodeport: 1 value: 0 equal, 1 matched by role (NodePort), none different",
      "v1/l4-iptables-nat: Two kinds of output: their lines stand beside each other and are not compared",
      "v1/l5-pod-serves: 5 values: 5 equal, none different",
      "v1/l5-pod-interface: 46 values: 40 equal, 2 matched by role (pod IP, pod), 4 set aside by rule (address, inode, mac), none different",
      "v1/l6-cluster-mode: 31 values: 21 equal, 10 set aside by rule (latency), none different",
      "v1/l6-local-symmetric: 31 values: 21 equal, 10 set aside by rule (latency), none different",
      "v1/l6-local-asymmetric: 9 values: 5 equal, 4 matched by role (pod, node), none different",
      "v1/l6-local-failover: 62 values: 32 equal, 20 set aside by rule (latency), 10 different (9 × status, 1 × median time of those failed)",
    ]
  `);
});

test('the lines of two kinds of output are headed by their frontend', () => {
  expect(of('v1/l4-iptables-nat')?.heads).toEqual([
    'LoadBalancer: the VIP',
    'ClusterIP',
    'NodePort',
    'what these frontends share',
    'all other lines',
  ]);
  expect(of('v1/l4-iptables-nat')?.words).toEqual([]);
});
