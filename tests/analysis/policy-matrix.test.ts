import { expect, test } from 'vitest';
import { type PolicyMatrix, policyMatrix } from '../../src/analysis/policy-matrix.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { edited, published, publishedOf, subjectOf, withOthers } from './subjects.ts';

function matrixOf(subjects: readonly Subject[]): PolicyMatrix {
  const matrix = policyMatrix(modelOf(subjects), 'v2');
  if (!matrix.captured) throw new Error(matrix.why);
  return matrix;
}

/** `allowed!` observed, `allowed` predicted, `-` nothing known, for each source. */
function summary(matrix: PolicyMatrix): Record<string, string> {
  return Object.fromEntries(
    matrix.rows.map(({ source, cells }) => [
      source.id,
      cells
        .map(({ verdict, basis }) => (basis === 'none' ? '-' : `${verdict}${basis === 'observed' ? '!' : ''}`))
        .join(' '),
    ]),
  );
}

const PUBLISHED = {
  'pod/client-allowed': 'allowed allowed allowed!',
  'pod/client-blocked': 'denied denied denied!',
  'reserved/host': 'allowed allowed -',
  'reserved/remote-node': 'denied denied -',
  'reserved/world': 'denied denied -',
  'other/same-namespace': 'denied denied -',
  'other/other-namespaces': 'denied denied -',
};

test('the published policy', () => {
  const matrix = matrixOf(published);
  expect(matrix.target).toEqual({
    name: 'nginx',
    namespace: 'netflow-test',
    identity: '18565',
    port: '80',
    pods: ['nginx-bb6b8c496-2gd6m', 'nginx-bb6b8c496-vc6pj', 'nginx-bb6b8c496-w8kkn'],
  });
  expect(matrix.columns.map(({ kind, missing }) => [kind, missing])).toEqual([
    ['network-policy', undefined],
    ['policy-map', undefined],
    ['seen', undefined],
  ]);
  expect(summary(matrix)).toEqual(PUBLISHED);
  expect(matrix.rows.slice(0, 2).map(({ source }) => [source.identity, [...source.labels].join()])).toEqual([
    ['51014', 'role,frontend'],
    ['6385', 'role,other'],
  ]);
});

test('every cell with a verdict rests on lines that stand there', () => {
  for (const { source, cells, elsewhere } of matrixOf(published).rows) {
    for (const { basis, evidence } of cells) {
      // That a policy cannot deny the own node is the API's rule, not an output's.
      if (basis !== 'none' && source.id !== 'reserved/host') expect(evidence.length, source.id).toBeGreaterThan(0);
    }
    for (const { capture, from, to, text } of [...elsewhere, ...cells.flatMap(({ evidence }) => evidence)]) {
      expect(
        publishedOf(capture)
          .text.split('\n')
          .slice(from - 1, to)
          .join('\n'),
      ).toBe(text);
    }
  }
});

test('flows of another layer are no observation of the policy', () => {
  const rows = matrixOf(published).rows;
  const elsewhere = (id: string) =>
    rows.find(({ source }) => source.id === id)?.elsewhere.map(({ capture, from }) => `${capture}:${from}`);
  expect(elsewhere('reserved/world')).toHaveLength(8);
  expect(elsewhere('reserved/remote-node')).toEqual(
    [8, 9, 11, 12, 13, 14, 15, 16].map((line) => `v2/l7-hubble-observe:${line}`),
  );
  expect(elsewhere('pod/client-blocked')).toEqual([]);
});

test('an entry with reserved:host and another label is the host’s', () => {
  const cells = (id: string, subjects: readonly Subject[] = published) =>
    matrixOf(subjects).rows.find(({ source }) => source.id === id)?.cells;
  const cell = (id: string, subjects?: readonly Subject[]) => cells(id, subjects)?.[1]?.why;
  expect(cell('reserved/remote-node')).toBe(
    'It is named in the entry of reserved:host, which is one identity, the host’s (1). Its own (6) has no entry in the map. No capture confirms it.',
  );
  expect(cell('reserved/host')).toBe('An Ingress entry names it.');
  expect(cell('pod/client-allowed')).toBe('An Ingress entry names it. The entry has counted 14 packets.');
  // A drop of what a node relays confirms it.
  const drop = edited(
    'v2/l8-hubble-drop',
    'hubble-flows',
    'netflow-test/client-blocked:42222 (ID:6385)',
    '10.10.0.4:42222 (remote-node)',
  );
  const after = cells('reserved/remote-node', withOthers([drop]));
  expect(after?.map(({ verdict, basis }) => `${verdict} ${basis}`)).toEqual([
    'denied predicted',
    'denied predicted',
    'denied observed',
  ]);
  expect(after?.[1]?.why).toMatch(/has no entry in the map\.$/);
});

const MAP = 'v2/l8-policy-map';

test('the API server’s identity collects labels too; another node’s own entry lets it in; world beside a block is open', () => {
  const labels = (...of: string[]) =>
    mapOf(entry('Allow', of[0] ?? ''), ...of.slice(1).map((label) => `${' '.repeat(21)}${label}`));
  expect(inMap(labels('reserved:kube-apiserver', 'reserved:remote-node'))['reserved/remote-node']).toBe('denied');
  expect(inMap(labels('reserved:remote-node'))['reserved/remote-node']).toBe('allowed');
  expect(inMap(labels('cidr:10.0.0.0/8', 'reserved:world'))['reserved/world']).toBe('unknown');
});

const HEAD = 'POLICY   DIRECTION   LABELS (source:key[=value])   PORT/PROTO   PROXY PORT   BYTES   PACKETS';
const entry = (policy: string, label: string, port = 'ANY') =>
  `${policy.padEnd(9)}Ingress     ${label.padEnd(31)}${port.padEnd(13)}NONE         -       -`;
const mapOf = (...entries: string[]) => subjectOf(MAP, 'cilium-policy-map', [HEAD, ...entries, ''].join('\n'));
const inMap = (map: Subject) =>
  Object.fromEntries(matrixOf(withOthers([map])).rows.map(({ source, cells }) => [source.id, cells[1]?.verdict]));

test('a map that lets everyone in, one that lets nobody in', () => {
  expect(new Set(Object.values(inMap(mapOf(entry('Allow', 'ANY')))))).toEqual(new Set(['allowed']));
  expect(
    new Set(Object.values(inMap(mapOf('Policy stats empty. Perhaps the policy enforcement is disabled?')))),
  ).toEqual(new Set(['denied']));
});

test('deny wins; the port counts; blocks of addresses leave the world open', () => {
  const found = inMap(
    mapOf(
      entry('Allow', 'reserved:world'),
      entry('Deny', 'reserved:host'),
      entry('Allow', 'ANY', '80/TCP'),
      entry('Allow', 'ANY', '443/TCP'),
    ),
  );
  expect([found['reserved/host'], found['reserved/world'], found['pod/client-blocked']]).toEqual([
    'denied',
    'allowed',
    'allowed',
  ]);
  expect(inMap(mapOf(entry('Allow', 'ANY', '443/TCP')))['pod/client-allowed']).toBe('denied');
  expect(inMap(mapOf(entry('Allow', 'ANY', '80-90/TCP')))['pod/client-allowed']).toBe('allowed');
  const block = inMap(mapOf(entry('Allow', 'cidr:10.0.0.0/8')));
  expect([block['reserved/world'], block['pod/client-allowed']]).toEqual(['unknown', 'denied']);
});

test('identities by number', () => {
  const head = HEAD.replace('LABELS (source:key[=value])', 'IDENTITY                   ');
  const map = subjectOf(MAP, 'cilium-policy-map', [head, entry('Allow', '51014'), entry('Allow', '6'), ''].join('\n'));
  expect(inMap(map)).toEqual({
    'pod/client-allowed': 'allowed',
    'pod/client-blocked': 'denied',
    'reserved/host': 'denied',
    'reserved/remote-node': 'allowed',
    'reserved/world': 'denied',
    'other/same-namespace': 'unknown',
    'other/other-namespaces': 'unknown',
  });
});

test('a label that is not known of a client leaves its cell open', () => {
  const found = inMap(edited(MAP, 'cilium-policy-map', 'k8s:role=frontend', 'k8s:tier=frontend'));
  expect(found['pod/client-allowed']).toBe('unknown');
  expect(found['other/same-namespace']).toBe('denied');
});

const POLICY = 'v2/l8-policy';
const byPolicy = (policy: Subject) =>
  Object.fromEntries(matrixOf(withOthers([policy])).rows.map(({ source, cells }) => [source.id, cells[0]?.verdict]));
const policyOf = (ingress: string) =>
  subjectOf(
    POLICY,
    'yaml',
    `kind: NetworkPolicy\nmetadata: {namespace: netflow-test}\nspec:\n  podSelector: {}\n${ingress}`,
  );

test.each([
  ['nothing is allowed', '  policyTypes: [Ingress]\n', 'denied denied denied denied denied denied'],
  ['everything is allowed', '  ingress: [{}]\n', 'allowed allowed allowed allowed allowed allowed'],
  [
    'the namespace is allowed',
    '  ingress: [{from: [{podSelector: {}}]}]\n',
    'allowed allowed denied denied allowed denied',
  ],
  [
    'all pods are allowed',
    '  ingress: [{from: [{namespaceSelector: {}}]}]\n',
    'allowed allowed denied denied allowed allowed',
  ],
  ['another port', '  ingress: [{ports: [{port: 443}]}]\n', 'denied denied denied denied denied denied'],
  [
    'a range of ports',
    '  ingress: [{ports: [{port: 70, endPort: 90}]}]\n',
    'allowed allowed allowed allowed allowed allowed',
  ],
  ['a named port', '  ingress: [{ports: [{port: http}]}]\n', 'unknown unknown unknown unknown unknown unknown'],
  [
    'a block of addresses',
    '  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]\n',
    'unknown unknown unknown unknown unknown unknown',
  ],
  [
    'an expression',
    '  ingress: [{from: [{podSelector: {matchExpressions: [{key: role, operator: NotIn, values: [other]}]}}]}]\n',
    'allowed denied denied denied allowed denied',
  ],
  [
    'a label of namespaces',
    '  ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]\n',
    'unknown unknown denied denied unknown unknown',
  ],
])('NetworkPolicy: %s', (_, ingress, expected) => {
  const { 'reserved/host': host, ...others } = byPolicy(policyOf(ingress));
  expect(host).toBe('allowed');
  expect(Object.values(others).join(' ')).toBe(expected);
});

test('policies add up, also in a list; one about egress says nothing', () => {
  const list = subjectOf(
    POLICY,
    'yaml',
    'kind: List\nitems:\n- kind: NetworkPolicy\n  spec: {policyTypes: [Ingress]}\n- kind: NetworkPolicy\n  spec: {ingress: [{from: [{podSelector: {matchLabels: {role: other}}}]}]}\n',
  );
  expect(byPolicy(list)['pod/client-blocked']).toBe('allowed');
  expect(byPolicy(list)['pod/client-allowed']).toBe('denied');
  const egress = subjectOf(POLICY, 'yaml', 'kind: NetworkPolicy\nspec: {policyTypes: [Egress]}\n');
  const [column] = matrixOf(withOthers([egress])).columns;
  expect(column?.missing).toBe('No NetworkPolicy was captured.');
});

test('what was seen both ways is not decided', () => {
  const probe = edited('v2/l8-enforcement', 'http-probe', /(client-blocked.*HTTP) 000.*/, '$1 200  (0.1s)');
  const cell = matrixOf(withOthers([probe])).rows[1]?.cells[2];
  expect([cell?.verdict, cell?.basis, cell?.why]).toEqual(['unknown', 'observed', 'Seen both allowed and denied.']);
});

test('partial data: each missing output empties its part only', () => {
  const without = (...keys: string[]) => summary(matrixOf(withOthers([], keys)));
  expect(without(POLICY)['pod/client-allowed']).toBe('- allowed allowed!');
  expect(without(MAP)['pod/client-allowed']).toBe('allowed - allowed!');
  expect(without('v2/l8-enforcement')['pod/client-blocked']).toBe('- - denied!');
  expect(without('v2/l8-identities')['pod/client-blocked']).toBe('denied denied denied!');
  expect(without('v2/l8-hubble-drop', 'v2/l8-enforcement')['reserved/host']).toBe('allowed allowed -');
  expect(policyMatrix(modelOf(published), 'v1')).toEqual({
    captured: false,
    why: 'No network policy was captured on V1.',
  });
  expect(policyMatrix(modelOf([]), 'v2')).toEqual({ captured: false, why: 'No network policy was captured on V2.' });
});
