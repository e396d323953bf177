import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Finding, RedactionRule } from '../../src/recipe/schema.ts';
import { Output } from './output.ts';

/** Something that must not be published, and where it stands. The value itself is never repeated. */
export interface Leak {
  kind: Finding;
  /** 1-based line. */
  line: number;
}

/** How many places one rule replaced. */
export interface Applied {
  rule: string;
  count: number;
}

/** Per kind: what to look for, and a simpler pattern without which it cannot be there, because that is quick to see. */
const TEXT: { kind: Finding; hint?: RegExp; pattern: RegExp }[] = [
  { kind: 'private-key', hint: /-----begin/i, pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g },
  {
    kind: 'service-account-key',
    hint: /private_key|service_account/i,
    pattern: /"private_key(?:_id)?"\s*:|"type"\s*:\s*"service_account"/g,
  },
  { kind: 'jwt', hint: /eyj/i, pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  {
    kind: 'token',
    hint: /ya29\.|gh|github_pat_|akia|asia|aiza|xox/i,
    pattern:
      /\bya29\.[\w-]{16,}|\bgh[pousr]_\w{36}|\bgithub_pat_\w{22,}|\bA(?:KIA|SIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bxox[abprs]-[\w-]{10,}/g,
  },
  {
    kind: 'token',
    hint: /bearer|_token|client_secret|api_key|api-key|password/i,
    pattern:
      /\bbearer\s+[\w.~+/-]{16,}|(?<![\w-])(?:access_token|id_token|refresh_token|client_secret|api[_-]key|password)["']?\s*[:=]\s*["']?[^\s"'<]{8,}/gi,
  },
  {
    kind: 'kubeconfig-credential',
    hint: /client-key-data|client-certificate-data|token/i,
    pattern: /\bclient-(?:key|certificate)-data["']?\s*:\s*["']?\S+|(?<![\w-])["']?token["']?\s*:\s*["']?[^\s"'<]{8,}/g,
  },
  { kind: 'e-mail', hint: /@/i, pattern: /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi },
  { kind: 'public-address', pattern: /(?<![\d.v])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g },
  // Global unicast addresses start with 2 or 3 (RFC 4291).
  { kind: 'public-address', pattern: /(?<![\w:])[23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}(?![\w:])/gi },
];

/** Address blocks that name nobody: IANA special-purpose registries (RFC 6890), private, shared, documentation. */
const SPECIAL = new BlockList();
for (const block of [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
].flatMap((line) => line.split(' '))) {
  const [address = '', bits] = block.split('/');
  SPECIAL.addSubnet(address, Number(bits), 'ipv4');
}
const GLOBAL6 = new BlockList();
GLOBAL6.addSubnet('2000::', 3, 'ipv6');
const DOCUMENTATION6 = new BlockList();
DOCUMENTATION6.addSubnet('2001:db8::', 32, 'ipv6');

/** True for an address that could lead to a person or a machine of theirs. */
export function isPublicAddress(value: string): boolean {
  if (isIPv4(value)) return !SPECIAL.check(value, 'ipv4');
  return isIPv6(value) && GLOBAL6.check(value, 'ipv6') && !DOCUMENTATION6.check(value, 'ipv6');
}

/** Outputs are scanned in pieces of at most this many bytes, cut at a line feed; small ones are cheap to collect. */
const WINDOW = 64 * 1024;

function* windows(body: Output): Generator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (const block of body.blocks()) {
    const data = rest.length === 0 ? block : Buffer.concat([rest, block]);
    let at = 0;
    while (data.length - at > WINDOW) {
      const feed = data.lastIndexOf(10, at + WINDOW - 1);
      const end = feed < at ? at + WINDOW : feed + 1;
      yield data.subarray(at, end);
      at = end;
    }
    rest = Buffer.from(data.subarray(at));
  }
  if (rest.length > 0) yield rest;
}

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
 * @param rules of the recipe
 * @param own addresses of the Service, which may stand
 */
export class Redactor {
  readonly #rules: Map<Finding, RedactionRule>;
  readonly #own: ReadonlySet<string>;
  readonly #names = new Map<string, string>();
  readonly #counters = new Map<string, number>();

  constructor(rules: readonly RedactionRule[], own: Iterable<string>) {
    this.#rules = new Map(rules.map((rule) => [rule.find, rule]));
    this.#own = new Set(own);
  }

  /**
   * Bytes that are not UTF-8 pass through unchanged.
   * @returns the body to publish, what was replaced, and what no rule covers (then the body must not be written)
   */
  body(body: Output): { body: Output; applied: Applied[]; leaks: Leak[] } {
    const applied = new Map<string, number>();
    const leaks: Leak[] = [];
    const result = new Output();
    let line = 1;
    for (const window of windows(body)) {
      // latin1 keeps each byte a character, so that what is not UTF-8 survives.
      const redacted = this.text(window.toString('latin1'), line);
      leaks.push(...redacted.leaks);
      for (const { rule, count } of redacted.applied) applied.set(rule, (applied.get(rule) ?? 0) + count);
      result.append(redacted.applied.length === 0 ? window : Buffer.from(redacted.text, 'latin1'));
      for (let feed = window.indexOf(10); feed >= 0; feed = window.indexOf(10, feed + 1)) line++;
    }
    const unchanged = applied.size === 0;
    return {
      body: unchanged ? body : result,
      applied: [...applied].map(([rule, count]) => ({ rule, count })),
      leaks,
    };
  }

  /** As {@link body}, for a text; `firstLine` is the number of its first line. */
  text(text: string, firstLine = 1): { text: string; applied: Applied[]; leaks: Leak[] } {
    const applied = new Map<string, number>();
    const leaks: Leak[] = [];
    let result = text;
    for (const { kind, hint, pattern } of TEXT) {
      if (hint && !hint.test(text)) continue;
      pattern.lastIndex = 0;
      if (!pattern.test(result)) continue;
      pattern.lastIndex = 0;
      const rule = this.#rules.get(kind);
      const pieces: string[] = [];
      let last = 0;
      let longer = 0;
      for (const { 0: value, index } of result.matchAll(pattern)) {
        if (kind === 'public-address' && (this.#own.has(value) || !isPublicAddress(value))) continue;
        if (!rule) {
          leaks.push({ kind, line: firstLine + result.slice(0, index).split('\n').length - 1 });
          continue;
        }
        applied.set(rule.rule, (applied.get(rule.rule) ?? 0) + 1);
        const name = this.#name(rule, value);
        const before = result.slice(last, index);
        pieces.push(keepColumn(before, longer), name);
        // Several values may stand in one cell.
        longer = (/\s/.test(before) ? 0 : longer) + name.length - value.length;
        last = index + value.length;
      }
      if (pieces.length > 0) result = pieces.join('') + keepColumn(result.slice(last), longer);
    }
    return { text: result, applied: [...applied].map(([name, count]) => ({ rule: name, count })), leaks };
  }

  #name(rule: RedactionRule, value: string): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const next = (this.#counters.get(rule.role) ?? 0) + 1;
    this.#counters.set(rule.role, next);
    const name = `${rule.role}-${next}`;
    this.#names.set(value, name);
    return name;
  }
}
