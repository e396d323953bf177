import { describe, expect, test } from 'vitest';
import { checkProblems, consistencyChecks } from '../../../src/analysis/checks.ts';
import { compareAll, compareRow, expectationProblems, layerVerdict } from '../../../src/analysis/compare.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Occurrence } from '../../../src/model/subject.ts';
import { formatProblem } from '../../../src/problem.ts';
import { recipe, subjectsOf, texts } from '../committed.ts';
import { type Edit, published } from '../edited-outputs.ts';
import { withServices } from '../many-services.ts';
import { subject } from '../subject.ts';

/** As many pods as a large Deployment has. */
const many = Array.from({ length: 1000 }, (_, index) => `10.30.${index >> 8}.${index & 255}`);
const names = many.map((_, index) => `nginx-bb6b8c496-${index.toString(9).padStart(5, 'x').replace(/[013]/g, 'z')}`);
const rows = many.map((ip, index) => `${names[index]}   ${18000 + index}      ${ip}\n`).join('');

const edits: Record<string, Edit[]> = {
  'endpoints in one output': [['v1/l3-endpoints', '10.20.0.8:80,', `${many.map((ip) => `${ip}:80,`).join('')}`]],
  'endpoints in all outputs': [
    ['v1/l3-endpoints', '10.20.0.8:80,', many.map((ip) => `${ip}:80,`).join('')],
    ['v1/l3-endpointslice', '10.20.1.13,', many.map((ip) => `${ip},`).join('')],
    ['v1/l1-service-detail', '10.20.1.13:80,', many.map((ip) => `${ip}:80,`).join('')],
  ],
  'pods with identities of their own': [['v2/l8-identities', /$/, rows]],
  'clients that the policy does not let in': [
    [
      'v2/l8-enforcement',
      /$/,
      many.map((_, index) => `client-${index} (role=other) -> nginx : HTTP 200 (0.006s)\n`).join(''),
    ],
  ],
  'peers of the policy with a pod each': [
    [
      'v2/l8-enforcement',
      /$/,
      many.map((_, index) => `client-${index} (role=other-${index}) -> nginx : HTTP 200 (0.006s)\n`).join(''),
    ],
    [
      'v2/l8-policy',
      / {4}- from:\n/,
      `$&${many.map((_, index) => `        - podSelector: {matchLabels: {role: other-${index}}}\n`).join('')}`,
    ],
  ],
  'packets to another port': [
    [
      'v2/l7-hubble-observe',
      /$/,
      many
        .map(
          (ip, index) =>
            `${ip}:1 (world) -> netflow-test/nginx-bb6b8c496-vc6pj:${1000 + index} (ID:18565) to-endpoint FORWARDED (TCP Flags: SYN)\n`,
        )
        .join(''),
    ],
  ],
  nodes: [
    [
      'v1/l2-target-pool',
      /^- (.*)bnmh\n/m,
      many.map((_, index) => `- n/instances/gke-a-b-c7a308a6-${`${index}`.padStart(4, '0')}\n`).join(''),
    ],
  ],
};

test.each(Object.entries(edits))('a thousand %s: every reason stays short', (_name, own) => {
  const checks = consistencyChecks(modelOf(published(...own)));
  const wrong = checks.filter(({ status }) => status === 'broken');
  expect(wrong).not.toEqual([]);
  expect(
    checks.filter(({ why }) => why.length >= 600).map(({ id, why }) => `${id} ${why.length} ${why.slice(0, 700)}`),
  ).toEqual([]);
  expect(wrong.some(({ why }) => /\d more\b/.test(why))).toBe(true);
});

describe('72,000 rules that contradict everything said of them', () => {
  const big = withServices(texts.get('v1/l4-iptables-nat') ?? '', 7_200, 1);
  const contradicting = big
    .replaceAll(/"ns-\d+\/svc/g, '"netflow-test/nginx')
    .replaceAll(/^-A KUBE-SERVICES .*netflow-test.*\n/gm, '')
    .replaceAll(/--probability 0\.\d+/g, '--probability 0.9')
    .replaceAll(/-s 10\.61\./g, '-s 10.99.');
  const subjects = subjectsOf(new Map(texts).set('v1/l4-iptables-nat', contradicting));
  const model = modelOf(subjects);
  const checks = consistencyChecks(model);
  const placeOf = ({ capture, line }: Occurrence) => ({ file: `captures/${capture}.txt`, line });

  test('it is as large as said', () => {
    expect(contradicting.match(/^-A /gm)?.length).toBeGreaterThan(64_000);
    expect(big.match(/^-A /gm)?.length).toBeGreaterThan(72_000);
  });
  test('every reason of a check is short, and those that are broken give five examples and count the rest', () => {
    const broken = checks.filter(({ status }) => status === 'broken');
    expect(broken.map(({ id, why }) => [id, why])).toMatchInlineSnapshot(`
      [
        [
          "v1/vip",
          "v1/l4-iptables-nat has no frontend for 136.64.249.50, which IP_ADDRESS of the forwarding rule in v1/l1-gce-forwarding-rule, EXTERNAL-IP in v1/l1-service-ips and LoadBalancer Ingress in v1/l1-service-detail states",
        ],
        [
          "v1/cluster-ip",
          "v1/l4-iptables-nat has no frontend for 10.24.9.186, which CLUSTER-IP in v1/l1-service-ips and IP in v1/l1-service-detail states",
        ],
        [
          "v1/equal-shares",
          "KUBE-SVC-PNU3QBNJ773QLOIY gives KUBE-SEP-COFZ5JSE453U4PB2 0.9000, KUBE-SEP-M5JMPDSOIZI7JWKU 0.0900 and KUBE-SEP-72TUJFT3YM3JRZPU 0.0100 instead of 0.3333 each (v1/l4-iptables-nat); KUBE-SVC-CK4RDHF3ZYYYTA6G gives KUBE-SEP-YULX35ZJF5LVQNUT 0.9000, KUBE-SEP-ETYF3JLGDXBHZTZP 0.0900 and KUBE-SEP-6B7N7T4VBOAQHXB5 0.0100 instead of 0.3333 each (v1/l4-iptables-nat); 7203 more",
        ],
        [
          "v1/jump-targets",
          "line 28829 belongs to netflow-test/nginx, and no entrance of it leads there; line 28832 belongs to netflow-test/nginx, and no entrance of it leads there; line 28835 belongs to netflow-test/nginx, and no entrance of it leads there; line 28838 belongs to netflow-test/nginx, and no entrance of it leads there; line 28841 belongs to netflow-test/nginx, and no entrance of it leads there; 21595 more",
        ],
        [
          "v1/endpoint-chains",
          "KUBE-SEP-COFZ5JSE453U4PB2 rewrites to 10.61.0.0 and marks 10.99.0.0; KUBE-SEP-M5JMPDSOIZI7JWKU rewrites to 10.61.0.1 and marks 10.99.0.1; KUBE-SEP-72TUJFT3YM3JRZPU rewrites to 10.61.0.2 and marks 10.99.0.2; KUBE-SEP-YULX35ZJF5LVQNUT rewrites to 10.61.0.4 and marks 10.99.0.4; KUBE-SEP-ETYF3JLGDXBHZTZP rewrites to 10.61.0.5 and marks 10.99.0.5; 21595 more (v1/l4-iptables-nat)",
        ],
      ]
    `);
    expect(checks.filter(({ why }) => why.length >= 600)).toEqual([]);
  });
  test('so is every problem', () => {
    const { rows, layers } = compareAll(model, recipe.layers);
    const expected = recipe.layers.map((layer): (typeof recipe.layers)[number] => ({
      ...layer,
      expect: layers.some(({ layer: id, verdict }) => id === layer.id && verdict === 'identical')
        ? 'diverges'
        : 'identical',
    }));
    const problems = [...expectationProblems(expected, layers, rows, placeOf), ...checkProblems(checks, placeOf)];
    expect(problems.length).toBeGreaterThan(10);
    for (const text of problems.map(formatProblem)) expect(text.length, text.slice(0, 700)).toBeLessThan(600);
    for (const { why, differences, notes } of rows)
      for (const text of [why, ...notes, ...differences.map(({ what }) => what)])
        expect(text.length, text.slice(0, 700)).toBeLessThan(600);
    for (const { why } of layers) expect(why.length).toBeLessThan(600);
  });
});

test('a value of any length makes no message long', () => {
  const text = (of: string) => `first\n${of.repeat(100_000)}\n`;
  const model = modelOf([subject('v1', 'l9-a', 'plain', text('ab')), subject('v2', 'l9-a', 'plain', text('cd'))]);
  const [v1, v2] = model.subjects;
  const row = compareRow(model, v1, v2, []);
  expect(row.differences).toHaveLength(1);
  expect(row.why.length).toBeLessThan(600);
  const layers = [{ id: 'l9', expect: 'identical' as const }];
  for (const problem of expectationProblems(layers, [layerVerdict([row])], [row], (at) => ({
    file: at.capture,
    line: at.line,
  })))
    expect(formatProblem(problem).length).toBeLessThan(600);
});
