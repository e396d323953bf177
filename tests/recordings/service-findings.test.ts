import { describe, expect, test } from 'vitest';
import { compareAll } from '../../src/analysis/compare.ts';
import { type PodFinding, podFindings } from '../../src/analysis/findings/pods.ts';
import { type RowFinding, rowFindings } from '../../src/analysis/findings/rows.ts';
import { type RuleFinding, ruleFindings } from '../../src/analysis/findings/rules.ts';
import { type ServiceFinding, serviceFindings } from '../../src/analysis/findings/service.ts';
import { sideIds } from '../../src/recipe/schema.ts';
import { podSentences } from '../../src/wording/findings/pods.ts';
import { rowSentences } from '../../src/wording/findings/rows.ts';
import { ruleSentences } from '../../src/wording/findings/rules.ts';
import { serviceSentences } from '../../src/wording/findings/service.ts';
import { findingText } from '../../src/wording/findings.ts';
import { expectEveryKind, WORLDS } from '../analysis/findings/worlds.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { published } from '../support/recordings/published.ts';
import { planned, type ReadWorld, readWorld, recipe } from '../support/recordings/read.ts';
import type { Cluster, Request, World } from '../support/recordings/world.ts';
import { age } from '../support/recordings/writers/text.ts';

/* Worlds at random: what is found of the Service, its pods and its rules is what is true of the world. */

interface Case extends ReadWorld {
  findings: (RowFinding | ServiceFinding | PodFinding | RuleFinding)[];
  sentences: { kind: string; text: string }[];
}

function caseOf(number: number, world: World): Case {
  const read = readWorld(number, world);
  const { model } = read;
  const findings = [
    ...rowFindings(compareAll(model, recipe.layers).rows),
    ...serviceFindings(model),
    ...podFindings(model),
    ...ruleFindings(model),
  ];
  return { ...read, findings, sentences: findings.map((one) => ({ kind: one.kind, text: findingText(one) })) };
}

const cases = Array.from({ length: WORLDS }, (_, index) => caseOf(index + 1, worldOf(index + 1)));
const ofPublished = caseOf(0, published);

type Finding = Case['findings'][number];

/** The findings of a kind, without the lines they rest on. */
function found<Kind extends Finding['kind']>({ findings }: Case, kind: Kind) {
  return findings
    .filter((one): one is Extract<Finding, { kind: Kind }> => one.kind === kind)
    .map(({ places: _places, kind: _kind, ...rest }) => rest);
}

/** The sides of a world whose output of a name is there, with what is true of them. */
function having({ world, truth }: Case, name: string) {
  return sideIds.flatMap((side) => {
    const [cluster, own] = [world[side], truth[side]];
    if (!cluster || !own || !truth.outputs.has(`${side}/${name}`)) return [];
    const [layer = '', ...row] = name.split('-');
    return [{ side, cluster: cluster as Cluster, own, about: { layer, row: row.join('-'), side } }];
  });
}

const LISTS = ['l1-service-detail', 'l3-endpoints', 'l3-endpointslice'];

describe.each(cases)('world $number', (one) => {
  const { world, truth, texts } = one;

  test('the Service', () => {
    const lists = LISTS.flatMap((name) =>
      having(one, name).map(({ about, own }) => ({
        about,
        endpoints: own.endpoints.length,
        unprinted: Math.max(0, own.endpoints.length - 3),
        unready: name === 'l3-endpointslice',
      })),
    );
    expect(found(one, 'endpoints-listed')).toEqual(lists);
    const both = LISTS.filter((name) => having(one, name).length === 2);
    expect(found(one, 'endpoints-compared').map(({ endpoints }) => endpoints)).toEqual(
      both.map(() => ({ v1: truth.v1?.endpoints.length, v2: truth.v2?.endpoints.length })),
    );
    expect(found(one, 'pool-nodes')).toEqual(
      having(one, 'l2-target-pool').map(({ about, own }) => ({ about, nodes: own.nodes.length })),
    );
    expect(found(one, 'service-age')).toEqual(
      having(one, 'l1-service-ips').map(({ about, own }) => ({ about, age: age(own.ages.l1) })),
    );
    expect(found(one, 'external-policy')).toEqual([
      ...having(one, 'l1-service-detail').map(({ about }) => ({ about, policy: 'Cluster' })),
      ...having(one, 'l6-local-asymmetric').map(({ about }) => ({ about, policy: 'Local' })),
    ]);
  });

  test('slow requests and ages', () => {
    const ages = having(one, 'l1-service-ips').map(({ own }) => age(own.ages.l1));
    const probes = {
      'cluster-mode': 'clusterMode',
      'local-symmetric': 'localSymmetric',
      'local-failover': 'localFailover',
      'local-converged': 'localConverged',
    } as const;
    const expected = Object.entries(probes).flatMap(([row, name]) => {
      const slow = Object.fromEntries(
        sideIds.map((side) => {
          const requests = truth.outputs.has(`${side}/l6-${row}`) ? world[side]?.probes[name]?.requests : undefined;
          return [side, requests && slowOnes(requests)];
        }),
      );
      const differ = ages.length === 2 && ages[0] !== ages[1];
      return differ && (slow.v1 || slow.v2) ? [{ row, ages: { v1: ages[0], v2: ages[1] }, slow }] : [];
    });
    const told = found(one, 'ages-beside-slow').map(({ about: { row }, ages, slow }) => ({ row, ages, slow }));
    expect(told).toEqual(expected);
  });

  test('pods', () => {
    expect(found(one, 'pod-inspected')).toEqual(
      having(one, 'l5-pod-interface').map(({ side, about, own, cluster }) => {
        const { pod, ip } = own.inspected;
        const among = isListed(one, side, cluster, ip);
        return {
          about,
          pod: { value: pod, role: 'pod', side },
          address: { value: ip, role: 'pod-ip', side },
          ...(among !== undefined && { isEndpoint: among }),
        };
      }),
    );
    expect(found(one, 'pod-sockets')).toEqual(
      having(one, 'l5-pod-interface').map(({ about, own, cluster }) => ({
        about,
        listens: [...new Set(own.inspected.listens)].sort((a, b) => a - b).map(String),
        others: cluster.inspection.sockets.length - own.inspected.listens.length,
      })),
    );
    expect(found(one, 'pod-left')).toEqual(
      having(one, 'l6-local-asymmetric').map(({ side, about, own }) => ({
        about,
        pod: { value: own.scaling.left, role: 'pod', side },
        node: { value: own.scaling.node, role: 'node', side },
        replicas: 1,
        ...(LISTS.some((name) => truth.outputs.has(`${side}/${name}`)) && { before: own.endpoints.length }),
        nodes: { all: own.nodes.length, idle: own.scaling.idleNodes.length },
      })),
    );
  });

  test('pods since', () => {
    const { v2 } = world;
    const traffic = truth.v2?.traffic;
    const since = LISTS.findLast((name) => truth.outputs.has(`v2/${name}`));
    const told = found(one, 'pods-since');
    const singled = ['l5-pod-interface', 'l6-local-asymmetric'].some((name) => truth.outputs.has(`v2/${name}`));
    if (!v2 || !traffic || !since || !truth.outputs.has('v2/l8-identities') || v2.pods.length > 3)
      return expect(told).toEqual([]);
    // Without an output that singles out a pod of the Service, those that kept their address tell which they are.
    if (!singled && traffic.kept.length === 0) return expect(told).toEqual([]);
    const scaled = truth.outputs.has('v2/l6-local-asymmetric') && v2.pods.length > 1;
    expect(told).toEqual([
      {
        about: { layer: 'l8', row: 'identities', side: 'v2' },
        listed: traffic.kept.length + traffic.added.length,
        kept: traffic.kept.length,
        gone: v2.pods.length - traffic.kept.length,
        since: since.slice(0, 2),
        scaled: scaled ? [{ from: v2.pods.length, to: 1 }] : [],
      },
    ]);
  });

  test('rules and maps', () => {
    const named = ['l1-service-detail', 'l2-target-pool'].some((name) => truth.outputs.has(`v1/${name}`));
    const rules = truth.outputs.has('v1/l4-iptables-nat') && named ? truth.v1?.rules : undefined;
    const nat = natRules(texts.get('v1/l4-iptables-nat') ?? '');
    const own = found(one, 'rules-own').map((told) => ({
      own: told.own,
      all: told.all,
      byChain: Object.fromEntries(told.byChain.map(({ kind, rules: count }) => [kind, count])),
    }));
    expect(own).toEqual(rules ? [{ own: rules.own, all: nat.length, byChain: rules.byChain }] : []);
    const services = nat.filter((line) => line.startsWith('-A KUBE-SERVICES ')).length;
    expect(found(one, 'rules-for-all').map((told) => told.rules)).toEqual(rules ? [services] : []);
    // A file that a grep went over lacks the last rule, which leads to the NodePorts.
    if (rules) expect(services - rules.compared).toBe(world.v1?.proxy.saved === 'whole' ? 1 : 0);
    const endpoints = truth.v1?.endpoints.length ?? 0;
    expect(
      found(one, 'rule-shares').map((told) => [
        told.endpoints,
        told.equal,
        told.shares.map((share) => share.toFixed(6)),
      ]),
    ).toEqual(rules ? [[endpoints, true, Array(endpoints).fill(rules.share.toFixed(6))]] : []);
    expect(found(one, 'outside-masqueraded').length).toBe(rules ? 1 : 0);
  });

  test('maps', () => {
    const tables = truth.v2?.tables;
    const backends = truth.v2?.endpoints.length ?? 0;
    const told = (name: string) => found(one, 'map-own').filter(({ about }) => about.row === name);
    // Known by what is stated of the Service: without its NodePort, say, it has a way in less.
    const known = ['l1-service-ips', 'l1-service-detail'].some((name) => truth.outputs.has(`v2/${name}`));
    if (!known) return;
    const mapping = { frontends: 3, backends: { least: backends, most: backends } };
    const counts = (own?: number, all?: number) => ({ own, all, mapping });
    const shown = (list: ReturnType<typeof told>) => list.map(({ own, all, mapping }) => ({ own, all, mapping }));
    const has = (name: string) => truth.outputs.has(`v2/l4-${name}`);
    const surrogates = found(one, 'surrogate-row').map(({ name }) => name);
    expect(surrogates).toEqual(has('ebpf-service-map') ? [`0.0.0.0:${world.v2?.service.nodePort}/TCP`] : []);
    expect(shown(told('dnat'))).toEqual(has('ebpf-service-map') ? [counts(tables?.ownRows, tables?.rows)] : []);
    expect(shown(told('ebpf-lb-map'))).toEqual(has('ebpf-lb-map') ? [counts(tables?.ownEntries, tables?.entries)] : []);
  });

  test('like is compared with like', () => {
    const known = (side: 'v1' | 'v2') =>
      ['l1-service-ips', 'l1-service-detail'].some((name) => truth.outputs.has(`${side}/${name}`));
    const captured = truth.outputs.has('v1/l4-iptables-nat') && truth.outputs.has('v2/l4-ebpf-service-map');
    const told = found(one, 'mappings-compared');
    if (!captured) return expect(told).toEqual([]);
    if (!known('v1') || !known('v2') || !truth.outputs.has('v1/l1-service-detail')) return;
    const mapping = (side: 'v1' | 'v2') => {
      const backends = truth[side]?.endpoints.length ?? 0;
      return { frontends: 3, backends: { least: backends, most: backends } };
    };
    expect(told.map(({ sides }) => sides)).toEqual([
      { v1: { ...mapping('v1'), rules: truth.v1?.rules.own }, v2: mapping('v2') },
    ]);
  });

  test('rows', () => {
    const names = (side: 'v1' | 'v2') => planned.filter((plan) => plan.side === side && truth.outputs.has(plan.key));
    const places = (side: 'v1' | 'v2') => new Set(names(side).map(({ layer, row }) => `${layer} ${row}`));
    const [v1, v2] = [places('v1'), places('v2')];
    const place = ({ layer, row }: { layer: string; row?: string }) => `${layer} ${row}`;
    const compared = found(one, 'row-compared');
    expect(compared.map(({ about }) => place(about)).sort()).toEqual([...v1].filter((name) => v2.has(name)).sort());
    const sum = (all: readonly { count: number }[]) => all.reduce((total, { count }) => total + count, 0);
    for (const { values, equal, byRole, aside, different } of compared)
      expect(equal + sum(byRole) + sum(aside) + different).toBe(values);
    const [page] = compared.filter(({ about }) => place(about) === 'l5 pod-serves');
    if (page) expect(page).toMatchObject({ values: 5, equal: 5, different: 0 });
  });

  test('places', () => {
    for (const { kind, places } of one.findings) {
      if (kind === 'row-compared') continue;
      if (kind !== 'pod-sockets') expect(places, kind).not.toEqual([]);
      for (const { capture, from, to, text } of places) {
        const lines = texts
          .get(capture)
          ?.split('\n')
          .slice(from - 1, to);
        expect(lines?.join('\n')).toBe(text);
      }
    }
  });

  test('every sentence is whole', () => {
    for (const { kind, text } of one.sentences) {
      const what = `${kind}: ${text}`;
      expect(text, what).toMatch(/^[A-Z0-9].*\.$/s);
      expect(text, what).not.toMatch(/NaN|undefined|null|Infinity|[ \u00a0]{2}| [,.;:]|[,;:] ?[,.;:]|\(\)|: \./);
      // A number of one stands with one thing, any other with several.
      expect(text, what).not.toMatch(
        /(?<![\d.,/\u00a0-])1 (?:[a-z]+ )*?(?:requests|rules|nodes|endpoints|frontends|backends|addresses|chains|pods|rows|entries|values)\b/,
      );
      expect(text, what).not.toMatch(
        /(?<![\d.,/])(?:0|[2-9]|\d\d+) (?:request|rule|node|endpoint|frontend|backend|address|chain|pod(?! IP)|row|entry|value)\b/,
      );
      expect(text, what).not.toMatch(/\b0 of 0\b|\b(?:fast|slow)\b(?! request)|O\(1\)/);
    }
  });
});

/** Requests that took more than twice the median of those that ended alike, read from the world. */
function slowOnes(requests: readonly Request[]): number {
  return requests.filter(({ status, took }) => {
    const alike = requests.filter((other) => (other.status === '000') === (status === '000'));
    const times = alike.map((other) => other.took).sort((a, b) => a - b);
    const middle = times.length / 2;
    const median = ((times[Math.ceil(middle) - 1] ?? 0) + (times[Math.floor(middle)] ?? 0)) / 2;
    return took > 2 * median;
  }).length;
}

/** Whether a list that is there prints the address, or all lists that are there cut it off. */
function isListed({ truth }: Case, side: 'v1' | 'v2', { pods }: Cluster, ip: string): boolean | undefined {
  const inOrder = pods.map((pod) => pod.ip);
  const first: Record<string, readonly string[]> = {
    'l1-service-detail': inOrder.slice(0, 3),
    'l3-endpoints': [...inOrder].sort((a, b) => (a < b ? -1 : 1)).slice(0, 3),
    'l3-endpointslice': inOrder.slice(0, 3),
  };
  const there = LISTS.filter((name) => truth.outputs.has(`${side}/${name}`));
  if (there.some((name) => first[name]?.includes(ip))) return true;
  return undefined;
}

/** The rules of the nat table, or of a file without tables. */
function natRules(text: string): string[] {
  const start = text.indexOf('*nat\n');
  return text
    .slice(Math.max(0, start))
    .split('\n')
    .filter((line) => line.startsWith('-A '));
}

test('the worlds reach every kind of finding', () => {
  const family = { ...serviceSentences, ...podSentences, ...ruleSentences, ...rowSentences };
  expectEveryKind(
    cases.flatMap(({ findings }) => findings),
    family,
  );
});

test('what the published recording shows', () => {
  expect(
    ofPublished.sentences.map(({ kind, text }) => `${kind}: ${text.replaceAll('\u00a0', '~')}`),
  ).toMatchInlineSnapshot(`
    [
      "row-compared: Of 6 values 3 are equal. Matched by role: 1 VIP and 2 forwarding rules. Nothing else differs.",
      "row-compared: Of 8 values 4 are equal. Matched by role: 1 VIP, 1 ClusterIP and 1 NodePort. Set aside: 1 age. Nothing else differs.",
      "row-compared: Of 44 values 30 are equal. Matched by role: 1 VIP, 2 ClusterIPs, 1 NodePort, 3 pod IPs and 1 forwarding rule. Set aside: 4 ages and 2 counts. Nothing else differs.",
      "row-compared: Of 26 values 19 are equal. Matched by role: 2 nodes and 2 forwarding rules. Set aside: 1 generated name, 1 generated identifier and 1 time of day. Nothing else differs.",
      "row-compared: Of 8 values 4 are equal. Matched by role: 3 pod IPs. Set aside: 1 age. Nothing else differs.",
      "row-compared: Of 7 values 2 are equal. Matched by role: 3 pod IPs. Set aside: 1 age and 1 generated name. Nothing else differs.",
      "row-compared: 1 value is compared. Matched by role: 1 NodePort. Nothing else differs.",
      "row-compared: 13 values are compared. Matched by role: 1 VIP, 1 ClusterIP, 1 NodePort and 9 pod IPs. 1 differs.",
      "row-compared: All 5 values are the same on both sides.",
      "row-compared: Of 46 values 40 are equal. Matched by role: 1 pod IP and 1 pod. Set aside: 2 kernel numbers of sockets or interfaces, 1 address without a role and 1 MAC address. Nothing else differs.",
      "row-compared: Of 31 values 21 are equal. Set aside: 10 times of requests. Nothing else differs.",
      "row-compared: Of 31 values 21 are equal. Set aside: 10 times of requests. Nothing else differs.",
      "row-compared: Of 9 values 5 are equal. Matched by role: 1 pod and 3 nodes. Nothing else differs.",
      "row-compared: Of 62 values 32 are equal. Set aside: 20 times of requests. 10 differ.",
      "service-age: The Service is 50~min old.",
      "service-age: The Service is 47~s old.",
      "endpoints-listed: 3 ready addresses are listed.",
      "external-policy: The external traffic policy is Cluster: a node may send a connection from outside to a pod on any node.",
      "endpoints-listed: 3 ready addresses are listed.",
      "external-policy: The external traffic policy is Cluster: a node may send a connection from outside to a pod on any node.",
      "endpoints-compared: As many on both sides: 3.",
      "pool-nodes: The pool holds 2 nodes.",
      "pool-nodes: The pool holds 2 nodes.",
      "endpoints-listed: 3 ready addresses are listed.",
      "endpoints-listed: 3 ready addresses are listed.",
      "endpoints-compared: As many on both sides: 3.",
      "endpoints-listed: 3 addresses are listed, ready or not.",
      "endpoints-listed: 3 addresses are listed, ready or not.",
      "endpoints-compared: As many on both sides: 3.",
      "ages-beside-slow: V1 has no slow request, V2 has 3 slow requests. The Services differ in age, too: when they were listed, V1’s was 50~min old, V2’s 47~s. Whether that is why, the outputs do not show.",
      "external-policy: The external traffic policy is Local: a node sends a connection from outside to its own pods only.",
      "external-policy: The external traffic policy is Local: a node sends a connection from outside to its own pods only.",
      "pod-inspected: Pod nginx-bb6b8c496-4d49g has the address 10.20.0.9, which is one of the endpoints.",
      "pod-sockets: The pod listens on port 80.",
      "pod-inspected: Pod nginx-bb6b8c496-jfd4v has the address 10.20.1.10, which is one of the endpoints.",
      "pod-sockets: The pod listens on port 80.",
      "pod-left: 1 replica, where there were 3 endpoints before: pod nginx-bb6b8c496-j6s5g stands on node gke-authlab-gke-primary-c7a308a6-bnmh. The other node has none.",
      "pod-left: 1 replica, where there were 3 endpoints before: pod nginx-bb6b8c496-w8kkn stands on node gke-authlab-gke-primary-a62dd7d5-91t0. The other node has none.",
      "pods-since: Of 3 pods, 1 has an address that L3 lists and 2 have new ones; 2 of L3 are gone. In between the Deployment was scaled from 3 to 1.",
      "rules-own: 16 of 79 captured NAT rules are the Service’s: 2 in KUBE-EXT, 2 in KUBE-NODEPORTS, 6 in KUBE-SEP (3 chains), 2 in KUBE-SERVICES and 4 in KUBE-SVC.",
      "rule-shares: KUBE-SVC-P2CJC57QC736K2NH gives 1/3, then 1/2 of the rest, then the rest: each of 3 endpoints gets 1/3.",
      "outside-masqueraded: KUBE-EXT-P2CJC57QC736K2NH marks every connection from outside for masquerade, also where the pod is on this node.",
      "rules-for-all: A new connection to no Service is compared with all 12 captured rules of KUBE-SERVICES; one to a Service stops at its own rule.",
      "map-own: 3 of 17 rows are the Service’s: 3 frontends~× 3 backends. They are found by key.",
      "surrogate-row: Row 0.0.0.0:30574/TCP stands for the port at each address of the node, which this list leaves out; a connection from outside finds one of those.",
      "mappings-compared: V1 holds 3 frontends~× 3 backends, written as 16 rules; V2 holds 3 frontends~× 3 backends.",
      "map-own: 16 of 45 entries are the Service’s: 3 frontends~× 3 backends. They are found by key.",
    ]
  `);
});
