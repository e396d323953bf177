import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { passedOver } from '../../src/analysis/packets.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { type Packet, walk, walkable } from '../../src/netfilter/walk.ts';
import type { WalkedPacket } from '../../src/report/figure-data.ts';
import { walkedPacket } from '../../src/report/walk.ts';
import {
  commonMasquerade,
  examinedWords,
  matchWords,
  ruleAnswer,
  ruleLabel,
  ruleQuestion,
  shareText,
  wayWords,
} from '../../src/wording/walk.ts';
import { published } from '../analysis/edited-outputs.ts';
import { figureData } from '../figures/data.ts';
import { nat } from '../netfilter/rules.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { outputsOf } from '../support/recordings/outputs.ts';

type Rules = WalkedPacket['rules'];

/** What a file says about a packet, as the report has it. */
function rulesOf(text: string, packet: Partial<Packet> & Pick<Packet, 'to'>): Rules {
  const whole: Packet = { from: '10.244.0.5', port: 80, protocol: 'tcp', entry: 'prerouting', ...packet };
  const ruleset = parseIptablesSave(text);
  const done = walk(walkable(ruleset), whole);
  const rules = { capture: 'v1/x', packet: whole, walk: done, passedOver: passedOver(ruleset, done) };
  return walkedPacket({ label: 'x', origin: 'outside', notes: [], rules, services: undefined }, []).rules;
}

const said = (rules: Rules) =>
  rules.steps.map(
    (step, index) => `${step.line} ${matchWords(step)}. ${ruleQuestion(step)} ${ruleAnswer(rules, index)}`,
  );
const labels = ({ steps }: Rules) =>
  steps.map((step, index) => {
    const { what, whose } = ruleLabel(
      step,
      steps.slice(0, index).filter(({ chain }) => chain === step.chain),
    );
    return whose ? `${what} | ${whose}` : what;
  });

test('the published rules to a client from outside', () => {
  const rules = figureData(published()).walk?.data.packets[0]?.rules as Rules;
  expect(said(rules).slice(9)).toMatchInlineSnapshot(`
    [
      "77 does not match. For 10.24.9.186, tcp, port 80? Then on to KUBE-SVC-P2CJC57QC736K2NH. This packet goes to 136.64.249.50, so it is compared with line 78 next.",
      "78 matches. For 136.64.249.50, tcp, port 80? Then on to KUBE-EXT-P2CJC57QC736K2NH. This packet matches: line 29 in KUBE-EXT-P2CJC57QC736K2NH is next.",
      "29 matches. Any packet: mark for masquerade. This packet too: it is marked, so that the node’s address will replace the source, and line 30 is next.",
      "30 matches. Any packet: on to KUBE-SVC-P2CJC57QC736K2NH. This packet too: line 91 in KUBE-SVC-P2CJC57QC736K2NH is next.",
      "91 does not match. Not from 10.20.1.0/24, for 10.24.9.186, tcp, port 80? Then mark for masquerade. This packet goes to 136.64.249.50, so it is compared with line 92 next.",
      "92 matches 33.3 %. With a chance of 1 in 3? Then on to KUBE-SEP-WINV7FEMCBPDEZGG. A lot is drawn for each new connection: 33.3 % of the connections that come here go on at line 60 in KUBE-SEP-WINV7FEMCBPDEZGG; for the others line 93 is next.",
      "60 does not match. From 10.20.0.8? Then mark for masquerade. This packet comes from 203.0.113.7, so it is compared with line 61 next.",
      "61 matches. Any tcp packet: rewrite its destination to 10.20.0.8:80. This packet matches: it is sent to 10.20.0.8:80; connection tracking does the same to the packets after it.",
      "93 matches 50.0 %. With a chance of 1 in 2? Then on to KUBE-SEP-X4MLFZ67G53NH3PU. A lot is drawn for each new connection: 50.0 % of the connections that come here go on at line 62 in KUBE-SEP-X4MLFZ67G53NH3PU; for the others line 94 is next.",
      "62 does not match. From 10.20.0.9? Then mark for masquerade. This packet comes from 203.0.113.7, so it is compared with line 63 next.",
      "63 matches. Any tcp packet: rewrite its destination to 10.20.0.9:80. This packet matches: it is sent to 10.20.0.9:80; connection tracking does the same to the packets after it.",
      "94 matches. Any packet: on to KUBE-SEP-P5UCONCOPU635JFJ. This packet too: line 46 in KUBE-SEP-P5UCONCOPU635JFJ is next.",
      "46 does not match. From 10.20.1.13? Then mark for masquerade. This packet comes from 203.0.113.7, so it is compared with line 47 next.",
      "47 matches. Any tcp packet: rewrite its destination to 10.20.1.13:80. This packet matches: it is sent to 10.20.1.13:80; connection tracking does the same to the packets after it.",
    ]
  `);
  expect(labels(rules).slice(9)).toMatchInlineSnapshot(`
    [
      "10.24.9.186:80/tcp | nginx",
      "136.64.249.50:80/tcp | nginx",
      "mark for masquerade",
      "on to KUBE-SVC-P2CJC57QC736K2NH",
      "not from 10.20.1.0/24 …? mark for masquerade",
      "1 in 3",
      "from 10.20.0.8? mark for masquerade",
      "rewrite its destination to 10.20.0.8:80",
      "1 in 2 of the rest",
      "from 10.20.0.9? mark for masquerade",
      "rewrite its destination to 10.20.0.9:80",
      "all the rest",
      "from 10.20.1.13? mark for masquerade",
      "rewrite its destination to 10.20.1.13:80",
    ]
  `);
});

test('every kind of condition and target in words', () => {
  const rules = rulesOf(
    nat(
      '-A PREROUTING -j KUBE-SERVICES',
      '-A KUBE-SERVICES ! -d 10.96.0.1/32 -p udp -m udp --sport 53 -j RETURN',
      '-A KUBE-SERVICES -d 10.96.0.0/16 -p tcp -m multiport --dports 80,443 -m addrtype --src-type LOCAL -j KUBE-MARK-DROP',
      '-A KUBE-SERVICES -m addrtype ! --dst-type LOCAL -m mark --mark 0x8000/0x8000 -j DROP',
      '-A KUBE-SERVICES -m conntrack --ctstate RELATED,ESTABLISHED --ctorigdst 10.96.0.2 -j ACCEPT',
      '-A KUBE-SERVICES -i eth0 -m owner --uid-owner 0 -j LOG',
      '-A KUBE-SERVICES -m recent --rcheck --seconds 10800 --reap --name SEEN --mask 255.255.255.255 --rsource -j KUBE-SEP-A',
      '-A KUBE-SERVICES -m statistic --mode nth --every 4 --packet 0 -j KUBE-SEP-A',
      '-A KUBE-SERVICES -m statistic --mode random --probability 0.40000000000 -j KUBE-SEP-A',
      '-A KUBE-SERVICES -j KUBE-MARK-MASQ',
      '-A KUBE-SERVICES -m recent --set --name SEEN --mask 255.255.255.255 --rsource',
      '-A KUBE-SERVICES -g KUBE-SEP-A',
      '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000',
      '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
      '-A KUBE-SEP-A -p tcp -m recent --set --name SEEN --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.244.0.9:80',
      '-A POSTROUTING -d 10.96.0.3/32 -j SNAT --to-source 192.0.2.1',
      '-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
    ),
    { to: '10.96.0.3', localAddresses: ['192.0.2.10'] },
  );
  expect(said(rules)).toMatchInlineSnapshot(`
    [
      "10 matches. Any packet: on to KUBE-SERVICES. This packet too: line 11 in KUBE-SERVICES is next.",
      "11 does not match. Not for 10.96.0.1, udp, from port 53? Then back to where it came from. This packet is tcp, so it is compared with line 12 next.",
      "12 does not match. For 10.96.0.0/16, tcp, port 80, 443, from an address of the node? Then mark to be dropped. 10.244.0.5 is not an address of the node, so it is compared with line 13 next.",
      "13 does not match. Not for an address of the node, marked 0x8000/0x8000? Then drop it. This packet has no such mark, so it is compared with line 14 next.",
      "14 does not match. Of a connection that is RELATED, ESTABLISHED, first sent to 10.96.0.2? Then let it through. This packet is the first of its connection, which is NEW, so it is compared with line 15 next.",
      "15 cannot tell whether it matches. Arriving on eth0, -m owner --uid-owner 0? Then note it with LOG. The output does not tell whether this packet matches; line 16 is next where it does not.",
      "16 does not match. Its client on the list SEEN? Then on to KUBE-SEP-A. This client has not been seen before, so it is compared with line 17 next.",
      "17 matches 25.0 %. One in 4, by turns? Then on to KUBE-SEP-A. By turns, 25.0 % of the connections that come here go on at line 24 in KUBE-SEP-A; for the others line 18 is next.",
      "24 matches. Any tcp packet: rewrite its destination to 10.244.0.9:80, its client put on the list SEEN. This packet matches: it is sent to 10.244.0.9:80; connection tracking does the same to the packets after it.",
      "18 matches 40.0 %. With a chance of 40.0 %? Then on to KUBE-SEP-A. A lot is drawn for each new connection: 40.0 % of the connections that come here go on at line 24 in KUBE-SEP-A; for the others line 19 is next.",
      "24 matches. Any tcp packet: rewrite its destination to 10.244.0.9:80, its client put on the list SEEN. This packet matches: it is sent to 10.244.0.9:80; connection tracking does the same to the packets after it.",
      "19 matches. Any packet: mark for masquerade. This packet too: line 23 in KUBE-MARK-MASQ is next.",
      "23 matches. Any packet: change its mark, --set-xmark 0x4000/0x4000. This packet too: it is marked, and line 20 is next.",
      "20 matches. Any packet: count it, its client put on the list SEEN. This packet matches: it is counted, and line 21 is next.",
      "21 matches. Any packet: on to KUBE-SEP-A, not to come back. This packet too: line 24 in KUBE-SEP-A is next.",
      "24 matches. Any tcp packet: rewrite its destination to 10.244.0.9:80, its client put on the list SEEN. This packet matches: it is sent to 10.244.0.9:80; connection tracking does the same to the packets after it.",
      "25 does not match. For 10.96.0.3? Then replace its source by 192.0.2.1. Its destination is another one by now, so it is compared with line 26 next.",
      "26 matches 45.0 %. Marked 0x4000/0x4000? Then replace its source by the node’s address. By the way they came, 45.0 % of the connections that come here are given the node’s address as their source; for the others no captured rule is left.",
    ]
  `);
  expect(labels(rules)).toMatchInlineSnapshot(`
    [
      "on to KUBE-SERVICES",
      "not for 10.96.0.1 …? back to where it came from",
      "for 10.96.0.0/16 …? mark to be dropped",
      "not for an address of the node …? drop it",
      "of a connection that is RELATED, ESTABLISHED …? let it through",
      "arriving on eth0 …? note it with LOG",
      "its client on the list SEEN? on to KUBE-SEP-A",
      "one in 4, by turns? on to KUBE-SEP-A",
      "rewrite its destination to 10.244.0.9:80",
      "40.0 % of the rest",
      "rewrite its destination to 10.244.0.9:80",
      "all the rest",
      "change its mark, --set-xmark 0x4000/0x4000",
      "its client put on the list SEEN? count it",
      "all the rest",
      "rewrite its destination to 10.244.0.9:80",
      "for 10.96.0.3? replace its source by 192.0.2.1",
      "marked 0x4000/0x4000? replace its source by the node’s address",
    ]
  `);
});

test('shares, ranges, what comes before the first match, and masquerading', () => {
  expect([1 / 3, 0.3333333335, 0.5, 0.4, 0.01, 0.001].map(shareText)).toEqual([
    '1/3',
    '1/3',
    '1/2',
    '40.0 %',
    '1/100',
    '0.1 %',
  ]);
  const way = {
    verdict: 'DNAT',
    target: '10.0.0.1:80',
    masquerade: true,
    share: 1,
    examined: { min: 3, max: 5 },
  } as const;
  expect(wayWords(way)).toBe('all, 3–5 rules');
  expect(wayWords({ ...way, share: null, examined: { min: 1, max: 1 } })).toBe('1 rule');
  expect(commonMasquerade([way])).toBe('Marked for masquerade: the node’s address will replace the source.');
  expect(commonMasquerade([way, { ...way, masquerade: false }])).toBeUndefined();
  expect(commonMasquerade([])).toBeUndefined();
  const one = rulesOf(nat('-A PREROUTING -d 10.96.0.1/32 -j DROP'), { to: '10.96.0.2' });
  expect(examinedWords(one)).toEqual({
    before: 'The packet is compared with',
    after: 'captured rule; it does not match',
  });
});

const { rulesets } = JSON.parse(readFileSync('tests/fixtures/conformance/kube-proxy-flows.json', 'utf8'));
const files = readdirSync('tests/fixtures/formats').filter((name) => /^iptables-save--.*\.out$/.test(name));
const services = (text: string) =>
  [...text.matchAll(/-d ([\d.]+)\/32 .*--dport (\d+)/g)]
    .slice(0, 3)
    .map(([, to = '', port]) => ({ to, port: Number(port) }));
const sources: { name: string; walks: () => Rules[] }[] = [
  ...rulesets.map(
    ({ id, ruleset, localIPs, flows }: { id: string; ruleset: string; localIPs: string[]; flows: never[] }) => ({
      name: id,
      walks: () =>
        flows.map((flow: { sourceIP: string; destIP: string; destPort: number; protocol: 'tcp' }) =>
          rulesOf(ruleset, {
            from: flow.sourceIP,
            to: flow.destIP,
            port: flow.destPort,
            protocol: flow.protocol,
            localAddresses: localIPs,
          }),
        ),
    }),
  ),
  ...files.map((name) => {
    const text = readFileSync(`tests/fixtures/formats/${name}`, 'utf8');
    return {
      name,
      walks: () =>
        [...services(text), { to: '198.51.100.1' }].flatMap((packet) =>
          (['prerouting', 'output'] as const).map((entry) => rulesOf(text, { ...packet, entry })),
        ),
    };
  }),
  ...Array.from({ length: 20 }, (_, number) => ({
    name: `world ${number + 1}`,
    walks: () =>
      [...outputsOf(worldOf(number + 1))]
        .filter(([, text]) => /^-A KUBE-SERVICES/m.test(text))
        .flatMap(([, text]) => services(text).map((packet) => rulesOf(text, packet))),
  })),
];

describe.each(sources)('$name', ({ walks }) => {
  test('every rule is a question, an answer that follows from the packet, and what comes next', () => {
    for (const rules of walks()) {
      const { steps, packet } = rules;
      for (const [index, step] of steps.entries()) {
        const [question, answer] = [ruleQuestion(step), ruleAnswer(rules, index)];
        for (const text of [question, answer, ruleLabel(step, []).what]) {
          expect(text, step.text).not.toMatch(/undefined|null|\bNaN\b|^\s*$|,\s*[,?]/);
        }
        expect(question).toMatch(/^\S.*(\? Then |packet: )\S.*\.$/s);
        expect(answer).toMatch(/\.$/);
        const next = steps[index + 1];
        if (step.chance === 0)
          expect(answer).toContain(next ? `compared with line ${next.line} ` : 'no captured rule is left');
        const ask = step.failed === undefined ? undefined : step.asks[step.failed];
        if (ask && !step.matched) expect(ask.kind).not.toBe('random');
        if (answer.startsWith('This packet goes to') && ask?.kind === 'destination') {
          expect(answer).toContain(packet.to);
          expect(ask.not || ask.value.replace('/32', '') !== packet.to, step.text).toBe(true);
        }
        if (step.does.kind === 'dnat' && step.matched) expect(answer).toContain(step.does.value);
      }
      expect(rules.ways.every(({ end }) => end === undefined || steps[end]?.matched)).toBe(true);
      const shares = rules.ways.map(({ share }) => share);
      if (!shares.includes(null))
        expect(shares.reduce((sum: number, share) => sum + (share ?? 0), 0)).toBeCloseTo(1, 9);
    }
  });
});

test('there is a recording of each kind', () => {
  expect(rulesets.length).toBeGreaterThan(5);
  expect(files.length).toBeGreaterThan(10);
  expect(sources.flatMap(({ walks }) => walks()).length).toBeGreaterThan(100);
});
