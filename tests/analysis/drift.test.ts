import { describe, expect, test } from 'vitest';
import { compareAll } from '../../src/analysis/compare.ts';
import { type Change, drift, environmentOf, type Recording } from '../../src/analysis/drift.ts';
import { sha256 } from '../../src/captures/file.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { driftText } from '../../src/wording/drift-text.ts';
import { recipe } from './committed.ts';
import { type Edit, published, publishedEverywhere } from './edited-outputs.ts';

function recording(side: SideId, subjects: Subject[], more: Partial<Recording> = {}): Recording {
  const own = subjects.filter((subject) => subject.side === side);
  return {
    side,
    name: 'a recording',
    subjects: own,
    unread: new Map(),
    digests: new Map(own.map(({ key, text }) => [key, sha256(Buffer.from(text))])),
    environment: new Map(),
    ...more,
  };
}

const changesOf = (side: SideId, ...edits: Edit[]): string[] =>
  drift(recording(side, published()), recording(side, published(...edits))).changes.map(
    ({ area, what, before, after }: Change) => `${area}: ${what}: ${before} → ${after}`,
  );

describe('what changed in meaning', () => {
  test('a rule less', () => {
    expect(changesOf('v1', ['v1/l4-iptables-nat', /^-A KUBE-SEP-X4MLFZ67G53NH3PU -p.*\n/m, ''])).toMatchInlineSnapshot(`
      [
        "rules: rules: 79 → 78",
        "rules: rules of netflow-test/nginx: 16 → 15",
        "backends: endpoints of netflow-test/nginx: 3 → 2",
        "backends: backends of netflow-test/nginx by NodePort: 3 → 2",
        "backends: backends of netflow-test/nginx by ClusterIP: 3 → 2",
        "backends: backends of netflow-test/nginx by external address: 3 → 2",
        "checks: Every frontend of the Service leads to all of its endpoints: holds → broken",
        "checks: Each endpoint chain marks, rewrites to and is named after one and the same pod: holds → broken",
      ]
    `);
  });
  test('a backend less', () => {
    expect(
      changesOf('v2', ['v2/l4-ebpf-service-map', /( +2 => 10\.20\.1\.9:80\/TCP .*\n)/g, '']),
    ).toMatchInlineSnapshot(`
      [
        "backends: backends of all frontends: 22 → 19",
        "backends: backends of netflow-test/nginx by NodePort: 3 → 2",
        "backends: backends of netflow-test/nginx by ClusterIP: 3 → 2",
        "backends: backends of netflow-test/nginx by external address: 3 → 2",
        "checks: Every frontend of the Service leads to all of its endpoints: holds → broken",
      ]
    `);
  });
  test('a field of the Service', () => {
    const edit: Edit = ['v1/l1-service-detail', 'Traffic Policy:  Cluster', 'Traffic Policy:  Local'];
    expect(changesOf('v1', edit)).toMatchInlineSnapshot(`
      [
        "fields: External Traffic Policy: Cluster → Local",
      ]
    `);
  });
  test('outcome and times of a probe', () => {
    expect(
      changesOf(
        'v2',
        ['v2/l6-local-failover', '16: HTTP 000 (time 0.055071s)', '16: HTTP 200 (time 0.103000s)'],
        ['v2/l6-cluster-mode', 'time 5.105150s', 'time 0.105150s'],
      ),
    ).toMatchInlineSnapshot(`
      [
        "probes: longest time of an answer: 5.11 s → 1.12 s",
        "probes: answered: 9 of 20 → 10 of 20",
        "probes: not answered: 1, 2, 3, 5, 6, 8, 9, 10, 13, 14, 16 → 1, 2, 3, 5, 6, 8, 9, 10, 13, 14",
      ]
    `);
  });
  test('whom the policy lets in', () => {
    expect(
      changesOf(
        'v2',
        ['v2/l8-policy-map', 'k8s:role=frontend', 'k8s:role=backend'],
        ['v2/l8-policy', 'role: frontend', 'role: backend'],
      ),
    ).toMatchInlineSnapshot(`
      [
        "policy: spec / ingress / from / podSelector / matchLabels / role: frontend → backend",
        "policy: Ingress k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=netflow-test k8s:io.cilium.k8s.policy.serviceaccount=default k8s:io.kubernetes.pod.namespace=netflow-test k8s:role=frontend ANY: Allow → undefined",
        "policy: Ingress k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=netflow-test k8s:io.cilium.k8s.policy.serviceaccount=default k8s:io.kubernetes.pod.namespace=netflow-test k8s:role=backend ANY: undefined → Allow",
        "checks: Clients the policy allows are answered, the others are not: holds → broken",
      ]
    `);
  });
  test('a client that was refused gets through', () => {
    expect(
      changesOf(
        'v2',
        ['v2/l8-enforcement', 'HTTP 000', 'HTTP 200'],
        ['v2/l8-hubble-drop', /Policy denied DROPPED/g, 'to-endpoint FORWARDED'],
      ),
    ).toMatchInlineSnapshot(`
      [
        "probes: client-blocked (role=other) to nginx: no answer → HTTP 200",
        "flows: netflow-test/client-blocked <> netflow-test/nginx Policy denied DROPPED: seen → undefined",
        "flows: netflow-test/client-blocked <> netflow-test/nginx to-endpoint FORWARDED: undefined → seen",
        "checks: Clients the policy allows are answered, the others are not: holds → broken",
      ]
    `);
  });
  test('nodes Hubble knows', () => {
    expect(changesOf('v2', ['v2/l7-hubble-status', '2/2', '2/3'])).toMatchInlineSnapshot(`
      [
        "fields: knownNodes: 2 → 3",
        "checks: Hubble is connected to all the nodes there are: holds → broken",
      ]
    `);
  });
  test('the environment', () => {
    const run = (server: string, kernel: string) =>
      environmentOf(
        `run: "r1"\nstarted: "2026-01-01"\nserver: "${server}"\nnodes:\n  - name: "n1"\n    kernel: "${kernel}"\n`,
      );
    const before = recording('v1', published(), { environment: run('v1.30', '6.1') });
    const after = recording('v1', published(), { environment: run('v1.31', '6.6') });
    expect(driftText(drift(before, after))).toMatchInlineSnapshot(`
      "V1: from a recording to a recording
        environment
          server: v1.30 → v1.31
          nodes kernel: 6.1 → 6.6
        2 changes in meaning; 0 of 15 outputs differ in their bytes.
      "
    `);
  });
  test('a verdict, by the side that changed', () => {
    const edit: Edit = ['v1/l1-service-detail', 'Traffic Policy:  Cluster', 'Traffic Policy:  Local'];
    const verdicts = (...edits: Edit[]) => compareAll(modelOf(published(...edits)), recipe.layers).layers;
    const [then, now] = [{ verdicts: verdicts() }, { verdicts: verdicts(edit) }];
    expect(
      driftText(drift(recording('v1', published(), then), recording('v1', published(edit), now))),
    ).toMatchInlineSnapshot(`
      "V1: from a recording to a recording
        fields
          v1/l1-service-detail: External Traffic Policy: Cluster → Local
        checks
          verdict on L1: identical → diverges
        2 changes in meaning; 1 of 15 outputs differ in their bytes.
      "
    `);
    expect(drift(recording('v2', published(), then), recording('v2', published(edit), now)).changes).toEqual([]);
  });
  test('a verdict that only one recording knows is no change of it', () => {
    const edit: Edit = ['v1/l1-service-ips', '50m', '51m'];
    const known = { verdicts: compareAll(modelOf(published()), recipe.layers).layers };
    for (const [then, now] of [
      [known, {}],
      [{}, known],
      [known, { verdicts: known.verdicts.slice(1) }],
    ])
      expect(drift(recording('v1', published(), then), recording('v1', published(edit), now)).changes).toEqual([]);
  });
  test('outputs that come, go, and cannot be read; what follows from that is not told again', () => {
    const before = recording(
      'v1',
      published().filter(({ key }) => key !== 'v1/l3-nodeport'),
    );
    const rest = published().filter(({ key }) => key !== 'v1/l6-local-converged' && key !== 'v1/l6-cluster-mode');
    const after = recording('v1', rest);
    const digests = new Map([...after.digests, ['v1/l6-cluster-mode', 'x']]);
    const unread = new Map([['v1/l6-cluster-mode', 'line 3: expected a request\u001b[31m']]);
    const text = driftText(drift(before, { ...after, digests, unread }));
    expect(text).not.toContain('\u001b');
    expect(text).toMatchInlineSnapshot(`
      "V1: from a recording to a recording
        outputs
          v1/l6-cluster-mode: there → cannot be read: line 3: expected a request\\u{1b}[31m
          v1/l6-local-converged: there → nothing
          v1/l3-nodeport: nothing → there
        3 changes in meaning; 1 of 13 outputs differ in their bytes.
      "
    `);
  });
});

describe('values that the model reads as no fact of its own', () => {
  test('are compared as the sides are: a list with a member less, one with a member more', () => {
    expect(
      changesOf(
        'v1',
        ['v1/l3-endpoints', /,10\.20\.1\.13:80/, ''],
        ['v1/l5-pod-serves', /<title>.*<\/title>/, '<title>Another page</title>'],
      ).filter((change) => change.startsWith('fields')),
    ).toMatchInlineSnapshot(`
      [
        "fields: nginx / ENDPOINTS / ip: 10.20.1.13 → undefined",
        "fields: nginx / ENDPOINTS / port: 80 → undefined",
        "fields: line: <title>Welcome to nginx!</title> → <title>Another page</title>",
      ]
    `);
  });
});

describe('what did not', () => {
  const everywhere: Record<string, (text: string) => string> = {
    nothing: (text) => text,
    'other addresses': (text) =>
      text.replaceAll('10.20.', '10.77.').replaceAll('10.24.', '10.88.').replaceAll('136.64.249.50', '198.51.100.7'),
    'other node ports': (text) => text.replaceAll('31057', '32001').replaceAll('30574', '32002'),
    'other hashes and names of pods and nodes': (text) =>
      text
        .replaceAll('bb6b8c496', '7d4f9bcd58')
        .replaceAll('c7a308a6', '01234567')
        .replaceAll('a62dd7d5', '89abcdef')
        .replaceAll('ac973ff85436744bfa586378db41283e', 'a0000000000000000000000000000000'),
    'other ages': (text) =>
      text
        .replaceAll(/\b50m\b/g, '3d')
        .replaceAll(/\b47s\b/g, '9s')
        .replaceAll(/\b50s\b/g, '8h'),
    'other identities': (text) =>
      text.replaceAll('18565', '41234').replaceAll('51014', '1111').replaceAll('6385', '70001'),
    'times a little longer': (text) =>
      text.replaceAll(/time (\d+)\.(\d)/g, (_all, whole, tenth) => `time ${whole}.${tenth}3`),
    'other times of flows': (text) => text.replaceAll('Jul  2 15:03', 'Aug 12 09:41'),
  };
  for (const side of ['v1', 'v2'] as const)
    test.each(Object.entries(everywhere))(`${side}: %s`, (_name, replace) => {
      const { changes } = drift(recording(side, published()), recording(side, publishedEverywhere(replace)));
      expect(changes).toEqual([]);
    });
  test('the order of endpoints, of pods and of rules of other chains', () => {
    expect(
      changesOf('v1', ['v1/l3-endpointslice', '10.20.1.13,10.20.0.8,10.20.0.9', '10.20.0.8,10.20.1.13,10.20.0.9']),
    ).toEqual([]);
    expect(changesOf('v2', ['v2/l8-identities', /^(nginx.*\n)(nginx.*\n)/m, '$2$1'])).toEqual([]);
  });
  test('it says how many outputs differ in their bytes all the same', () => {
    const after = recording('v2', published(['v2/l1-service-ips', '47s', '48s']));
    expect(driftText(drift(recording('v2', published()), after))).toMatchInlineSnapshot(`
      "V2: from a recording to a recording
        Nothing changed in meaning; 1 of 22 outputs differ in their bytes.
      "
    `);
  });
});

test('an environment is flat text; names and times of the recording are left out', () => {
  const source = `run: "r"
started: "2026-01-01T00:00:00Z"
server: "1.30"
addons:
  networkPolicy: disabled
nodes:
  - { name: "a", kernel: "6.1", zone: "z-a" }
  - { name: "b", kernel: "6.1", zone: "z-b" }
workload: [ "nginx:1.27" ]
`;
  expect(Object.fromEntries(environmentOf(source))).toMatchInlineSnapshot(`
    {
      "addons networkPolicy": "disabled",
      "nodes count": "2",
      "nodes kernel": "6.1",
      "nodes zone": "z-a, z-b",
      "server": "1.30",
      "workload": "nginx:1.27",
      "workload count": "1",
    }
  `);
  expect(environmentOf('a: [')).toEqual(new Map());
});
