import { expect, test } from 'vitest';
import { flowOutputs, type Packet, packetsToPods } from '../../src/model/flows.ts';
import { modelOf } from '../../src/model/model.ts';
import { published, publishedOf, subjectOf } from '../analysis/subjects.ts';

const flows = modelOf(published).sides.v2.flows;

/** The packets of one output. */
const packetsOf = (format: 'hubble-flows' | 'hubble-flows-json', text: string) =>
  flowOutputs([subjectOf('v2/l7-x', format, text)])[0]?.packets ?? [];

test('the published flows: which output, how many packets, where they stand', () => {
  expect(flows.map(({ capture, layer, packets, others }) => [capture, layer, packets.length, others])).toEqual([
    ['v2/l7-hubble-observe', 'l7', 16, 0],
    ['v2/l8-hubble-drop', 'l8', 3, 0],
  ]);
  expect(modelOf(published).sides.v1.flows).toEqual([]);
  for (const { capture, packets } of flows) {
    const { text } = publishedOf(capture);
    for (const { evidence, verdict, verdictAt, ends } of packets) {
      expect(text.split('\n')[evidence.from - 1]).toBe(evidence.text);
      expect(text.slice(verdictAt?.start, verdictAt?.end)).toBe(verdict);
      for (const { value, at } of ends
        .flatMap(({ name, pod, port, identity }) => [name, pod, port, identity])
        .filter((one) => one !== undefined))
        expect(text.slice(at.start, at.end)).toBe(value);
    }
  }
});

test('lost events are counted, in both forms', () => {
  const compact = 'EVENTS LOST: HUBBLE_RING_BUFFER CPU(5) 3\n';
  const json = '{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"3","cpu":5}}\n';
  for (const [format, text] of [
    ['hubble-flows', compact],
    ['hubble-flows-json', json],
  ] as const)
    expect(flowOutputs([subjectOf('v2/l7-x', format, text)])).toMatchObject([
      { packets: [], others: 1, lost: [{ events: 3, evidence: { from: 1, to: 1, text: text.trimEnd() } }] },
    ]);
});

test('an empty output is there, without packets', () => {
  expect(flowOutputs([subjectOf('v2/l7-x', 'hubble-flows', '')])).toEqual([
    { capture: 'v2/l7-x', layer: 'l7', packets: [], others: 0, lost: [] },
  ]);
});

test('a reply names the end that sent it, and both ends in the order they stand', () => {
  const [packet] = packetsOf(
    'hubble-flows',
    '10.0.0.1:5 (world) <- a/c:80 (ID:8) to-stack FORWARDED (TCP Flags: SYN, ACK)',
  );
  expect([packet?.from.host, packet?.to.host, packet?.direction, packet?.opens]).toEqual([
    'a/c',
    '10.0.0.1',
    'reply',
    false,
  ]);
  expect(packet?.ends.map(({ host, reserved, identity }) => [host, reserved, identity?.value])).toEqual([
    ['10.0.0.1', ['world'], undefined],
    ['a/c', [], '8'],
  ]);
});

/** What a packet says, without the places. */
const said = ({ direction, seen, verdict, flags, protocol, opens, deniedByPolicy, from, to }: Packet) => ({
  packet: { direction, seen: seen.toLowerCase(), verdict, flags, protocol, opens, deniedByPolicy },
  ends: [from, to].map(({ host, namespace, pod, port, reserved }) => ({
    host,
    namespace,
    pod: pod?.value,
    port: port?.value,
    reserved,
  })),
});

test('compact output and JSON say the same', () => {
  const world = { ip: '162.195.118.115', port: 60598, end: { identity: 2, labels: ['reserved:world'] } };
  const nginx = {
    ip: '10.20.1.11',
    port: 80,
    end: { identity: 18565, namespace: 'netflow-test', pod_name: 'nginx-1' },
  };
  const json = (from: typeof world | typeof nginx, to: typeof world | typeof nginx, flags: string[], more: object) =>
    JSON.stringify({
      flow: {
        IP: { source: from.ip, destination: to.ip },
        l4: {
          TCP: {
            source_port: from.port,
            destination_port: to.port,
            flags: Object.fromEntries(flags.map((flag) => [flag, true])),
          },
        },
        source: from.end,
        destination: to.end,
        ...more,
      },
    });
  const forwarded = (reply: boolean, point: string) => ({
    verdict: 'FORWARDED',
    is_reply: reply,
    trace_observation_point: point,
  });
  const ofJson = packetsOf(
    'hubble-flows-json',
    [
      json(world, nginx, ['SYN'], forwarded(false, 'TO_ENDPOINT')),
      json(nginx, world, ['SYN', 'ACK'], forwarded(true, 'TO_STACK')),
      json(world, nginx, ['SYN'], { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED' }),
    ].join('\n'),
  );
  const ends = (arrow: string) => `162.195.118.115:60598 (world) ${arrow} netflow-test/nginx-1:80 (ID:18565)`;
  const ofCompact = packetsOf(
    'hubble-flows',
    [
      `${ends('->')} to-endpoint FORWARDED (TCP Flags: SYN)`,
      `${ends('<-')} to-stack FORWARDED (TCP Flags: SYN, ACK)`,
      `${ends('<>')} Policy denied DROPPED (TCP Flags: SYN)`,
    ].join('\n'),
  );
  expect(ofJson.map(said)).toEqual(ofCompact.map(said));
  expect(ofJson.map(({ deniedByPolicy }) => deniedByPolicy)).toEqual([false, false, true]);
});

test('a flow in JSON that says little says "unknown"', () => {
  const [packet] = packetsOf('hubble-flows-json', '{"flow":{"IP":{"source":"10.0.0.1"}}}');
  expect(packet).toMatchObject({ direction: 'unknown', seen: 'unknown', verdict: 'unknown', protocol: 'unknown' });
  expect(packet?.verdictAt).toBeUndefined();
  expect([packet?.from.host, packet?.to.host]).toEqual(['10.0.0.1', 'unknown']);
});

test('packets to pods: neither replies nor what goes elsewhere', () => {
  const text = [
    'a/b:1 (ID:7) -> a/c:80 (ID:8) to-endpoint FORWARDED (TCP Flags: SYN)',
    'a/b:1 (ID:7) <- a/c:80 (ID:8) to-stack FORWARDED (TCP Flags: SYN, ACK)',
    'a/b:1 (ID:7) -> 10.0.0.9:80 (world) to-stack FORWARDED (TCP Flags: SYN)',
    '10.0.0.9:80 (world) <> a/c:81 (ID:8) Policy denied DROPPED (TCP Flags: SYN)',
  ].join('\n');
  const outputs = flowOutputs([subjectOf('v2/l7-x', 'hubble-flows', text)]);
  expect(
    packetsToPods(outputs).map(({ capture, sender, receiver, to }) => [
      capture,
      sender.value,
      receiver.value,
      to.port?.value,
    ]),
  ).toEqual([
    ['v2/l7-x', 'b', 'c', '80'],
    ['v2/l7-x', '10.0.0.9:80'.split(':')[0], 'c', '81'],
  ]);
});

test('pods in flows are not for that pods of the Service, in JSON as in compact output', () => {
  const compact = 'kube-system/dns-7d4f9bcd58-4d49g:1 (ID:7) -> a/c:80 (ID:8) to-endpoint FORWARDED (TCP Flags: SYN)';
  const json = JSON.stringify({
    flow: {
      verdict: 'FORWARDED',
      source: { identity: 7, namespace: 'kube-system', pod_name: 'dns-7d4f9bcd58-4d49g' },
      destination: { identity: 8, namespace: 'a', pod_name: 'c' },
    },
  });
  for (const subject of [
    subjectOf('v2/l7-x', 'hubble-flows', compact),
    subjectOf('v2/l7-x', 'hubble-flows-json', json),
  ]) {
    const { pods } = modelOf([subject]).sides.v2;
    expect(pods.seen.map(({ pod, identity }) => [pod.value, identity?.value])).toEqual([
      ['dns-7d4f9bcd58-4d49g', '7'],
      ['c', '8'],
    ]);
    expect(pods.replicaSets).toEqual(new Set());
  }
});
