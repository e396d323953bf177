import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { compareAll } from '../../src/analysis/compare.ts';
import { factsOf } from '../../src/analysis/drift/facts.ts';
import { findingsOf } from '../../src/analysis/findings.ts';
import { policyMatrix } from '../../src/analysis/policy-matrix.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import { flowsOf } from '../../src/model/connections.ts';
import { type Model, modelOf, type SideModel } from '../../src/model/model.ts';
import type { NodeFacts } from '../../src/model/nodes.ts';
import type { PodFacts } from '../../src/model/pods.ts';
import { probeRows } from '../../src/model/probes.ts';
import type { ServiceFacts } from '../../src/model/service.ts';
import { type SideId, sideIds } from '../../src/recipe/schema.ts';
import { recipe } from '../analysis/committed.ts';
import { type Edit, published, publishedEverywhere } from '../analysis/edited-outputs.ts';

/*
 * One fact, one reader: an output is changed so that a fact changes. With the other recording's fact in the model and its
 * own texts, everything that follows from the fact says what it says of the other recording.
 */

/**
 * What follows from a model: roles, checks, findings, remarks of the comparison, matrix, timeline, sequence, and drift, apart
 * from plain fields and without most places.
 */
function answers(model: Model): Record<string, string> {
  const roles = Map.groupBy(roleValues(model), ({ side, role }) => `role ${side}/${role}`);
  const findings = findingsOf({ model, rows: [] });
  const drifts = sideIds.flatMap((side) =>
    factsOf(model.sides[side]).map(({ area, what, capture, value }) => [area, `${side} ${capture} ${what}`, value]),
  );
  const matrix = policyMatrix(model, 'v2');
  return Object.fromEntries([
    ...[...roles].map(([name, values]) => [
      name,
      values.map(({ value, how, counterpart }) => [value, how, counterpart].join()).join('; '),
    ]),
    ...consistencyChecks(model).map(({ id, status, why }) => [`check ${id}`, `${status}: ${why}`]),
    ...drifts.flatMap(([area, what, value]) => (area === 'fields' ? [] : [[`drift ${what}`, value]])),
    ...findings.map((finding) => {
      const { kind, about, places: _places, ...told } = finding;
      return [`finding ${about.side}/${about.layer}-${about.row} ${kind}`, JSON.stringify(told)];
    }),
    [
      'matrix',
      matrix.captured
        ? JSON.stringify([
            matrix.target,
            matrix.rows.map(({ source, cells }) => [source.identity, cells.map(({ verdict, why }) => [verdict, why])]),
          ])
        : '',
    ],
    ['remarks', JSON.stringify(compareAll(model, recipe.layers).rows.map(({ row, notes }) => [row, notes]))],
    ['timeline', JSON.stringify(probeRows(model))],
    ['sequence', JSON.stringify(flowsOf(model))],
  ]);
}

/** What two answers tell differently. */
function differing(one: Record<string, string>, other: Record<string, string>): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => one[key] !== other[key]).sort();
}

/** The texts of one recording with facts of another. */
function withFacts(model: Model, side: SideId, facts: Partial<SideModel>): Model {
  return { ...model, sides: { ...model.sides, [side]: { ...model.sides[side], ...facts } } };
}

const one = modelOf(published());
const usual = answers(one);

interface Case {
  /** Changes the one fact. */
  edit: Edit;
  /** Something that has to follow from it. */
  follows: string[];
}

/** Substitutes the facts both ways; everything has to follow the model. */
function follow(part: 'service' | 'pods' | 'nodes', fact: string, { edit, follows }: Case): void {
  const side: SideId = edit[0].startsWith('v1') ? 'v1' : 'v2';
  const other = modelOf(published(edit));
  const changed = answers(other);
  const [own, others] = [one.sides[side][part], other.sides[side][part]];
  const values = (facts: object) => JSON.stringify((facts as Record<string, unknown>)[fact], [...SHOWN]);
  expect(values(own)).not.toBe(values(others));
  expect(differing(usual, changed)).toEqual(expect.arrayContaining(follows));
  expect(differing(answers(withFacts(one, side, { [part]: others })), changed)).toEqual([]);
  expect(differing(answers(withFacts(other, side, { [part]: own })), usual)).toEqual([]);
}

/** Of a fact, what tells two of them apart. */
const SHOWN = ['value', 'values', 'name', 'how', 'port', 'more', 'pod', 'ip', 'node', 'identity', 'by', 'namespace'];

const service: Record<Exclude<keyof ServiceFacts, 'service'>, Case> = {
  clusterIp: {
    edit: ['v1/l1-service-ips', '10.24.9.186', '10.24.9.187'],
    follows: ['check v1/cluster-ip', 'role v1/cluster-ip'],
  },
  vip: {
    edit: ['v1/l1-service-ips', '136.64.249.50', '136.64.249.51'],
    follows: ['check v1/vip', 'role v1/vip'],
  },
  forwarded: { edit: ['v1/l1-gce-forwarding-rule', '136.64.249.50', '136.64.249.51'], follows: ['check v1/vip'] },
  forwardingRule: { edit: ['v1/l1-gce-forwarding-rule', '\nac97', '\nbc97'], follows: ['role v1/forwarding-rule'] },
  nodePort: { edit: ['v1/l1-service-ips', '31057', '31058'], follows: ['check v1/node-port', 'role v1/node-port'] },
  port: { edit: ['v1/l1-service-detail', '<unset>  80/TCP', '<unset>  81/TCP'], follows: ['check v1/service-port'] },
  targetPort: {
    edit: ['v2/l1-service-detail', 'TargetPort:               80', 'TargetPort:               8080'],
    follows: ['check v2/listening-port', 'check v2/flow-port'],
  },
  pool: { edit: ['v1/l2-target-pool', 'name: ac97', 'name: bc97'], follows: ['check v1/forwarding-rule'] },
  madeFor: { edit: ['v1/l2-target-pool', 'netflow-test/nginx', 'netflow-test/web'], follows: ['check v1/made-for'] },
  selector: {
    edit: ['v2/l1-service-detail', 'app=nginx', 'app=web'],
    follows: ['check v2/policy-selector'],
  },
  age: { edit: ['v1/l1-service-ips', '50m', '51m'], follows: ['finding v1/l1-service-ips service-age'] },
  externalPolicy: {
    edit: ['v1/l1-service-detail', 'External Traffic Policy:  Cluster', 'External Traffic Policy:  Local'],
    follows: ['finding v1/l1-service-detail external-policy'],
  },
  endpoints: {
    edit: ['v1/l1-service-detail', '10.20.0.9:80', '10.20.0.9:81'],
    follows: ['check v1/endpoints-agree', 'check v1/backends'],
  },
  endpointIps: {
    edit: ['v1/l3-endpointslice', ',10.20.0.9', ''],
    follows: ['finding v1/l3-endpointslice endpoints-listed'],
  },
};

const pods: Record<Exclude<keyof PodFacts, 'replicaSets' | 'workloads'>, Case> = {
  seen: {
    edit: ['v1/l5-pod-interface', 'inet 10.20.0.9', 'inet 10.20.0.7'],
    follows: ['check v1/inspected-pod', 'role v1/pod-ip'],
  },
  identified: {
    edit: ['v2/l8-identities', '18565      10.20.1.12', '18566      10.20.1.12'],
    follows: ['check v2/shared-identity', 'check v2/identities', 'role v2/identity', 'matrix'],
  },
  listening: {
    edit: ['v1/l5-pod-interface', '00000000:0050', '00000000:1F90'],
    follows: ['check v1/listening-port', 'finding v1/l5-pod-interface pod-sockets'],
  },
  replicas: { edit: ['v2/l6-local-asymmetric', 'replicas=1', 'replicas=2'], follows: ['check v2/running-pods'] },
};

const nodes: Record<Exclude<keyof NodeFacts, 'addresses'>, Case> = {
  listed: { edit: ['v1/l6-local-asymmetric', /^node\/.*wvbv\n?/m, ''], follows: ['check v1/nodes'] },
  named: {
    edit: ['v1/l2-target-pool', /^- .*wvbv\n/m, ''],
    follows: ['finding v1/l2-target-pool pool-nodes', 'role v1/node'],
  },
};

describe.each([
  ['service', service],
  ['pods', pods],
  ['nodes', nodes],
] as const)('model.%s', (part, cases) => {
  test.each(Object.entries(cases))('%s', (fact, { edit, follows }) => follow(part, fact, { edit, follows }));
});

const traffic: Record<'probes' | 'flows' | 'policies' | 'policyMaps' | 'hubble', { edits: Edit[]; follows: string[] }> =
  {
    probes: {
      edits: [
        ['v2/l6-local-failover', '16: HTTP 000 (time 0.05', '16: HTTP 200 (time 0.95'],
        ['v2/l8-enforcement', 'HTTP 000', 'HTTP 200'],
      ],
      follows: [
        'check v2/enforcement',
        'finding v2/l6-local-failover probe-answered',
        'drift v2 v2/l6-local-failover answered',
        'matrix',
        'remarks',
        'timeline',
      ],
    },
    flows: {
      edits: [
        ['v2/l8-hubble-drop', 'Policy denied DROPPED', 'to-endpoint FORWARDED'],
        ['v2/l7-hubble-observe', /(162\.195\.118\.115:60598) \(world\)/g, '$1 (other)'],
      ],
      follows: [
        'check v2/drops',
        'drift v2 v2/l8-hubble-drop netflow-test/client-blocked <> netflow-test/nginx to-endpoint FORWARDED',
        'matrix',
        'role v2/client-ip',
        'sequence',
      ],
    },
    policies: {
      edits: [['v2/l8-policy', 'role: frontend', 'role: backend']],
      follows: ['check v2/enforcement', 'check v2/policy-map', 'matrix'],
    },
    policyMaps: {
      edits: [['v2/l8-policy-map', 'k8s:role=frontend', 'k8s:role=backend ']],
      follows: ['check v2/enforcement', 'check v2/policy-map', 'matrix'],
    },
    hubble: {
      edits: [['v2/l7-hubble-status', '2/2', '2/3']],
      follows: ['check v2/hubble-nodes'],
    },
  };

test.each(Object.entries(traffic))('model.%s', (part, { edits, follows }) => {
  const other = modelOf(published(...edits));
  const [own, others] = [one, other].map((model) => model.sides.v2[part as keyof typeof traffic]);
  const changed = answers(other);
  // Drift compares the fields of a manifest, a policy's too, as they stand.
  const differ = (a: Record<string, string>, b: Record<string, string>) =>
    differing(a, b).filter((key) => !key.startsWith('drift v2 v2/l8-policy '));
  expect(differ(usual, changed)).toEqual(expect.arrayContaining(follows));
  expect(differ(answers(withFacts(one, 'v2', { [part]: others })), changed)).toEqual([]);
  expect(differ(answers(withFacts(other, 'v2', { [part]: own })), usual)).toEqual([]);
});

test('the replica sets and workloads behind the Service', () => {
  const other = modelOf(publishedEverywhere((text) => text.replaceAll('nginx-bb6b8c496', 'web-7d4f9bcd58')));
  const { replicaSets, workloads } = other.sides.v2.pods;
  expect([...replicaSets, ...workloads]).toEqual(['web-7d4f9bcd58', 'web']);
  const changed = answers(withFacts(one, 'v2', { pods: { ...one.sides.v2.pods, replicaSets, workloads } }));
  expect(changed['check v2/drops']).toContain('is no pod of the Service');
  expect(changed['check v2/running-pods']).toContain('no output lists the pods of the Service');
  expect(differing(usual, changed)).toContain('role v2/pod-ip');
});

test('the name of the traced Service', () => {
  const other = modelOf(publishedEverywhere((text) => text.replaceAll('netflow-test', 'shop')));
  const { service: name } = other.sides.v1.service;
  expect(name).toEqual({ namespace: 'shop', name: 'nginx' });
  const changed = answers(withFacts(one, 'v1', { service: { ...one.sides.v1.service, service: name } }));
  expect(differing(usual, changed).filter((key) => key.startsWith('drift'))).not.toEqual([]);
  const told = answers(withFacts(one, 'v1', { service: other.sides.v1.service }));
  expect(told['role v1/cluster-ip']).toBe(usual['role v1/cluster-ip']);
  expect(told['check v1/made-for']).toContain('shop/nginx');
});
