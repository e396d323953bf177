import { describe, expect, test } from 'vitest';
import { walkFigure } from '../../src/figures/walk.ts';
import { walkGrowth } from '../../src/netfilter/growth.ts';
import type { WalkedPacket } from '../../src/report/figure-data.ts';
import { published } from '../analysis/edited-outputs.ts';
import { figureData } from './data.ts';
import { resolved, tagsOf } from './wellformed.ts';

const subjects = published();
const packets = figureData(subjects).walk?.data.packets ?? [];
const growth = walkGrowth([1, 10, 100]);
const [first] = packets as [WalkedPacket];

/** The figure as XML: an <input> is closed and its attribute without a value has one. */
const drawn = (of: readonly WalkedPacket[], points = growth): string =>
  walkFigure({ packets: [...of], growth: points }).text.replaceAll(
    /<input ([^>]*?)( checked)?>/g,
    (_all, rest, checked) => (checked ? `<input ${rest} checked=""/>` : `<input ${rest}/>`),
  );
const wordsOf = (html: string) =>
  resolved(html.replaceAll(/<[^>]+>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
/** One packet's part of the figure. */
const partOf = (packet: WalkedPacket) =>
  /<div class="walked">.*<\/div>(?=<\/fieldset><\/figure>)/s.exec(drawn([packet], []))?.[0] ?? '';

test('it is well formed, and needs neither inline style nor script', () => {
  const tags = tagsOf(drawn(packets));
  expect(tags[0]).toMatchObject({ name: 'figure', attributes: { id: 'fig-walk' } });
  const names = tags.flatMap(({ attributes }) => Object.keys(attributes));
  expect(names.filter((name) => name === 'style' || name.startsWith('on'))).toEqual([]);
  const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each packet can be chosen, the first one is', () => {
  const tags = tagsOf(drawn(packets));
  const inputs = tags.filter(({ name }) => name === 'input');
  expect(inputs.map(({ attributes }) => attributes.id)).toEqual(packets.map((_, index) => `packet-${index + 1}`));
  expect(inputs.filter(({ attributes }) => 'checked' in attributes)).toEqual([inputs[0]]);
  const labels = tags.filter(({ name }) => name === 'label').map(({ attributes }) => attributes.for);
  expect(labels).toEqual(inputs.map(({ attributes }) => attributes.id));
  expect(tags.filter(({ attributes }) => attributes.class === 'walked')).toHaveLength(packets.length);
});

test('every block is a rule that stands in the output, at its line, and filled where it matches', () => {
  const lines = (key: string) => subjects.find((subject) => subject.key === key)?.text.split('\n') ?? [];
  let blocks = 0;
  for (const packet of packets) {
    const { steps, capture } = packet.rules;
    const found = [
      ...partOf(packet).matchAll(
        /<g data-lines="(\S+):(\d+)"><title>line (\d+),([^:]*): ([^<]*)<\/title><rect class="(hit|miss)"/g,
      ),
    ];
    expect(found).toHaveLength(steps.length);
    for (const [index, [, key = '', line, again, what = '', rule = '', kind]] of found.entries()) {
      blocks++;
      expect({ key, again }).toEqual({ key: capture, again: line });
      expect(lines(key)[Number(line) - 1]).toBe(resolved(rule));
      expect(kind === 'hit').toBe(steps[index]?.matched);
      expect(what.includes('no match')).toBe(kind === 'miss');
    }
  }
  expect(blocks).toBeGreaterThan(40);
});

test('what the part of a packet says in words', () => {
  const words = (label: string) => {
    const html = partOf(packets.find((packet) => packet.label === label) as WalkedPacket);
    return wordsOf(html.replaceAll(/<(title|details)>.*?<\/\1>/gs, ''));
  };
  expect(words('pod → ClusterIP')).toMatchInlineSnapshot(
    `"← rule rule → 10.20.1.10 → 10.24.9.186:80 tcp 14–16 captured rules examined, 20 on all branches together 33.3 % DNAT to 10.20.0.8:80 33.3 % DNAT to 10.20.0.9:80 33.3 % DNAT to 10.20.1.13:80 10.20.0.7 → 10.24.8.39:80 tcp 1 service row, then one of 3 backends row 20 10.24.8.39:80/TCP ClusterIP 10.20.0.15:80/TCP 10.20.1.9:80/TCP 10.20.1.10:80/TCP"`,
  );
  expect(words('pod → an address of no Service')).toMatchInlineSnapshot(
    `"← rule rule → 10.20.1.10 → 198.51.100.1:80 tcp 12 captured rules examined 100 % no rule rewrites the destination 10.20.0.7 → 198.51.100.1:80 tcp 0 service rows No row has this key: the packet is not translated."`,
  );
  const [, rests = ''] = /<details>(.*?)<\/details>/s.exec(partOf(first)) ?? [];
  const { assumptions, missing, unknown } = first.rules;
  for (const text of [...assumptions, ...missing, ...unknown, ...first.notes])
    expect(wordsOf(rests)).toContain(text.replaceAll('`', '').replaceAll(/\s+/g, ' '));
});

test('shares, masquerading and ends that cannot be told are said as such', () => {
  const [end] = first.rules.outcomes;
  const [step] = first.rules.steps;
  if (!end || !step) throw new Error('the packet has no end');
  const outcomes = [
    { ...end, verdict: 'DNAT' as const, probability: 1 / 3, masquerade: true },
    { ...end, verdict: 'DNAT' as const, probability: 0.25, masquerade: null },
    { ...end, verdict: 'DROP' as const, target: null, probability: 0.25, masquerade: false },
    { ...end, verdict: 'UNKNOWN' as const, target: null, probability: 0, masquerade: false },
    { ...end, verdict: 'NONE' as const, target: null, probability: 1, masquerade: false },
  ];
  const steps = [
    { ...step, matched: true, chance: 1 },
    { ...step, matched: true, chance: 0.5 },
    { ...step, matched: true, chance: null },
    { ...step, matched: false, chance: 0 },
  ];
  const rules = { ...first.rules, outcomes, steps, examined: { min: 2, max: 2, mean: 2 } };
  const html = partOf({ ...first, rules });
  expect([...html.matchAll(/<li><b>.*?<\/li>/g)].map(([item]) => wordsOf(item))).toMatchInlineSnapshot(`
    [
      "33.3 % DNAT to 10.20.0.8:80 , source masqueraded",
      "25.0 % DNAT to 10.20.0.8:80 , masqueraded or not: cannot tell",
      "25.0 % DROP",
      "0.0 % cannot tell",
      "100 % no rule rewrites the destination",
    ]
  `);
  expect([...html.matchAll(/<title>line \d+,([^:]*):/g)].map(([, what]) => what)).toEqual([
    ' matches',
    ' matches 50.0 %',
    ' matches perhaps',
    ' no match',
  ]);
  expect(partOf({ ...first, rules: { ...rules, steps: [step] } })).toContain('aria-label="1 rule, of which');
  expect(html).toContain('aria-label="4 rules, of which 3 match"');
  expect(wordsOf(html)).toContain('2 captured rules examined, 4 on all branches together');
});

describe('the other side', () => {
  test('without a service list', () => {
    expect(wordsOf(partOf({ ...first, service: undefined }))).toContain(
      'The service list of this side was not captured, or has no such address.',
    );
  });
  test('a row and its backends point to their lines', () => {
    const { service } = first;
    const list = subjects.find(({ key }) => key === service?.capture)?.text.split('\n') ?? [];
    const [, v2 = ''] = partOf(first).split('<div class="v2">');
    const points = [...v2.matchAll(/<li data-lines="[^:]+:(\d+)(?:-(\d+))?">(.*?)<\/li>/g)];
    expect(points.length).toBe((service?.row?.backends.length ?? 0) + 1);
    for (const [, from, , words = ''] of points) {
      const address = /<code>(.*?)<\/code>/.exec(words)?.[1] ?? '';
      expect(list[Number(from) - 1]).toContain(address);
    }
  });
  test('one backend is one backend', () => {
    const { service } = first;
    const row = service?.row;
    if (!service || !row) throw new Error('the packet has no row');
    const text = wordsOf(
      partOf({ ...first, service: { ...service, row: { ...row, backends: row.backends.slice(0, 1) } } }),
    );
    expect(text).toContain('one of 1 backend ');
  });
});

test('hostile values stay text', () => {
  const hostile = '"><img src=x onerror=alert(1)>&lt;\u202E</title>';
  const [step] = first.rules.steps;
  const row = first.service?.row;
  if (!step || !first.service || !row) throw new Error('the packet has no rule or no row');
  const packet: WalkedPacket = {
    label: hostile,
    notes: [hostile],
    rules: {
      ...first.rules,
      packet: { ...first.rules.packet, from: hostile, to: hostile },
      steps: [{ ...step, text: hostile }],
      outcomes: first.rules.outcomes.map((outcome) => ({ ...outcome, verdict: 'DNAT', target: hostile })),
      missing: [hostile],
      assumptions: [hostile],
      unknown: [hostile],
    },
    service: {
      ...first.service,
      row: { ...row, id: hostile, type: hostile, address: hostile },
      assumptions: [hostile],
      unknown: [hostile],
    },
  };
  const markup = drawn([packet]);
  const tags = tagsOf(markup);
  expect(tags.filter(({ name }) => name === 'img')).toEqual([]);
  expect(tags.flatMap(({ attributes }) => Object.keys(attributes)).filter((name) => name.startsWith('on'))).toEqual([]);
  expect(markup.split('onerror').length - 1).toBeGreaterThanOrEqual(12);
  // It would turn the text around it the other way.
  expect(markup).not.toContain('\u202E');
});

describe('how the walk grows', () => {
  const growthOf = (points: typeof growth) => /<div class="growth">.*<\/div>/s.exec(drawn(packets, points))?.[0] ?? '';
  test('every computed number stands in the table, and a dot for each in the plot', () => {
    const html = growthOf(growth);
    expect(wordsOf(html)).toContain('Computed, not captured.');
    const rows = [...html.matchAll(/<tr><td>(.*?)<\/tr>/g)].map(([row]) => wordsOf(row));
    expect(rows).toMatchInlineSnapshot(`
      [
        "1 33 16 (15–17) 16 (15–17) 16 (15–17) 12",
        "10 132 16 (15–17) 20 (19–21) 25 (24–26) 21",
        "100 1,122 16 (15–17) 65 (64–66) 115 (114–116) 111",
      ]
    `);
    const dots = [...html.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(dots).toHaveLength(growth.length);
    for (const [index, [x = 0, y = 0]] of dots.entries()) {
      expect(x).toBeGreaterThan(dots[index - 1]?.[0] ?? 0);
      expect(y).toBeLessThan(dots[index - 1]?.[1] ?? 160);
      expect(x).toBeLessThanOrEqual(380);
    }
  });
  test('axes are linear: each line rises by as much as its rules', () => {
    const svg = /<svg.*<\/svg>/s.exec(growthOf(growth))?.[0] ?? '';
    const points = (which: string) =>
      (new RegExp(`<polyline class="v1 ${which}" points="([^"]*)"`).exec(svg)?.[1] ?? '')
        .split(' ')
        .map((point) => point.split(',').map(Number) as [number, number]);
    const scales = (['first', 'middle', 'last', 'none'] as const).flatMap((which) => {
      const drawnAt = points(which);
      expect(drawnAt).toHaveLength(growth.length);
      return growth.map(({ examined }, index) => ({ rules: examined[which].mean ?? 0, y: drawnAt[index]?.[1] ?? 0 }));
    });
    const [low, high] = [scales[0], scales.find(({ rules }) => rules > 100)];
    const unit = ((low?.y ?? 0) - (high?.y ?? 0)) / ((high?.rules ?? 0) - (low?.rules ?? 0));
    for (const { rules, y } of scales) expect(y).toBeCloseTo((low?.y ?? 0) - (rules - (low?.rules ?? 0)) * unit, 0);
    const [x1, x10, x100] = points('last').map(([x]) => x);
    expect(((x10 ?? 0) - (x1 ?? 0)) * 11).toBeCloseTo((x100 ?? 0) - (x1 ?? 0), -1);
  });
  test('the map is flat and marked as not counted; the premise stands above', () => {
    const html = growthOf(growth);
    const [, ends = ''] = /<polyline class="v2" points="([^"]*)"/.exec(html) ?? [];
    expect(new Set(ends.split(' ').map((point) => point.split(',')[1])).size).toBe(1);
    expect(wordsOf(html)).toContain('map lookups: flat, not counted');
    expect(wordsOf(html)).toContain('iptables mode, complete tables, every Service of type ClusterIP with 3 endpoints');
  });
  test('fewer than two numbers show no growth', () => {
    expect(growthOf([])).toBe('');
    expect(growthOf(growth.slice(0, 1))).toBe('');
  });
});

test('without a packet there is no figure', () => expect(figureData([]).walk).toBeUndefined());
