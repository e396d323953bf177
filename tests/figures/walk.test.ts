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
  resolved(html.replaceAll(/<\/?b\b[^>]*>/g, '').replaceAll(/<[^>]+>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
/** One packet's part of the figure. */
const partOf = (packet: WalkedPacket) =>
  /<div class="walked">.*<\/div>(?=<p class="step)/s.exec(drawn([packet], []))?.[0] ?? '';

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

test('every mark is a rule that stands in the output, at its line, and filled where it matches', () => {
  const lines = (key: string) => subjects.find((subject) => subject.key === key)?.text.split('\n') ?? [];
  let marks = 0;
  for (const [number, packet] of packets.entries()) {
    const { steps, capture, passedOver } = packet.rules;
    const html = resolved(drawn([packet], [])).replaceAll('walk-1', `walk-${number + 1}`);
    const tags = tagsOf(drawn([packet], []));
    const places = tags.filter(({ attributes }) => attributes.href?.startsWith('#walk-'));
    expect(places).toHaveLength(steps.length);
    const marked = [...html.matchAll(/<li class="(?:arm )?(hit|miss|maybe)[^"]*"[^>]*><a/g)].map(([, kind]) => kind);
    const order = [...html.matchAll(/href="#walk-\d+\.(\d+)"/g)].map(([, index]) => Number(index) - 1);
    // Inside an arm the marks follow in the order of the way too.
    expect(order).toEqual(steps.map((_, index) => index));
    expect(marked).toEqual(steps.map(({ matched }) => (matched ? 'hit' : 'miss')));
    for (const [index, { line }] of steps.entries()) {
      marks++;
      expect(places[index]?.attributes['data-lines']).toBe(`${capture}:${line}`);
      const told = new RegExp(`id="walk-${number + 1}\\.${index + 1}">([^]*?)</p>`).exec(html)?.[1] ?? '';
      expect(told).toContain(`line ${line}, mark ${index + 1} of ${steps.length}`);
      expect(told).toContain(`<code>${lines(capture)[line - 1]}</code>`);
      expect(told.includes('does not match')).toBe(!steps[index]?.matched);
    }
    const over = [...html.matchAll(/<li class="over" data-n="(\d+)">(.*?)<\/li>/g)];
    expect(over.map(([, line]) => Number(line))).toEqual(passedOver.map(({ line }) => line));
    for (const [, line] of over) expect(lines(capture)[Number(line) - 1]).toMatch(/^-A KUBE-SERVICES /);
  }
  expect(marks).toBeGreaterThan(80);
});

test('what the part of a packet says in words', () => {
  const words = (label: string) => {
    const html = partOf(packets.find((packet) => packet.label === label) as WalkedPacket);
    return wordsOf(html.replaceAll(/<(details).*?<\/\1>|<p class="told".*?<\/p>/gs, ''));
  };
  expect(words('pod → ClusterIP')).toMatchInlineSnapshot(
    `"V1 iptables rules compared in order The packet is compared with 14–16 captured rules; 9 come before the first match 10.20.1.10 → 10.24.9.186:80 tcp KUBE-SERVICES 10.24.0.10:53/udp kube-dns:dns 10.24.0.10:53/tcp kube-dns:dns-tcp 10.24.11.196:53/udp kube-dns-upstream:dns 10.24.14.136:443/tcp metrics-server 10.24.0.1:443/tcp kubernetes:https 10.24.9.20:443/tcp gmp-operator:webhook 10.24.11.196:53/tcp kube-dns-upstream:dns-tcp 10.24.6.139:9090/tcp policy-controller-webhook-metrics:metrics 10.24.2.92:443/tcp webhook:https 10.24.9.186:80/tcp nginx Point at a rule and it is explained here; ← and → step through them. KUBE-SVC-P2CJC57QC736K2NH not from 10.20.1.0/24 …? mark for masquerade 1 in 3 from 10.20.0.8? mark for masquerade rewrite its destination to 10.20.0.8:80 KUBE-SEP-WINV7FEMCBPDEZGG 10.20.0.8:80 1/3, 14 rules 1 in 2 of the rest from 10.20.0.9? mark for masquerade rewrite its destination to 10.20.0.9:80 KUBE-SEP-X4MLFZ67G53NH3PU 10.20.0.9:80 1/3, 15 rules all the rest from 10.20.1.13? mark for masquerade rewrite its destination to 10.20.1.13:80 KUBE-SEP-P5UCONCOPU635JFJ 10.20.1.13:80 1/3, 16 rules 136.64.249.50:80/tcp nginx 10.24.4.246:80/tcp default-http-backend:http V2 Cilium service map looked up by one key 1 of 17 rows is found by its key 10.20.0.7 → 10.24.8.39:80 tcp 10.24.0.10:53/TCP 10.24.0.10:53/UDP 10.24.14.246:53/TCP 10.24.14.246:53/UDP 10.24.3.59:443/TCP 10.24.3.59:8443/TCP 10.24.6.208:19092/TCP 10.24.5.43:443/TCP 10.24.6.8:443/TCP 10.24.0.1:443/TCP 0.0.0.0:32458/TCP 10.24.10.5:80/TCP 10.24.1.81:9090/TCP 10.24.1.216:443/TCP 0.0.0.0:30574/TCP 10.24.8.39 80 port TCP protocol 10.24.8.39:80/TCP ClusterIP 10.20.0.15:80/TCP 10.20.1.9:80/TCP 10.20.1.10:80/TCP one of 3; the list does not show how it is chosen 34.72.78.182:80/TCP"`,
  );
  expect(words('pod → an address of no Service')).toMatchInlineSnapshot(
    `"V1 iptables rules compared in order The packet is compared with 12 captured rules; none matches 10.20.1.10 → 198.51.100.1:80 tcp KUBE-SERVICES 10.24.0.10:53/udp kube-dns:dns 10.24.0.10:53/tcp kube-dns:dns-tcp 10.24.11.196:53/udp kube-dns-upstream:dns 10.24.14.136:443/tcp metrics-server 10.24.0.1:443/tcp kubernetes:https 10.24.9.20:443/tcp gmp-operator:webhook 10.24.11.196:53/tcp kube-dns-upstream:dns-tcp 10.24.6.139:9090/tcp policy-controller-webhook-metrics:metrics 10.24.2.92:443/tcp webhook:https 10.24.9.186:80/tcp nginx 136.64.249.50:80/tcp nginx 10.24.4.246:80/tcp default-http-backend:http Point at a rule and it is explained here; ← and → step through them. no rule rewrites the destination all, 12 rules V2 Cilium service map looked up by one key 0 of 17 rows have its key 10.20.0.7 → 198.51.100.1:80 tcp 10.24.0.10:53/TCP 10.24.0.10:53/UDP 10.24.14.246:53/TCP 10.24.14.246:53/UDP 10.24.3.59:443/TCP 10.24.3.59:8443/TCP 10.24.6.208:19092/TCP 10.24.5.43:443/TCP 10.24.6.8:443/TCP 10.24.0.1:443/TCP 0.0.0.0:32458/TCP 10.24.10.5:80/TCP 10.24.1.81:9090/TCP 10.24.1.216:443/TCP 0.0.0.0:30574/TCP 10.24.8.39:80/TCP 34.72.78.182:80/TCP 198.51.100.1 80 port TCP protocol no row has this key: the packet is not translated"`,
  );
  const [, rests = ''] = /<details class="rests">(.*?)<\/details>/s.exec(partOf(first)) ?? [];
  const { assumptions, missing, unknown } = first.rules;
  for (const text of [...assumptions, ...missing, ...unknown, ...first.notes])
    expect(wordsOf(rests)).toContain(text.replaceAll('`', '').replaceAll(/\s+/g, ' '));
});

test('every arm says its share and its own count, and together they are the range', () => {
  const arms = [...partOf(first).matchAll(/<p class="end">(.*?)<\/p>/g)].map(([, end = '']) => wordsOf(end));
  expect(arms).toEqual(['10.20.0.8:80 1/3, 17 rules', '10.20.0.9:80 1/3, 18 rules', '10.20.1.13:80 1/3, 19 rules']);
  expect(wordsOf(partOf(first))).toContain(
    'The packet is compared with 17–19 captured rules; 10 come before the first match',
  );
  expect(drawn(packets)).toContain('outside → VIP <em>17–19</em>');
});

test('shares, masquerading and ends that cannot be told are said as such', () => {
  const [way] = first.rules.ways;
  const [step] = first.rules.steps;
  if (!way || !step) throw new Error('the packet has no way');
  const { end: _, ...open } = way;
  const examined = { min: 2, max: 2 };
  const ways = [
    { ...open, share: 1 / 3, masquerade: true, examined },
    { ...open, share: 0.255, masquerade: null, examined: { min: 2, max: 4 } },
    { ...open, verdict: 'DROP' as const, target: null, share: 0.25, masquerade: false, examined },
    { ...open, verdict: 'UNKNOWN' as const, target: null, share: null, masquerade: false, examined },
    { ...open, verdict: 'NONE' as const, target: null, share: 1, masquerade: false, examined: { min: 1, max: 1 } },
  ];
  const steps = [
    { ...step, matched: true, chance: 1 },
    { ...step, matched: true, chance: 0.5, counted: 10 },
    { ...step, matched: true, chance: null },
    { ...step, matched: false, chance: 0 },
  ];
  const rules = { ...first.rules, ways, steps, examined: { min: 2, max: 2, mean: 2 } };
  const html = partOf({ ...first, rules });
  expect([...html.matchAll(/<p class="end">.*?<\/p>/g)].map(([item]) => wordsOf(item))).toMatchInlineSnapshot(`
    [
      "10.20.0.8:80 1/3, 2 rules, source masqueraded",
      "10.20.0.8:80 25.5 %, 2–4 rules, masqueraded or not: cannot tell",
      "DROP 1/4, 2 rules",
      "cannot tell 2 rules",
      "no rule rewrites the destination all, 1 rule",
    ]
  `);
  expect([...html.matchAll(/mark \d of 4: (.*)/g)].map(([, what]) => what)).toEqual([
    'matches',
    'matches 50.0 %, counter rose by 10',
    'cannot tell whether it matches',
    'does not match',
  ]);
  expect([...html.matchAll(/<li class="(\w+)" data-n/g)].map(([, kind]) => kind).slice(0, 4)).toEqual([
    'hit',
    'hit',
    'maybe',
    'miss',
  ]);
  expect(html).toContain('<small>counter rose by 10</small>');
  expect(html).not.toContain('class="common"');
  const same = ways.map((one) => ({ ...one, masquerade: null }));
  expect(partOf({ ...first, rules: { ...rules, ways: same } })).toContain('cannot be told.</p>');
});

test('a long run without a match is marks that can be counted, explained as one', () => {
  const at = first.rules.steps.findIndex(({ matched }) => matched);
  const [step] = first.rules.steps;
  if (!step) throw new Error('the packet has no rule');
  const run = Array.from({ length: 60 }, (_, index) => ({ ...step, line: 1000 + index }));
  const steps = [...run, ...first.rules.steps.slice(at)];
  const ways = first.rules.ways.map((way) => ({ ...way, end: (way.end ?? 0) - at + run.length }));
  const html = partOf({ ...first, rules: { ...first.rules, steps, ways } });
  const folded = /<li class="folded miss">.*?<\/li>/s.exec(html)?.[0] ?? '';
  expect(folded.match(/M[\d.]+ [\d.]+h/g)).toHaveLength(54);
  expect(wordsOf(folded)).toContain('54 rules, lines 1003–1056 lines 1003–1056, marks 4–57 of');
  expect(folded).toContain('data-lines="v1/l4-iptables-nat:1003-1056"');
  expect([...html.matchAll(/<li class="miss" data-n="10\d\d"/g)]).toHaveLength(6);
});

describe('the other side', () => {
  const v2 = (packet: WalkedPacket) => partOf(packet).split('<div class="half map"')[1] ?? '';
  test('without a service list', () => {
    expect(wordsOf(partOf({ ...first, service: undefined }))).toContain(
      'V2 Cilium service map The service list of this side was not captured, or has no such address.',
    );
  });
  test('every row of the list is a mark at its line, the way touches one and ends at its backends', () => {
    const { service } = first;
    const list = subjects.find(({ key }) => key === service?.capture)?.text.split('\n') ?? [];
    const points = [...v2(first).matchAll(/<(?:li|p)[^>]* data-n="(\d+)"[^>]*>(.*?)<\/(?:li|p)>/g)];
    expect(points.length).toBe((service?.row?.backends.length ?? 0) + (service?.rows.length ?? 0));
    for (const [, line, drawn = ''] of points) {
      const [address = ''] = drawn.replaceAll(/<[^>]+>/g, '').split(' ');
      expect(address).toMatch(/:\d+\/TCP$|:\d+\/UDP$/);
      expect(list[Number(line) - 1]).toContain(address);
    }
    expect([...v2(first).matchAll(/<p class="found" data-n="24"/g)]).toHaveLength(1);
    expect(wordsOf(v2(first))).toContain('1 of 17 rows is found by its key');
  });
  test('no row with the key', () => {
    const none = packets.find(({ service }) => service && !service.row) as WalkedPacket;
    expect(wordsOf(v2(none))).toContain('0 of 17 rows have its key');
    expect(wordsOf(v2(none))).toContain('no row has this key: the packet is not translated');
  });
  test('a long list is marks that can be counted, with the rows near the one that is found', () => {
    const { service } = first;
    const [row] = service?.rows ?? [];
    if (!service || !row) throw new Error('the packet has no row');
    const more = Array.from({ length: 200 }, (_, index) => ({ ...row, line: 100 + index }));
    const html = v2({ ...first, service: { ...service, rows: [...more, ...service.rows] } });
    expect(html.match(/M[\d.]+ [\d.]+h/g)?.length).toBe(200 + service.rows.length - 1 - 4);
    expect(wordsOf(html)).toContain('1 of 217 rows is found by its key');
  });
  test('one backend is one backend', () => {
    const { service } = first;
    const row = service?.row;
    if (!service || !row) throw new Error('the packet has no row');
    const of = (backends: typeof row.backends) =>
      wordsOf(v2({ ...first, service: { ...service, row: { ...row, backends } } }));
    expect(of(row.backends.slice(0, 1))).toContain('its one backend');
    expect(of([])).toContain('no backend takes a new connection');
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
      steps: [
        {
          ...step,
          text: hostile,
          chain: hostile,
          comment: hostile,
          asks: [{ kind: 'other', value: hostile, not: true }],
        },
      ],
      passedOver: [{ ...step, chain: hostile, does: { kind: 'jump', value: hostile } }],
      ways: first.rules.ways.map((way) => ({ ...way, end: 0, verdict: 'DNAT', target: hostile, role: hostile })),
      missing: [hostile],
      assumptions: [hostile],
      unknown: [hostile],
    },
    service: {
      ...first.service,
      rows: first.service.rows.map((one) => ({ ...one, address: hostile })),
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
  const growthOf = (points: typeof growth) =>
    /<details class="growth">.*<\/details>/s.exec(drawn(packets, points))?.[0] ?? '';
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
