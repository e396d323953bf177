import { expect, test } from 'vitest';
import { worldOf } from '../support/recordings/generate.ts';
import { outputsOf } from '../support/recordings/outputs.ts';
import { published } from '../support/recordings/published.ts';
import { truthOf } from '../support/recordings/truth.ts';

/*
 * The truth of a world against what is written of it, read by nothing more than counting lines, and that of the
 * published trace against what is known of it.
 */

const cases = Array.from({ length: 60 }, (_, index) => {
  const world = worldOf(index + 1);
  return { number: index + 1, texts: outputsOf(world), truth: truthOf(world) };
});

/** How many lines of a text match. */
const count = (text: string | undefined, pattern: RegExp) =>
  (text ?? '').split('\n').filter((line) => pattern.test(line)).length;

test('of the published trace', () => {
  const { v1, v2, probes } = truthOf(published);
  expect(
    [...probes].map(([key, { answered, requests, slow }]) => `${key} ${answered}/${requests} slow ${slow}`),
  ).toMatchInlineSnapshot(`
    [
      "v1/l6-cluster-mode 10/10 slow ",
      "v1/l6-local-symmetric 10/10 slow ",
      "v1/l6-local-failover 0/20 slow ",
      "v1/l6-local-converged 7/10 slow ",
      "v2/l6-cluster-mode 10/10 slow 1,2,3",
      "v2/l6-local-symmetric 10/10 slow ",
      "v2/l6-local-failover 9/20 slow ",
    ]
  `);
  const { answeredTimes: _a, failedTimes: _f, ...failover } = probes.get('v2/l6-local-failover') ?? {};
  expect(failover).toMatchInlineSnapshot(`
    {
      "answered": 9,
      "answeredAfterLastFailure": 4,
      "failures": [
        1,
        2,
        3,
        5,
        6,
        8,
        9,
        10,
        13,
        14,
        16,
      ],
      "lastFailure": 16,
      "longestFailingRun": {
        "from": 1,
        "to": 3,
      },
      "requests": 20,
      "slow": [],
      "statuses": {
        "000": 11,
        "200": 9,
      },
      "took": 1544020,
    }
  `);
  expect(v1?.rules).toMatchInlineSnapshot(`
    {
      "byChain": {
        "KUBE-EXT": 2,
        "KUBE-NODEPORTS": 2,
        "KUBE-SEP": 6,
        "KUBE-SERVICES": 2,
        "KUBE-SVC": 4,
      },
      "compared": 12,
      "dropsOn": "gke-authlab-gke-primary-c7a308a6-wvbv",
      "own": 16,
      "share": 0.3333333333333333,
    }
  `);
  expect(v2?.tables).toMatchInlineSnapshot(`
    {
      "entries": 45,
      "ownEntries": 16,
      "ownRows": 3,
      "rows": 17,
    }
  `);
  const { identities: _i, ...traffic } = v2?.traffic ?? {};
  expect(traffic).toMatchInlineSnapshot(`
    {
      "added": [
        "nginx-bb6b8c496-2gd6m",
        "nginx-bb6b8c496-vc6pj",
      ],
      "drops": {
        "addresses": {},
        "connections": 3,
        "connectionsFrom": {
          "6385": 3,
        },
        "dropped": 3,
        "droppedFrom": {
          "client-blocked": 3,
        },
        "flows": 3,
        "roundTrips": [],
        "span": 0,
      },
      "enforcement": [
        {
          "answered": true,
          "client": "client-allowed",
          "took": 6000,
        },
        {
          "answered": false,
          "client": "client-blocked",
          "took": 5000000,
        },
      ],
      "hubble": {
        "current": 126,
        "max": 126,
        "nodes": 2,
        "perSecond": 53.63,
        "relayReady": true,
      },
      "ingressEntries": 2,
      "kept": [
        "nginx-bb6b8c496-w8kkn",
      ],
      "observed": {
        "addresses": {
          "remote-node": [
            "10.10.0.3",
            "10.10.0.4",
          ],
          "world": [
            "162.195.118.115",
          ],
        },
        "connections": 3,
        "connectionsFrom": {
          "remote-node": 2,
          "world": 1,
        },
        "dropped": 0,
        "droppedFrom": {},
        "flows": 16,
        "roundTrips": [
          51,
          52,
        ],
        "span": 252,
      },
      "policy": {
        "allowed": [
          "client-allowed",
        ],
        "denied": [
          "client-blocked",
        ],
        "peers": [
          [
            "role=frontend",
          ],
        ],
        "present": true,
      },
      "remembered": 2.3494312884579527,
    }
  `);
});

/** Worlds in which an output is there, by number. */
const having = (key: string) => cases.filter(({ truth }) => truth.outputs.has(key));

test.each(cases)('world $number has probes with as many answers and failures as lines say so', ({ texts, truth }) => {
  for (const [key, probe] of truth.probes) {
    const text = texts.get(key);
    expect(count(text, /(?:HTTP |Z status=)000 /)).toBe(probe.failures.length);
    expect(count(text, /(?:HTTP |Z status=)[1-9]\d\d /)).toBe(probe.answered);
    expect(probe.answered + probe.failures.length).toBe(probe.requests);
    const { lastFailure } = probe;
    const last = new RegExp(`^(?:Request +${lastFailure}: HTTP |${lastFailure} start=\\S+ status=)000 `);
    expect(count(text, last)).toBe(lastFailure === undefined ? 0 : 1);
    const outcomes = [...(text ?? '').matchAll(/(?:HTTP |Z status=)(\d)/g)]
      .map(([, digit]) => (digit === '0' ? 'x' : '.'))
      .join('');
    expect(outcomes.length - 1 - outcomes.lastIndexOf('x')).toBe(probe.answeredAfterLastFailure ?? probe.requests);
    const runs = outcomes.match(/x+/g)?.map((run) => run.length) ?? [0];
    const { from = 1, to = 0 } = probe.longestFailingRun ?? {};
    expect(to - from + 1).toBe(Math.max(...runs));
    expect(outcomes.slice(from - 1, to)).toMatch(/^x*$/);
    expect(count(text, /HTTP [1-9]\d\d \(time [1-9]| status=[1-9]\d\d .* total=[1-9]/)).toBe(probe.slow.length);
  }
});

test.each(having('v1/l4-iptables-nat'))('world $number has as many rules', ({ texts, truth: { v1 } }) => {
  const rules = texts.get('v1/l4-iptables-nat') ?? '';
  const chain = /^-A KUBE-SVC-(\w+) .*"netflow-test\/nginx ->/m.exec(rules)?.[1];
  const named = count(rules, /"netflow-test\/nginx[ "]| for netflow-test\/nginx /);
  // The jump from KUBE-EXT to KUBE-SVC names no Service.
  expect(named + count(rules, new RegExp(`^-A KUBE-EXT-${chain} -j KUBE-SVC-${chain}$`))).toBe(v1?.rules.own);
  expect(count(rules, /^-A KUBE-SEP-\w+ .*"netflow-test\/nginx"/)).toBe(v1?.rules.byChain['KUBE-SEP']);
  const nat = rules.split('*nat\n').at(-1);
  expect(count(nat, /^-A KUBE-SERVICES -d /)).toBe(v1?.rules.compared);
});

test.each(having('v1/l6-local-filter-table'))(
  'world $number has an idle node that drops',
  ({ texts, truth: { v1 } }) => {
    expect(count(texts.get('v1/l6-local-filter-table'), /nginx has no local endpoints".* -j DROP$/)).toBe(2);
    expect(v1?.scaling.idleNodes).toContain(v1?.rules.dropsOn);
  },
);

type Traffic = NonNullable<(typeof cases)[number]['truth']['v2']>;
const COUNTED: readonly [key: string, line: RegExp, wanted: (truth: Traffic) => number][] = [
  ['v2/l4-ebpf-service-map', /^\d/, ({ tables }) => tables.rows],
  ['v2/l4-ebpf-lb-map', /^\d/, ({ tables }) => tables.entries],
  ['v2/l7-hubble-observe', /./, ({ traffic }) => traffic.observed.flows],
  ['v2/l7-hubble-observe-json', /^\{/, ({ traffic }) => traffic.observed.flows],
  ['v2/l8-hubble-drop', / DROPPED /, ({ traffic }) => traffic.drops.dropped],
  ['v2/l8-policy', /^kind: NetworkPolicy$/, ({ traffic }) => (traffic.policy.present ? 1 : 0)],
  ['v2/l8-policy', /role: /, ({ traffic }) => traffic.policy.peers.length],
  ['v2/l8-policy-map', /^Allow +Ingress/, ({ traffic }) => traffic.ingressEntries],
  ['v2/l8-identities', /^(?!POD)./, ({ traffic }) => Object.keys(traffic.identities).length],
  ['v2/l8-enforcement', /HTTP 000/, ({ traffic }) => traffic.policy.denied.length],
  ['v2/l8-enforcement', /HTTP 200/, ({ traffic }) => traffic.policy.allowed.length],
];

test.each(COUNTED)('%s has as many lines %s as are true', (key, line, wanted) => {
  const all = having(key);
  expect(all.length).toBeGreaterThan(0);
  for (const { number, texts, truth } of all)
    expect(count(texts.get(key), line), `world ${number}`).toBe(wanted(truth.v2 as Traffic));
});

test.each(['v1', 'v2'] as const)('%s has as many endpoints', (side) => {
  for (const { number, texts, truth } of having(`${side}/l3-endpointslice`)) {
    const { endpoints = [], frontends = [] } = truth[side] ?? {};
    const printed = texts.get(`${side}/l3-endpointslice`) ?? '';
    const [, list = '', more = '0'] = /IPv4 +\d+ +(\S+)(?: \+ (\d+) more\.\.\.)?/.exec(printed) ?? [];
    expect(list.split(',').length + Number(more), `world ${number}`).toBe(endpoints.length);
    expect(endpoints).toEqual(expect.arrayContaining(list.split(',').map((ip) => `${ip}:80`)));
    expect(frontends.map(({ backends }) => backends)).toEqual([endpoints, endpoints, endpoints]);
  }
});
