import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { formatIds } from '../../src/formats/index.ts';
import { tokensOf } from '../../src/highlight/tokens.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';

const pieces = (text: string, format: Parameters<typeof tokensOf>[1]) =>
  tokensOf(text, format).map(({ start, end, class: name }) => [name, text.slice(start, end)]);

test('tokens are in order, without overlap and never empty, for every committed output', () => {
  const planned = plannedCaptures(loadRecipe('.'));
  expect(planned.length).toBe(
    readdirSync('captures/v1').filter((f) => f.endsWith('.txt')).length +
      readdirSync('captures/v2').filter((f) => f.endsWith('.txt')).length,
  );
  for (const { key, format } of planned) {
    const text = bodyText(decodeCapture(readFileSync(`captures/${key}.txt`), key).body);
    let at = 0;
    for (const { start, end } of tokensOf(text, format)) {
      expect(start, key).toBeGreaterThanOrEqual(at);
      expect(end, key).toBeGreaterThan(start);
      at = end;
    }
  }
});

test('every format can be highlighted, whatever stands in the output', () => {
  for (const format of formatIds) {
    for (const text of ['', '\r\n\0', `${'x'.repeat(10_000)}\n`, '😀\u0301 10.0.0.1']) tokensOf(text, format);
  }
});

test('offsets hold across CRLF', () => {
  expect(pieces('=== a ===\r\nRequest  1: HTTP 200 (time 0.1s)\r\n', 'http-probe')).toEqual([
    ['h', '=== a ==='],
    ['m', 'Request  1:'],
    ['g', 'HTTP 200'],
    ['n', '0.1s'],
  ]);
});

test('an iptables rule', () => {
  expect(
    pieces(
      '-A KUBE-SVC-X -d 10.24.9.186/32 -m comment --comment "a -> b" -m statistic --mode random --probability 0.5 -j KUBE-SEP-Y\n',
      'iptables-save',
    ),
  ).toMatchInlineSnapshot(`
    [
      [
        "m",
        "-A",
      ],
      [
        "c",
        "KUBE-SVC-X",
      ],
      [
        "a",
        "10.24.9.186/32",
      ],
      [
        "m",
        "-m comment --comment",
      ],
      [
        "s",
        ""a -> b"",
      ],
      [
        "m",
        "-m statistic",
      ],
      [
        "n",
        "0.5",
      ],
      [
        "m",
        "-j",
      ],
      [
        "c",
        "KUBE-SEP-Y",
      ],
    ]
  `);
});

test('a flow', () => {
  expect(
    pieces(
      'Jul  2 15:03:39.769: 1.2.3.4:5 (world) -> ns/pod:80 (ID:18565) to-endpoint FORWARDED (TCP Flags: SYN)\n',
      'hubble-flows',
    ),
  ).toMatchInlineSnapshot(`
    [
      [
        "m",
        "Jul  2 15:03:39.769:",
      ],
      [
        "a",
        "1.2.3.4:5",
      ],
      [
        "t",
        "(world)",
      ],
      [
        "s",
        "ns/pod:80",
      ],
      [
        "n",
        "18565",
      ],
      [
        "g",
        "FORWARDED",
      ],
      [
        "m",
        "(TCP Flags: SYN)",
      ],
    ]
  `);
});

test('a service row', () => {
  expect(
    pieces('18   0.0.0.0:30574/TCP  NodePort  1 => 10.20.0.15:80/TCP (active)\n', 'cilium-service-list'),
  ).toMatchInlineSnapshot(`
    [
      [
        "a",
        "0.0.0.0:30574",
      ],
      [
        "t",
        "NodePort",
      ],
      [
        "m",
        "1 =>",
      ],
      [
        "a",
        "10.20.0.15:80",
      ],
      [
        "m",
        "(active)",
      ],
    ]
  `);
});
