import { tableOf } from '../formats/iptables-save/table.ts';
import type { Match, Rule, Ruleset, Table } from '../formats/iptables-save.ts';

/*
 * kube-proxy's rules of one Service (k8s.io/kubernetes/pkg/proxy/iptables): KUBE-SERVICES and KUBE-NODEPORTS lead by
 * address and port to KUBE-EXT (traffic from outside), KUBE-SVC or KUBE-SVL, which draw one KUBE-SEP, which rewrites the
 * destination. Every rule but the jump from KUBE-EXT to KUBE-SVC names the Service in its comment.
 */

/** Chains that kube-proxy makes for one Service port or one endpoint. */
const OWN_CHAIN = /^KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB)-/;
const ENTRANCES = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS']);

/**
 * The rules that translate addresses. The filter table has chains of the same names and rules that name Services too
 * (`has no endpoints`, `has no local endpoints`, `health check node port`), but they lead nowhere.
 */
export function natRules({ tables }: Ruleset): Rule[] {
  return tables.flatMap((table) => rulesIn(table));
}

function rulesIn({ name, rules }: Table): Rule[] {
  if (!name) return rules.filter((rule) => tableOf(rule) === 'nat');
  return name.value === 'nat' ? rules : [];
}

/** True for an output that says where kube-proxy sends packets, and not only which of them it drops. */
export function holdsServices(ruleset: Ruleset): boolean {
  return natRules(ruleset).some(({ chain }) => ENTRANCES.has(chain.value) || OWN_CHAIN.test(chain.value));
}

/** A rule that leads from an address and a port into the chains of the Service. */
export interface Entrance {
  rule: Rule;
  /** Destination address or network; undefined for a NodePort, which every address of the node has. */
  address: string | undefined;
  /** Destination port as printed. */
  port: string | undefined;
  protocol: string | undefined;
  /** DNAT rules that can be reached from here. */
  targets: Rule[];
}

/** The rules of one Service. */
export interface ServiceRules {
  /** In file order. */
  rules: Rule[];
  entrances: Entrance[];
  /** Rules that name the Service and that no entrance leads to. */
  unreached: Rule[];
  /** Chains that are jumped to and of which the file holds neither declaration nor rule. */
  missing: { rule: Rule; chain: string; own: boolean }[];
}

type MatchOfKind<Kind extends Match['kind']> = Match extends infer One
  ? One extends { kind: infer Own }
    ? Kind extends Own
      ? One
      : never
    : never
  : never;

/** The first match of a kind. */
export function matchOf<Kind extends Match['kind']>(rule: Rule, kind: Kind): MatchOfKind<Kind> | undefined {
  return rule.matches.find((match): match is Match & MatchOfKind<Kind> => match.kind === kind);
}

/** The Services (`namespace/name`) a comment names, itself or by one of their ports. */
function namesIn(rule: Rule): Set<string> {
  const words = matchOf(rule, 'comment')?.text.split(/\s+/) ?? [];
  return new Set(words.filter((word) => word.includes('/')).map((word) => word.split(':')[0] ?? word));
}

function jumpOf(rule: Rule): string | undefined {
  return rule.target?.effect.kind === 'chain' ? rule.target.name.value : undefined;
}

/** The chains of a file with their rules; made once for many Services. */
export interface RuleIndex {
  chains: Map<string, Rule[]>;
  declared: Set<string>;
  /** Rules by the Service their comment names. */
  naming: Map<string, Rule[]>;
}

/** Indexes the nat table of a file by chain. */
export function ruleIndex(ruleset: Ruleset): RuleIndex {
  const chains = new Map<string, Rule[]>();
  const declared = new Set<string>();
  const naming = new Map<string, Rule[]>();
  const add = (lists: Map<string, Rule[]>, key: string, rule: Rule) => {
    const list = lists.get(key);
    if (list) list.push(rule);
    else lists.set(key, [rule]);
  };
  for (const table of ruleset.tables) {
    if (table.name && table.name.value !== 'nat') continue;
    for (const { name } of table.chains) declared.add(name.value);
    for (const rule of rulesIn(table)) {
      add(chains, rule.chain.value, rule);
      for (const service of namesIn(rule)) add(naming, service, rule);
    }
  }
  return { chains, declared, naming };
}

/**
 * The rules of one Service: those that lead into its chains, and everything in the chains of its own they lead to.
 * @param service `namespace/name`
 */
export function serviceRules({ chains, declared, naming: byName }: RuleIndex, service: string): ServiceRules {
  const own = new Set<Rule>();
  const missing = new Map<string, { rule: Rule; chain: string; own: boolean }>();
  const follow = (rule: Rule, targets: Set<Rule>, seen: Set<string>): void => {
    own.add(rule);
    if (rule.target?.effect.kind === 'dnat') targets.add(rule);
    const chain = jumpOf(rule);
    if (chain === undefined || seen.has(chain)) return;
    seen.add(chain);
    const rules = chains.get(chain);
    if (!rules && !declared.has(chain)) missing.set(chain, { rule, chain, own: OWN_CHAIN.test(chain) });
    if (OWN_CHAIN.test(chain)) for (const next of rules ?? []) follow(next, targets, seen);
  };
  const naming = byName.get(service) ?? [];
  const entrances = naming
    .filter(({ chain }) => ENTRANCES.has(chain.value))
    .map((rule): Entrance => {
      const targets = new Set<Rule>();
      follow(rule, targets, new Set());
      return {
        rule,
        address: addressOf(rule),
        port: matchOf(rule, 'ports')?.ports[0]?.value,
        protocol: matchOf(rule, 'protocol')?.protocol.value.toUpperCase(),
        targets: [...targets],
      };
    });
  // A chain without an entrance still belongs to the Service: it is stale, or the entrance is missing.
  for (const rule of naming) if (OWN_CHAIN.test(rule.chain.value)) follow(rule, new Set(), new Set());
  // The chains of one Service port share their hash: this finds a KUBE-EXT whose entrance was filtered away.
  for (const chain of new Set([...own].map((rule) => rule.chain.value))) {
    const [, hash] = /^KUBE-SV[CL]-(.+)$/.exec(chain) ?? [];
    const siblings = hash ? ['EXT', 'FW', 'SVC', 'SVL'].map((kind) => `KUBE-${kind}-${hash}`) : [];
    for (const rule of siblings.flatMap((name) => chains.get(name) ?? [])) follow(rule, new Set(), new Set());
  }
  const reached = new Set(entrances.flatMap((entrance) => reachedFrom(entrance.rule, chains)));
  return {
    rules: [...own].sort((a, b) => a.line - b.line),
    entrances,
    unreached: naming.filter((rule) => OWN_CHAIN.test(rule.chain.value) && !reached.has(rule.chain.value)),
    missing: [...missing.values()],
  };
}

/** The chains that can be reached from a rule. */
function reachedFrom(rule: Rule, chains: Map<string, Rule[]>): string[] {
  const seen = new Set<string>();
  const queue = [rule];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const chain = jumpOf(next);
    if (chain === undefined || seen.has(chain)) continue;
    seen.add(chain);
    queue.push(...(chains.get(chain) ?? []));
  }
  return [...seen];
}

/** The destination of a rule without the length of a whole address; a network such as 127.0.0.0/8 keeps its own. */
function addressOf(rule: Rule): string | undefined {
  return matchOf(rule, 'destination')?.address.value.replace(/\/(?:32|128)$/, '');
}

/** A KUBE-SVC or KUBE-SVL chain with the part of new connections each of its endpoints gets. */
export interface Shares {
  chain: string;
  endpoints: { rule: Rule; chain: string; share: number }[];
  /** Part of the connections that pass the chain without drawing an endpoint. */
  rest: number;
}

/**
 * How each KUBE-SVC and KUBE-SVL chain divides new connections. Rule i of n matches with probability 1/(n-i+1), so that
 * each endpoint gets 1/n. With session affinity, rules that look up a client's last endpoint come first and jump to the
 * same chains; they divide nothing and are left out.
 */
export function sharesOf({ chains }: RuleIndex): Shares[] {
  return [...chains].flatMap(([chain, rules]) => {
    if (!/^KUBE-SV[CL]-/.test(chain)) return [];
    let rest = 1;
    const endpoints = rules.flatMap((rule) => {
      const target = jumpOf(rule);
      if (!target?.startsWith('KUBE-SEP-') || matchOf(rule, 'recent')) return [];
      const chance = matchOf(rule, 'statistic-random')?.chance ?? 1;
      const share = rest * chance;
      rest -= share;
      return [{ rule, chain: target, share }];
    });
    return endpoints.length > 0 ? [{ chain, endpoints, rest }] : [];
  });
}
