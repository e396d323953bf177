import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import type { Check } from '../../../src/analysis/types.ts';
import { modelOf } from '../../../src/model/model.ts';
import { worldOf } from '../../support/recordings/generate.ts';
import { outputsOf } from '../../support/recordings/outputs.ts';
import { type Edit, subjectsOf, tellingWorld } from '../../support/recordings/subjects.ts';
import { published } from '../subjects.ts';

/* Checks about outputs that the published captures lack, on worlds of which everything was recorded. */

const world = tellingWorld(
  ({ v1, v2 }) =>
    v2.drops.length > 0 &&
    v2.clients.length === 2 &&
    v2.enforcement.some(({ request }) => request.status === '200') &&
    v2.pods.length === 3 &&
    v1.pods.every(({ ready }) => ready) &&
    v2.flows.length > 3 &&
    v2.inside.maps === 'all' &&
    v2.inside.programs.length === 2 &&
    v2.podsAfter.some(({ node }) => node === v2.inspection.pod.node) &&
    v1.probes.localFailover.requests.some(({ told }) => told?.pod),
);
const { v1, v2 } = world;
const texts = outputsOf(world);
const checksOf = (...edits: Edit[]) => consistencyChecks(modelOf(subjectsOf(world, edits)));
const find = (checks: readonly Check[], id: string) => checks.find((check) => check.id === id);

const [allowed, blocked] = [v2.clients[0], v2.clients[1]];
const here = v2.podsAfter.find(({ node }) => node === v2.inspection.pod.node);
const numbers = (text: string | undefined) =>
  Number(/Allow +Ingress +(\d+)/.exec(text?.replace(/Ingress +1 /g, '') ?? '')?.[1]);
const conntracked = v1.tracked[0];
const ct = v2.tracked[0];
const backend = v1.tracked[0]?.backend.ip ?? '';
const answerer = v1.probes.localFailover.requests.find(({ told }) => told?.pod)?.told?.pod ?? '';
const row = (id: string | number, rest = '') => new RegExp(`^(${id} +)${rest}`, 'm');
const service = `${v2.service.clusterIP}:${v2.service.port}/TCP`;
const escaped = (text: string) => text.replaceAll('.', '\\.');

/** For each check, edits of which each must break it. */
const breaking: Record<string, Edit[]> = {
  'v2/agent-map': [
    ['v2/l4-ebpf-lb-map', new RegExp(`^${escaped(service)} \\(1\\) .*\\n`, 'm'), ''],
    ['v2/l4-ebpf-lb-map', new RegExp(`(^${escaped(service)} \\(1\\) +)[\\d.]+`, 'm'), '$1198.18.0.1'],
    ['v2/l4-ebpf-lb-map', new RegExp(`^${escaped(service)} .*\\n`, 'gm'), ''],
    ['v2/l4-ebpf-service-map', new RegExp(`${escaped(service)} `), '198.18.0.2:80/TCP '],
  ],
  'v1/tracked': [
    ['v1/l6-cluster-mode-conntrack', `src=${backend} dst=`, 'src=198.18.0.3 dst='],
    ['v1/l6-cluster-mode-conntrack', `src=${backend} dst=`, `src=${conntracked?.frontend.ip} dst=`],
    ['v1/l6-cluster-mode-conntrack', new RegExp(`(src=${escaped(backend)} .*?sport=)\\d+`), '$19'],
  ],
  'v2/tracked': [
    ['v2/l6-cluster-mode-ct', new RegExp(`(TCP OUT .* -> )${escaped(ct?.backend.ip ?? '')}:`), '$1198.18.0.3:'],
  ],
  'v2/programs': [
    ['v2/l5-pod-programs', row(`${v2.inside.programs[0]?.id}:`), '999: '],
    ['v2/l5-pod-programs', `name ${v2.inside.programs[0]?.name} `, 'name another_one '],
    ['v2/l5-pod-attachments', `prog_id ${v2.inside.programs[1]?.id} `, 'prog_id 998 '],
  ],
  'v1/answering-pods': [
    ['v1/l6-local-failover', `pod=${answerer} `, 'pod=web-7d4f9bcd58-abcde '],
    ['v1/l6-local-failover', `pod=${answerer} `, `pod=${answerer.replace(/.{5}$/, 'xxxxx')} `],
    ['v1/l6-cluster-mode', /pod=[a-z0-9-]+ /, 'pod=web-7d4f9bcd58-abcde '],
  ],
  'v2/flow-forms': [
    ['v2/l7-hubble-observe-json', /"verdict":"FORWARDED"/g, '"verdict":"DROPPED"'],
    ['v2/l7-hubble-observe-json', new RegExp(`"identity":${v2.identity},`, 'g'), '"identity":9,'],
  ],
  'v2/ipcache': [
    ['v2/l8-ipcache', `identity=${v2.identity} `, 'identity=9 '],
    ['v2/l8-ipcache', new RegExp(`^${escaped(blocked?.ip ?? '')}/32 .*\\n`, 'm'), ''],
    ['v2/l8-identities', new RegExp(` ${blocked?.identity} `), ` ${allowed?.identity} `],
  ],
  'v2/endpoint-identities': [['v2/l8-endpoints', ` ${v2.identity} `, ` ${String(v2.identity + 1)} `]],
  'v2/enforced': [
    ['v2/l8-endpoints', /Enabled {2}/, 'Disabled '],
    ['v2/l8-endpoints', /Enabled {12}/, 'Disabled (Audit)   '],
  ],
  'v2/policy-endpoint': [
    ['v2/l8-endpoints', String(v2.endpoint), '9'.repeat(String(v2.endpoint).length)],
    ['v2/l8-policy-map-numeric', `Endpoint ID: ${v2.endpoint}\n`, 'Endpoint ID: 9999\n'],
  ],
  'v2/denied-identities': [
    ['v2/l8-policy-map-numeric', / 1 {2}/g, ` ${blocked?.identity} `],
    ['v2/l8-hubble-drop', new RegExp(`ID:${blocked?.identity}`, 'g'), `ID:${allowed?.identity}`],
  ],
};

test('in that world every check holds that compares', () => {
  const checks = checksOf();
  expect(checks.filter(({ status }) => status === 'broken')).toEqual([]);
  for (const id of Object.keys(breaking))
    expect({ id, status: find(checks, id)?.status }).toEqual({ id, status: 'holds' });
  expect(numbers(texts.get('v2/l8-policy-map-numeric'))).toBe(allowed?.identity);
  expect(here).toBeDefined();
});

describe('each check breaks', () => {
  for (const [id, edits] of Object.entries(breaking)) {
    test.each(edits.map((edit, index) => [index + 1, edit] as const))(`${id}, edit %i`, (_number, edit) => {
      const check = find(checksOf(edit), id);
      expect({ status: check?.status, why: check?.why }).toMatchObject({ status: 'broken' });
      expect(check?.evidence.length).toBeGreaterThan(0);
    });
  }
  test('none is left out', () => {
    const usual = new Set(consistencyChecks(modelOf(published)).map(({ id }) => id.slice(3)));
    const besides = new Set(checksOf().flatMap(({ id }) => (usual.has(id.slice(3)) ? [] : [id.slice(3)])));
    expect(new Set(Object.keys(breaking).map((id) => id.slice(3)))).toEqual(besides);
  });
});

/** For each check, outputs without which it is not listed, and others without which it cannot compare. */
const needs: Record<string, { listed: RegExp; compared: RegExp }> = {
  'agent-map': { listed: /lb-map/, compared: /service-map/ },
  tracked: { listed: /conntrack|-ct$/, compared: /l1-|l3-/ },
  programs: { listed: /pod-(?:attachments|programs)/, compared: /pod-programs/ },
  'answering-pods': { listed: /l6-(?:cluster|local)/, compared: /l[158]-|asymmetric/ },
  'flow-forms': { listed: /observe-json/, compared: /observe$|drop/ },
  ipcache: { listed: /ipcache/, compared: /identities/ },
  'endpoint-identities': { listed: /endpoints$/, compared: /identities/ },
  enforced: { listed: /l8-endpoints$/, compared: /l8-policy$/ },
  'policy-endpoint': { listed: /l8-endpoints$/, compared: /l1-service-detail/ },
  'denied-identities': { listed: /numeric/, compared: /drop/ },
};

describe('a check about what need not be recorded', () => {
  const without = (missing: RegExp) =>
    consistencyChecks(modelOf(subjectsOf(world).filter(({ key }) => !missing.test(key))));
  test.each(Object.entries(needs))(
    '%s is not listed without it, and compares nothing alone',
    (id, { listed, compared }) => {
      expect(without(listed).filter((check) => check.id.endsWith(`/${id}`))).toEqual([]);
      for (const check of without(compared).filter((one) => one.id.endsWith(`/${id}`))) {
        expect({ id: check.id, status: check.status, why: check.why }).toMatchObject({ status: 'not-comparable' });
        expect(check.why).toMatch(/^(no|only|v\d)/);
      }
    },
  );
  test('is listed nowhere for the published captures', () => {
    const ids = consistencyChecks(modelOf(published)).map(({ id }) => id.slice(3));
    expect(ids.filter((id) => id in needs)).toEqual([]);
    expect(Object.keys(needs).sort()).toEqual([...new Set(Object.keys(breaking).map((id) => id.slice(3)))].sort());
  });
});

test('no world contradicts itself', () => {
  const wrong = Array.from({ length: 150 }, (_, index) => worldOf(index + 1)).flatMap((one, index) =>
    consistencyChecks(modelOf(subjectsOf(one)))
      .filter(({ status }) => status === 'broken')
      .map(({ id, why }) => `world ${index + 1}: ${id}: ${why}`),
  );
  expect(wrong).toEqual([]);
});
