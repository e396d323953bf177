import type { Rule } from '../formats/iptables-save.ts';
import { ENTRANCES, type Entrance, jumpOf, matchOf, OWN_CHAIN, type RuleIndex } from './rule-index.ts';

/*
 * kube-proxy's rules of one Service (k8s.io/kubernetes/pkg/proxy/iptables): KUBE-SERVICES and KUBE-NODEPORTS lead by
 * address and port to KUBE-EXT (traffic from outside), KUBE-SVC or KUBE-SVL, which draw one KUBE-SEP, which rewrites the
 * destination. Every rule but the jump from KUBE-EXT to KUBE-SVC names the Service in its comment.
 */

/** The rules of one Service. */
export interface ServiceRules {
  /** In file order. */
  rules: Rule[];
  entrances: Entrance[];
  /** Names of the chains on a way from an entrance to a DNAT rule. */
  chains: Set<string>;
  /** Rules that name the Service and that no entrance leads to. */
  unreached: Rule[];
  /** Chains that are jumped to and of which the file holds neither declaration nor rule. */
  missing: { rule: Rule; chain: string; own: boolean }[];
  /** Jumps to the chain of an endpoint, with the endpoint that the comment names (since Kubernetes 1.24). */
  draws: { rule: Rule; chain: string; says: string | undefined }[];
}

/** A KUBE-SVC or KUBE-SVL chain with the part of new connections each of its endpoints gets. */
export interface Shares {
  chain: string;
  endpoints: { rule: Rule; chain: string; share: number }[];
  /** Part of the connections that pass the chain without drawing an endpoint. */
  rest: number;
}

/**
 * The rules of one Service: those that lead into its chains, and everything in the chains of its own they lead to.
 * @param service `namespace/name`, as comments name it; undefined where it is not known
 * @param known further rules that lead into its chains, known by the addresses and ports they ask for
 */
export function serviceRules(
  { chains, declared, naming: byName, translating, entrances: all }: RuleIndex,
  service: string | undefined,
  known: Iterable<Rule> = [],
): ServiceRules {
  const naming = (service !== undefined && byName.get(service)) || [];
  const leading = new Set([...naming.filter(({ chain }) => ENTRANCES.has(chain.value)), ...known]);
  const entrances = [...leading].flatMap((rule) => all.get(rule) ?? []).sort((a, b) => a.rule.line - b.rule.line);
  const own = new Set<Rule>();
  const follow = (start: Rule): void => {
    const open = [start];
    for (let rule = open.pop(); rule; rule = open.pop()) {
      if (own.has(rule)) continue;
      own.add(rule);
      const chain = jumpOf(rule) ?? '';
      if (!OWN_CHAIN.test(chain) && !translating.has(chain)) continue;
      for (const next of chains.get(chain) ?? []) open.push(next);
    }
  };
  for (const { rule } of entrances) follow(rule);
  // A chain without an entrance still belongs to the Service: it is stale, or the entrance is missing.
  for (const rule of naming) if (OWN_CHAIN.test(rule.chain.value)) follow(rule);
  // The chains of one Service port share their hash: this finds a KUBE-EXT whose entrance was filtered away.
  for (const chain of new Set([...own].map((rule) => rule.chain.value))) {
    const [, hash] = /^KUBE-SV[CL]-(.+)$/.exec(chain) ?? [];
    const siblings = hash ? ['EXT', 'FW', 'SVC', 'SVL'].map((kind) => `KUBE-${kind}-${hash}`) : [];
    for (const rule of siblings.flatMap((name) => chains.get(name) ?? [])) follow(rule);
  }
  const rules = [...own].sort((a, b) => a.line - b.line);
  const missing = new Map<string, ServiceRules['missing'][number]>();
  for (const rule of rules) {
    const chain = jumpOf(rule);
    if (chain === undefined || chains.has(chain) || declared.has(chain) || missing.has(chain)) continue;
    missing.set(chain, { rule, chain, own: OWN_CHAIN.test(chain) });
  }
  const reached = reachedFrom(entrances, chains, () => true);
  return {
    rules,
    entrances,
    chains: reachedFrom(entrances, chains, (chain) => translating.has(chain)),
    unreached: naming.filter(({ chain }) => OWN_CHAIN.test(chain.value) && !reached.has(chain.value)),
    missing: [...missing.values()],
    draws: rules.flatMap((rule) => {
      const chain = jumpOf(rule);
      const says = matchOf(rule, 'comment')?.text.split(' -> ')[1];
      return chain?.startsWith('KUBE-SEP-') ? [{ rule, chain, says }] : [];
    }),
  };
}

/** The chains that can be reached from some entrances, through such chains alone. */
function reachedFrom(
  entrances: readonly Entrance[],
  chains: ReadonlyMap<string, readonly Rule[]>,
  wanted: (chain: string) => boolean,
): Set<string> {
  const seen = new Set<string>();
  for (const { rule: start } of entrances) {
    const open = [start];
    for (let rule = open.pop(); rule; rule = open.pop()) {
      const chain = jumpOf(rule);
      if (chain === undefined || seen.has(chain) || !wanted(chain)) continue;
      seen.add(chain);
      for (const next of chains.get(chain) ?? []) open.push(next);
    }
  }
  return seen;
}

/**
 * How each KUBE-SVC and KUBE-SVL chain divides new connections. Rule i of n matches with probability 1/(n-i+1), so that
 * each endpoint gets 1/n. With session affinity, rules that look up a client's last endpoint come first and jump to the
 * same chains; they divide nothing and are left out.
 */
export function sharesOf({ chains }: Pick<RuleIndex, 'chains'>): Shares[] {
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
