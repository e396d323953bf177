import type { Rule } from '../formats/iptables-save.ts';
import type { Probe } from './probes.ts';
import type { RulesetFacts } from './rulesets.ts';
import type { Subject } from './subject.ts';

/*
 * `iptables-save -c` before and after a probe: by how many packets the counter of each rule rose. kube-proxy writes a
 * rule that it changes anew, and its counter then begins at zero (iptables-restore(8)).
 */

/** A rule before and after a probe. */
export interface CountedRule {
  table: string;
  /** As they stand in the two outputs; one is absent where the rule came or went in between. */
  before: Rule | undefined;
  after: Rule | undefined;
  /** Packets by which the counter rose; negative where it was set back. */
  rose: number;
}

/** The rules of a node before and after a probe. */
export interface CountedNode {
  /** Where the outputs were recorded: `node gke-test-pool-aaaa`. */
  where: string;
  before: RulesetFacts;
  after: RulesetFacts;
  /** By {@link ruleKey}. */
  rules: ReadonlyMap<string, CountedRule>;
}

/** A probe with the nodes whose counters were recorded around it. */
export interface CountedProbe {
  probe: Probe;
  nodes: CountedNode[];
}

/** What a rule says and where, whatever it has counted. */
export function ruleKey(table: string, { chain, text }: { chain: string; text: string }): string {
  return `${table} ${chain} ${text.replace(/^\[\d+:\d+\] /, '')}`;
}

/**
 * True for rules that were recorded for what they count around a probe: they show a moment of the probes' layer, in which
 * pods come and go, and not where the dataplane sends packets at the time of the others.
 */
export function countsForProbe(subject: Subject, subjects: readonly Subject[]): boolean {
  return (
    subject.parsed.format === 'iptables-save' &&
    subject.parsed.tables.some(({ rules }) => rules.some(({ counters }) => counters !== undefined)) &&
    subjects.some(({ layer, parsed }) => layer === subject.layer && parsed.format === 'http-probe')
  );
}

/**
 * The probes with counters around them. Of the outputs of a node the last one before a probe and the first one behind it
 * belong to it, up to the next probe of the layer.
 */
export function countedProbes(
  subjects: readonly Subject[],
  rulesets: readonly RulesetFacts[],
  probes: readonly Probe[],
): CountedProbe[] {
  const counted = rulesets.filter(({ subject }) => countsForProbe(subject, subjects));
  const placeOf = (key: string) => subjects.findIndex((subject) => subject.key === key);
  return probes.flatMap((probe) => {
    const own = counted.filter(({ subject }) => subject.layer === probe.layer);
    const others = probes.filter(({ layer }) => layer === probe.layer).map(({ capture }) => placeOf(capture));
    const at = placeOf(probe.capture);
    const from = Math.max(-1, ...others.filter((place) => place < at));
    const to = Math.min(subjects.length, ...others.filter((place) => place > at));
    const between = (low: number, high: number) =>
      own.filter(({ subject }) => placeOf(subject.key) > low && placeOf(subject.key) < high);
    const nodes = [...new Set(own.flatMap(({ subject }) => subject.where ?? []))].flatMap((where): CountedNode[] => {
      const before = between(from, at).findLast(({ subject }) => subject.where === where);
      const after = between(at, to).find(({ subject }) => subject.where === where);
      return before && after ? [{ where, before, after, rules: risesOf(before, after) }] : [];
    });
    return nodes.length > 0 ? [{ probe, nodes }] : [];
  });
}

function risesOf(before: RulesetFacts, after: RulesetFacts): Map<string, CountedRule> {
  const found = new Map<string, CountedRule>();
  for (const [when, sign, { ruleset }] of [['before', -1, before] as const, ['after', 1, after] as const]) {
    for (const { name, rules } of ruleset.tables) {
      for (const rule of rules) {
        const table = name?.value ?? '';
        const key = ruleKey(table, { chain: rule.chain.value, text: rule.text });
        const known = found.get(key) ?? { table, before: undefined, after: undefined, rose: 0 };
        const packets = Number(rule.counters?.packets ?? 0n);
        found.set(key, { ...known, [when]: known[when] ?? rule, rose: known.rose + sign * packets });
      }
    }
  }
  return found;
}
