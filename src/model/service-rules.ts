import { tableOf } from '../formats/iptables-save/table.ts';
import type { Match, Rule, Ruleset, Table } from '../formats/iptables-save.ts';
import type { Located } from '../formats/types.ts';

/*
 * kube-proxy's rules of one Service (k8s.io/kubernetes/pkg/proxy/iptables): KUBE-SERVICES and KUBE-NODEPORTS lead by
 * address and port to KUBE-EXT (traffic from outside), KUBE-SVC or KUBE-SVL, which draw one KUBE-SEP, which rewrites the
 * destination. Every rule but the jump from KUBE-EXT to KUBE-SVC names the Service in its comment.
 */

/** Chains that kube-proxy makes for one Service port or one endpoint. */
const OWN_CHAIN = /^KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB)-/;
const ENTRANCES = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS']);

/** What a rule asks of a packet's destination. */
interface Destination {
  /** Address or network, a whole address without its length; undefined where every address will do. */
  address: Located | undefined;
  /** Undefined where every port will do. */
  port: Located | undefined;
  /** `TCP`, `UDP` or `SCTP`. */
  protocol: string | undefined;
}

/** A rule that leads from an address and a port into the chains of a Service. */
export interface Entrance extends Destination {
  rule: Rule;
  /** True for a port of every node; kube-proxy narrows the one of the loopback network by a rule of its own. */
  nodePort: boolean;
  /** DNAT rules that can be reached from here. */
  targets: Rule[];
}

/** A rule in the chain of an endpoint. */
export interface EndpointRule {
  rule: Rule;
  /** The Service port it is for: `kube-system/kube-dns:dns`. */
  comment: string | undefined;
  /** Address whose packets it marks. */
  source: string | undefined;
  /** What DNAT puts in place of the destination: its address, and the whole of it. */
  target: { host: string; whole: string } | undefined;
}

/** The nat rules of a file by what is asked of them; made once for many Services. */
export interface RuleIndex {
  /** Rules by chain. */
  chains: ReadonlyMap<string, readonly Rule[]>;
  declared: ReadonlySet<string>;
  /** Rules by the Service (`namespace/name`) their comment names. */
  naming: ReadonlyMap<string, readonly Rule[]>;
  /** Chains from which a DNAT rule can be reached. */
  translating: ReadonlySet<string>;
  /** Every way in, by its rule. */
  entrances: ReadonlyMap<Rule, Entrance>;
  /** The chains of the endpoints of all Services. */
  endpoints: ReadonlyMap<string, readonly EndpointRule[]>;
  /** Network of the pods on the node, by the rules that masquerade what comes from elsewhere. */
  podNetwork: string | undefined;
}

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
 * The rules that translate addresses. The filter table has chains of the same names and rules that name Services too
 * (`has no endpoints`, `has no local endpoints`, `health check node port`), but they lead nowhere.
 */
function natRules({ name, rules }: Table): Rule[] {
  if (!name) return rules.filter((rule) => tableOf(rule) === 'nat');
  return name.value === 'nat' ? rules : [];
}

/** True for an output that says where kube-proxy sends packets, and not only which of them it drops. */
export function holdsServices({ chains }: RuleIndex): boolean {
  return [...chains.keys()].some((chain) => ENTRANCES.has(chain) || OWN_CHAIN.test(chain));
}

type MatchOfKind<Kind extends Match['kind']> = Match extends infer One
  ? One extends { kind: infer Own }
    ? Kind extends Own
      ? One
      : never
    : never
  : never;

/** The first match of a kind. */
function matchOf<Kind extends Match['kind']>(rule: Rule, kind: Kind): MatchOfKind<Kind> | undefined {
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

function addTo<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Indexes the nat table of a file. Linear in the number of its rules and of the ways from entrances to endpoints. */
export function ruleIndex(ruleset: Ruleset): RuleIndex {
  const chains = new Map<string, Rule[]>();
  const declared = new Set<string>();
  const naming = new Map<string, Rule[]>();
  const endpoints = new Map<string, EndpointRule[]>();
  let podNetwork: string | undefined;
  for (const table of ruleset.tables) {
    if (table.name && table.name.value !== 'nat') continue;
    for (const { name } of table.chains) declared.add(name.value);
    for (const rule of natRules(table)) {
      addTo(chains, rule.chain.value, rule);
      for (const service of namesIn(rule)) addTo(naming, service, rule);
      if (rule.chain.value.startsWith('KUBE-SEP-')) addTo(endpoints, rule.chain.value, endpointRule(rule));
      const source = matchOf(rule, 'source');
      if (source?.negated) podNetwork ??= source.address.value;
    }
  }
  const translating = chainsToDnat(chains);
  const entrances = new Map<Rule, Entrance>();
  for (const rule of [...chains.values()].flat()) {
    const named = ENTRANCES.has(rule.chain.value) && namesIn(rule).size > 0;
    const asked = destinationOf(rule);
    if (!named && (!asked.port || !translating.has(jumpOf(rule) ?? ''))) continue;
    const nodePort = !asked.address || asked.address.value.startsWith('127.');
    entrances.set(rule, { rule, ...asked, nodePort, targets: dnatRules(rule, chains, translating) });
  }
  return { chains, declared, naming, translating, entrances, endpoints, podNetwork };
}

function destinationOf(rule: Rule): Destination {
  const asked: Destination = { address: undefined, port: undefined, protocol: undefined };
  for (const match of rule.matches) {
    if (match.negated) continue;
    if (match.kind === 'destination') {
      const { value, start } = match.address;
      const whole = value.replace(/\/(?:32|128)$/, '');
      asked.address = { value: whole, start, end: start + whole.length };
    } else if (match.kind === 'ports' && match.side === 'destination') asked.port = match.ports[0];
    else if (match.kind === 'protocol') asked.protocol = match.protocol.value.toUpperCase();
  }
  return asked;
}

function endpointRule(rule: Rule): EndpointRule {
  const effect = rule.target?.effect;
  const source = matchOf(rule, 'source');
  return {
    rule,
    comment: matchOf(rule, 'comment')?.text,
    source: source?.negated ? undefined : source?.address.value.split('/')[0],
    target: effect?.kind === 'dnat' && effect.host ? { host: effect.host.value, whole: effect.to.value } : undefined,
  };
}

/** Chains from which a DNAT rule can be reached: found backwards from the DNAT rules. */
function chainsToDnat(chains: ReadonlyMap<string, readonly Rule[]>): Set<string> {
  const before = new Map<string, string[]>();
  const open: string[] = [];
  for (const [chain, rules] of chains) {
    for (const rule of rules) {
      const next = jumpOf(rule);
      if (rule.target?.effect.kind === 'dnat') open.push(chain);
      else if (next !== undefined) addTo(before, next, chain);
    }
  }
  const found = new Set<string>();
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    open.push(...(before.get(chain) ?? []));
  }
  return found;
}

/** The DNAT rules that can be reached from a rule, in the order in which they are met. */
function dnatRules(
  start: Rule,
  chains: ReadonlyMap<string, readonly Rule[]>,
  translating: ReadonlySet<string>,
): Rule[] {
  const found = new Set<Rule>();
  const seen = new Set<string>();
  const open = [start];
  for (let rule = open.pop(); rule; rule = open.pop()) {
    if (rule.target?.effect.kind === 'dnat') found.add(rule);
    const chain = jumpOf(rule);
    if (chain === undefined || seen.has(chain) || !translating.has(chain)) continue;
    seen.add(chain);
    open.push(...(chains.get(chain) ?? []).toReversed());
  }
  return [...found];
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
      if (OWN_CHAIN.test(chain) || translating.has(chain)) open.push(...(chains.get(chain) ?? []));
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
      open.push(...(chains.get(chain) ?? []));
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
