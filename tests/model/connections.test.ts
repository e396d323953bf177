import { expect, test } from 'vitest';
import { type FlowCapture, flowsOf } from '../../src/model/connections.ts';
import { flowTime } from '../../src/model/flow-time.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { published, publishedOf, subjectOf } from '../analysis/subjects.ts';

const flows = flowsOf(modelOf(published));

/** The connections of one output; undefined where it holds no flows. */
function captureOf(subject: Subject): FlowCapture | undefined {
  const { main } = flowsOf(modelOf([subject]));
  return main.captured ? main : undefined;
}

test('the published flows are three connections', () => {
  const { main } = flows;
  if (!main.captured) throw new Error(main.why);
  expect(main.capture).toBe('v2/l7-hubble-observe');
  expect(
    main.connections.map(({ source, destination, events, opened, closed, dropped }) => ({
      ends: `${source.host}:${source.port} ${source.identity} > ${destination.host}:${destination.port} ${destination.identity}`,
      lines: events.map(({ evidence }) => evidence.from).join(' '),
      state: `${opened ? 'opened' : ''} ${closed ? 'closed' : ''} ${dropped ? 'dropped' : ''}`.trim(),
    })),
  ).toEqual([
    {
      ends: '162.195.118.115:60598 world > netflow-test/nginx-bb6b8c496-vc6pj:80 18565',
      lines: '1 2 3 4 5 6 7 10',
      state: 'opened closed',
    },
    {
      ends: '10.10.0.3:60599 remote-node > netflow-test/nginx-bb6b8c496-2gd6m:80 18565',
      lines: '8 9 11 12 13 14 15',
      state: 'opened closed',
    },
    {
      ends: '10.10.0.4:60600 remote-node > netflow-test/nginx-bb6b8c496-w8kkn:80 18565',
      lines: '16',
      state: 'opened',
    },
  ]);
  const [first] = main.connections;
  expect(first?.events.slice(0, 3).map(({ direction, seen, flags }) => [direction, seen, flags.join('+')])).toEqual([
    ['forward', 'to-endpoint', 'SYN+ECE+CWR'],
    ['reply', 'to-stack', 'SYN+ACK+ECE'],
    ['forward', 'to-endpoint', 'ACK'],
  ]);
});

test('the drops of L8: three SYNs from client-blocked to the identity of nginx', () => {
  expect(flows.drops).toHaveLength(3);
  expect(new Set(flows.drops.map(({ source, destination }) => `${source.identity}>${destination.identity}`))).toEqual(
    new Set(['6385>18565']),
  );
  expect(
    flows.drops.flatMap(({ events }) => events.map(({ flags, seen, time }) => [flags.join(), seen, time])),
  ).toEqual(Array(3).fill(['SYN', 'Policy denied', undefined]));
});

test('without flows the answer says so', () => {
  expect(flowsOf(modelOf([])).main).toEqual({
    captured: false,
    why: 'No output of hubble observe with flows was captured.',
  });
  expect(flowsOf(modelOf([subjectOf('v2/l7-x', 'hubble-flows', '')])).main.captured).toBe(false);
  expect(captureOf(publishedOf('v2/l7-hubble-status'))).toBeUndefined();
});

test('lost events are counted, not drawn', () => {
  const line = publishedOf('v2/l7-hubble-observe').text.split('\n')[0];
  const text = `Jul  2 15:03:39.700 EVENTS LOST: HUBBLE_RING_BUFFER CPU(0) 1\n${line}\n`;
  const found = captureOf(subjectOf('v2/l7-x', 'hubble-flows', text));
  expect([found?.others, found?.connections.length]).toEqual([1, 1]);
  expect(found?.connections[0]?.events[0]?.evidence.from).toBe(2);
});

test('the same ports after the end are another connection; a SYN sent again is not', () => {
  const event = (direction: string, flags: string) =>
    `a/b:1 (ID:7) ${direction} a/c:80 (ID:8) to-endpoint FORWARDED (TCP Flags: ${flags})`;
  const text = [
    event('->', 'SYN'),
    event('->', 'SYN'),
    event('->', 'ACK, FIN'),
    event('<-', 'ACK, FIN'),
    event('->', 'SYN'),
  ].join('\n');
  const found = captureOf(subjectOf('v2/l7-x', 'hubble-flows', text));
  expect(found?.connections.map(({ events }) => events.length)).toEqual([4, 1]);
});

test('a reply seen first still tells who began', () => {
  const found = captureOf(
    subjectOf('v2/l7-x', 'hubble-flows', '10.0.0.1:5 (world) <- a/c:80 (ID:8) to-stack FORWARDED (TCP Flags: ACK)'),
  );
  expect(found?.connections[0]).toMatchObject({
    source: { host: '10.0.0.1' },
    destination: { host: 'a/c' },
    opened: false,
  });
});

test('JSON says the same as compact output', () => {
  const flow = (reply: boolean, flags: string[]) => {
    const ends = [
      { ip: '162.195.118.115', port: 60598, end: { identity: 2, labels: ['reserved:world'] } },
      { ip: '10.20.1.11', port: 80, end: { identity: 18565, namespace: 'netflow-test', pod_name: 'nginx-1' } },
    ];
    const [from, to] = reply ? [ends[1], ends[0]] : [ends[0], ends[1]];
    return JSON.stringify({
      flow: {
        time: '2026-07-02T15:03:39.769123456Z',
        verdict: 'FORWARDED',
        IP: { source: from?.ip, destination: to?.ip },
        l4: {
          TCP: {
            source_port: from?.port,
            destination_port: to?.port,
            flags: Object.fromEntries(flags.map((flag) => [flag, true])),
          },
        },
        source: from?.end,
        destination: to?.end,
        is_reply: reply,
        trace_observation_point: reply ? 'TO_STACK' : 'TO_ENDPOINT',
      },
    });
  };
  const text = `${flow(false, ['SYN'])}\n${flow(true, ['SYN', 'ACK'])}\n`;
  const found = captureOf(subjectOf('v2/l7-x', 'hubble-flows-json', text));
  expect(found?.connections).toHaveLength(1);
  expect(found?.connections[0]).toMatchObject({
    source: { host: '162.195.118.115', port: '60598', identity: 'world' },
    destination: { host: 'netflow-test/nginx-1', port: '80', identity: '18565' },
    events: [
      { direction: 'forward', seen: 'to-endpoint', flags: ['SYN'] },
      { direction: 'reply', seen: 'to-stack', flags: ['SYN', 'ACK'] },
    ],
  });
});

test.each([
  ['Jul  2 15:03:39.769', Date.UTC(2000, 6, 2, 15, 3, 39, 769)],
  ['Feb 29 00:00:00.000', Date.UTC(2000, 1, 29)],
  ['2026-07-02T15:03:39.769000123Z', Date.UTC(2026, 6, 2, 15, 3, 39, 769) + 0.000123],
  ['2026-07-02T17:03:39+02:00', Date.UTC(2026, 6, 2, 15, 3, 39)],
  ['Thu, 02 Jul 2026 15:03:39 +0000', Date.UTC(2026, 6, 2, 15, 3, 39)],
  ['N/A', undefined],
  ['yesterday', undefined],
  [undefined, undefined],
])('the time %s', (printed, time) => {
  expect(flowTime(printed)).toBe(time);
});
