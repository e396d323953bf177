import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/consistency.ts';
import { factsOf } from '../../src/analysis/drift/facts.ts';
import type { Check, Subject } from '../../src/analysis/types.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { FormatError } from '../../src/formats/types.ts';
import { type Edit, published, publishedEverywhere } from './edited-outputs.ts';

const find = (checks: Check[], id: string) => checks.find((check) => check.id === id) as Check;
const statuses = (subjects: Subject[]) => consistencyChecks(subjects).map(({ id, status }) => `${status} ${id}`);
const where = (check: Check) => [...new Set(check.evidence.map(({ capture }) => capture))].sort();

test('the published outputs contradict themselves nowhere', () => {
  expect(statuses(published())).toMatchInlineSnapshot(`
    [
      "holds v1/forwarding-rule",
      "holds v1/made-for",
      "holds v1/vip",
      "holds v1/cluster-ip",
      "holds v1/node-port",
      "holds v1/service-port",
      "holds v1/nodes",
      "holds v1/endpoints-agree",
      "holds v1/backends",
      "holds v1/equal-shares",
      "holds v1/jump-targets",
      "holds v1/endpoint-chains",
      "holds v1/inspected-pod",
      "holds v1/listening-port",
      "not-comparable v1/running-pods",
      "not-comparable v1/left-pod",
      "not-comparable v1/relay-ready",
      "not-comparable v1/hubble-buffer",
      "not-comparable v1/hubble-nodes",
      "not-comparable v1/flow-port",
      "not-comparable v1/identities",
      "not-comparable v1/shared-identity",
      "not-comparable v1/distinct-identities",
      "not-comparable v1/policy-selector",
      "not-comparable v1/policy-map",
      "not-comparable v1/enforcement",
      "not-comparable v1/drops",
      "holds v2/forwarding-rule",
      "holds v2/made-for",
      "holds v2/vip",
      "holds v2/cluster-ip",
      "holds v2/node-port",
      "holds v2/service-port",
      "holds v2/nodes",
      "holds v2/endpoints-agree",
      "holds v2/backends",
      "not-comparable v2/equal-shares",
      "not-comparable v2/jump-targets",
      "not-comparable v2/endpoint-chains",
      "holds v2/inspected-pod",
      "holds v2/listening-port",
      "not-comparable v2/running-pods",
      "holds v2/left-pod",
      "holds v2/relay-ready",
      "holds v2/hubble-buffer",
      "holds v2/hubble-nodes",
      "holds v2/flow-port",
      "holds v2/identities",
      "holds v2/shared-identity",
      "holds v2/distinct-identities",
      "holds v2/policy-selector",
      "holds v2/policy-map",
      "holds v2/enforcement",
      "holds v2/drops",
    ]
  `);
});

test('the reasons name values and outputs', () => {
  const checks = consistencyChecks(published());
  const why = (id: string) => find(checks, id).why;
  expect(why('v1/backends')).toMatchInlineSnapshot(`"3 frontends lead to all 3 of Endpoints in v1/l1-service-detail"`);
  expect(why('v1/jump-targets')).toMatchInlineSnapshot(
    `"16 rules of netflow-test/nginx in v1/l4-iptables-nat; KUBE-MARK-MASQ was not captured"`,
  );
  expect(why('v2/vip')).toMatchInlineSnapshot(
    `"34.72.78.182: IP_ADDRESS of the forwarding rule in v2/l1-gce-forwarding-rule = EXTERNAL-IP in v2/l1-service-ips = LoadBalancer Ingress in v2/l1-service-detail = a frontend in v2/l4-ebpf-service-map"`,
  );
  expect(why('v2/running-pods')).toMatchInlineSnapshot(
    `"the pods in v2/l8-identities, compared with Endpoints in v2/l1-service-detail: 10.20.1.9 and 10.20.1.10 missing, 10.20.1.11 and 10.20.1.12 besides: the Deployment was scaled from 3 to 1 in between (v2/l6-local-asymmetric), and nginx-bb6b8c496-jfd4v of v2/l5-pod-interface is gone in v2/l8-identities; 10.20.0.15 is in both"`,
  );
  expect(why('v2/policy-map')).toMatchInlineSnapshot(
    `"role=frontend; besides, reserved:host and reserved:remote-node"`,
  );
  expect(why('v2/left-pod')).toMatchInlineSnapshot(
    `"nginx-bb6b8c496-w8kkn is named in v2/l7-hubble-observe, v2/l8-identities and v2/l8-hubble-drop too; its address 10.20.0.15 is among Endpoints in v2/l1-service-detail"`,
  );
  expect(why('v2/relay-ready')).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 3/3 in v2/l7-hubble-relay; it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/hubble-nodes')).toMatchInlineSnapshot(
    `"2: the number of the instances of the pool in v2/l2-target-pool = the number of Nodes in v2/l6-local-asymmetric = the nodes Hubble is connected to in v2/l7-hubble-status"`,
  );
  expect(why('v2/flow-port')).toMatchInlineSnapshot(`"13 packets go to 80"`);
  expect(why('v2/distinct-identities')).toMatchInlineSnapshot(
    `"client-allowed (role=frontend) and client-blocked (role=other) have identities of their own: 51014 for client-allowed and 6385 for client-blocked"`,
  );
  expect(why('v2/identities')).toMatchInlineSnapshot(
    `"18565 for nginx-bb6b8c496-vc6pj, nginx-bb6b8c496-2gd6m and nginx-bb6b8c496-w8kkn; 6385 for client-blocked"`,
  );
});

test('the reasons of broken checks name what contradicts what', () => {
  const why = (id: string, ...edits: Edit[]) => find(consistencyChecks(published(...edits)), id).why;
  expect(why('v2/distinct-identities', ['v2/l8-identities', '51014', '6385 '])).toMatchInlineSnapshot(
    `"client-allowed (role=frontend) and client-blocked (role=other) share 6385"`,
  );
  expect(why('v2/left-pod', ['v2/l8-identities', '10.20.0.15', '10.20.0.16'])).toMatchInlineSnapshot(
    `"nginx-bb6b8c496-w8kkn, which scaling left (v2/l6-local-asymmetric), has 10.20.0.16, which is not among Endpoints in v2/l1-service-detail"`,
  );
  expect(why('v2/relay-ready', ['v2/l7-hubble-relay', '3/3', '2/3'])).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 2/3 in v2/l7-hubble-relay, and yet it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/relay-ready', ['v2/l7-hubble-relay', 'Running', 'Unknown'])).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 3/3 and Unknown in v2/l7-hubble-relay, and yet it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '1/2'])).toMatchInlineSnapshot(
    `"1 of 2 nodes are connected (v2/l7-hubble-status)"`,
  );
  expect(
    why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '1/3\nUnavailable Nodes: 2\n  - node-1\n  - node-2']),
  ).toMatchInlineSnapshot(`"1 of 3 nodes are connected (v2/l7-hubble-status); node-1 and node-2 unavailable"`);
  expect(why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '3/3'])).toMatchInlineSnapshot(
    `"the number of the instances of the pool in v2/l2-target-pool is 2, the nodes Hubble is connected to in v2/l7-hubble-status is 3"`,
  );
  expect(why('v2/flow-port', ['v2/l7-hubble-observe', /(2gd6m):80 /g, '$1:81 '])).toMatchInlineSnapshot(
    `"the target port is 80; a flow to nginx-bb6b8c496-2gd6m goes to port 81 (v2/l7-hubble-observe)"`,
  );
  const egress: Edit = ['v2/l8-policy', '[Ingress]', '[Egress]'];
  expect(why('v2/policy-map', egress)).toMatchInlineSnapshot(
    `"nginx-allow-frontend is about Egress alone, and no entry lets in every identity"`,
  );
  expect(why('v2/enforcement', egress)).toMatchInlineSnapshot(
    `"client-blocked gets no answer, v2/l8-policy (about Egress alone) allows it"`,
  );
  expect(
    why(
      'v2/distinct-identities',
      ['v2/l8-enforcement', 'role=other)   ', 'app=other)    '],
      ['v2/l8-identities', '6385 ', '18565'],
    ),
  ).toMatchInlineSnapshot(
    `"client-blocked (app=other) and nginx-bb6b8c496-2gd6m, nginx-bb6b8c496-vc6pj and nginx-bb6b8c496-w8kkn (app=nginx) share 18565"`,
  );
});

test('every piece of evidence stands where it says', () => {
  const subjects = published();
  for (const check of consistencyChecks(subjects)) {
    if (check.status === 'holds') expect(check.evidence.length, check.id).toBeGreaterThan(0);
    for (const { capture, line, column, length, start, end } of check.evidence) {
      const text = subjects.find(({ key }) => key === capture)?.text ?? '';
      const lineStart =
        text
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length + (line > 1 ? 1 : 0);
      expect(start).toBe(lineStart + column - 1);
      expect(end - start).toBe(length);
      expect(text.slice(start, end)).not.toBe('');
    }
  }
});

const SEP = 'KUBE-SEP-X4MLFZ67G53NH3PU';
const SVC = 'KUBE-SVC-P2CJC57QC736K2NH';
/** For each check, edits of which each must break it. */
const breaking: Record<string, Edit[]> = {
  'v1/forwarding-rule': [
    ['v1/l1-gce-forwarding-rule', 'targetPools/ac97', 'targetPools/bc97'],
    ['v1/l1-service-detail', 'target-pool: ac97', 'target-pool: bc97'],
    ['v1/l2-target-pool', 'name: ac97', 'name: bc97'],
  ],
  'v1/made-for': [
    ['v1/l2-target-pool', 'netflow-test/nginx', 'netflow-test/web'],
    ['v1/l1-service-detail', 'Namespace:                netflow-test', 'Namespace:                default'],
  ],
  'v1/vip': [
    ['v1/l1-gce-forwarding-rule', '136.64.249.50', '136.64.249.51'],
    ['v1/l1-service-detail', '136.64.249.50', '136.64.249.51'],
    ['v1/l4-iptables-nat', '-d 136.64.249.50/32', '-d 136.64.249.51/32'],
  ],
  'v1/cluster-ip': [
    ['v1/l1-service-ips', '10.24.9.186', '10.24.9.187'],
    ['v1/l4-iptables-nat', /^-A KUBE-SERVICES -d 10\.24\.9\.186.*\n/m, ''],
  ],
  'v1/node-port': [
    ['v1/l3-nodeport', '31057', '31058'],
    ['v1/l4-iptables-nat', /--dport 31057/g, '--dport 31058'],
    ['v1/l4-iptables-nat', /^-A KUBE-NODEPORTS -p.*\n/m, ''],
  ],
  'v1/service-port': [
    ['v1/l1-service-detail', '<unset>  80/TCP', '<unset>  81/TCP'],
    ['v1/l4-iptables-nat', /(10\.24\.9\.186\/32.*--dport) 80/, '$1 81'],
  ],
  'v1/nodes': [
    ['v1/l2-target-pool', /bnmh$/m, 'bnmx'],
    ['v1/l6-local-asymmetric', /^node\/.*wvbv\n?/m, ''],
    ['v1/l6-local-asymmetric', /on node (.*)bnmh/, 'on node $1xxxx'],
  ],
  'v1/endpoints-agree': [
    ['v1/l3-endpoints', '10.20.0.9:80', '10.20.0.9:81'],
    ['v1/l3-endpoints', ',10.20.0.9:80', ''],
    ['v1/l3-endpointslice', '10.20.0.9', '10.20.0.7'],
    ['v1/l1-service-detail', '10.20.0.9:80', '10.20.0.7:80'],
  ],
  'v1/backends': [
    ['v1/l4-iptables-nat', '--to-destination 10.20.0.9:80', '--to-destination 10.20.0.9:81'],
    ['v1/l4-iptables-nat', new RegExp(`^-A ${SEP} -p.*\\n`, 'm'), ''],
    ['v1/l4-iptables-nat', new RegExp(`^-A ${SVC} .*${SEP}\\n`, 'm'), ''],
    ['v1/l4-iptables-nat', `-j ${SVC}`, '-j KUBE-SVC-ERIFXISQEP7F7OF4'],
  ],
  'v2/backends': [
    ['v2/l4-ebpf-service-map', /10\.20\.1\.9:80/, '10.20.1.8:80'],
    ['v2/l4-ebpf-service-map', /3 => 10\.20\.1\.10:80\/TCP \(active\) {5}\n/, '3 => 10.20.1.10:80/TCP (terminating)\n'],
    ['v2/l4-ebpf-service-map', / +2 => 10\.20\.1\.9:80\/TCP .*\n/, ''],
  ],
  'v1/equal-shares': [
    ['v1/l4-iptables-nat', /--probability 0\.33333\d*/, '--probability 0.25000000000'],
    ['v1/l4-iptables-nat', new RegExp(`^(-A ${SVC} .*) -m statistic --mode random --probability 0\\.5\\d*`, 'm'), '$1'],
  ],
  'v1/jump-targets': [
    ['v1/l4-iptables-nat', new RegExp(`(^-A ${SVC} .*)${SEP}$`, 'm'), '$1KUBE-SEP-AAAAAAAAAAAAAAAA'],
    ['v1/l4-iptables-nat', new RegExp(`^-A ${SVC} .*${SEP}\\n`, 'm'), ''],
  ],
  'v1/endpoint-chains': [
    ['v1/l4-iptables-nat', new RegExp(`^-A ${SEP} -s.*\\n`, 'm'), ''],
    ['v1/l4-iptables-nat', new RegExp(`${SEP} -s 10.20.0.9`), `${SEP} -s 10.20.0.8`],
    ['v1/l4-iptables-nat', '-> 10.20.0.9:80', '-> 10.20.0.8:80'],
  ],
  'v1/inspected-pod': [['v1/l5-pod-interface', 'inet 10.20.0.9', 'inet 10.20.0.7']],
  'v1/listening-port': [
    ['v1/l5-pod-interface', '00000000:0050', '00000000:1F90'],
    ['v1/l5-pod-interface', '00000000:0000 0A', '00000000:0000 01'],
    ['v1/l1-service-detail', 'TargetPort:               80', 'TargetPort:               8080'],
  ],
  'v2/left-pod': [
    ['v2/l6-local-asymmetric', 'w8kkn', 'w8kkx'],
    ['v2/l8-identities', '10.20.0.15', '10.20.0.16'],
  ],
  'v2/relay-ready': [
    ['v2/l7-hubble-relay', '3/3', '2/3'],
    ['v2/l7-hubble-relay', 'Running', 'Pending'],
    ['v2/l7-hubble-relay', '3/3', '0/0'],
  ],
  'v2/hubble-buffer': [
    ['v2/l7-hubble-status', '126/126', '127/126'],
    ['v2/l7-hubble-status', '126/126', '63/126'],
  ],
  'v2/hubble-nodes': [
    ['v2/l7-hubble-status', '2/2', '3/3'],
    ['v2/l7-hubble-status', '2/2', '3/2'],
    ['v2/l7-hubble-status', '2/2', '1/2'],
    ['v2/l7-hubble-status', '2/2', '1/1'],
    ['v2/l7-hubble-status', '2/2', '2/2\nUnavailable Nodes: 1'],
  ],
  'v2/flow-port': [
    ['v2/l7-hubble-observe', /(nginx-\S+):80 /g, '$1:81 '],
    ['v2/l7-hubble-observe', /(nginx-\S+):80 /, '$1:81 '],
    ['v2/l8-hubble-drop', /(nginx-\S+):80 /, '$1:81 '],
  ],
  'v2/identities': [
    ['v2/l7-hubble-observe', 'ID:18565', 'ID:18566'],
    ['v2/l8-identities', '18565      10.20.1.11', '18566      10.20.1.11'],
    ['v2/l7-hubble-observe', 'vc6pj', 'vc6px'],
    ['v2/l8-hubble-drop', 'ID:6385', 'ID:51014'],
  ],
  'v2/shared-identity': [['v2/l8-identities', '18565      10.20.1.12', '18566      10.20.1.12']],
  'v2/distinct-identities': [
    ['v2/l8-identities', /51014/, '6385 '],
    ['v2/l8-identities', /6385 {6}/, '51014     '],
  ],
  'v2/policy-selector': [
    ['v2/l8-policy', 'app: nginx', 'app: web'],
    ['v2/l1-service-detail', 'app=nginx', 'app=web'],
  ],
  'v2/policy-map': [
    ['v2/l8-policy', 'role: frontend', 'role: backend'],
    ['v2/l8-policy-map', 'k8s:role=frontend', 'k8s:role=backend '.trimEnd()],
    ['v2/l8-policy-map', 'pod.namespace=netflow-test', 'pod.namespace=other'],
    ['v2/l8-policy-map', /Egress( +ANY)/, 'Ingress$1'],
    ['v2/l8-policy', '[Ingress]', '[Egress]'],
  ],
  'v2/enforcement': [
    ['v2/l8-enforcement', 'HTTP 000', 'HTTP 200'],
    ['v2/l8-enforcement', 'HTTP 200', 'HTTP 000'],
    ['v2/l8-enforcement', 'role=other', 'role=frontend'],
    ['v2/l8-enforcement', '✗', '✓'],
    ['v2/l8-policy', '[Ingress]', '[Egress]'],
  ],
  'v2/drops': [
    ['v2/l8-hubble-drop', 'Policy denied DROPPED', 'Policy denied FORWARDED'],
    ['v2/l8-hubble-drop', 'Policy denied DROPPED', 'to-endpoint FORWARDED'],
    ['v2/l8-hubble-drop', /Policy denied DROPPED/g, 'to-endpoint FORWARDED'],
    ['v2/l8-hubble-drop', /^[\s\S]*$/, ''],
    ['v2/l8-hubble-drop', 'client-blocked:42222', 'client-allowed:42222'],
    ['v2/l8-hubble-drop', 'nginx-bb6b8c496-vc6pj', 'web-bb6b8c496-vc6pj'],
    ['v2/l8-enforcement', 'client-blocked', 'client-bl0cked'],
  ],
};
/** In the published outputs these are of another epoch or lack an output; they break once they can be compared. */
const breakingElsewhere: Record<string, (subjects: Subject[]) => Subject[]> = {
  'v2/running-pods': (subjects) =>
    subjects.filter(({ key }) => !['v2/l5-pod-interface', 'v2/l6-local-asymmetric'].includes(key)),
};

describe('each check breaks', () => {
  for (const [id, edits] of Object.entries(breaking)) {
    test.each(edits.map((edit, index) => [index + 1, edit] as const))(`${id}, edit %i`, (_number, edit) => {
      const check = find(consistencyChecks(published(edit)), id);
      expect({ status: check.status, why: check.why }).toMatchObject({ status: 'broken' });
      expect(check.evidence.length).toBeGreaterThan(0);
    });
  }
  for (const [id, change] of Object.entries(breakingElsewhere)) {
    test(id, () => expect(find(consistencyChecks(change(published())), id).status).toBe('broken'));
  }
  test('no check is left out', () => {
    const tested = new Set([...Object.keys(breaking), ...Object.keys(breakingElsewhere)].map((id) => id.slice(3)));
    const all = new Set(consistencyChecks(published()).map(({ id }) => id.slice(3)));
    expect([...all].filter((id) => !tested.has(id))).toEqual([]);
  });
});

/** For each check, outputs without which it says that it cannot compare. */
const needs: Record<string, RegExp> = {
  'forwarding-rule': /l1-gce-forwarding-rule|l1-service-detail|l2-/,
  'made-for': /l2-/,
  vip: /l1-gce|l1-service-ips|l4-/,
  'cluster-ip': /l1-service-ips|l4-/,
  'node-port': /l1-service-ips|l3-nodeport|l4-/,
  'service-port': /l1-service-ips|l4-/,
  nodes: /l2-/,
  'endpoints-agree': /l3-/,
  backends: /l4-/,
  'equal-shares': /l4-/,
  'jump-targets': /l4-/,
  'endpoint-chains': /l4-/,
  'inspected-pod': /l5-pod-interface/,
  'listening-port': /l5-pod-interface/,
  'running-pods': /l8-identities/,
  'left-pod': /l6-local-asymmetric/,
  'relay-ready': /l7-hubble-(relay|status)/,
  'hubble-buffer': /l7-hubble-status/,
  'hubble-nodes': /l7-hubble-status/,
  'flow-port': /l7-hubble-observe|l8-hubble-drop/,
  identities: /l8-identities/,
  'shared-identity': /l8-identities/,
  'distinct-identities': /l8-identities|l8-enforcement/,
  'policy-selector': /l8-policy$/,
  'policy-map': /l8-policy-map/,
  enforcement: /l8-enforcement/,
  drops: /l8-hubble-drop/,
};

describe('a check without its outputs says which are missing', () => {
  test.each(Object.entries(needs))('%s', (id, missing) => {
    const rest = published().filter(({ key }) => !missing.test(key));
    for (const check of consistencyChecks(rest).filter((one) => one.id.endsWith(`/${id}`))) {
      expect({ id: check.id, status: check.status }).toEqual({ id: check.id, status: 'not-comparable' });
      expect(check.why).toMatch(/^(no|only|v\d)/);
    }
  });
  test('a side without outputs has no checks', () => {
    expect(consistencyChecks([])).toEqual([]);
    expect(new Set(consistencyChecks(published().filter(({ side }) => side === 'v2')).map(({ side }) => side))).toEqual(
      new Set(['v2']),
    );
  });
});

describe('epochs', () => {
  test('without a sign of recreated pods a difference is a contradiction', () => {
    const edit: Edit = ['v2/l8-identities', '10.20.0.15', '10.20.0.16'];
    expect(find(consistencyChecks(published(edit)), 'v2/running-pods').status).toBe('not-comparable');
    const rest = published().filter(({ key }) => !/l[56]-/.test(key));
    const check = find(consistencyChecks(rest), 'v2/running-pods');
    expect(check.status).toBe('broken');
    expect(check.why).toMatchInlineSnapshot(
      `"the pods in v2/l8-identities, compared with Endpoints in v2/l1-service-detail: 10.20.1.9 and 10.20.1.10 missing, 10.20.1.11 and 10.20.1.12 besides"`,
    );
  });
  test('one sign is enough', () => {
    for (const left of [/l5-pod-interface/, /l6-local-asymmetric/]) {
      const rest = published().filter(({ key }) => !left.test(key));
      const check = find(consistencyChecks(rest), 'v2/running-pods');
      expect(check.status).toBe('not-comparable');
      expect(where(check)).toContain('v2/l8-identities');
    }
  });
  test('the pod that scaling left has an address of before, unless the pods were recreated first', () => {
    const edit: Edit = ['v2/l8-identities', '10.20.0.15', '10.20.0.16'];
    const rescaled = published(edit).map((subject) => {
      const text = 'Deployment: nginx replicas=2\n';
      return subject.key === 'v2/l3-nodeport' ? { ...subject, text, parsed: parseOutput('key-value', text) } : subject;
    });
    expect(find(consistencyChecks(rescaled), 'v2/left-pod')).toMatchObject({ status: 'holds' });
    const rest = published(edit).filter(({ key }) => !/l1-service-detail|l3-endpoint/.test(key));
    expect(find(consistencyChecks(rest), 'v2/left-pod')).toMatchObject({ status: 'holds' });
  });
  test('the same pods in all layers are compared', () => {
    const rest = published(
      ['v2/l8-identities', '10.20.1.11', '10.20.1.9 '],
      ['v2/l8-identities', '10.20.1.12', '10.20.1.10'],
    );
    expect(find(consistencyChecks(rest), 'v2/running-pods').status).toBe('holds');
  });
  test('a scaling between L3 and L4 does not excuse the dataplane, because there is none', () => {
    const check = find(
      consistencyChecks(published(['v2/l4-ebpf-service-map', /10\.20\.1\.9:80/g, '10.20.1.11:80'])),
      'v2/backends',
    );
    expect(check.status).toBe('broken');
  });
});

describe('nothing depends on the published values', () => {
  const before = statuses(published());
  const everywhere: Record<string, (text: string) => string> = {
    'other pod addresses': (text) => text.replaceAll('10.20.', '10.77.'),
    'other virtual addresses': (text) =>
      text.replaceAll('136.64.249.50', '198.51.100.7').replaceAll('34.72.78.182', '203.0.113.9'),
    'another Service': (text) => text.replaceAll('netflow-test', 'shop').replaceAll(/nginx(?=["/: \n]|$)/gm, 'cart1'),
    'other identities': (text) =>
      text.replaceAll('18565', '41234').replaceAll('51014', '1111').replaceAll('6385', '70001'),
    'other hashes': (text) =>
      text.replaceAll('bb6b8c496', '7d4f9bcd58').replaceAll('P2CJC57QC736K2NH', 'AAAAAAAAAAAAAAAA'),
    'other node ports': (text) => text.replaceAll('31057', '32001').replaceAll('30574', '32002'),
  };
  test.each(Object.entries(everywhere))('%s', (_name, replace) => {
    expect(statuses(publishedEverywhere(replace))).toEqual(before);
  });
  test('the order of endpoints means nothing', () => {
    expect(
      statuses(
        published(
          ['v1/l3-endpoints', '10.20.0.8:80,10.20.0.9:80,10.20.1.13:80', '10.20.1.13:80,10.20.0.9:80,10.20.0.8:80'],
          ['v2/l8-hubble-drop', /^(.*\n)(.*\n)/, '$2$1'],
        ),
      ),
    ).toEqual(before);
  });
});

describe('other forms of the same outputs', () => {
  const instead = (key: string, text: string, parsed: Subject['parsed']): Subject[] =>
    published().map((subject) => (subject.key === key ? { ...subject, text, parsed } : subject));
  test('a list that kubectl cut short is compared as far as it goes', () => {
    const cut = published([
      'v1/l3-endpoints',
      /10\.20\.0\.8:80,.*? {2,}/,
      '10.20.0.8:80 + 2 more...                  ',
    ]);
    expect(find(consistencyChecks(cut), 'v1/endpoints-agree').status).toBe('holds');
    const wrong = published([
      'v1/l3-endpoints',
      /10\.20\.0\.8:80,.*? {2,}/,
      '10.20.0.8:80 + 3 more...                  ',
    ]);
    expect(find(consistencyChecks(wrong), 'v1/endpoints-agree').status).toBe('broken');
  });
  test('the map itself (cilium-dbg bpf lb list) is checked like the view of the agent', () => {
    const entry = (address: string, slot: number, backend: string, flags = '') =>
      `${`${address} (${slot})`.padEnd(29)} ${backend} (20) (${slot})${flags}`;
    const table = (backends: string[]) =>
      [
        'SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)',
        ...['10.24.8.39:80/TCP', '34.72.78.182:80/TCP', '0.0.0.0:30574/TCP'].flatMap((address) => [
          entry(address, 0, '0.0.0.0:0', ' [ClusterIP, non-routable]'),
          ...backends.map((backend, index) => entry(address, index + 1, `${backend}:80/TCP`)),
        ]),
        '',
      ].join('\n');
    const checks = (backends: string[]) => {
      const text = table(backends);
      return consistencyChecks(instead('v2/l4-ebpf-service-map', text, parseOutput('cilium-bpf-lb-list', text)));
    };
    const all = ['10.20.0.15', '10.20.1.9', '10.20.1.10'];
    expect(find(checks(all), 'v2/backends')).toMatchObject({ status: 'holds' });
    expect(find(checks(all), 'v2/vip')).toMatchObject({ status: 'holds' });
    expect(find(checks(all.slice(1)), 'v2/backends')).toMatchObject({ status: 'broken' });
  });
});

test('damaged outputs are judged without an exception as long as they can be read', () => {
  const all = published();
  const damage = fc.record({
    target: fc.constantFrom(...all.map(({ key }) => key)),
    line: fc.nat(),
    how: fc.constantFrom('remove', 'double', 'digit', 'cut'),
  });
  let readable = 0;
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (damages) => {
      const subjects = [...all];
      for (const { target, line, how } of damages) {
        const index = subjects.findIndex(({ key }) => key === target);
        const subject = subjects[index] as Subject;
        const lines = subject.text.split('\n');
        const at = line % lines.length;
        const old = lines[at] ?? '';
        const fresh = {
          remove: [],
          double: [old, old],
          digit: [old.replace(/\d/, '7')],
          cut: [old.slice(0, old.length / 2)],
        };
        lines.splice(at, 1, ...fresh[how]);
        try {
          const text = lines.join('\n');
          const parsed = parseOutput(subject.parsed.format, text);
          subjects[index] = { ...subject, text, parsed };
          readable++;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }
      consistencyChecks(subjects);
      factsOf(subjects.filter(({ side }) => side === 'v1'));
      factsOf(subjects.filter(({ side }) => side === 'v2'));
    }),
    { numRuns: 500 },
  );
  expect(readable).toBeGreaterThan(500);
});

test('any part of the outputs is judged without an exception, and lacking outputs make no contradiction', () => {
  const all = published();
  fc.assert(
    fc.property(fc.subarray(all.map(({ key }) => key)), (keys) => {
      const some = all.filter(({ key }) => keys.includes(key));
      const wrong = consistencyChecks(some).filter(({ status }) => status === 'broken');
      // Without L5 and L6 nothing shows that the pods were recreated.
      expect(wrong.map(({ id }) => id).filter((id) => id !== 'v2/running-pods')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
