import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/findings.ts';
import { ageText } from '../../../src/wording/findings/service.ts';
import { findingText } from '../../../src/wording/findings.ts';

/* What a recording may show and the drawn ones seldom or never do. */

type Told<Finding> = Finding extends unknown ? Omit<Finding, 'about' | 'places'> : never;

const text = (told: Told<Finding>) =>
  findingText({ about: { layer: 'l1' }, places: [], ...told } as Finding).replaceAll('\u00a0', '~');

const pod = { value: 'nginx-bb6b8c496-4d49g', role: 'pod', side: 'v1' } as const;
const address = { value: '10.20.0.9', role: 'pod-ip', side: 'v1' } as const;
const node = { value: 'node-a', role: 'node', side: 'v1' } as const;
const chain = { value: 'KUBE-SVC-A', role: 'chain', side: 'v1' } as const;

test('ages', () => {
  expect(
    ['47s', '50m', '3h5m', '2d3h', '8y12d', '<unknown>'].map(ageText).map((age) => age.replaceAll('\u00a0', '~')),
  ).toMatchInlineSnapshot(`
    [
      "47~s",
      "50~min",
      "3~h~5~min",
      "2~d~3~h",
      "8~y~12~d",
      "<unknown>",
    ]
  `);
});

test('the Service', () => {
  const list = { kind: 'endpoints-listed', unprinted: 0, unready: false } as const;
  const ages = { kind: 'ages-beside-slow', ages: { v1: '50m', v2: '47s' } } as const;
  expect([
    text({ ...list, endpoints: 1 }),
    text({ ...list, endpoints: 4, unprinted: 1 }),
    text({ ...list, endpoints: 6, unprinted: 3, unready: true }),
    text({ kind: 'endpoints-compared', endpoints: { v1: 1, v2: 4 } }),
    text({ kind: 'pool-nodes', nodes: 1 }),
    text({ kind: 'external-policy', policy: 'Other' }),
    text({ ...ages, slow: { v1: 1, v2: undefined } }),
    text({ ...ages, slow: { v1: 0, v2: 2 } }),
  ]).toMatchInlineSnapshot(`
    [
      "1 ready address is listed.",
      "4 ready addresses are listed; kubectl prints 3 and counts the other one.",
      "6 addresses are listed, ready or not; kubectl prints 3 and counts the other 3.",
      "V1 lists 1, V2 4.",
      "The pool holds 1 node.",
      "The external traffic policy is Other.",
      "V1 has 1 slow request, V2 was not probed here. The Services differ in age, too: when they were listed, V1’s was 50~min old, V2’s 47~s. Whether that is why, the outputs do not show.",
      "V1 has no slow request, V2 has 2 slow requests. The Services differ in age, too: when they were listed, V1’s was 50~min old, V2’s 47~s. Whether that is why, the outputs do not show.",
    ]
  `);
});

test('pods', () => {
  const since = { kind: 'pods-since', since: 'l3', scaled: [] as { from: number; to: number }[] } as const;
  const left = { kind: 'pod-left', pod } as const;
  expect([
    text({ kind: 'pod-inspected', pod }),
    text({ kind: 'pod-inspected', pod, address }),
    text({ kind: 'pod-inspected', pod, address, isEndpoint: false }),
    text({ kind: 'pod-sockets', listens: [], others: 0 }),
    text({ kind: 'pod-sockets', listens: ['80', '443'], others: 1 }),
    text({ kind: 'pod-sockets', listens: ['80'], others: 2 }),
    text(left),
    text({ ...left, node, replicas: 1, before: 1, nodes: { all: 1, idle: 0 } }),
    text({ ...left, node, replicas: 1, before: 6, nodes: { all: 5, idle: 4 } }),
    text({ ...left, node, replicas: 2, before: 1 }),
    text({ ...since, listed: 1, kept: 1, gone: 0 }),
    text({ ...since, listed: 3, kept: 3, gone: 0, scaled: [{ from: 3, to: 1 }] }),
    text({ ...since, listed: 1, kept: 0, gone: 1 }),
    text({ ...since, listed: 3, kept: 0, gone: 3, scaled: [{ from: 3, to: 1 }] }),
    text({ ...since, listed: 1, kept: 1, gone: 2 }),
    text({ ...since, listed: 4, kept: 3, gone: 0 }),
  ]).toMatchInlineSnapshot(`
    [
      "Pod nginx-bb6b8c496-4d49g was looked into; its address was not shown.",
      "Pod nginx-bb6b8c496-4d49g has the address 10.20.0.9; the recorded lists of endpoints do not say whether that is one.",
      "Pod nginx-bb6b8c496-4d49g has the address 10.20.0.9, which no list of endpoints holds.",
      "No socket listens.",
      "The pod listens on ports 80 and 443. 1 other socket is set aside: a request was just made.",
      "The pod listens on port 80. 2 other sockets are set aside: a request was just made.",
      "Pod nginx-bb6b8c496-4d49g is left; its node was not shown.",
      "1 replica: pod nginx-bb6b8c496-4d49g stands on node node-a, the only node.",
      "1 replica, where there were 6 endpoints before: pod nginx-bb6b8c496-4d49g stands on node node-a. The other 4 nodes have none.",
      "2 replicas, where there was 1 endpoint before: pod nginx-bb6b8c496-4d49g stands on node node-a.",
      "The pod has an address that L3 lists.",
      "All 3 pods have addresses that L3 lists. In between the Deployment was scaled from 3 to 1.",
      "The pod has an address that L3 does not list; 1 of L3 is gone. No output in between tells why.",
      "All 3 pods have addresses that L3 does not list; 3 of L3 are gone. In between the Deployment was scaled from 3 to 1.",
      "The pod has an address that L3 lists; 2 of L3 are gone. No output in between tells why.",
      "Of 4 pods, 3 have addresses that L3 lists and 1 has a new one. No output in between tells why.",
    ]
  `);
});

test('rules and maps', () => {
  const shares = { kind: 'rule-shares', chain } as const;
  const mapping = { frontends: 3, backends: { least: 3, most: 3 } };
  const none = { frontends: 1, backends: { least: 0, most: 1 } };
  expect([
    text({ kind: 'rules-own', own: 1, all: 1, byChain: [{ kind: 'KUBE-SVC', rules: 1, chains: 1 }] }),
    text({ kind: 'rules-own', own: 3, all: 3, byChain: [{ kind: 'KUBE-SVC', rules: 3, chains: 2 }] }),
    text({ kind: 'rules-for-all', rules: 1 }),
    text({ ...shares, endpoints: 1, equal: true, shares: [1] }),
    text({ ...shares, endpoints: 2, equal: true, shares: [0.5, 0.5] }),
    text({ ...shares, endpoints: 4, equal: true, shares: [0.25, 0.25, 0.25, 0.25] }),
    text({ ...shares, endpoints: 2, equal: false, shares: [0.5, 0.333333] }),
    text({ ...shares, endpoints: 1, equal: false, shares: [0.5] }),
    text({ kind: 'map-own', prints: 'services', own: 1, all: 1, mapping: none }),
    text({ kind: 'map-own', prints: 'entries', own: 16, all: 1045, mapping }),
    text({ kind: 'mappings-compared', sides: { v1: { ...none, rules: 1 }, v2: mapping } }),
  ]).toMatchInlineSnapshot(`
    [
      "The one captured NAT rule is the Service’s: 1 in KUBE-SVC.",
      "All 3 captured NAT rules are the Service’s: 3 in KUBE-SVC (2 chains).",
      "A new connection to no Service is compared with the one captured rule of KUBE-SERVICES; one to a Service stops at its own rule.",
      "The one endpoint of KUBE-SVC-A gets every new connection.",
      "KUBE-SVC-A gives 1/2, then the rest: each of 2 endpoints gets 1/2.",
      "KUBE-SVC-A gives 1/4, then 1/3 of the rest, then 1/2 of the rest, then the rest: each of 4 endpoints gets 1/4.",
      "KUBE-SVC-A gives its 2 endpoints 50~% and 33.3~% of new connections.",
      "KUBE-SVC-A gives its 1 endpoint 50~% of new connections.",
      "The one row is the Service’s: 1 frontend~× 0 to 1 backends. It is found by key.",
      "16 of 1,045 entries are the Service’s: 3 frontends~× 3 backends. They are found by key.",
      "V1 holds 1 frontend~× 0 to 1 backends, written as 1 rule; V2 holds 3 frontends~× 3 backends.",
    ]
  `);
});

test('rows', () => {
  const row = { kind: 'row-compared' as const, equal: 0, byRole: [], aside: [], different: 0 };
  expect([
    text({ ...row, values: 0 }),
    text({ ...row, values: 1, equal: 1 }),
    text({ ...row, values: 2, equal: 1, different: 1 }),
    text({
      ...row,
      values: 9,
      equal: 3,
      byRole: [{ role: 'identity', count: 2 }],
      aside: [
        { rule: 'momentary-socket', count: 2 },
        { rule: 'mac', count: 1 },
      ],
      different: 1,
    }),
  ]).toMatchInlineSnapshot(`
    [
      "No value of one side has a place on the other.",
      "The one value is the same on both sides.",
      "Of 2 values 1 is equal. 1 differs.",
      "Of 9 values 3 are equal. Matched by role: 2 identities. Set aside: 2 values of sockets that do not listen and 1 MAC address. 1 differs.",
    ]
  `);
});
