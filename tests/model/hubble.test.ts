import { expect, test } from 'vitest';
import { hubbleFacts } from '../../src/model/hubble.ts';
import { modelOf } from '../../src/model/model.ts';
import { published, publishedOf, subjectOf } from '../analysis/subjects.ts';

test('the published status and relay', () => {
  const { hubble } = modelOf(published).sides.v2;
  const [status, ...others] = hubble.statuses;
  expect(others).toEqual([]);
  const { text } = publishedOf('v2/l7-hubble-status');
  const counts = [
    status?.currentFlows,
    status?.maxFlows,
    status?.usedPercent,
    status?.flowsPerSecond,
    status?.connectedNodes,
    status?.knownNodes,
  ];
  expect(counts.map((count) => [count?.value, count?.amount])).toEqual([
    ['126', 126],
    ['126', 126],
    ['100.00', 100],
    ['53.63', 53.63],
    ['2', 2],
    ['2', 2],
  ]);
  for (const count of counts) expect(text.slice(count?.at.start, count?.at.end)).toBe(count?.value);
  expect(status?.unavailable).toEqual([]);
  expect(hubble.relays).toMatchObject([
    {
      capture: 'v2/l7-hubble-relay',
      name: 'hubble-relay-56b84459c4-cqzqj',
      ready: { value: '3/3' },
      state: 'Running',
      isReady: true,
    },
  ]);
  expect(modelOf(published).sides.v1.hubble).toEqual({ statuses: [], relays: [] });
});

test('what is not printed is absent; commas belong to the number', () => {
  const text = `Healthcheck (via localhost:4245): Ok
Current/Max Flows: 12,285/16,380 (75.00%)
Flows/s: N/A
Connected Nodes: 3/5
Unavailable Nodes: 2
  - node-1
  - and 1 more...
`;
  const [status] = hubbleFacts([subjectOf('v2/l7-x', 'hubble-status', text)]).statuses;
  expect([status?.currentFlows?.value, status?.currentFlows?.amount]).toEqual(['12,285', 12285]);
  expect([status?.knownNodes?.amount, status?.unavailableNodes?.amount]).toEqual([5, 2]);
  expect(status?.unavailable.map(({ value }) => value)).toEqual(['node-1']);
  const [agent] = hubbleFacts([
    subjectOf('v2/l7-x', 'hubble-status', 'Healthcheck (via localhost:4245): Ok\nMax Flows: 4,095\n'),
  ]).statuses;
  expect(agent).toMatchObject({ maxFlows: { amount: 4095 }, unavailable: [] });
  expect(agent).not.toHaveProperty('connectedNodes');
});

test.each([
  [['pod/hubble-relay-56b84459c4-cqzqj', '2/3', 'Running'], [false]],
  [['hubble-relay-56b84459c4-cqzqj', '3/3', 'Running'], [true]],
  [['hubble-relay-56b84459c4-cqzqj', '0/0', 'Running'], [false]],
  [['hubble-relay-56b84459c4-cqzqj', '3/3', 'Pending'], [false]],
  [['hubble-ui-56b84459c4-cqzqj', '3/3', 'Running'], []],
  [['service/hubble-relay-56b84459c4-cqzqj', '3/3', 'Running'], []],
])('a row of pods: %s', (row, ready) => {
  const table = [['NAME', 'READY', 'STATUS'], row]
    .map((cells) => cells.map((cell) => cell.padEnd(40)).join(''))
    .join('\n');
  const { relays } = hubbleFacts([subjectOf('v2/l7-x', 'kubectl-table', table)]);
  expect(relays.map(({ isReady }) => isReady)).toEqual(ready);
});
