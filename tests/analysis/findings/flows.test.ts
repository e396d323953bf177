import { expect, test } from 'vitest';
import { type FlowFinding, flowFindings } from '../../../src/analysis/findings/flows.ts';
import { modelOf } from '../../../src/model/model.ts';
import { median } from '../../../src/model/probes.ts';
import { flowSentences } from '../../../src/wording/findings/flows.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { published, subjectOf } from '../subjects.ts';
import { expectEveryKind, expectWhole, readWorlds } from './worlds.ts';

const cases = readWorlds('l6', 'l7', 'l8');
const OUTPUTS = ['v2/l7-hubble-observe', 'v2/l7-hubble-observe-json', 'v2/l8-hubble-drop'];

const find = <Kind extends FlowFinding['kind']>(all: readonly FlowFinding[], kind: Kind) =>
  all.find((one): one is Extract<FlowFinding, { kind: Kind }> => one.kind === kind);

test.each(cases)('flows of world $number', (read) => {
  const { truth, model } = read;
  const all = flowFindings(model);
  expectWhole(read, all);
  const traffic = truth.v2?.traffic;
  for (const key of OUTPUTS) {
    const own = all.filter(({ about }) => `${about.side}/${about.layer}-${about.row}` === key);
    if (!traffic || !truth.outputs.has(key)) {
      expect(own).toEqual([]);
      continue;
    }
    const wanted = key === 'v2/l8-hubble-drop' ? traffic.drops : traffic.observed;
    expect(find(own, 'flows-counted')).toMatchObject({
      packets: wanted.flows,
      connections: wanted.connections,
      dropped: wanted.dropped,
      forwarded: wanted.flows - wanted.dropped,
      lost: 0,
    });
    const forwarded = wanted.flows > wanted.dropped;
    const began = find(own, 'flows-began')?.beginners ?? [];
    expect(
      Object.fromEntries(began.map(({ by, connections }) => ['reserved' in by && by.reserved, connections])),
    ).toEqual(forwarded ? wanted.connectionsFrom : {});
    expect(
      Object.fromEntries(
        began.map(({ by, addresses }) => ['reserved' in by && by.reserved, addresses.map(({ value }) => value)]),
      ),
    ).toEqual(forwarded ? wanted.addresses : {});
    const { roundTrips } = wanted;
    const trip = find(own, 'flows-round-trip');
    expect(trip?.connections ?? 0).toBe(roundTrips.length);
    if (trip) {
      expect(trip.typical * 1000).toBeCloseTo(median(roundTrips) ?? 0, 6);
      expect([trip.min * 1000, trip.max * 1000].map(Math.round)).toEqual([
        Math.min(...roundTrips),
        Math.max(...roundTrips),
      ]);
    }
    const dropped = find(own, 'flows-dropped');
    expect(
      Object.fromEntries(
        (dropped?.from ?? []).map(({ from, count }) => [typeof from === 'string' ? from : from.value, count]),
      ),
    ).toEqual(wanted.droppedFrom);
    const probes = [...truth.probes].flatMap(([probe, own]) => (probe.startsWith('v2/') ? [own] : []));
    const compared = find(own, 'flows-probes-in-round-trips');
    if (!trip || probes.length === 0) {
      expect(compared).toBeUndefined();
      continue;
    }
    for (const [told, times] of [
      [compared?.answers, probes.flatMap(({ answeredTimes }) => answeredTimes)],
      [compared?.failures, probes.flatMap(({ failedTimes }) => failedTimes)],
    ] as const) {
      const typical = median(times);
      if (typical === undefined) expect(told).toBeUndefined();
      else {
        expect(told?.seconds).toBeCloseTo(typical / 1e6, 9);
        expect((told?.roundTrips ?? 0) * (median(roundTrips) ?? 0)).toBeCloseTo(typical / 1000, 6);
      }
    }
  }
});

test('the worlds reach every kind', () => {
  expectEveryKind(
    cases.flatMap(({ model }) => flowFindings(model)),
    flowSentences,
  );
});

const sentences = (subjects: Parameters<typeof modelOf>[0]) => flowFindings(modelOf(subjects)).map(findingText);

test('the published flows', () => {
  expect(sentences(published)).toMatchInlineSnapshot(`
    [
      "16 packet events of 3 connections, all forwarded.",
      "1 connection was begun by world from 162.195.118.115, the client’s own address. It is kept where the pod is on the node that received the connection. 2 connections were begun by remote-node from 10.10.0.3 and 10.10.0.4, addresses of other nodes, which relayed the traffic and put their own in place of the client’s.",
      "From SYN-ACK to ACK, which is one round trip from the node to whoever asked, 2 connections took 51 ms and 52 ms.",
      "In the probes of V2 from outside a failure took 54 ms, 1.1 of these round trips; an answer 103 ms, 2 of them (medians). A failure of one round trip fits a refusal that came back, not silence. The outputs do not show whether the probes and these connections came from one place.",
      "3 dropped SYNs, from 3 source ports.",
      "3 packets were dropped, all from client-blocked (identity 6385), to nginx-bb6b8c496-vc6pj and nginx-bb6b8c496-w8kkn (identity 18565). Reason printed: Policy denied. A line names both ends, not the policy that dropped the packet.",
    ]
  `);
});

const flows = (...lines: string[]) => [
  subjectOf('v2/l7-hubble-observe', 'hubble-flows', lines.map((line) => `${line}\n`).join('')),
];
const POD = 'netflow-test/nginx-bb6b8c496-vc6pj:80 (ID:18565)';

test('none, one, many, lost, dropped', () => {
  const syn = (from: string) => `${from} -> ${POD} to-endpoint FORWARDED (TCP Flags: SYN)`;
  const drop = (from: string) => `${from} <> ${POD} Policy denied DROPPED (TCP Flags: SYN)`;
  expect([
    sentences(flows()),
    sentences(flows(syn('10.0.0.9:1 (world)'))),
    sentences(flows(syn('10.0.0.9:1 (host)'), syn('default/a:2 (ID:7)'), drop('10.0.0.9:3 (remote-node)'))),
    sentences(
      flows(
        'EVENTS LOST: HUBBLE_RING_BUFFER CPU(5) 1',
        ...[1, 2, 3, 4].map((port) => syn(`default/a-${port}:2 (ID:${port})`)),
      ),
    ),
    sentences(flows(drop('default/a:2 (ID:7)'))),
    sentences(flows(...[1, 2, 3, 4, 5, 6, 7].map((port) => drop(`10.0.0.${port}:2 (world)`)))),
  ]).toMatchInlineSnapshot(`
    [
      [
        "The output holds no flow.",
      ],
      [
        "1 packet event of 1 connection, forwarded.",
        "1 connection was begun by world from 10.0.0.9, the client’s own address. It is kept where the pod is on the node that received the connection.",
      ],
      [
        "3 packet events of 3 connections: 2 forwarded and 1 dropped.",
        "1 connection was begun by host from 10.0.0.9, an address of the pod’s own node. 1 connection was begun by a (identity 7).",
        "1 packet was dropped, from 10.0.0.9 (remote-node), to nginx-bb6b8c496-vc6pj (identity 18565). Reason printed: Policy denied. A line names both ends, not the policy that dropped the packet.",
      ],
      [
        "4 packet events of 4 connections, all forwarded. 1 event was lost before being printed.",
        "Connections were begun: 1 by a-1 (identity 1), 1 by a-2 (identity 2), 1 by a-3 (identity 3) and 1 by a-4 (identity 4).",
      ],
      [
        "1 dropped SYN, from 1 source port.",
        "1 packet was dropped, from a (identity 7), to nginx-bb6b8c496-vc6pj (identity 18565). Reason printed: Policy denied. A line names both ends, not the policy that dropped the packet.",
      ],
      [
        "7 dropped SYNs, from 1 source port.",
        "7 packets were dropped: 1 from 10.0.0.1 (world), 1 from 10.0.0.2 (world), 1 from 10.0.0.3 (world), 1 from 10.0.0.4 (world), 1 from 10.0.0.5 (world) and 2 more, to nginx-bb6b8c496-vc6pj (identity 18565). Reason printed: Policy denied. A line names both ends, not the policy that dropped the packet.",
      ],
    ]
  `);
});
