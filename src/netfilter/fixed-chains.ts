import { parseIptablesSave, type Rule } from '../formats/iptables-save.ts';
import { type Chain, chainOf, type Program } from './program.ts';

/*
 * The part of kube-proxy's rules that is the same on every node, for files that hold it in part or not at all:
 * `iptablesJumpChains` and `syncProxyRules` of pkg/proxy/iptables/proxier.go (Kubernetes 1.24 to 1.35), and the
 * kubelet's KUBE-MARK-DROP and KUBE-FIREWALL of up to 1.27.
 */

/** Rules by table and chain, without their `-A CHAIN`. */
type ChainRules = Record<'nat' | 'filter', Record<string, readonly string[]>>;

/** Jumps from the built-in chains, in the order in which they stand there: each sync puts its own on top. */
export const JUMPS = {
  nat: {
    PREROUTING: ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
    OUTPUT: ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
    POSTROUTING: ['-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'],
  },
  filter: {
    INPUT: [
      '-j KUBE-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ],
    FORWARD: [
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ],
    OUTPUT: [
      '-j KUBE-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ],
  },
} as const satisfies ChainRules;

/** Chains whose rules never differ. */
export const FIXED = {
  nat: {
    'KUBE-MARK-MASQ': ['-j MARK --or-mark 0x4000'],
    'KUBE-MARK-DROP': ['-j MARK --or-mark 0x8000'],
    'KUBE-POSTROUTING': [
      '-m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-j MARK --xor-mark 0x4000',
      '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE',
    ],
  },
  filter: { 'KUBE-FIREWALL': ['-m mark --mark 0x8000/0x8000 -j DROP'] },
} as const satisfies ChainRules;

/** Comment of the last rule of KUBE-SERVICES. */
export const NODEPORTS_COMMENT = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain';
const NODEPORTS = `-m comment --comment "${NODEPORTS_COMMENT}" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`;

function ruleOf(chain: string, text: string): Rule {
  const rule = parseIptablesSave(`-A ${chain} ${text}\n`).tables[0]?.rules[0];
  if (!rule) throw new Error(`a rule of kube-proxy's fixed chains cannot be read: ${text}`);
  return rule;
}

function assume(program: Program, chain: Chain, text: string, why: string): void {
  const rule = ruleOf(chain.name, text);
  chain.rules.push({ rule, number: 0, assumed: why });
  if (rule.target) program.jumpedTo.add(rule.target.name.value);
}

/**
 * Adds what kube-proxy always writes and the file does not hold. A built-in chain, or one of kube-proxy's fixed
 * chains, is completed only where the file lacks it altogether: rules of the file are never added to, but for the last
 * rule of KUBE-SERVICES in a filtered file.
 */
export function completeFixedChains(programs: Map<string, Program>): void {
  const nat = programs.get('nat');
  let filter = programs.get('filter');
  const marksDrops = nat?.jumpedTo.has('KUBE-MARK-DROP') === true;
  if (marksDrops && !filter) {
    // Up to Kubernetes 1.25 the kubelet's filter table drops what nat has marked.
    filter = { name: 'filter', chains: new Map(), jumpedTo: new Set(), filtered: true };
    programs.set('filter', filter);
  }
  if (nat && isKubeProxys(nat)) completeTable(nat, 'nat');
  if (filter && (isKubeProxys(filter) || marksDrops)) {
    completeTable(filter, 'filter', marksDrops);
  }
}

function isKubeProxys(program: Program): boolean {
  for (const name of program.chains.keys()) if (name.startsWith('KUBE-')) return true;
  return false;
}

/** Chains that only kube-proxy writes, and that packets reach through KUBE-SERVICES alone. */
function hasServiceChains({ chains }: Program): boolean {
  for (const name of chains.keys()) if (/^KUBE-(?:(?:SVC|SVL|SEP|EXT|FW|XLB)-|NODEPORTS$)/.test(name)) return true;
  return false;
}

function completeTable(program: Program, name: 'nat' | 'filter', dropsMarked = false): void {
  const { chains } = program;
  const jumps: ChainRules['nat'] = JUMPS[name];
  // Without any built-in chain, chains that are declared and empty may have been emptied by the filter too.
  const partial = program.filtered || !Object.keys(jumps).some((chain) => chains.has(chain));
  const services = chains.get('KUBE-SERVICES');
  const lacksServices = name === 'nat' && program.filtered && !services && hasServiceChains(program);
  if (name === 'nat' && program.filtered && services && !program.jumpedTo.has('KUBE-NODEPORTS')) {
    assume(
      program,
      services,
      NODEPORTS,
      'The last rule of nat KUBE-SERVICES sends packets for addresses of the node to KUBE-NODEPORTS.',
    );
  }
  for (const [chain, rules] of Object.entries(jumps)) {
    if (chains.has(chain)) continue;
    const present = rules.filter((text) => {
      const target = text.slice(text.lastIndexOf(' ') + 1);
      return (
        chains.has(target) ||
        target === 'KUBE-POSTROUTING' ||
        (target === 'KUBE-SERVICES' && lacksServices) ||
        (target === 'KUBE-FIREWALL' && dropsMarked)
      );
    });
    for (const text of present) {
      const target = text.slice(text.lastIndexOf(' ') + 1);
      assume(program, chainOf(program, chain), text, `${name} ${chain} jumps to ${target}, as kube-proxy writes it.`);
    }
  }
  for (const [chain, rules] of Object.entries<readonly string[]>(FIXED[name])) {
    const found = chains.get(chain);
    if (found && (found.rules.length > 0 || !partial)) continue;
    if (!program.jumpedTo.has(chain)) continue;
    for (const text of rules) {
      assume(
        program,
        chainOf(program, chain),
        text,
        `${name} ${chain} holds what kube-proxy always puts there: ${rules.join('; ')}.`,
      );
    }
  }
}
