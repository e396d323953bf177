import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { iptablesFields } from '../../src/formats/iptables-save/fields.ts';
import { type Match, parseIptablesSave, type Rule } from '../../src/formats/iptables-save.ts';
import { FormatError } from '../../src/formats/types.ts';
import { checkFormat } from './support.ts';

checkFormat('iptables-save');

const FILE = 'captures/v1/l4-iptables-nat.txt';
const published = bodyText(decodeCapture(readFileSync(FILE), FILE).body);

/** The one rule of a table around it. */
function ruleOf(line: string): Rule {
  return parseIptablesSave(`*nat\n${line}\nCOMMIT\n`).tables[0]?.rules[0] as Rule;
}

function matchOf(line: string): Match {
  return ruleOf(`-A X ${line}`).matches[0] as Match;
}

/** Every located value anywhere in a parsed output. */
function* locatedIn(value: unknown): Generator<{ value: string; start: number; end: number }> {
  if (value === null || typeof value !== 'object') return;
  const { value: text, start, end } = value as Record<string, unknown>;
  if (typeof text === 'string' && typeof start === 'number' && typeof end === 'number')
    yield { value: text, start, end };
  for (const part of Object.values(value)) yield* locatedIn(part);
}

function expectPlaces(text: string): void {
  const ruleset = parseIptablesSave(text);
  for (const at of locatedIn(ruleset)) expect(text.slice(at.start, at.end)).toBe(at.value);
  const fields = iptablesFields(ruleset);
  let end = 0;
  const paths = new Set<string>();
  for (const field of fields) {
    expect(text.slice(field.start, field.end)).toBe(field.value);
    expect(field.start).toBeGreaterThanOrEqual(end);
    end = field.end;
    const path = JSON.stringify(field.path);
    expect(paths).not.toContain(path);
    paths.add(path);
  }
}

test('reads the published filtered output whole: 28 chains, 79 rules, every value in its place', () => {
  const ruleset = parseIptablesSave(published);
  expect(ruleset.filtered).toBe(true);
  expect(ruleset.tables).toHaveLength(1);
  const [table] = ruleset.tables;
  expect(table).toMatchObject({ name: undefined, committed: false });
  expect(table?.chains).toHaveLength(28);
  expect(table?.rules).toHaveLength(79);
  expect(table?.rules.filter((rule) => rule.text.includes('netflow-test/nginx')).length).toBe(15);
  expect(table?.rules.flatMap((rule) => rule.matches).some((match) => match.kind === 'unknown')).toBe(false);
  expectPlaces(published);
});

test('types the rules that kube-proxy writes', () => {
  const rule = ruleOf(
    '[7:420] -A KUBE-SVC-P2CJC57QC736K2NH ! -s 10.20.1.0/24 -d 10.24.9.186/32 -p tcp -m comment --comment "netflow-test/nginx cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
  );
  expect(rule.chain.value).toBe('KUBE-SVC-P2CJC57QC736K2NH');
  expect(rule.counters).toMatchObject({ packets: 7n, bytes: 420n });
  expect(rule.matches.map(({ kind, negated }) => [kind, negated])).toEqual([
    ['source', true],
    ['destination', false],
    ['protocol', false],
    ['comment', false],
    ['ports', false],
  ]);
  expect(rule.target).toMatchObject({ name: { value: 'KUBE-MARK-MASQ' }, goto: false, effect: { kind: 'chain' } });
  expect(matchOf('-m statistic --mode random --probability 0.33333333349')).toMatchObject({
    kind: 'statistic-random',
    chance: 0.33333333349,
    probability: { value: '0.33333333349' },
  });
  expect(
    matchOf('-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource'),
  ).toMatchObject({ kind: 'recent', action: 'rcheck', seconds: 10800, reap: true, list: 'KUBE-SEP-A', side: 'source' });
  expect(matchOf('-m addrtype ! --src-type LOCAL')).toMatchObject({
    kind: 'address-type',
    side: 'source',
    negated: true,
    types: [{ value: 'LOCAL' }],
  });
  expect(matchOf('-m multiport --dports 80,443,1000:2000')).toMatchObject({
    kind: 'ports',
    side: 'destination',
    ports: [
      { from: 80, to: 80 },
      { from: 443, to: 443 },
      { from: 1000, to: 2000 },
    ],
  });
  expect(matchOf('-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT')).toMatchObject({
    kind: 'conntrack-state',
    negated: true,
    states: [{ value: 'RELATED' }, { value: 'ESTABLISHED' }, { value: 'DNAT' }],
  });
  expect(matchOf('-m mark ! --mark 0x4000/0x4000')).toMatchObject({
    kind: 'mark',
    negated: true,
    mark: { mark: 0x4000, mask: 0x4000 },
  });
  expect(matchOf('-m nfacct --nfacct-name  localhost_nps_accepted_pkts')).toMatchObject({ kind: 'nfacct' });
  expect(matchOf('-m physdev ! --physdev-is-in')).toMatchObject({ kind: 'physdev', option: 'is-in', negated: true });
});

test('reads rules in the order in which kube-proxy writes them, before iptables puts them in its own', () => {
  const rule = ruleOf(
    '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 3001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
  );
  expect(rule.matches.map((match) => match.kind)).toEqual(['comment', 'ports', 'protocol']);
  expect(ruleOf('-A X -p udp --dport 53 -j ACCEPT').matches.map((match) => match.kind)).toEqual(['protocol', 'ports']);
});

test.each([
  ['DNAT --to-destination 10.20.0.8:80', { kind: 'dnat', host: { value: '10.20.0.8' }, port: { value: '80' } }],
  ['DNAT --to-destination [fd00::8]:80', { kind: 'dnat', host: { value: 'fd00::8' }, port: { value: '80' } }],
  ['DNAT --to-destination fd00::8', { kind: 'dnat', host: { value: 'fd00::8' }, port: undefined }],
  ['DNAT --to-destination :8080', { kind: 'dnat', host: undefined, port: { value: '8080' } }],
  ['DNAT --to-destination 10.0.0.1-10.0.0.9:1-5', { kind: 'dnat', host: { value: '10.0.0.1-10.0.0.9' } }],
  ['MARK --set-xmark 0x4000/0x4000', { kind: 'mark', and: 0xffffbfff, xor: 0x4000 }],
  ['MARK --set-mark 0x3/0x1', { kind: 'mark', and: 0xfffffffc, xor: 3 }],
  ['MARK --or-mark 0x4000', { kind: 'mark', and: 0xffffbfff, xor: 0x4000 }],
  ['MARK --xor-mark 0x4000', { kind: 'mark', and: 0xffffffff, xor: 0x4000 }],
  ['MARK --and-mark 0xff', { kind: 'mark', and: 0xff, xor: 0 }],
  ['CT --notrack', { kind: 'notrack' }],
  ['REJECT --reject-with icmp-port-unreachable', { kind: 'reject' }],
  ['LOG --log-prefix "dropped \\"x\\": "', { kind: 'none' }],
  ['CONNMARK --restore-mark', { kind: 'extension' }],
])('reads the target %s', (text, effect) => {
  const rule = ruleOf(`-A X -j ${text}`);
  expect(rule.target?.effect).toMatchObject(effect);
  expectPlaces(`*nat\n-A X -j ${text}\nCOMMIT\n`);
});

test('takes the escapes of a quoted comment for what they are, and keeps the place exact', () => {
  const line = String.raw`-A X -m comment --comment "say \"hi\" \\ it\'s -j DROP" -j ACCEPT`;
  const rule = ruleOf(line);
  expect(rule.matches).toMatchObject([{ kind: 'comment', text: String.raw`say "hi" \ it's -j DROP` }]);
  expect(rule.target?.name.value).toBe('ACCEPT');
  expectPlaces(`${line}\n`);
});

test('keeps a match or an option it does not know, with its words, and knows it does not know it', () => {
  const rule = ruleOf(
    '-A X -p tcp -m set ! --match-set blocked src -m tcp --dport 80 -m recent --rcheck --weird 3 -j DROP',
  );
  expect(rule.matches.map((match) => match.kind)).toEqual(['protocol', 'unknown', 'ports', 'unknown']);
  expect(rule.matches[1]).toMatchObject({ module: 'set', text: '-m set ! --match-set blocked src' });
});

test('sees what is whole and what went through a filter', () => {
  const whole = '# Generated\n*nat\n:PREROUTING ACCEPT [0:0]\n:A - [0:0]\n-A PREROUTING -j A\nCOMMIT\n# Completed\n';
  const filtered = (text: string) => parseIptablesSave(text).filtered;
  expect(filtered(whole)).toBe(false);
  expect(filtered(whole.replace('COMMIT\n', ''))).toBe(true);
  expect(filtered(whole.replace('*nat\n', ''))).toBe(true);
  expect(filtered(whole.replace(':A - [0:0]\n', ''))).toBe(true);
  expect(filtered(whole.replace(':PREROUTING ACCEPT [0:0]\n', ''))).toBe(true);
  expect(filtered('')).toBe(true);
});

test('tells the tables apart where a filter took their names away', () => {
  const text =
    ':KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j REJECT\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j KUBE-SVC-A\n';
  expect(parseIptablesSave(text).tables.map((table) => table.rules.length)).toEqual([1, 1]);
});

test('reads lines that a terminal ended with a carriage return', () => {
  const { tables } = parseIptablesSave('*nat\r\n:A - [0:0]\r\n-A A -j ACCEPT\r\nCOMMIT\r\n');
  expect(tables).toMatchObject([{ name: { value: 'nat' }, committed: true }]);
  expect(tables[0]?.rules[0]?.target?.name.value).toBe('ACCEPT');
});

test('reads the deletions in what kube-proxy gives to iptables-restore', () => {
  const text = '*nat\n:KUBE-A - [0:0]\n:KUBE-OLD - [0:0]\n-A KUBE-A -j ACCEPT\n-X KUBE-OLD\nCOMMIT\n';
  expect(parseIptablesSave(text).tables).toMatchObject([{ deleted: [{ value: 'KUBE-OLD' }], filtered: false }]);
  expectPlaces(text);
});

test('keeps a rule that iptables could not print, and knows that nobody knows what it does', () => {
  const unprinted = (text: string) => ruleOf(`-A X -p tcp -m tcp ${text}`).target?.effect;
  expect(unprinted('-j DNAT [unsupported revision]')).toEqual({ kind: 'unprinted', text: '[unsupported revision]' });
  expect(unprinted('-j DNAT --to-destination  --random')).toEqual({ kind: 'unprinted', text: '--to-destination' });
  expect(unprinted('-j SNAT --to-source  --random')).toEqual({ kind: 'unprinted', text: '--to-source' });
  expect(unprinted('-j DNAT --to-destination :0 --persistent --to-destination 0.0.0.0:0')).toMatchObject({
    kind: 'unprinted',
  });
  expect(matchOf('-m owner [unsupported revision] -j ACCEPT')).toMatchObject({ kind: 'unknown', module: 'owner' });
  expect(matchOf('-m mark [unsupported revision] -j ACCEPT')).toMatchObject({
    kind: 'unknown',
    text: '[unsupported revision]',
  });
});

test('reads what iptables -S prints, with and without counters', () => {
  const { tables, filtered } = parseIptablesSave(
    '-P INPUT DROP -c 12 720\n-N KUBE-A\n-N KUBE-B -c 0 0\n-A INPUT -c 7 420 -j KUBE-A\n-A KUBE-A -s 10.0.0.1/32 -m comment --comment "-c 1 2" -c 3 180 -j DROP\n',
  );
  expect(filtered).toBe(true);
  expect(tables[0]?.chains.map(({ name, policy, counters }) => [name.value, policy?.value, counters?.packets])).toEqual(
    [
      ['INPUT', 'DROP', 12n],
      ['KUBE-A', undefined, undefined],
      ['KUBE-B', undefined, 0n],
    ],
  );
  expect(
    tables[0]?.rules.map(({ counters, target }) => [counters?.packets, counters?.bytes, target?.name.value]),
  ).toEqual([
    [7n, 420n, 'KUBE-A'],
    [3n, 180n, 'DROP'],
  ]);
  for (const broken of ['-P INPUT', '-P INPUT MAYBE', '-N', '-N A -c 1', '-N A B']) {
    expect(() => parseIptablesSave(`${broken}\n`)).toThrow(/expected a chain, such as -N KUBE-SERVICES/);
  }
});

test('a table, a chain or an option that stands twice is named twice', () => {
  const twice = '*nat\n:A - [1:2]\n:A - [3:4]\n-X B\n-X B\n-A A -s 10.0.0.1 -s 10.0.0.2 -j ACCEPT\nCOMMIT\n';
  for (const text of [twice, twice + twice, '-A A -j ACCEPT\n*nat\n*nat\n']) expectPlaces(text);
  const tables = iptablesFields(parseIptablesSave(twice + twice)).filter(({ path }) => path[1] === 'table');
  expect(tables.map(({ path }) => path[0])).toEqual(['nat', 'nat 2']);
});

test('names the line, what was expected and what stands there', () => {
  const said = (line: string) => {
    try {
      parseIptablesSave(`*nat\n${line}\nCOMMIT\n`);
      return 'read';
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).line).toBe(2);
      return (error as FormatError).message;
    }
  };
  const lines = [
    'Defaulted container "x" out of: x, y',
    '-A X -s 10.0.0.300 -j ACCEPT',
    '-A X -p tcp -m tcp --dport http -j ACCEPT',
    '-A X -m comment --comment "open -j ACCEPT',
    '-A X --dport 80 -j ACCEPT',
    '-A X -m statistic --mode random --probability 1.5 -j A',
    '-A X -m mark --mark 0x4000/ -j A',
    '-A X -j DNAT --to-destination 10.0.0.8:99999',
    '-A X -j ACCEPT -j DROP',
    '-A X !',
    '-A',
    ':A',
    '*nat extra',
    '[1:x] -A X -j ACCEPT',
    '-A X -m mark -j ACCEPT',
    '-A X -m recent --name A -j ACCEPT',
  ];
  expect(lines.map(said)).toMatchInlineSnapshot(`
    [
      "line 2: expected a rule (-A CHAIN …), a chain (:NAME …), a table (*name), COMMIT or a # comment; found "Defaulted container \\"x\\" out of: x, y". This is not iptables-save output: keep only what the command printed, without prompts and messages.",
      "line 2: expected an address or network; found "10.0.0.300". Restore the line as iptables-save printed it.",
      "line 2: expected a port from 0 to 65535, or a range of them; found "http". Restore the line as iptables-save printed it.",
      "line 2: expected a closing double quote; found "\\"open -j ACCEPT". The line is cut off: record it again.",
      "line 2: expected a match (-m) before its options; found "--dport". Restore the line as iptables-save printed it.",
      "line 2: expected a probability from 0 to 1; found "1.5". Restore the line as iptables-save printed it.",
      "line 2: expected a mark such as 0x4000/0x4000; found "0x4000/". Restore the line as iptables-save printed it.",
      "line 2: expected an address and a port after --to-destination; found "10.0.0.8:99999". Restore the line as iptables-save printed it.",
      "line 2: expected one target without !; found "-j". Restore the line as iptables-save printed it.",
      "line 2: expected an option after !; found "the end of the line". Restore the line as iptables-save printed it.",
      "line 2: expected a rule (-A CHAIN …), a chain (:NAME …), a table (*name), COMMIT or a # comment; found "-A". This is not iptables-save output: keep only what the command printed, without prompts and messages.",
      "line 2: expected a chain, its policy and counters, such as :KUBE-SERVICES - [0:0]; found ":A". Restore the line as printed.",
      "line 2: expected the name of a table, such as *nat; found "*nat extra". Restore the line as printed.",
      "line 2: expected counters such as [0:0]; found "[1:x]". Restore the line as printed.",
      "line 2: expected an option of the match mark; found "none". Restore the line as iptables-save printed it.",
      "line 2: expected one of --set, --rcheck, --update, --remove; found "none of them". Restore the line as iptables-save printed it.",
    ]
  `);
});

const words = fc.constantFrom(
  ...'-A -X -s -d -p -m -j -g ! : * [ ] " \\ COMMIT # tcp udp comment --comment --dport 80 80:90 , multiport --dports recent --rcheck --set --name statistic --mode random nth --every 3 --probability 0.5 mark --mark 0x4000/0x4000 addrtype --src-type LOCAL conntrack --ctstate NEW 10.0.0.0/8 fd00::/64 DNAT --to-destination 10.0.0.1:80 KUBE-SVC-AAAA *nat :KUBE-A - [1:2] -A'.split(
    ' ',
  ),
  '\n',
  '\r\n',
  '\t',
  '',
);

test('throws nothing but FormatError, and keeps every place, on 10,000 texts', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(words, { maxLength: 40 }).map((list) => list.join(' ')),
    fc
      .tuple(fc.nat(published.length), fc.nat(400), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(
        ([at, length, noise]) =>
          published.slice(at, at + length / 2) + noise + published.slice(at + length / 2, at + length),
      ),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        expectPlaces(input);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        expect(error.line).toBeGreaterThan(0);
        expect(error.message).not.toContain('\n');
      }
    }),
    { numRuns: 10_000, examples: [['*nat \r\n *nat']] },
  );
});
