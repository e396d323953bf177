import type { Address } from '../formats/address.ts';
import type { Match } from '../formats/iptables-save.ts';
import { addressOf, type Packet } from './packet.ts';
import type { Chain, PlacedRule } from './program.ts';

/** A choice between match and no match that nobody can make. */
export interface Fork {
  id: number;
  matched: boolean;
}

/** How often a rule is met behind the same choices that nobody can make. */
export interface Tally {
  forks: readonly Fork[];
  /** Probability that the packet is compared with the rule. */
  reached: number;
  /** Probability that it is, and matches. */
  matched: number;
}

/** One rule of an activation, as often as packets reach it there. */
export interface Visit {
  placed: PlacedRule;
  table: string;
  /** One for each set of choices on the way here. */
  tallies: Tally[];
  /** True where one cannot tell whether it matches. */
  undecided: boolean;
  /** The first condition that a packet did not meet here. */
  failed: Match | undefined;
  /** Its place among the steps of the finished walk. */
  step: number | undefined;
  /** The chain it leads into. */
  entered: Activation | undefined;
}

/** A chain as it is entered from one place: what an activation record is to a called function. */
export interface Activation {
  chain: Chain;
  visits: Visit[];
}

/** Rules that matched, last first; branches share what lies before they part. */
export interface Hits {
  visit: Visit;
  before: Hits | undefined;
}

/** What changes while a packet is on its way; a branch of the walk is a copy. */
export interface State {
  /** Probability of having come here. */
  chance: number;
  mark: number;
  to: Address;
  toText: string;
  port: number;
  /** Undefined after the source was rewritten to an address the rules do not name. */
  from: Address | undefined;
  /** Target of DNAT, in the words of the rule. */
  dnat: string | undefined;
  masquerade: boolean | null;
  /** An ACCEPT rule of the filter table was met. */
  accepted: boolean;
  tracked: boolean;
  recent: ReadonlySet<string>;
  /** Rules of the file compared with the packet so far. */
  examined: number;
  /** The rules that matched, last first. */
  hits: Hits | undefined;
  /** Choices on the way here; branches that made the same ones share the list. */
  forks: readonly Fork[];
}

/** Where nothing had to be chosen. */
const NO_FORKS: readonly Fork[] = [];

/** A fresh first packet: not in any table yet. */
export function startOf(packet: Packet): State {
  return {
    chance: 1,
    mark: 0,
    to: addressOf(packet.to),
    toText: packet.to,
    port: packet.port,
    from: addressOf(packet.from),
    dnat: undefined,
    masquerade: false,
    accepted: false,
    tracked: true,
    recent: new Set(packet.recentLists),
    examined: 0,
    hits: undefined,
    forks: NO_FORKS,
  };
}
