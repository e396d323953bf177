import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import type { Check } from '../../src/analysis/types.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { type Edit, published } from './edited-outputs.ts';
import { recordedV1 } from './recorded-outputs.ts';

const find = (checks: Check[], id: string) => checks.find((check) => check.id === id) as Check;
const statuses = (subjects: Subject[]) =>
  consistencyChecks(modelOf(subjects)).map(({ id, status }) => `${status} ${id}`);
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

test('every piece of evidence stands where it says', () => {
  const subjects = published();
  for (const check of consistencyChecks(modelOf(subjects))) {
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
    ['v2/l8-policy-map', /^Allow {4}Ingress {5}k8s[\s\S]*frontend.*\n/m, ''],
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
    ['v2/l8-hubble-drop', 'client-blocked:42222', 'client-allowed:42222'],
    ['v2/l8-hubble-drop', 'nginx-bb6b8c496-vc6pj', 'web-bb6b8c496-vc6pj'],
    ['v2/l8-enforcement', 'HTTP 000', 'HTTP 200'],
  ],
};
/** As many replicas as before, and no pod that is gone. */
const unscaled = () =>
  published(['v2/l6-local-asymmetric', 'replicas=1', 'replicas=3']).filter(({ key }) => key !== 'v2/l5-pod-interface');
/** In the published outputs these are of another epoch or lack an output; they break once they can be compared. */
const breakingElsewhere: Record<string, () => Subject[]> = {
  'v2/running-pods': unscaled,
  'v1/counted-rules': () =>
    recordedV1(['v1/l6-cluster-mode-counters-after', /\[\d+:\d+\](?= -A KUBE-SEP-A+ -s)/, '[5:300]']),
};

describe('each check breaks', () => {
  for (const [id, edits] of Object.entries(breaking)) {
    test.each(edits.map((edit, index) => [index + 1, edit] as const))(`${id}, edit %i`, (_number, edit) => {
      const check = find(consistencyChecks(modelOf(published(edit))), id);
      expect({ status: check.status, why: check.why }).toMatchObject({ status: 'broken' });
      expect(check.evidence.length).toBeGreaterThan(0);
    });
  }
  for (const [id, change] of Object.entries(breakingElsewhere)) {
    test(id, () => expect(find(consistencyChecks(modelOf(change())), id).status).toBe('broken'));
  }
  test('no check is left out', () => {
    const tested = new Set([...Object.keys(breaking), ...Object.keys(breakingElsewhere)].map((id) => id.slice(3)));
    const all = new Set(consistencyChecks(modelOf(published())).map(({ id }) => id.slice(3)));
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
    for (const check of consistencyChecks(modelOf(rest)).filter((one) => one.id.endsWith(`/${id}`))) {
      expect({ id: check.id, status: check.status }).toEqual({ id: check.id, status: 'not-comparable' });
      expect(check.why).toMatch(/^(no|only|v\d)/);
    }
  });
  test('a side without outputs has no checks', () => {
    expect(consistencyChecks(modelOf([]))).toEqual([]);
    expect(
      new Set(consistencyChecks(modelOf(published().filter(({ side }) => side === 'v2'))).map(({ side }) => side)),
    ).toEqual(new Set(['v2']));
  });
});

describe('epochs', () => {
  test('without a sign of recreated pods a difference is a contradiction', () => {
    const edit: Edit = ['v2/l8-identities', '10.20.0.15', '10.20.0.16'];
    expect(find(consistencyChecks(modelOf(published(edit))), 'v2/running-pods').status).toBe('not-comparable');
    const check = find(consistencyChecks(modelOf(unscaled())), 'v2/running-pods');
    expect(check.status).toBe('broken');
    expect(check.why).toMatchInlineSnapshot(
      `"the pods in v2/l8-identities, compared with ENDPOINTS of the EndpointSlice in v2/l3-endpointslice: 10.20.1.9 and 10.20.1.10 missing, 10.20.1.11 and 10.20.1.12 besides"`,
    );
  });
  test('where no output tells whether pods were recreated, a difference is none', () => {
    const rest = published().filter(({ key }) => !/l[56]-/.test(key));
    const { status, why } = find(consistencyChecks(modelOf(rest)), 'v2/running-pods');
    expect({ status, why }).toMatchInlineSnapshot(`
      {
        "status": "not-comparable",
        "why": "the pods in v2/l8-identities, compared with ENDPOINTS of the EndpointSlice in v2/l3-endpointslice: 10.20.1.9 and 10.20.1.10 missing, 10.20.1.11 and 10.20.1.12 besides: no output in between tells of the replicas; 10.20.0.15 is in both",
      }
    `);
    const list = 'NAME                    READY   IP\nnginx-bb6b8c496-w8kkn   1/1     10.20.0.16\n';
    const near = published().map((subject) =>
      subject.key === 'v2/l3-nodeport'
        ? { ...subject, text: list, parsed: parseOutput('kubectl-table', list) }
        : subject,
    );
    expect(find(consistencyChecks(modelOf(near)), 'v2/running-pods').status).toBe('broken');
  });
  test('one sign is enough', () => {
    for (const left of [/l5-pod-interface/, /l6-local-asymmetric/]) {
      const rest = published().filter(({ key }) => !left.test(key));
      const check = find(consistencyChecks(modelOf(rest)), 'v2/running-pods');
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
    expect(find(consistencyChecks(modelOf(rescaled)), 'v2/left-pod')).toMatchObject({ status: 'holds' });
    const rest = published(edit).filter(({ key }) => !/l1-service-detail|l3-endpoint/.test(key));
    expect(find(consistencyChecks(modelOf(rest)), 'v2/left-pod')).toMatchObject({ status: 'holds' });
  });
  test('the same pods in all layers are compared', () => {
    const rest = published(
      ['v2/l8-identities', '10.20.1.11', '10.20.1.9 '],
      ['v2/l8-identities', '10.20.1.12', '10.20.1.10'],
    );
    expect(find(consistencyChecks(modelOf(rest)), 'v2/running-pods').status).toBe('holds');
  });
  test('a scaling between L3 and L4 does not excuse the dataplane, because there is none', () => {
    const check = find(
      consistencyChecks(modelOf(published(['v2/l4-ebpf-service-map', /10\.20\.1\.9:80/g, '10.20.1.11:80']))),
      'v2/backends',
    );
    expect(check.status).toBe('broken');
  });
});
