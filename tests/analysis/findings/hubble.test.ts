import { expect, test } from 'vitest';
import { hubbleFindings } from '../../../src/analysis/findings/hubble.ts';
import { modelOf } from '../../../src/model/model.ts';
import { hubbleSentences } from '../../../src/wording/findings/hubble.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { published, subjectOf } from '../subjects.ts';
import { expectEveryKind, expectWhole, readWorlds } from './worlds.ts';

const cases = readWorlds('l7');

test.each(cases)('hubble status of world $number', (read) => {
  const { truth, model } = read;
  const all = hubbleFindings(model);
  expectWhole(read, all);
  const traffic = truth.v2?.traffic;
  if (!traffic || !truth.outputs.has('v2/l7-hubble-status')) {
    expect(all).toEqual([]);
    return;
  }
  const { hubble, remembered } = traffic;
  for (const { places } of all) expect(places.length).toBeGreaterThan(0);
  expect(all).toMatchObject([
    { kind: 'hubble-buffer', held: hubble.current, room: hubble.max },
    { kind: 'hubble-nodes', connected: hubble.nodes, known: hubble.nodes },
    ...(remembered !== undefined && hubble.current > 0
      ? [{ kind: 'hubble-memory', perSecond: hubble.perSecond, seconds: expect.closeTo(remembered, 9) }]
      : []),
  ]);
});

test('the worlds reach every kind', () => {
  expectEveryKind(
    cases.flatMap(({ model }) => hubbleFindings(model)),
    hubbleSentences,
  );
});

const sentences = (subjects: Parameters<typeof modelOf>[0]) => hubbleFindings(modelOf(subjects)).map(findingText);
const status = (...lines: string[]) =>
  sentences([
    subjectOf('v2/l7-hubble-status', 'hubble-status', ['Healthcheck (via x:1): Ok', ...lines, ''].join('\n')),
  ]);

test('the published status', () => {
  expect(sentences(published)).toMatchInlineSnapshot(`
    [
      "Hubble holds 126 flows and has room for 126: its ring buffers are full, and a new flow overwrites the oldest.",
      "The relay is connected to both nodes it knows.",
      "At 53.63 flows a second, 126 flows are about 2.3 s of memory.",
    ]
  `);
});

test('none, one, not all, not printed', () => {
  expect([
    status('Current/Max Flows: 0/4,095 (0.00%)', 'Flows/s: 0.00', 'Connected Nodes: 1/1'),
    status('Current/Max Flows: 1/4,095 (0.02%)', 'Flows/s: 0.01', 'Connected Nodes: 0/1'),
    status('Current/Max Flows: 20,475/20,475 (100.00%)', 'Flows/s: 18,431.92', 'Connected Nodes: 3/5'),
    status('Current/Max Flows: 4,095/20,475 (20.00%)', 'Flows/s: 0.10'),
    status('Max Flows: 4095', 'Current Flows: 7 (0.17%)', 'Flows/s: N/A'),
  ]).toMatchInlineSnapshot(`
    [
      [
        "Hubble holds no flow and has room for 4,095.",
        "The relay is connected to the only node it knows.",
      ],
      [
        "Hubble holds 1 flow and has room for 4,095.",
        "The relay is not connected to the only node it knows.",
        "At 0.01 flows a second, 1 flow is about 100 s of memory.",
      ],
      [
        "Hubble holds 20,475 flows and has room for 20,475: its ring buffers are full, and a new flow overwrites the oldest.",
        "The relay is connected to 3 of the 5 nodes it knows.",
        "At 18,431.92 flows a second, 20,475 flows are about 1.1 s of memory.",
      ],
      [
        "Hubble holds 4,095 flows and has room for 20,475.",
        "At 0.1 flows a second, 4,095 flows are about 11 h of memory.",
      ],
      [
        "Hubble holds 7 flows and has room for 4,095.",
      ],
    ]
  `);
});
