import type { Rule } from './types.ts';

/** Chains of kube-proxy that exist in one of the two tables only, and targets that are allowed in one only. */
const NAT_ONLY = /^(PREROUTING|POSTROUTING|KUBE-(SVC|SVL|SEP|EXT|FW|XLB|MARK-MASQ|MARK-DROP|POSTROUTING)(-.*)?)$/;
const FILTER_ONLY = /^(INPUT|FORWARD|KUBE-(FORWARD|EXTERNAL-SERVICES|PROXY-FIREWALL|FIREWALL))$/;

/** The table of a chain whose `*table` line was filtered away. */
export function tableOfChain(name: string): 'nat' | 'filter' {
  return FILTER_ONLY.test(name) ? 'filter' : 'nat';
}

/** The table of a rule whose `*table` line was filtered away. */
export function tableOf(rule: Rule): 'nat' | 'filter' {
  const target = rule.target?.name.value ?? '';
  const kind = rule.target?.effect.kind;
  if (NAT_ONLY.test(rule.chain.value) || NAT_ONLY.test(target)) return 'nat';
  if (FILTER_ONLY.test(rule.chain.value) || FILTER_ONLY.test(target)) return 'filter';
  if (kind === 'reject' || kind === 'drop' || kind === 'accept') return 'filter';
  // kube-proxy's jump from filter OUTPUT to KUBE-SERVICES differs from that of nat by its conntrack state.
  if (rule.chain.value === 'OUTPUT' && rule.matches.some((match) => match.kind === 'conntrack-state')) return 'filter';
  return 'nat';
}
