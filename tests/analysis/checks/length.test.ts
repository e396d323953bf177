import { expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import { modelOf } from '../../../src/model/model.ts';
import { type Edit, published } from '../edited-outputs.ts';

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
  'peers of the policy': [
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
