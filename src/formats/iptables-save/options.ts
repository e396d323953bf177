import type { Located } from '../types.ts';
import { type Token, unreadable } from './tokens.ts';

/** A `-m` module or a short option with what belongs to it, in the order of the line. */
export interface Group {
  /** Module name, or the short option itself (`-s`). */
  name: Token;
  isModule: boolean;
  options: Option[];
  start: number;
  end: number;
}

/** A long option (or the short option itself) with its words. */
export interface Option {
  name: string;
  negated: boolean;
  values: Token[];
  start: number;
  end: number;
}

/** Number of words each option of the modules known here takes. */
const ARITY: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  comment: { '--comment': 1 },
  tcp: { '--sport': 1, '--dport': 1, '--source-port': 1, '--destination-port': 1, '--tcp-flags': 2, '--syn': 0 },
  udp: { '--sport': 1, '--dport': 1, '--source-port': 1, '--destination-port': 1 },
  sctp: { '--sport': 1, '--dport': 1, '--source-port': 1, '--destination-port': 1 },
  multiport: {
    '--sports': 1,
    '--dports': 1,
    '--ports': 1,
    '--source-ports': 1,
    '--destination-ports': 1,
    '--sport': 1,
    '--dport': 1,
  },
  addrtype: { '--src-type': 1, '--dst-type': 1, '--limit-iface-in': 0, '--limit-iface-out': 0 },
  mark: { '--mark': 1 },
  state: { '--state': 1 },
  conntrack: {
    '--ctstate': 1,
    '--ctproto': 1,
    '--ctorigsrc': 1,
    '--ctorigdst': 1,
    '--ctorigsrcport': 1,
    '--ctorigdstport': 1,
    '--ctdir': 1,
  },
  statistic: { '--mode': 1, '--probability': 1, '--every': 1, '--packet': 1 },
  recent: {
    '--name': 1,
    '--set': 0,
    '--rcheck': 0,
    '--update': 0,
    '--remove': 0,
    '--seconds': 1,
    '--reap': 0,
    '--hitcount': 1,
    '--rttl': 0,
    '--rsource': 0,
    '--rdest': 0,
    '--mask': 1,
  },
  physdev: {
    '--physdev-in': 1,
    '--physdev-out': 1,
    '--physdev-is-in': 0,
    '--physdev-is-out': 0,
    '--physdev-is-bridged': 0,
  },
  nfacct: { '--nfacct-name': 1 },
};

const SHORT: Readonly<Record<string, { name: string; arity: number }>> = {
  '-s': { name: '-s', arity: 1 },
  '--source': { name: '-s', arity: 1 },
  '--src': { name: '-s', arity: 1 },
  '-d': { name: '-d', arity: 1 },
  '--destination': { name: '-d', arity: 1 },
  '--dst': { name: '-d', arity: 1 },
  '-p': { name: '-p', arity: 1 },
  '--protocol': { name: '-p', arity: 1 },
  '-i': { name: '-i', arity: 1 },
  '--in-interface': { name: '-i', arity: 1 },
  '-o': { name: '-o', arity: 1 },
  '--out-interface': { name: '-o', arity: 1 },
  '-f': { name: '-f', arity: 0 },
  '--fragment': { name: '-f', arity: 0 },
};

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** True for a word that starts an option rather than being a value. */
const startsOption = (token: Token | undefined): boolean =>
  token !== undefined && !token.quoted && (token.value === '!' || /^-[-a-zA-Z]/.test(token.value));

/** Stands in place of the options of a match or target whose revision iptables does not know (iptables.c, xshared.c). */
export const UNSUPPORTED = '[unsupported revision]';

/** A rule's words after the chain's name, sorted into what they belong to. */
export interface SplitRule {
  groups: Group[];
  target: { name: Token; flag: Token; goto: boolean; options: Option[] } | undefined;
}

/**
 * Assigns every word of a rule to a match or to the target. Options of modules not known here, and options not
 * known of known modules, take all words up to the next option.
 * @param tokens words after `-A CHAIN`
 * @throws {FormatError} for words that belong to nothing
 */
export function splitRule(tokens: readonly Token[], line: number): SplitRule {
  const groups: Group[] = [];
  let target: SplitRule['target'];
  let at = 0;

  const take = (flag: Token, arity: number): Token[] => {
    const values = tokens.slice(at, at + arity);
    const bad = values.find((value) => !value.quoted && value.value === '!');
    if (values.length < arity || bad) {
      const what = arity === 1 ? 'a value' : `${arity} values`;
      throw unreadable(line, `${what} after ${flag.value}`, bad?.value ?? 'the end of the line', HINT);
    }
    at += arity;
    return values;
  };
  const takeAll = (): Token[] => {
    const from = at;
    while (at < tokens.length && !startsOption(tokens[at])) at++;
    return tokens.slice(from, at);
  };

  while (at < tokens.length) {
    const first = tokens[at] as Token;
    const negated = !first.quoted && first.value === '!';
    if (negated) at++;
    const flag = tokens[at];
    if (!flag || flag.quoted || flag.value === '!' || !startsOption(flag)) {
      throw unreadable(line, negated ? 'an option after !' : 'an option', flag?.value ?? 'the end of the line', HINT);
    }
    at++;
    const unsupported = (): Option[] => {
      const [open, close] = tokens.slice(at, at + 2);
      if (!open || !close || open.quoted || `${open.value} ${close.value}` !== UNSUPPORTED) return [];
      at += 2;
      return [{ name: UNSUPPORTED, negated: false, values: [], start: open.start, end: close.end }];
    };
    const option = (values: Token[], name = flag.value): Option => ({
      name,
      negated,
      values,
      start: first.start,
      end: endOf(values.at(-1) ?? flag),
    });
    const short = own(SHORT, flag.value);
    if (flag.value === '-m' || flag.value === '--match') {
      const [name] = take(flag, 1) as [Token];
      if (negated) throw unreadable(line, 'an option after !', flag.value, HINT);
      const options = unsupported();
      groups.push({ name, isModule: true, options, start: flag.start, end: options[0]?.end ?? endOf(name) });
    } else if (['-j', '-g', '--jump', '--goto'].includes(flag.value)) {
      const [name] = take(flag, 1) as [Token];
      if (negated || target) throw unreadable(line, 'one target without !', flag.value, HINT);
      target = { name, flag, goto: flag.value === '-g' || flag.value === '--goto', options: unsupported() };
    } else if (short) {
      const value = option(take(flag, short.arity), short.name);
      groups.push({ name: flag, isModule: false, options: [value], start: value.start, end: value.end });
    } else if (target) {
      target.options.push(option(takeAll()));
    } else {
      const group = ownerOf(flag.value, groups) ?? implied(flag, groups);
      if (!group) throw unreadable(line, 'a match (-m) before its options', flag.value, HINT);
      const arity = own(own(ARITY, group.name.value) ?? {}, flag.value);
      const value = option(arity === undefined ? takeAll() : take(flag, arity));
      group.options.push(value);
      group.end = Math.max(group.end, value.end);
    }
  }
  return { groups, target };
}

const HINT = 'Restore the line as iptables-save printed it.';

/** A quoted word ends behind its quote. */
const endOf = (token: Token): number => (token.quoted ? token.end + 1 : token.end);

/** The module an option belongs to: the latest one that knows it, else the latest one. */
function ownerOf(option: string, groups: readonly Group[]): Group | undefined {
  const modules = groups.filter((group) => group.isModule);
  const last = modules.at(-1);
  if (!last || !Object.hasOwn(ARITY, last.name.value)) return last;
  return (
    modules.findLast((group) => own(ARITY, group.name.value)?.[option] !== undefined) ??
    (impliedName(option, groups) ? undefined : last)
  );
}

/** `-p tcp --dport 80` without `-m tcp`: iptables loads the protocol's module by itself. */
function impliedName(option: string, groups: readonly Group[]): string | undefined {
  const protocol = groups.findLast((group) => group.options[0]?.name === '-p')?.options[0]?.values[0]?.value;
  return protocol !== undefined && own(own(ARITY, protocol) ?? {}, option) !== undefined ? protocol : undefined;
}

function implied(flag: Token, groups: Group[]): Group | undefined {
  const name = impliedName(flag.value, groups);
  if (name === undefined) return undefined;
  const group = { name: { ...flag, value: name }, isModule: true, options: [], start: flag.start, end: flag.end };
  groups.push(group);
  return group;
}

/** True where the module is one whose options are known here. */
export const isKnownModule = (name: string): boolean => Object.hasOwn(ARITY, name);

/** A word as a plain located value. */
export const located = ({ value, start, end }: Located): Located => ({ value, start, end });
