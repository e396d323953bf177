import type { Rule, Ruleset } from '../../formats/iptables-save.ts';
import { natRules } from '../../model/service-rules.ts';

/** What a Service answers on, as far as the rules name it. */
export interface Frontend {
  /** VIP or ClusterIP; undefined for a NodePort, which any address of the node has. */
  ip: string | undefined;
  port: string;
  /** `TCP`, `UDP` or `SCTP`. */
  protocol: string;
  /** The rules that take packets for it out of the common chains. */
  rules: Rule[];
}

/** The part of a ruleset that belongs to one Service. */
export interface ServiceRules {
  frontends: Frontend[];
  /** Names of its own chains: those on a way from a frontend to a DNAT rule. */
  chains: Set<string>;
  /** The rules of those chains and those that lead into them. */
  rules: Rule[];
}

/**
 * Follows the rules from the addresses and NodePorts of a Service to where they rewrite the destination. Names of chains
 * play no part. Linear in the number of rules.
 */
export function serviceRules(
  ruleset: Ruleset,
  addresses: ReadonlySet<string>,
  nodePorts: ReadonlySet<string>,
): ServiceRules {
  const byChain = new Map<string, Rule[]>();
  for (const rule of natRules(ruleset)) {
    const rules = byChain.get(rule.chain.value);
    if (rules) rules.push(rule);
    else byChain.set(rule.chain.value, [rule]);
  }
  const translating = chainsToDnat(byChain);
  const frontends = new Map<string, Frontend>();
  const entries: Rule[] = [];
  const chains = new Set<string>();
  for (const rule of [...byChain.values()].flat()) {
    const named = frontendOf(rule, addresses, nodePorts);
    const next = rule.target?.name.value;
    if (!named || !next || !translating.has(next)) continue;
    const key = `${named.ip ?? ''} ${named.port} ${named.protocol}`;
    const frontend = frontends.get(key) ?? { ...named, rules: [] };
    frontends.set(key, frontend);
    frontend.rules.push(rule);
    entries.push(rule);
    follow(next, byChain, translating, chains);
  }
  const inside = [...chains].flatMap((name) => byChain.get(name) ?? []);
  return { frontends: [...frontends.values()], chains, rules: [...new Set([...entries, ...inside])] };
}

/** Chains from which a DNAT rule can be reached: found backwards from the DNAT rules. */
function chainsToDnat(byChain: ReadonlyMap<string, readonly Rule[]>): Set<string> {
  const before = new Map<string, string[]>();
  const open: string[] = [];
  for (const [chain, rules] of byChain) {
    for (const { target } of rules) {
      if (target?.effect.kind === 'dnat') open.push(chain);
      else if (target?.effect.kind === 'chain') {
        const from = before.get(target.name.value);
        if (from) from.push(chain);
        else before.set(target.name.value, [chain]);
      }
    }
  }
  const found = new Set<string>();
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    for (const from of before.get(chain) ?? []) open.push(from);
  }
  return found;
}

function follow(
  start: string,
  byChain: ReadonlyMap<string, readonly Rule[]>,
  translating: ReadonlySet<string>,
  chains: Set<string>,
): void {
  const open = [start];
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (chains.has(chain) || !translating.has(chain)) continue;
    chains.add(chain);
    for (const { target } of byChain.get(chain) ?? []) {
      if (target?.effect.kind === 'chain') open.push(target.name.value);
    }
  }
}

function frontendOf(
  rule: Rule,
  addresses: ReadonlySet<string>,
  nodePorts: ReadonlySet<string>,
): Omit<Frontend, 'rules'> | undefined {
  let ip: string | undefined;
  let port: string | undefined;
  let protocol = '';
  for (const match of rule.matches) {
    if (match.kind === 'destination' && !match.negated) ip = match.address.value.replace(/\/(?:32|128)$/, '');
    else if (match.kind === 'ports' && match.side === 'destination' && !match.negated) port = match.ports[0]?.value;
    else if (match.kind === 'protocol' && !match.negated) protocol = match.protocol.value.toUpperCase();
  }
  if (port === undefined) return undefined;
  if (ip !== undefined && addresses.has(ip)) return { ip, port, protocol };
  // kube-proxy narrows the NodePort of the loopback network by a rule of its own.
  const anywhere = ip === undefined || ip.startsWith('127.');
  return anywhere && nodePorts.has(port) ? { ip: undefined, port, protocol } : undefined;
}
