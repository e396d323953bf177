import type { Located, Span } from '../types.ts';
import type { Network } from './network.ts';

/** Inclusive range of ports; `value` is the text, `80` or `80:90`. */
export interface PortRange extends Located {
  from: number;
  to: number;
}

/** `value` or `value/mask`, as `--mark` and `--set-xmark` take it; without a mask all 32 bits count. */
export interface MarkValue extends Located {
  mark: number;
  mask: number;
}

/** Every match: where it stands, and whether a `!` turns it round. */
interface MatchBase extends Span {
  negated: boolean;
}

/** A condition of a rule. See iptables(8) and iptables-extensions(8) for the options named in each case. */
export type Match = MatchBase &
  (
    | { /** `-s`, `-d` */ kind: 'source' | 'destination'; address: Located; network: Network }
    | { /** `-p`: a name, a number, or `all` */ kind: 'protocol'; protocol: Located }
    | { /** `-i`, `-o`; a trailing `+` stands for any ending */ kind: 'in-interface' | 'out-interface'; name: Located }
    | { /** `-f`: second and later fragments */ kind: 'fragment' }
    | {
        /** `value` keeps the backslashes of the file, `text` is the comment itself */
        kind: 'comment';
        comment: Located;
        text: string;
      }
    | { /** `-m tcp` and the like: nothing but the protocol's own match */ kind: 'protocol-module'; module: Located }
    | {
        /** `--sport`, `--dport`, `--sports`, `--dports`, `--ports` */
        kind: 'ports';
        side: 'source' | 'destination' | 'either';
        ports: PortRange[];
      }
    | { /** `--tcp-flags mask comp`, `--syn` */ kind: 'tcp-flags'; mask: string[]; set: string[] }
    | { /** `--src-type`, `--dst-type` */ kind: 'address-type'; side: 'source' | 'destination'; types: Located[] }
    | {
        /** `--limit-iface-in`, `--limit-iface-out`: narrows the address types of the same rule */
        kind: 'address-type-interface';
        direction: 'in' | 'out';
      }
    | { /** `--mark` */ kind: 'mark'; mark: MarkValue }
    | { /** `--ctstate`, and `--state` of the older state match */ kind: 'conntrack-state'; states: Located[] }
    | {
        /** `--ctorigsrc`, `--ctorigdst` */
        kind: 'conntrack-original-address';
        side: 'source' | 'destination';
        address: Located;
        network: Network;
      }
    | {
        /** `--ctorigsrcport`, `--ctorigdstport` */
        kind: 'conntrack-original-port';
        side: 'source' | 'destination';
        ports: PortRange[];
      }
    | { /** `--ctproto` */ kind: 'conntrack-protocol'; protocol: Located }
    | { /** `--ctdir` */ kind: 'conntrack-direction'; direction: Located }
    | { /** `--mode random --probability p` */ kind: 'statistic-random'; probability: Located; chance: number }
    | { /** `--mode nth --every n --packet p` */ kind: 'statistic-nth'; every: Located; period: number; packet: number }
    | {
        /** Client lists, as kube-proxy keeps them for session affinity. */
        kind: 'recent';
        action: 'set' | 'rcheck' | 'update' | 'remove';
        /** Name of the list; DEFAULT where the rule names none. */
        list: string;
        name: Located | undefined;
        seconds: number | undefined;
        hitcount: number | undefined;
        reap: boolean;
        ttl: boolean;
        side: 'source' | 'destination';
      }
    | {
        /** `--physdev-in name`, `--physdev-is-in` and so on: the option without its `--physdev-` */
        kind: 'physdev';
        option: string;
        name: Located | undefined;
      }
    | { /** `--nfacct-name` */ kind: 'nfacct'; name: Located }
    | {
        /** Well formed, but not known here, or not to the iptables that printed it: nobody may say whether it matches. */
        kind: 'unknown';
        module: string;
        text: string;
      }
  );

/** What a rule does with a packet that matches: its `-j` or `-g`. */
export interface Target extends Span {
  /** ACCEPT, DROP, RETURN, an extension such as DNAT, or a chain. */
  name: Located;
  /** True for `-g`: no return to this chain. */
  goto: boolean;
  options: TargetOption[];
  effect: Effect;
}

/** What a target does, as far as a walk through the rules needs it. */
export type Effect =
  | { kind: 'accept' | 'drop' | 'reject' | 'return' | 'masquerade' | 'notrack' }
  | { /** Looks at the packet only, as LOG does. */ kind: 'none' }
  | { /** `mark = (mark & and) ^ xor` */ kind: 'mark'; and: number; xor: number }
  | {
      /** `host` or `port` may be absent or a range (`a-b`). */
      kind: 'dnat' | 'snat';
      to: Located;
      host: Located | undefined;
      port: Located | undefined;
    }
  | { /** An extension that is known by name only. */ kind: 'extension' }
  | {
      /** The iptables that printed the rule could not say what the target does; `text` is what it printed instead. */
      kind: 'unprinted';
      text: string;
    }
  | { /** Anything else: a chain of the same table. */ kind: 'chain' };

/** An option of a target, such as `--to-destination 10.20.0.8:80`. */
export interface TargetOption extends Span {
  name: string;
  negated: boolean;
  values: Located[];
}

/** Packets and bytes, as `[n:m]` says; `n m` where `iptables -S -v` printed them. */
export interface Counters extends Located {
  packets: bigint;
  bytes: bigint;
}

/** A chain's declaration: `:KUBE-SERVICES - [0:0]`; of `iptables -S`, `-N KUBE-SERVICES` or `-P INPUT ACCEPT`. */
export interface ChainDeclaration extends Span {
  name: Located;
  /** ACCEPT or DROP for a built-in chain, undefined (`-`) for one made by a user. */
  policy: Located | undefined;
  counters: Counters | undefined;
  /** 1-based line. */
  line: number;
}

/** One `-A` line, or one of what `iptables -S` prints. */
export interface Rule extends Span {
  chain: Located;
  /** In the order of the line. */
  matches: Match[];
  /** Undefined for a rule that only counts. */
  target: Target | undefined;
  /** From `iptables-save -c`. */
  counters: Counters | undefined;
  /** 1-based line. */
  line: number;
  /** The line as it stands. */
  text: string;
}

/** The lines between `*name` and COMMIT, or what a filter has left of them. */
export interface Table {
  /** Undefined where the `*name` line is missing. */
  name: Located | undefined;
  chains: ChainDeclaration[];
  rules: Rule[];
  /** Chains that `-X` lines delete: kube-proxy's input for iptables-restore ends with them, iptables-save has none. */
  deleted: Located[];
  /** False where the closing COMMIT is missing. */
  committed: boolean;
  /**
   * True where lines are missing for certain: the `*name`, the COMMIT, or the declaration of a chain that a rule
   * stands in or jumps to.
   */
  filtered: boolean;
}

/** An output of iptables-save or ip6tables-save. */
export interface Ruleset {
  tables: Table[];
  /** True where one of the tables is, or where there is none. */
  filtered: boolean;
}
