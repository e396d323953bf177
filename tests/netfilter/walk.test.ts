import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { ends, nat, walkText } from './rules.ts';

const FILE = 'captures/v1/l4-iptables-nat.txt';
const published = bodyText(decodeCapture(readFileSync(FILE), FILE).body);

test('published rules, pod to ClusterIP: 14 to 16 rules, three backends, one third each', () => {
  const result = walkText(published);
  expect(ends(result)).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['10.20.1.13:80', 0.333333, false],
  ]);
  expect(result.examined.min).toBe(14);
  expect(result.examined.max).toBe(16);
  expect(result.examined.mean).toBeCloseTo(15, 6);
  expect(result.steps).toHaveLength(20);
  expect(result.steps.filter((step) => step.matched).map((step) => step.line)).toEqual([77, 92, 61, 93, 63, 94, 47]);
  expect(result.branches.map((branch) => branch.matched.map((step) => result.steps[step]?.line))).toEqual([
    [77, 92, 61],
    [77, 93, 63],
    [77, 94, 47],
  ]);
  expect(result.unknown).toEqual([]);
  expect(result.missing).toMatchInlineSnapshot(`
    [
      "table filter",
      "nat PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES",
      "nat POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING",
      "nat KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    ]
  `);
  expect(result.assumptions).toMatchInlineSnapshot(`
    [
      "The file lacks the \`*table\` lines: each rule is taken for the table kube-proxy writes it to.",
      "The file went through a filter: rules it may lack are not counted; those listed as missing are assumed.",
      "No rule of the filter table rejects, drops or accepts the packet: the file lacks that table.",
      "nat PREROUTING jumps to KUBE-SERVICES, as kube-proxy writes it.",
      "nat POSTROUTING jumps to KUBE-POSTROUTING, as kube-proxy writes it.",
      "nat KUBE-POSTROUTING holds what kube-proxy always puts there: -m mark ! --mark 0x4000/0x4000 -j RETURN; -j MARK --xor-mark 0x4000; -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE.",
    ]
  `);
});

test('published rules: a hairpin is masqueraded on the branch that leads back', () => {
  expect(ends(walkText(published, { from: '10.20.1.13' }))).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['10.20.1.13:80', 0.333333, true],
  ]);
});

test('published rules: from outside to the VIP and to the NodePort, all masqueraded', () => {
  for (const packet of [{ to: '136.64.249.50' }, { to: '10.128.0.5', port: 31057 }]) {
    const result = walkText(published, { from: '203.0.113.9', ...packet });
    expect(ends(result).map(([target, , masquerade]) => [target, masquerade])).toEqual([
      ['10.20.0.8:80', true],
      ['10.20.0.9:80', true],
      ['10.20.1.13:80', true],
    ]);
  }
});

test('published rules: DNS over UDP and TCP are different Services', () => {
  const dns = { to: '10.24.0.10', port: 53 };
  expect(ends(walkText(published, { ...dns, protocol: 'udp' }))).toEqual([
    ['10.20.0.4:53', 0.5, false],
    ['10.20.1.9:53', 0.5, false],
  ]);
  expect(walkText(published, dns).steps.at(0)?.matched).toBe(false);
});

test('published rules: an address of nobody passes every rule of KUBE-SERVICES', () => {
  const result = walkText(published, { to: '192.0.2.1' });
  expect(ends(result)).toEqual([['NONE', 1, false]]);
  expect(result.examined).toEqual({ min: 12, max: 12, mean: 12 });
});

test('says that an unstated address is taken for a foreign one', () => {
  const { assumptions } = walkText(published, { to: '192.0.2.1', localAddresses: undefined });
  expect(assumptions).toContain('192.0.2.1 is not an address of the node: none but loopback were stated.');
});

test('only the last rule of a file may be missing: a chain that was cut off leaves the end open', () => {
  const cut = published.split('\n').filter((line) => !line.includes('-> 10.20.1.13:80'));
  const result = walkText(cut.join('\n'));
  expect(ends(result)).toEqual([
    ['10.20.0.8:80', 0.333333, false],
    ['10.20.0.9:80', 0.333333, false],
    ['UNKNOWN', 0.333333, null],
  ]);
  expect(result.missing).toContain('nat KUBE-SVC-P2CJC57QC736K2NH: its last rule');
});

test('a chain the file does not hold leaves the end open', () => {
  const cut = published.split('\n').filter((line) => !/^(:|-A )KUBE-SEP-P5UCONCOPU635JFJ/.test(line));
  const result = walkText(cut.join('\n'));
  expect(ends(result).at(-1)).toEqual(['UNKNOWN', 0.333333, null]);
  expect(result.missing).toContain('nat KUBE-SEP-P5UCONCOPU635JFJ');
});

test('a Service selected by name lacks the rules without comments', () => {
  const grep = published.split('\n').filter((line) => line.includes('netflow-test/nginx'));
  const result = walkText(grep.join('\n'), { from: '203.0.113.9', to: '136.64.249.50' });
  expect(ends(result)).toEqual([['UNKNOWN', 1, null]]);
  expect(result.missing).toContain('nat KUBE-EXT-P2CJC57QC736K2NH: its last rule');
});

test('whole rules are taken at their word: an empty PREROUTING leads nowhere', () => {
  const result = walkText(nat('-A KUBE-SERVICES -d 10.24.9.186/32 -j KUBE-SVC-A', '-A KUBE-SVC-A -j ACCEPT'));
  expect(ends(result)).toEqual([['NONE', 1, false]]);
  expect([result.missing, result.assumptions]).toEqual([[], []]);
});
