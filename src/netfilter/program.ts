import { tableOf, tableOfChain } from '../formats/iptables-save/table.ts';
import type { Rule, Ruleset, Table } from '../formats/iptables-save.ts';

/** A rule in its place, ready to be compared. */
export interface PlacedRule {
  rule: Rule;
  /** 1-based, counting the rules of the chain that stand in the file. */
  number: number;
  /** Why it is taken to be there although the file does not hold it; undefined for a rule of the file. */
  assumed: string | undefined;
}

/** A chain with its rules in order. */
export interface Chain {
  name: string;
  rules: PlacedRule[];
  /** ACCEPT or DROP; undefined where the file does not say or the chain is not built in. */
  policy: string | undefined;
  declared: boolean;
}

/** A table as far as the file holds it. */
export interface Program {
  name: string;
  chains: Map<string, Chain>;
  /** Those of kube-proxy's fixed chains that rules jump to. */
  jumpedTo: Set<string>;
  /** Lines are missing for certain: a chain that ends here may be longer on the node. */
  filtered: boolean;
}

/** A chain of a table, made where it is not there yet. */
export function chainOf(program: Program, name: string): Chain {
  let chain = program.chains.get(name);
  if (!chain) {
    chain = { name, rules: [], policy: undefined, declared: false };
    program.chains.set(name, chain);
  }
  return chain;
}

/** Chains kube-proxy or the kubelet has on every node, and which others jump to. */
const FIXED_CHAINS = new Set('KUBE-MARK-MASQ KUBE-MARK-DROP KUBE-POSTROUTING KUBE-NODEPORTS KUBE-FIREWALL'.split(' '));

/** The address family of a section of the file, or undefined where no address tells. */
function familyOf(table: Table): 4 | 6 | undefined {
  for (const rule of table.rules) {
    for (const match of rule.matches) if ('network' in match) return match.network.family;
  }
  return undefined;
}

/**
 * The tables of a file with their chains, for packets of one address family.
 * @param note receives what had to be assumed to read the file that way
 */
export function programsOf(ruleset: Ruleset, family: 4 | 6, note: (text: string) => void): Map<string, Program> {
  const programs = new Map<string, Program>();
  const program = (name: string): Program => {
    let found = programs.get(name);
    if (!found) {
      found = { name, chains: new Map(), jumpedTo: new Set(), filtered: false };
      programs.set(name, found);
    }
    return found;
  };
  for (const table of ruleset.tables) {
    const sectionFamily = familyOf(table);
    if (sectionFamily !== undefined && sectionFamily !== family) continue;
    if (!table.name)
      note('The file lacks the `*table` lines: each rule is taken for the table kube-proxy writes it to.');
    else if (programs.has(table.name.value))
      note(`The table ${table.name.value} stands in the file more than once and is read as one.`);
    const own = table.name && program(table.name.value);
    const { filtered } = table;
    if (filtered)
      note('The file went through a filter: rules it may lack are not counted; those listed as missing are assumed.');
    for (const { name, policy } of table.chains) {
      const chain = chainOf(own ?? program(tableOfChain(name.value)), name.value);
      chain.declared = true;
      chain.policy = policy?.value;
    }
    let chain: Chain | undefined;
    let before: Program | undefined;
    for (const rule of table.rules) {
      const holder = own ?? program(tableOf(rule));
      // Rules of a chain stand together: comparing names is cheaper than looking each one up.
      if (!chain || holder !== before || chain.name !== rule.chain.value) chain = chainOf(holder, rule.chain.value);
      before = holder;
      const target = rule.target?.name.value;
      if (target !== undefined && FIXED_CHAINS.has(target)) holder.jumpedTo.add(target);
      chain.rules.push({ rule, number: chain.rules.length + 1, assumed: undefined });
      if (filtered) holder.filtered = true;
    }
    for (const { value } of table.deleted) own?.chains.delete(value);
    if (own && filtered) own.filtered = true;
  }
  return programs;
}
