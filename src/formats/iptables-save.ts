import { type Ends, type Format, grammar } from './format.ts';
import tokens from './grammars/iptables-save.json' with { type: 'json' };
import { iptablesFields } from './iptables-save/fields.ts';
import { matchesOf } from './iptables-save/matches.ts';
import { splitRule } from './iptables-save/options.ts';
import { targetOf } from './iptables-save/targets.ts';
import { type Token, tokensOf, unreadable } from './iptables-save/tokens.ts';
import type { ChainDeclaration, Counters, Rule, Ruleset, Table } from './iptables-save/types.ts';
import { ANY, bag, INDEX, sequence, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

export type * from './iptables-save/types.ts';

/**
 * Reads what `iptables-save`, `ip6tables-save`, or `grep` over either of them printed. Its lines are
 *
 *     # a comment
 *     *nat
 *     :PREROUTING ACCEPT [1:60]
 *     :KUBE-SERVICES - [0:0]
 *     [12:720] -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
 *     COMMIT
 *
 * Where `*name` or COMMIT is missing the output went through a filter: it is read all the same and marked so. A
 * declaration below a rule starts the next table then, since iptables-save prints a table's declarations first.
 * What `iptables -S` prints of one table (`-P INPUT ACCEPT`, `-N CHAIN`, with -v `-c packets bytes` behind either and
 * before a rule's target) is a table without its name. `-X CHAIN` lines, as kube-proxy gives them to iptables-restore,
 * are read too. Rules with matches this project does not know are kept; the match is `unknown`. So are those that
 * iptables itself could not print: see {@link Effect}, `unprinted`. Linear in the length of the text.
 * @throws {FormatError} for a line that is none of these, naming it
 */
export function parseIptablesSave(text: string): Ruleset {
  const tables: Table[] = [];
  let open: Table | undefined;
  const begin = (name?: Located): Table => {
    open = { name, chains: [], rules: [], deleted: [], committed: false, filtered: true };
    tables.push(open);
    return open;
  };
  for (const line of linesOf(text)) {
    const tokens = contentOf(line);
    const first = tokens?.[0];
    if (!tokens || !first) continue;
    if (first.value.startsWith('*')) begin(tableName(tokens, line));
    else if (first.value === 'COMMIT' && tokens.length === 1) {
      (open ?? begin()).committed = true;
      open = undefined;
    } else if (first.value.startsWith(':') || first.value === '-P' || first.value === '-N') {
      const table = open && (open.name || open.rules.length === 0) ? open : begin();
      table.chains.push(first.value.startsWith(':') ? declaration(tokens, line) : listed(tokens, line));
    } else if (first.value === '-X' && tokens.length === 2) {
      (open ?? begin()).deleted.push(slice(tokens[1] as Token, 0));
    } else {
      const table = open ?? begin();
      table.rules.push(rule(tokens, line));
    }
  }
  for (const table of tables) table.filtered = isFiltered(table);
  return { tables, filtered: tables.length === 0 || tables.some((table) => table.filtered) };
}

/** The words of a line, or undefined for an empty line or a `#` comment. */
function contentOf(line: Line): Token[] | undefined {
  if (/^\s*(#|$)/.test(line.value)) return undefined;
  return tokensOf(line);
}

/** See {@link Table.filtered}. */
function isFiltered(table: Table): boolean {
  if (!table.name || !table.committed) return true;
  const declared = new Set(table.chains.map((chain) => chain.name.value));
  for (const { value } of table.deleted) declared.delete(value);
  return table.rules.some((rule) => {
    const to = rule.target;
    return !declared.has(rule.chain.value) || (to?.effect.kind === 'chain' && !declared.has(to.name.value));
  });
}

const slice = (token: Token, from: number): Located => ({
  value: token.value.slice(from),
  start: token.start + from,
  end: token.end,
});

function tableName(tokens: readonly Token[], line: Line): Located {
  const name = slice(tokens[0] as Token, 1);
  if (!/^[A-Za-z0-9_-]+$/.test(name.value) || tokens.length > 1) {
    throw unreadable(line.number, 'the name of a table, such as *nat', line.value, 'Restore the line as printed.');
  }
  return name;
}

/** `[packets:bytes]` */
function counters(token: Token | undefined, line: Line): Counters | undefined {
  if (token === undefined) return undefined;
  const parts = /^\[(\d{1,20}):(\d{1,20})\]$/.exec(token.value);
  if (!parts || token.quoted) {
    throw unreadable(line.number, 'counters such as [0:0]', token.value, 'Restore the line as printed.');
  }
  const { value, start, end } = token;
  return { value, start, end, packets: BigInt(parts[1] as string), bytes: BigInt(parts[2] as string) };
}

function declaration(tokens: readonly Token[], line: Line): ChainDeclaration {
  const name = slice(tokens[0] as Token, 1);
  const policy = tokens[1];
  if (name.value === '' || !policy || !/^(-|ACCEPT|DROP|QUEUE)$/.test(policy.value) || tokens.length > 3) {
    throw unreadable(
      line.number,
      'a chain, its policy and counters, such as :KUBE-SERVICES - [0:0]',
      line.value,
      'Restore the line as printed.',
    );
  }
  return {
    name,
    policy: policy.value === '-' ? undefined : { value: policy.value, start: policy.start, end: policy.end },
    counters: counters(tokens[2], line),
    start: line.start,
    end: line.end,
    line: line.number,
  };
}

/** `-c packets bytes`; `at` is the place of the `-c`. */
function listedCounters(tokens: readonly Token[], at: number, line: Line): Counters {
  const [packets, bytes] = tokens.slice(at + 1, at + 3);
  if (!packets || !bytes || !/^\d{1,20}$/.test(packets.value) || !/^\d{1,20}$/.test(bytes.value)) {
    throw unreadable(line.number, 'two numbers behind -c', line.value, 'Restore the line as printed.');
  }
  const from = packets.start - line.start;
  return {
    value: line.value.slice(from, bytes.end - line.start),
    start: packets.start,
    end: bytes.end,
    packets: BigInt(packets.value),
    bytes: BigInt(bytes.value),
  };
}

/** A chain as `iptables -S` prints it. */
function listed(tokens: readonly Token[], line: Line): ChainDeclaration {
  const [flag, name, ...rest] = tokens;
  const policy = flag?.value === '-P' ? rest.shift() : undefined;
  const counted = rest[0]?.value === '-c' && rest.length === 3;
  if (!name || (flag?.value === '-P' && !/^(ACCEPT|DROP|QUEUE)$/.test(policy?.value ?? '')) || (rest[0] && !counted)) {
    throw unreadable(
      line.number,
      'a chain, such as -N KUBE-SERVICES or -P INPUT ACCEPT',
      line.value,
      'Restore the line as printed.',
    );
  }
  return {
    name: slice(name, 0),
    policy: policy && slice(policy, 0),
    counters: counted ? listedCounters(rest, 0, line) : undefined,
    start: line.start,
    end: line.end,
    line: line.number,
  };
}

function rule(tokens: readonly Token[], line: Line): Rule {
  const counted = tokens[0]?.value.startsWith('[') === true;
  const isNumber = (token: Token | undefined) => token !== undefined && /^\d{1,20}$/.test(token.value);
  const inside = counted
    ? -1
    : tokens.findIndex(
        ({ value, quoted }, at) => value === '-c' && !quoted && isNumber(tokens[at + 1]) && isNumber(tokens[at + 2]),
      );
  const words = counted ? tokens.slice(1) : inside < 0 ? tokens : tokens.toSpliced(inside, 3);
  const [flag, chain] = words;
  if (!flag || flag.quoted || (flag.value !== '-A' && flag.value !== '--append') || !chain) {
    throw unreadable(
      line.number,
      'a rule (-A CHAIN …), a chain (:NAME …), a table (*name), COMMIT or a # comment',
      line.value,
      'This is not iptables-save output: keep only what the command printed, without prompts and messages.',
    );
  }
  const { groups, target } = splitRule(words.slice(2), line.number);
  const place = { text: line.value, start: line.start, line: line.number };
  return {
    chain: { value: chain.value, start: chain.start, end: chain.end },
    matches: groups.flatMap((group) => matchesOf(group, place)),
    target: target && targetOf(target, line.number),
    counters: counted ? counters(tokens[0], line) : inside < 0 ? undefined : listedCounters(tokens, inside, line),
    start: line.start,
    end: line.end,
    line: line.number,
    text: line.value,
  };
}

function uncommitted({ head, tail }: Ends): string | undefined {
  if (!/^[#*]/.test(head)) return 'it does not start with a table';
  const last = tail
    .trimEnd()
    .split('\n')
    .findLast((line) => !line.startsWith('#'));
  return last === 'COMMIT' ? undefined : 'it does not end with COMMIT';
}

export default {
  parse: (text) => ({ format: 'iptables-save', ...parseIptablesSave(text) }),
  fields: iptablesFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY, ANY), sequence(ANY, ANY, INDEX)),
  incompleteness: uncommitted,
  sample: { from: 'captures/v1/l4-iptables-nat.txt', head: 28 },
} satisfies Format<Ruleset & { format: 'iptables-save' }>;
