import { isIPv6 } from 'node:net';
import { STAND_IN } from './address.ts';
import { isBlankLine, keyed, match, nothingThere, trim, unreadable, words } from './cut.ts';
import { type Field, field, kindOfName } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { hintOf } from './hints.ts';
import { ANY, bag, INDEX, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * Short reports of a command or of the script around it:
 *
 *   Deployment: nginx replicas=1
 *   Pod: nginx-bb6b8c496-j6s5g on node gke-authlab-gke-primary-c7a308a6-bnmh
 *   Service externalTrafficPolicy: Local
 *   Nodes:
 *   node/gke-authlab-gke-primary-c7a308a6-bnmh
 *
 * also `key=value`, and the bare numbers, addresses, names or `kind/name` that `-o jsonpath` and `-o name` print, one a
 * line or, as jsonpath prints the items of a list, all on one. Lines of `#` around words are titles, as
 * `cilium-dbg config --all` prints them above its `Key   : value`.
 */

/** A key with its value, or with the list below it; a bare value has no key. */
export interface KeyValueEntry {
  line: number;
  key?: Located;
  value?: Located;
  /** Lines below a key without a value. */
  items: Located[];
}

/** A parsed report. */
export interface KeyValues {
  format: 'key-value';
  entries: KeyValueEntry[];
}

const HINT = 'Print each value as `Key: value`, a list below a `Key:`, or correct `format` in layers.yaml.';
/** A number, an address or what stands in place of one, or `kind/name`. */
const BARE = new RegExp(
  String.raw`^(?:-?\d+(?:\.\d+)?|[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*|${STAND_IN}|[a-z]+(?:\.[a-z0-9.]+)?/[a-z0-9][a-z0-9.:-]*)$`,
);
/** A name of DNS (RFC 1123) that no English word looks like: it has a digit, a hyphen or a dot. */
const NAME = /^(?=[a-z-]*[0-9.-])[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
/** The same, or a word beside one. */
const PLAIN_NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const TITLE = /^(?<hashes>#{2,}) .* \k<hashes>$/;
/** A name, then what is said about it: `nginx replicas=1`, `<pod> on node <node>`. */
const ON_NODE = /^(?<pod>[^ ]+) on node (?<node>[^ ]+)$/d;
const WITH_ATTRIBUTES = /^(?<name>[^ =]+)(?<attributes>(?: [A-Za-z][A-Za-z0-9]*=[^ ]*)+)$/d;

/**
 * Reads a report of keys and values.
 * @throws {FormatError} on an empty output and on a line that is neither a pair, nor in a list, nor a bare value
 */
function parseKeyValue(text: string): KeyValues {
  const entries: KeyValueEntry[] = [];
  let list: KeyValueEntry | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) {
      list = undefined;
      continue;
    }
    const content = trim(line);
    if (TITLE.test(content.value)) {
      list = undefined;
      continue;
    }
    const items = words(content);
    if (items.length > 1 && areItems(items)) {
      entries.push(...items.map((value) => ({ line: line.number, value, items: [] })));
      list = undefined;
      continue;
    }
    const pair = keyed(content, true);
    const bare = BARE.test(content.value);
    if (pair && !bare) {
      const entry: KeyValueEntry = { line: line.number, key: pair.key, items: [] };
      if (pair.value) entry.value = pair.value;
      list = pair.value ? undefined : entry;
      entries.push(entry);
    } else if (list && !/[ \t]/.test(content.value)) {
      list.items.push(content);
    } else if (bare) {
      entries.push({ line: line.number, value: content, items: [] });
    } else {
      throw unreadable('key-value', line, '`Key: value`, a list entry below a `Key:`, or a bare value', HINT);
    }
  }
  if (entries.length === 0) throw nothingThere('key-value', text, '`Key: value`', HINT);
  return { format: 'key-value', entries };
}

/** True for the items of a list on one line: addresses, numbers, `kind/name`, or names of which one at least looks like one. */
function areItems(items: readonly Located[]): boolean {
  return (
    // A key that hexadecimal digits can write (`A:`) is no address.
    items.every(({ value }) => BARE.test(value) && (!value.includes(':') || isIPv6(value))) ||
    (items.every(({ value }) => PLAIN_NAME.test(value)) && items.some(({ value }) => NAME.test(value)))
  );
}

/** The values of a report; a bare value has the path `value`, a list entry its index. */
function keyValueFields({ entries }: KeyValues): Field[] {
  return entries.flatMap(({ key, value, items }) => {
    const path = [key?.value ?? 'value'];
    return [
      ...(value ? sentenceFields(value, path) : []),
      ...items.flatMap((item, index) => valueFields(item, [...path, String(index)], hintOf(path[0] ?? ''))),
    ];
  });
}

function sentenceFields(value: Located, path: readonly string[]): Field[] {
  const placed = match<'pod' | 'node'>(ON_NODE, value);
  if (placed) return [field(placed.pod, path, 'pod'), field(placed.node, [...path, 'node'], 'node')];
  const named = match<'name' | 'attributes'>(WITH_ATTRIBUTES, value);
  if (named) {
    return [
      field(named.name, path, kindOfName(named.name.value) ?? 'name'),
      ...attributes(named.attributes).flatMap(([key, at]) => valueFields(at, [...path, key])),
    ];
  }
  return valueFields(value, path, hintOf(path.at(-1) ?? ''));
}

function attributes(all: Located): [string, Located][] {
  return [...all.value.matchAll(/ ([A-Za-z][A-Za-z0-9]*)=([^ ]*)/g)].map((found) => {
    const end = all.start + found.index + found[0].length;
    const value = found[2] ?? '';
    return [found[1] ?? '', { value, start: end - value.length, end }];
  });
}

export default {
  parse: parseKeyValue,
  fields: keyValueFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY, INDEX)),
  incompleteness: ({ head }) => (/^[\w ]+: \S/.test(head) ? undefined : 'it does not start with a key and a value'),
  sample: { from: 'v1-l6-local-asymmetric', head: 0 },
} satisfies Format<KeyValues>;
