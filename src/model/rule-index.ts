import { tableOf } from '../formats/iptables-save/table.ts';
import type { Match, Rule, Ruleset, Table } from '../formats/iptables-save.ts';
import type { Located } from '../formats/types.ts';

/*
 * The nat table of kube-proxy (k8s.io/kubernetes/pkg/proxy/iptables) by what is asked of its rules; service-rules.ts says
 * how they hang together.
 */

/** Chains that kube-proxy makes for one Service port or one endpoint. */
export const OWN_CHAIN = /^KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB)-/;
/** Chains whose rules lead into those, by address and port. */
export const ENTRANCES = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS']);

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
export function matchOf<Kind extends Match['kind']>(rule: Rule, kind: Kind): MatchOfKind<Kind> | undefined {
  return rule.matches.find((match): match is Match & MatchOfKind<Kind> => match.kind === kind);
}

/** The Services (`namespace/name`) a comment names, itself or by one of their ports. */
function namesIn(rule: Rule): Set<string> {
  const words = matchOf(rule, 'comment')?.text.split(/\s+/) ?? [];
  return new Set(words.filter((word) => word.includes('/')).map((word) => word.split(':')[0] ?? word));
}

/** The chain a rule jumps to. */
export function jumpOf(rule: Rule): string | undefined {
  return rule.target?.effect.kind === 'chain' ? rule.target.name.value : undefined;
}

function isDnat({ target }: Rule): boolean {
  return target?.effect.kind === 'dnat';
}

function addTo<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Indexes the nat table of a file. Linear in the number of its rules, as kube-proxy writes them. */
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
  const targets = new Map<string, Rule[]>();
  const targetsFrom = (chain: string): Rule[] => {
    const found = targets.get(chain) ?? dnatRules(chain, chains, translating);
    targets.set(chain, found);
    return found;
  };
  for (const rule of [...chains.values()].flat()) {
    const named = ENTRANCES.has(rule.chain.value) && namesIn(rule).size > 0;
    const asked = destinationOf(rule);
    const chain = jumpOf(rule) ?? '';
    if (!named && (!asked.port || !translating.has(chain))) continue;
    const nodePort = !asked.address || asked.address.value.startsWith('127.');
    entrances.set(rule, { rule, ...asked, nodePort, targets: isDnat(rule) ? [rule] : targetsFrom(chain) });
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
      if (isDnat(rule)) open.push(chain);
      else if (next !== undefined) addTo(before, next, chain);
    }
  }
  const found = new Set<string>();
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    for (const one of before.get(chain) ?? []) open.push(one);
  }
  return found;
}

/** The DNAT rules that can be reached from a chain, in the order in which they are met. */
function dnatRules(
  start: string,
  chains: ReadonlyMap<string, readonly Rule[]>,
  translating: ReadonlySet<string>,
): Rule[] {
  const found = new Set<Rule>();
  const seen = new Set<string>();
  const open = [{ chain: start, next: 0 }];
  for (let place = open.at(-1); place; place = open.at(-1)) {
    const rule = chains.get(place.chain)?.[place.next++];
    if (!rule) {
      open.pop();
      continue;
    }
    if (isDnat(rule)) found.add(rule);
    const chain = jumpOf(rule);
    if (chain === undefined || seen.has(chain) || !translating.has(chain)) continue;
    seen.add(chain);
    open.push({ chain, next: 0 });
  }
  return [...found];
}
