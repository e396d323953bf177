import { formatAddress } from '../../src/formats/address.ts';
import type { RedactionRule, Renamable } from '../../src/recipe/schema.ts';
import { BARE, bareNotations, findAddresses, identityOf, isPublic } from './addresses.ts';
import { findCredentials } from './credentials.ts';
import { Output } from './output.ts';
import { feeds, pieces } from './pieces.ts';

/** Something that must not be published, and where it stands. The value itself is never repeated. */
export interface Leak {
  /** What a rule can rename, or what kind of credential it is. */
  kind: string;
  /** 1-based line. */
  line: number;
}

/** How many places one rule replaced. */
export interface Applied {
  rule: string;
  count: number;
}

/** What becomes of a text or an output that is searched. */
export interface Searched<T> {
  /** To be published, unless there are leaks: then as it was. */
  result: T;
  applied: Applied[];
  /** What no rule covers. */
  leaks: Leak[];
}

/** A value that may be renamed. */
interface Place {
  start: number;
  end: number;
  kind: Renamable | typeof HOME;
  /** The same for every notation of one value. */
  identity: string;
}

/** What a value that may be renamed is called, and the rule that says so; undefined where it must not be written. */
type Rename = (kind: Renamable) => Pick<RedactionRule, 'rule' | 'role'> | undefined;

/** Names in messages, where the recipe has no rule. */
const UNRULED: Record<Renamable, Pick<RedactionRule, 'rule' | 'role'>> = {
  'e-mail': { rule: 'e-mail', role: 'e-mail' },
  'public-address': { rule: 'public-address', role: 'address' },
};

/** The maintainer's home directory holds their name; a shell reads `~` as the same. Needs no rule. */
const HOME = 'home-directory';

const AT = String.raw`(?:@|%(?:25)*40|\\u0040|&#(?:64|x40);)`;
const LOCAL = String.raw`[\w.+\x80-\xff-]`;
/** RFC 5321, also inside of a URL, JSON or HTML; the tail of `%3Cjane%40…` starts behind the escape. */
const EMAIL = new RegExp(
  String.raw`(?:(?<![\w.+%\x80-\xff-])|(?<=%[0-9a-f]{2}))(?:${LOCAL}|%2[be])+?${AT}[\w\x80-\xff-]+(?:\.[\w\x80-\xff-]+)*\.[a-z]{2,}\b`,
  'gi',
);
const EMAIL_HINT = new RegExp(AT);
/** systemd.unit(5): `user@1000.service` is an instance of a unit. */
const UNIT = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/**
 * In a table the spaces after a cell are its column: they give or take what a name is longer or shorter than the value.
 * @param after the text behind the name
 */
function keepColumn(after: string, longer: number): string {
  const [whole = '', cell = '', gap = ''] = /^(\S*(?: \+ \d+ more\.\.\.)?)( {2,})/.exec(after) ?? [];
  return longer === 0 || gap === ''
    ? after
    : cell + ' '.repeat(Math.max(2, gap.length - longer)) + after.slice(whole.length);
}

/**
 * Finds and replaces what must not be published, the same value by the same name in everything one run writes.
 * E-mail addresses and public addresses are renamed where a rule says so. What gives access is never replaced: a text
 * that holds it is refused as a whole, because nobody can tell where it ends.
 */
export class Redactor {
  readonly #rules: Map<Renamable, RedactionRule>;
  readonly #home: string | undefined;
  readonly #own = new Set<string>();
  readonly #destinations: RegExp[] = [];
  readonly #names = new Map<string, string>();
  readonly #counters = new Map<string, number>();
  /** The public addresses met so far, and their notations that mean nothing by themselves. */
  readonly #met = new Set<string>();
  readonly #known = new Map<string, string>();

  /**
   * @param rules of the recipe
   * @param own addresses of the Service, which may stand
   * @param home the maintainer's home directory
   */
  constructor(rules: readonly RedactionRule[], own: Iterable<string> = [], home?: string) {
    this.#rules = new Map(rules.map((rule) => [rule.find, rule]));
    this.#home = home && !/^(?:\/|\/root)$/.test(home) ? home : undefined;
    for (const address of own) this.allow(address);
  }

  /** An address of the Service, which may stand. */
  allow(address: string): void {
    this.#own.add(identityOf(address) ?? address);
  }

  /**
   * ssh destinations, which look like e-mail addresses: `root@node.zone.project`.
   * @param template as `--ssh-host` gives it
   * @param nodes names of the cluster's nodes
   */
  allowDestinations(template: string, nodes: readonly string[]): void {
    const escaped = (text: string) => text.replace(/[^\w]/g, '\\$&');
    for (const node of nodes) {
      const source = template
        .split(/(\{\{\w+\}\})/)
        .map((part) =>
          /^\{\{(?:node|idleNode|otherNode)\}\}$/.test(part)
            ? escaped(node)
            : part.startsWith('{{')
              ? '[\\w.:-]+'
              : escaped(part),
        )
        .join('');
      this.#destinations.push(new RegExp(`^${source}$`));
    }
  }

  /**
   * Searches an output. Bytes that are not UTF-8 pass through unchanged.
   * @param rename gives the role and rule of what may be renamed; the recipe's rules unless given
   */
  async body(body: Output, rename: Rename = (kind) => this.#rules.get(kind)): Promise<Searched<Output>> {
    const leaks = new Map<string, Leak>();
    let renamed = false;
    for (const piece of pieces(body)) {
      const places = this.#places(piece.text);
      const uncovered = places.filter(({ kind }) => kind !== HOME && !rename(kind));
      for (const { kind, start } of [...(await findCredentials(piece.text)), ...uncovered]) {
        if (start < piece.from || start >= piece.to) continue;
        const line = piece.line + feeds(piece.text.slice(piece.from, start));
        leaks.set(`${kind} ${line}`, { kind, line });
      }
      renamed ||= places.length > uncovered.length;
    }
    if (leaks.size > 0 || !renamed)
      return { result: body, applied: [], leaks: [...leaks.values()].sort((one, other) => one.line - other.line) };
    // Once more: what was met behind a number may have told that the number is an address.
    const applied = new Map<string, number>();
    const result = new Output();
    let over = 0;
    for (const piece of pieces(body)) {
      const from = piece.from + over;
      const places = this.#places(piece.text).filter(({ start }) => start >= from && start < piece.to);
      const to = Math.max(piece.to, places.at(-1)?.end ?? 0);
      result.append(Buffer.from(this.#replace(piece.text.slice(0, to), from, places, rename, applied), 'latin1'));
      over = to - piece.to;
    }
    return { result, applied: [...applied].map(([rule, count]) => ({ rule, count })), leaks: [] };
  }

  /** As {@link body}, for a text. */
  async text(text: string, rename?: Rename): Promise<Searched<string>> {
    const { result, ...rest } = await this.body(Output.of(text), rename);
    return { result: rest.applied.length === 0 ? text : result.text(), ...rest };
  }

  /** As {@link body}, for every text in a value made of lists and mappings. */
  async values<T>(value: T): Promise<Searched<T>> {
    if (typeof value === 'string') return (await this.text(value)) as Searched<string> & Searched<T>;
    if (typeof value !== 'object' || value === null) return { result: value, applied: [], leaks: [] };
    const entries: [string, Searched<unknown>][] = [];
    for (const [key, own] of Object.entries(value)) entries.push([key, await this.values(own)]);
    const results = entries.map(([key, { result }]) => [key, result] as const);
    return {
      result: (Array.isArray(value) ? results.map(([, result]) => result) : Object.fromEntries(results)) as T,
      applied: entries.flatMap(([, { applied }]) => applied),
      leaks: entries.flatMap(([, { leaks }]) => leaks),
    };
  }

  /** A text as it may be printed: renamed with or without a rule; where it gives access, only what would. */
  async printable(text: string): Promise<string> {
    const { result, leaks } = await this.text(text, (kind) => this.#rules.get(kind) ?? UNRULED[kind]);
    return leaks.length === 0 ? result : `(withheld: it holds ${described(leaks)})`;
  }

  /** What may be renamed, in order and without overlaps. */
  #places(text: string): Place[] {
    const places: Place[] = [];
    if (EMAIL_HINT.test(text)) {
      for (const { 0: value, index: start } of text.matchAll(EMAIL)) {
        if (UNIT.test(value) || this.#destinations.some((destination) => destination.test(value))) continue;
        const identity = value.replace(/%2b/gi, '+').replace(/%2e/gi, '.').replace(new RegExp(AT), '@').toLowerCase();
        places.push({ start, end: start + value.length, kind: 'e-mail', identity });
      }
    }
    for (const { start, end, address } of findAddresses(text, isPublic)) {
      const identity = formatAddress(address);
      if (this.#own.has(identity)) continue;
      if (!this.#met.has(identity)) {
        this.#met.add(identity);
        for (const notation of bareNotations(address)) this.#known.set(notation, identity);
      }
      places.push({ start, end, kind: 'public-address', identity });
    }
    if (this.#known.size > 0) {
      for (const { 0: value, index: start } of text.matchAll(BARE)) {
        const identity = this.#known.get(value.toLowerCase());
        if (identity !== undefined) places.push({ start, end: start + value.length, kind: 'public-address', identity });
      }
    }
    if (this.#home !== undefined) {
      for (let at = text.indexOf(this.#home); at >= 0; at = text.indexOf(this.#home, at + 1)) {
        const end = at + this.#home.length;
        if (!/[\w.-]/.test(text[end] ?? '')) places.push({ start: at, end, kind: HOME, identity: HOME });
      }
    }
    let end = 0;
    return places
      .sort((one, other) => one.start - other.start || other.end - one.end)
      .filter((place) => {
        if (place.start < end) return false;
        end = place.end;
        return true;
      });
  }

  #replace(text: string, from: number, places: readonly Place[], rename: Rename, applied: Map<string, number>): string {
    const done: string[] = [];
    let last = from;
    let longer = 0;
    for (const { start, end, kind, identity } of places) {
      const rule = kind === HOME ? undefined : rename(kind);
      const name = rule ? this.#name(rule.role, identity) : '~';
      const counted = rule?.rule ?? HOME;
      applied.set(counted, (applied.get(counted) ?? 0) + 1);
      const before = text.slice(last, start);
      done.push(keepColumn(before, longer), name);
      // Several values may stand in one cell.
      longer = (/\s/.test(before) ? 0 : longer) + name.length - (end - start);
      last = end;
    }
    return done.join('') + keepColumn(text.slice(last), longer);
  }

  #name(role: string, identity: string): string {
    const known = this.#names.get(identity);
    if (known !== undefined) return known;
    const next = (this.#counters.get(role) ?? 0) + 1;
    this.#counters.set(role, next);
    const name = `${role}-${next}`;
    this.#names.set(identity, name);
    return name;
  }
}

/** The kinds of leaks, each once, at most five. */
export function described(leaks: readonly Leak[]): string {
  return [...new Set(leaks.map(({ kind }) => kind))].slice(0, 5).join(', ');
}
