import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { policyMatrix } from '../../src/analysis/policy-matrix.ts';
import { modelOf } from '../../src/model/model.ts';
import { policiesIn, policyMapsIn } from '../../src/model/policies.ts';
import type { Subject } from '../../src/model/subject.ts';
import { edited, published, publishedOf, subjectOf, withOthers } from '../analysis/subjects.ts';

const POLICY = 'v2/l8-policy';
const MAP = 'v2/l8-policy-map';
const { text } = publishedOf(POLICY);

/** The published policy as the only item of a list. */
const inList = subjectOf(
  POLICY,
  'yaml',
  `apiVersion: v1\nkind: List\nitems:\n${text
    .trimEnd()
    .split('\n')
    .map((line, index) => `${index === 0 ? '- ' : '  '}${line}`)
    .join('\n')}\n`,
);

describe('NetworkPolicies', () => {
  test('the published one', () => {
    const [policy, ...others] = modelOf(published).sides.v2.policies;
    expect(others).toEqual([]);
    expect(policy).toMatchObject({
      capture: POLICY,
      layer: 'l8',
      name: 'nginx-allow-frontend',
      namespace: 'netflow-test',
      restrictsIngress: true,
      ingress: [{ peers: [{ pods: { labels: [{ key: 'role', value: 'frontend' }], expressions: [] } }], ports: [] }],
    });
    expect(policy?.types.map(({ value }) => value)).toEqual(['Ingress']);
    expect(policy?.selects.labels.map(({ at }) => [at.value, text.slice(at.at.start, at.at.end)])).toEqual([
      ['app=nginx', 'nginx'],
    ]);
    const { from = 0, to } = policy?.evidence ?? {};
    expect(
      text
        .split('\n')
        .slice(from - 1, to)
        .join('\n'),
    ).toBe(policy?.evidence.text);
    expect(policy?.evidence.text).toMatch(/^ {2}ingress:[\s\S]*role: frontend$/);
  });

  test('in a list it is the same policy', () => {
    const [alone, listed] = [publishedOf(POLICY), inList].map((subject) => policiesIn([subject])[0]);
    const plain = (policy: typeof alone) =>
      JSON.parse(JSON.stringify(policy, (key, value) => (/^(at|evidence)$/.test(key) ? undefined : value)));
    expect(plain(listed)).toEqual(plain(alone));
  });

  test('peers, ports and selectors are typed', () => {
    const rules = `kind: NetworkPolicy
spec:
  podSelector: {matchExpressions: [{key: app, operator: In, values: [a, b]}]}
  ingress:
  - from:
    - namespaceSelector: {}
      podSelector: {matchLabels: {tier: "1"}}
    - ipBlock: {cidr: 10.0.0.0/8}
    ports:
    - port: 80
    - {protocol: UDP, port: 1000, endPort: 2000}
    - port: http
    - protocol: SCTP
  - {}
`;
    const [policy] = policiesIn([subjectOf(POLICY, 'yaml', rules)]);
    expect(policy?.selects).toEqual({
      labels: [],
      expressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }],
    });
    expect(policy?.ingress.map(({ ports }) => ports)).toEqual([
      [
        { protocol: 'TCP', from: 80, to: 80 },
        { protocol: 'UDP', from: 1000, to: 2000 },
        { protocol: 'TCP', name: 'http' },
        { protocol: 'SCTP' },
      ],
      [],
    ]);
    expect(policy?.ingress[0]?.peers).toMatchObject([
      { namespaces: { labels: [] }, pods: { labels: [{ key: 'tier', value: '1' }] }, block: false },
      { block: true },
    ]);
    expect(policy).not.toHaveProperty('namespace');
  });

  test.each([
    ['', true],
    ['  policyTypes: []\n', true],
    ['  policyTypes: [Egress, Ingress]\n', true],
    ['  policyTypes: [Egress]\n', false],
  ])('policyTypes %j', (types, restricts) => {
    const [policy] = policiesIn([subjectOf(POLICY, 'yaml', `kind: NetworkPolicy\nspec:\n  podSelector: {}\n${types}`)]);
    expect(policy?.restrictsIngress).toBe(restricts);
  });
});

test('the entries of the published policy map', () => {
  const [map, ...others] = policyMapsIn([publishedOf(MAP)]);
  expect(others).toEqual([]);
  expect(
    map?.entries.map(({ direction, policy, any, port, ports, proxied, packets, evidence, labels }) => ({
      entry: `${policy} ${direction.value} ${port}`,
      any,
      ports,
      proxied,
      packets,
      lines: [evidence.from, evidence.to],
      last: [labels.at(-1)?.source, labels.at(-1)?.key, labels.at(-1)?.value],
    })),
  ).toEqual([
    {
      entry: 'Allow Ingress ANY',
      any: false,
      ports: [{ protocol: 'ANY' }],
      proxied: false,
      packets: undefined,
      lines: [2, 3],
      last: ['reserved', 'reserved', 'remote-node'],
    },
    {
      entry: 'Allow Ingress ANY',
      any: false,
      ports: [{ protocol: 'ANY' }],
      proxied: false,
      packets: 14,
      lines: [4, 8],
      last: ['k8s', 'role', 'frontend'],
    },
    {
      entry: 'Allow Egress ANY',
      any: true,
      ports: [{ protocol: 'ANY' }],
      proxied: false,
      packets: 279,
      lines: [9, 9],
      last: ['', 'ANY', ''],
    },
  ]);
});

test('older versions name the endpoint in the path of its map', () => {
  const old = `/sys/fs/bpf/tc/globals/cilium_policy_00123:\n${publishedOf(MAP).text}`;
  expect(policyMapsIn([subjectOf(MAP, 'cilium-policy-map', old)]).map(({ endpoint }) => endpoint)).toEqual(['123']);
});

test.each([
  ['ANY', [{ protocol: 'ANY' }]],
  ['53/UDP', [{ protocol: 'UDP', from: 53, to: 53 }]],
  ['80-90/TCP', [{ protocol: 'TCP', from: 80, to: 90 }]],
])('the ports of an entry: %s', (port, ports) => {
  const map = publishedOf(MAP).text.replace(/ANY {10}NONE/, `${port.padEnd(13)}NONE`);
  expect(policyMapsIn([subjectOf(MAP, 'cilium-policy-map', map)])[0]?.entries[0]?.ports).toEqual(ports);
});

describe('checks and matrix ask the same policies', () => {
  const CHECKS = ['v2/policy-selector', 'v2/policy-map', 'v2/enforcement'];
  const said = (...others: Subject[]) => {
    const model = modelOf(withOthers(others));
    const matrix = policyMatrix(model, 'v2');
    if (!matrix.captured) throw new Error(matrix.why);
    return {
      checks: Object.fromEntries(
        consistencyChecks(model).flatMap(({ id, status, why }) => (CHECKS.includes(id) ? [[id, { status, why }]] : [])),
      ),
      cells: Object.fromEntries(
        matrix.rows.map(({ source, cells }) => [source.id, cells.map(({ verdict }) => verdict)]),
      ),
    };
  };
  const policyOf = (rules: string) =>
    subjectOf(POLICY, 'yaml', text.replace(/ {2}ingress:[\s\S]*/, `  ingress: ${rules}\n`));
  const statuses = ({ checks }: ReturnType<typeof said>) => CHECKS.map((id) => checks[id]?.status);

  test('a policy in a list is known to both', () => {
    expect(said(inList)).toEqual(said());
    const wrong = subjectOf(POLICY, 'yaml', inList.text.replace('role: frontend', 'role: other'));
    const { checks, cells } = said(wrong);
    expect(cells['pod/client-blocked']?.[0]).toBe('allowed');
    expect(checks['v2/enforcement']).toEqual({
      status: 'broken',
      why: 'client-allowed is answered, v2/l8-policy does not allow it; client-blocked gets no answer, v2/l8-policy allows it',
    });
    expect(checks['v2/policy-map']?.status).toBe('broken');
  });

  test('policies add up', () => {
    const one = text.replace('role: frontend', 'role: backend');
    const two = subjectOf(POLICY, 'yaml', `${one}---\n${text.replace('nginx-allow-frontend', 'second')}`);
    expect(said(two).cells['pod/client-allowed']).toEqual(['allowed', 'allowed', 'allowed']);
    expect(said(two).checks).toMatchObject({
      'v2/enforcement': { status: 'holds' },
      'v2/policy-map': {
        status: 'holds',
        why: expect.stringMatching(
          /^role=frontend; no pod with role=backend is known, and no entry lets in its identity;/,
        ),
      },
    });
    // Once a pod carries the label, its identity exists, and the map lacks its entry.
    const known = edited('v2/l8-enforcement', 'http-probe', 'role=other) ', 'role=backend) ');
    expect(said(two, known).checks['v2/policy-map']).toEqual({
      status: 'broken',
      why: 'no entry lets in role=backend of netflow-test',
    });
  });

  test('an empty `from` lets in everybody', () => {
    const { checks, cells } = said(policyOf('[{from: []}]'));
    expect(cells['pod/client-blocked']?.[0]).toBe('allowed');
    expect(checks['v2/enforcement']?.why).toBe('client-blocked gets no answer, v2/l8-policy allows it');
    expect(checks['v2/policy-map']?.status).toBe('not-comparable');
  });

  test('another port lets in nobody', () => {
    const { checks, cells } = said(policyOf('[{ports: [{port: 443}], from: [{podSelector: {}}]}]'));
    expect(cells['pod/client-allowed']?.[0]).toBe('denied');
    expect(checks['v2/enforcement']?.why).toBe('client-allowed is answered, v2/l8-policy does not allow it');
  });

  test('what is not known decides in neither', () => {
    const both = said(policyOf('[{from: [{podSelector: {matchLabels: {role: frontend, tier: web}}}]}]'));
    expect(both.cells['pod/client-allowed']?.[0]).toBe('unknown');
    expect(both.checks['v2/enforcement']).toMatchObject({
      status: 'holds',
      why: expect.stringContaining('as by v2/l8-policy and v2/l8-policy-map'),
    });
    const model = modelOf(withOthers([policyOf('[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]')], [MAP]));
    expect(consistencyChecks(model).find(({ id }) => id === 'v2/enforcement')).toMatchObject({
      status: 'not-comparable',
      why: 'what is known of client-allowed and client-blocked does not tell whether v2/l8-policy lets it in',
    });
  });

  test('a Deny entry wins', () => {
    const deny = edited(MAP, 'cilium-policy-map', /Allow(?= {4}Ingress {5}k8s)/, 'Deny ');
    const { checks, cells } = said(deny);
    expect(cells['pod/client-allowed']?.[1]).toBe('denied');
    expect(checks['v2/enforcement']?.why).toBe('client-allowed is answered, v2/l8-policy-map does not allow it');
  });

  test('a policy that lets in nobody, and a map that does not either', () => {
    const map = edited(MAP, 'cilium-policy-map', /^Allow {4}Ingress {5}k8s[\s\S]*frontend.*\n/m, '');
    const { checks, cells } = said(policyOf('[]'), map);
    expect(cells['pod/client-blocked']).toEqual(['denied', 'denied', 'denied']);
    expect(checks['v2/policy-map']).toEqual({
      status: 'holds',
      why: 'nobody; besides, reserved:host; the entry of reserved:host shows reserved:remote-node too, and is the host alone: by this map traffic that another node relays is denied (no capture confirms it)',
    });
  });

  test('identities by number are known from the table', () => {
    const head = 'POLICY   DIRECTION   IDENTITY   PORT/PROTO   PROXY PORT   BYTES   PACKETS';
    const map = (identity: string) =>
      subjectOf(
        MAP,
        'cilium-policy-map',
        `${head}\nAllow    Ingress     ${identity.padEnd(11)}ANY          NONE         -       -\n`,
      );
    expect(statuses(said(map('51014')))).toEqual(['holds', 'not-comparable', 'holds']);
    expect(said(map('51014')).checks['v2/enforcement']?.why).toContain('as by v2/l8-policy and v2/l8-policy-map');
    expect(said(map('51014')).checks['v2/policy-map']?.why).toBe(
      'the map prints numbers of identities instead of labels',
    );
    expect(said(map('6385')).checks['v2/enforcement']?.status).toBe('broken');
  });
});
