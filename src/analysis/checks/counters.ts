import type { CountedNode, CountedProbe, CountedRule } from '../../model/counters.ts';
import { ruleKey } from '../../model/counters.ts';
import type { SideModel } from '../../model/model.ts';
import { matchOf } from '../../model/rule-index.ts';
import { distinct, occurrence } from '../../model/stated.ts';
import { type Walk, walk, walkable } from '../../netfilter/walk.ts';
import { counted, reasonsInWords } from '../../words.ts';
import { broken, type CheckResult, holds, notComparable, together } from './result.ts';

/*
 * The nat table is asked once for each connection, and again for each SYN that is dropped: a rule of the Service counts
 * what the walk of a probe's packet leads to it, no more and no less. So the counters tell how many connections took
 * which way, and must add up to what the probe saw.
 */

/** Stands for the client: an address of no pod and no node (RFC 5737). */
const CLIENT = '203.0.113.7';

/** What became of the packets of a probe on one node. */
interface Counted {
  /** Connections that were sent to a pod. */
  translated: number;
  /** SYNs that were dropped or refused. */
  refused: number;
  /** Rules of the Service that counted some. */
  rules: number;
}

/** The rules whose counters rose during a probe are those the walk of its packet takes, by as many packets. */
export function countersCheck(model: SideModel): CheckResult {
  if (model.counted.length === 0)
    return notComparable('no rules with counters (iptables-save -c) were recorded before and after a probe');
  return together(model.counted.map((one) => probeResult(model, one)));
}

function probeResult(model: SideModel, { probe, nodes }: CountedProbe): CheckResult {
  const evidence = nodes.flatMap((node) => ownRules(node).map(({ rule, on }) => occurrence(on.subject, rule)));
  const results = nodes.map((node) => countedOn(model, node));
  const [wrong, unclear] = [
    results.flatMap((result) => ('wrong' in result ? result.wrong : [])),
    results.flatMap((result) => ('unclear' in result ? result.unclear : [])),
  ];
  const during = `${probe.capture}: `;
  if (wrong.length > 0) return broken(during + reasonsInWords(wrong), evidence);
  if (unclear.length > 0) return notComparable(during + reasonsInWords(unclear), evidence);
  const on = results.flatMap((result) => ('translated' in result ? result : []));
  const sum = (of: keyof Counted) => on.reduce((total, one) => total + one[of], 0);
  const [translated, refused] = [sum('translated'), sum('refused')];
  const made = probe.requests.filter(({ outcome, connect }) => outcome === 'answered' || connect !== undefined);
  const failed = probe.requests.filter((request) => !made.includes(request));
  // A SYN is sent again at most once a second; the last one of a connection that was made was not dropped.
  const syns =
    made.reduce((total, { connect = 0 }) => total + Math.floor(connect), 0) +
    failed.reduce((total, { seconds }) => total + Math.floor(seconds) + 1, 0);
  const connections = counted(made.length, 'connection');
  const found = `${translated} counted as sent to a pod, ${counted(refused, 'SYN')} as dropped or refused`;
  const listed = Math.max(0, ...model.nodes.listed.map(({ values }) => new Set(values.map(({ value }) => value)).size));
  if (translated > made.length + failed.length || refused > syns)
    return notComparable(`${during}${connections} of the probe, ${found}: others asked, too`, evidence);
  if (translated < made.length || translated + refused < made.length + failed.length)
    return nodes.length < listed
      ? notComparable(`${during}${counted(nodes.length, 'node')} of ${listed} were recorded`, evidence)
      : broken(`${during}${connections} and ${counted(failed.length, 'request')} without one, but ${found}`, evidence);
  const dropped = refused > 0 ? `, and ${counted(refused, 'dropped SYN')}` : '';
  const places = counted(nodes.length, 'node');
  return holds(`${during}${connections}${dropped} counted by ${counted(sum('rules'), 'rule')} on ${places}`, evidence);
}

/** The Service's rules of a node, as they stood before: those of nat, and those of filter that name it. */
function ownRules({ before, rules }: CountedNode) {
  const { own, service, ruleset, subject } = before;
  const filter = ruleset.tables.filter(({ name }) => name?.value === 'filter').flatMap((table) => table.rules);
  const naming = filter.filter((rule) => matchOf(rule, 'comment')?.text.split(/[\s:]/)[0] === service);
  const of = (table: string) => (rule: (typeof filter)[number]) => {
    const found = rules.get(ruleKey(table, { chain: rule.chain.value, text: rule.text }));
    return found ? [{ rule, found, on: { subject } }] : [];
  };
  return service === undefined ? [] : [...own.rules.flatMap(of('nat')), ...naming.flatMap(of('filter'))];
}

function countedOn(model: SideModel, node: CountedNode): Counted | { wrong: string[] } | { unclear: string[] } {
  const { before, after, rules } = node;
  const own = ownRules(node);
  if (own.length === 0) return { unclear: [`${before.subject.key} holds no rule of the Service`] };
  const changed = [...changesOf(node, own)];
  if (changed.length > 0) return { wrong: changed };
  const reset = [...rules.values()].find(({ rose }) => rose < 0);
  if (reset)
    return {
      unclear: [`line ${reset.after?.line} of ${after.subject.key} counts anew: kube-proxy wrote its rules again`],
    };
  const packet = packetOf(model, node);
  if (!packet) return { unclear: [`${before.subject.key} has no way in for the external address`] };
  const way = walk(walkable(before.ruleset), packet);
  const [unknown] = way.unknown;
  if (unknown !== undefined) return { unclear: [`${before.subject.key}, ${unknown}`] };
  return explained(way, own, after.subject.key);
}

/** Rules of the Service that are not the same in both outputs, in words. */
function* changesOf({ before, after, rules }: CountedNode, own: ReturnType<typeof ownRules>): Generator<string> {
  for (const { rule, found } of own) {
    if (!found.after) yield `line ${rule.line} of ${before.subject.key} is gone in ${after.subject.key}`;
  }
  const later = new Set(ownRules({ before: after, after, where: '', rules }).map(({ rule }) => rule));
  for (const { before: earlier, after: rule } of rules.values()) {
    if (!earlier && rule && later.has(rule)) yield `line ${rule.line} of ${after.subject.key} was not there before`;
  }
}

function packetOf({ service }: SideModel, { before }: CountedNode) {
  const vips = distinct(service.vip.flatMap(({ values }) => values));
  const entrance = before.own.entrances.find(({ address }) => address && vips.includes(address.value));
  const [to] = entrance?.address ? [entrance.address.value] : vips;
  const port = Number(entrance?.port?.value ?? distinct(service.port.flatMap(({ values }) => values))[0]);
  if (to === undefined || !Number.isInteger(port)) return undefined;
  return { from: CLIENT, to, port, protocol: 'tcp', entry: 'prerouting', localAddresses: [] } as const;
}

/**
 * How many packets took each way of a walk. A rule that lies on one way alone tells how many took it; then every rule of
 * the Service must have counted the packets of the ways it lies on.
 */
function explained(way: Walk, own: ReturnType<typeof ownRules>, key: string): Counted | { wrong: string[] } {
  const roseBy = new Map(own.map(({ rule, found }) => [rule.line, found.rose]));
  const ways = way.branches.map(({ matched, outcome }) => {
    const lines = matched.flatMap((step) => way.steps[step]?.line ?? []).filter((line) => roseBy.has(line));
    return { outcome, lines: new Set(lines) };
  });
  const packets = ways.map(({ lines }) => {
    const alone = [...lines].find((line) => ways.every((other) => other.lines === lines || !other.lines.has(line)));
    return alone === undefined ? undefined : (roseBy.get(alone) ?? 0);
  });
  const shared = [...(ways[0]?.lines ?? [])].find((line) => ways.every(({ lines }) => lines.has(line)));
  const known = packets.reduce<number>((total, count) => total + (count ?? 0), 0);
  const rest = Math.max(0, (shared === undefined ? 0 : (roseBy.get(shared) ?? 0)) - known);
  const open = packets.filter((count) => count === undefined).length;
  const counts = packets.map((count) => count ?? (open === 1 ? rest : 0));
  const wrong = own.flatMap(({ rule, found }) => {
    const expected = ways.reduce(
      (total, { lines }, index) => total + (lines.has(rule.line) ? (counts[index] ?? 0) : 0),
      0,
    );
    return expected === found.rose ? [] : [miscounted(found, expected, key)];
  });
  if (wrong.length > 0) return { wrong };
  const sum = (verdicts: readonly string[]) =>
    ways.reduce(
      (total, { outcome }, index) => total + (verdicts.includes(outcome.verdict) ? (counts[index] ?? 0) : 0),
      0,
    );
  return {
    translated: sum(['DNAT']),
    refused: sum(['DROP', 'REJECT']),
    rules: own.filter(({ found }) => found.rose > 0).length,
  };
}

function miscounted({ rose, after }: CountedRule, expected: number, key: string): string {
  return `line ${after?.line} of ${key} counted ${rose} where the walk leads ${expected} to it`;
}
