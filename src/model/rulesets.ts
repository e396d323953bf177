import type { Ruleset } from '../formats/iptables-save.ts';
import { kindsOf } from './kinds.ts';
import { holdsServices, type RuleIndex, ruleIndex } from './rule-index.ts';
import type { ServiceFacts } from './service.ts';
import { type ServiceRules, type Shares, serviceRules, sharesOf } from './service-rules.ts';
import type { Subject } from './subject.ts';

/** What an output of iptables-save holds. */
export interface RulesetFacts {
  subject: Subject;
  /** As read, for a walk through the rules. */
  ruleset: Ruleset;
  /** Rules of all tables. */
  rules: number;
  /** Chains that are declared in all tables. */
  chains: number;
  /** True where it says where kube-proxy sends packets, and not only which of them it drops. */
  translates: boolean;
  /** Its nat rules, those of all Services. */
  index: RuleIndex;
  shares: Shares[];
  /** The traced Service, `namespace/name`; undefined where no output names it whole. */
  service: string | undefined;
  /** The rules of the traced Service, known by its name and by its addresses and NodePorts. */
  own: ServiceRules;
}

/** The outputs of iptables-save among some. */
export function rulesetsOf(subjects: readonly Subject[], facts: ServiceFacts): RulesetFacts[] {
  const { namespace, name } = facts.service ?? {};
  const service = namespace && name ? `${namespace}/${name}` : undefined;
  const kindOf = kindsOf(facts);
  return subjects.flatMap((subject) => {
    const { parsed } = subject;
    if (parsed.format !== 'iptables-save') return [];
    const index = ruleIndex(parsed);
    const known = [...index.entrances.values()].filter(kindOf).map(({ rule }) => rule);
    return [
      {
        subject,
        ruleset: parsed,
        rules: parsed.tables.reduce((sum, { rules }) => sum + rules.length, 0),
        chains: parsed.tables.reduce((sum, { chains }) => sum + chains.length, 0),
        translates: holdsServices(index),
        index,
        shares: sharesOf(index),
        service,
        own: serviceRules(index, service, known),
      },
    ];
  });
}

/**
 * The rules of any Service.
 * @param name `namespace/name`
 */
export function rulesOf({ index, service, own }: RulesetFacts, name: string): ServiceRules {
  return name === service ? own : serviceRules(index, name);
}
