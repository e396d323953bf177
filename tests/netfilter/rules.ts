import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { type Packet, type Walk, walk, walkable } from '../../src/netfilter/walk.ts';

/** A pod's packet to a ClusterIP of the published rules. */
export const PACKET: Packet = {
  from: '10.20.1.4',
  to: '10.24.9.186',
  port: 80,
  protocol: 'tcp',
  entry: 'prerouting',
  localAddresses: ['10.128.0.5'],
};

/** Walks that packet, or one that differs from it, through rules given as text. */
export const walkText = (text: string, packet: Partial<Packet> = {}) =>
  walk(walkable(parseIptablesSave(text)), { ...PACKET, ...packet });

/** A whole nat table around rules; chains are declared by their use. */
export function table(name: string, rules: readonly string[], policies: Record<string, string> = {}): string {
  const builtIn = {
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
    raw: ['PREROUTING', 'OUTPUT'],
  }[name] as string[];
  const chains = new Set(rules.map((rule) => rule.split(' ')[1] as string));
  return [
    `*${name}`,
    ...builtIn.map((chain) => `:${chain} ${policies[chain] ?? 'ACCEPT'} [0:0]`),
    ...[...chains].filter((chain) => !builtIn.includes(chain)).map((chain) => `:${chain} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

/** A whole nat table and an empty filter table. */
export const nat = (...rules: string[]) => table('nat', rules) + table('filter', []);

/** Outcomes without the noise of 2^-31. */
export const ends = (result: Walk) =>
  result.outcomes.map(({ verdict, target, probability, masquerade }) => [
    target ?? verdict,
    Number(probability.toFixed(6)),
    masquerade,
  ]);
