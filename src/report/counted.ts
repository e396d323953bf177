import type { PacketWalk } from '../analysis/packets.ts';
import { ruleKey } from '../model/counters.ts';
import type { Model } from '../model/model.ts';
import type { Step } from '../netfilter/walk.ts';

/** By how many packets the counters of the rules on a walk rose during a probe that sent such packets. */
export interface Counters {
  /** Key of the probe. */
  probe: string;
  /** Absent for a rule that was not recorded on each node. */
  rose(step: Step): number | undefined;
}

/** The counters around the first probe of the address that a packet goes to, at which the rules were those of its walk. */
export function countersOf(
  model: Model,
  { origin, rules: { capture, packet, walk } }: PacketWalk,
): Counters | undefined {
  const side = model.subjects.find(({ key }) => key === capture)?.side;
  const { service, counted } = side ? model.sides[side] : { service: undefined, counted: [] };
  const vips = service?.vip.flatMap(({ values }) => values.map(({ value }) => value)) ?? [];
  if (origin !== 'outside' || !vips.includes(packet.to)) return undefined;
  for (const { probe, nodes } of counted) {
    const rose = ({ table, read }: Step) => {
      const key = ruleKey(table, { chain: read.chain.value, text: read.text });
      const found = nodes.map(({ rules }) => rules.get(key));
      const sum = found.reduce((total, rule) => total + (rule?.before && rule.after ? rule.rose : Number.NaN), 0);
      return sum >= 0 ? sum : undefined;
    };
    if (walk.steps.every((step) => !step.matched || rose(step) !== undefined)) return { probe: probe.capture, rose };
  }
  return undefined;
}
