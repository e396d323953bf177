import { isAddress, STAND_IN } from './address.ts';
import { isBlankLine, match, nothingThere, segments, unreadable, words } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar, headed } from './format.ts';
import tokens from './grammars/table.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * `cilium-dbg bpf ipcache list`, which identity an address has (cilium-dbg/cmd/bpf_ipcache_list.go; pkg/maps/ipcache,
 * `RemoteEndpointInfo.String`), in no order:
 *
 *   IP PREFIX/ADDRESS   IDENTITY
 *   10.20.0.15/32       identity=18565 encryptkey=0 tunnelendpoint=192.0.2.5 flags=hastunnel
 *   fd00::9/128         identity=6 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>
 *   0.0.0.0/0           2 0 0.0.0.0
 *
 * The last form, identity, key and tunnel without their names, is that of before Cilium 1.11. In between `nodeid=` stood
 * in place of `flags=`. `@1` behind a prefix is the number of a cluster in a mesh. `grep` takes the headings away.
 */

/** One entry. */
export interface IpcacheEntry {
  line: number;
  /** Address and length; before 1.6 hosts stand without one. */
  prefix: Located;
  cluster?: Located;
  identity: Located;
  encryptKey?: Located;
  /** Node behind which the address is; the unspecified address for none. */
  tunnelEndpoint?: Located;
  /** `skiptunnel`, `hastunnel`, … ; absent for none. */
  flags?: Located[];
  others: { key: Located; value: Located }[];
}

/** A parsed `cilium-dbg bpf ipcache list`. */
export interface CiliumIpcacheList {
  format: 'cilium-bpf-ipcache-list';
  entries: IpcacheEntry[];
  /** True where the headings are missing: entries may be, too. */
  filtered?: true;
}

const EXPECTED = '`10.0.0.1/32   identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>` below the headings';
const HINT = 'Record `cilium-dbg bpf ipcache list` without -o, or correct `format` in layers.yaml.';
const HEADINGS = /^IP PREFIX\/ADDRESS[ \t]+IDENTITY[ \t]*$/;
const PREFIX = new RegExp(
  String.raw`^(?<prefix>(?<ip>[0-9A-Fa-f:.]+|${STAND_IN})(?:\/\d{1,3})?)(?:@(?<cluster>\d+))?$`,
  'd',
);
const PAIR = /^(?<key>[a-z]+)=(?<value>[^ ]*)$/d;

/**
 * Reads `cilium-dbg bpf ipcache list`.
 * @throws {FormatError} on an empty output and on an entry of another form
 */
export function parseCiliumIpcacheList(text: string): CiliumIpcacheList {
  const entries: IpcacheEntry[] = [];
  let headed: boolean | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    if (headed === undefined && HEADINGS.test(line.value)) {
      headed = true;
      continue;
    }
    headed ??= false;
    const entry = readEntry(line);
    if (!entry) throw unreadable('cilium-bpf-ipcache-list', line, EXPECTED, HINT);
    entries.push(entry);
  }
  if (headed === undefined) throw nothingThere('cilium-bpf-ipcache-list', text, EXPECTED, HINT);
  return { format: 'cilium-bpf-ipcache-list', entries, ...(!headed && { filtered: true }) };
}

function readEntry(line: Line): IpcacheEntry | undefined {
  const [first, second, ...more] = segments(line);
  const named = first && match<'prefix' | 'ip', 'cluster'>(PREFIX, first);
  if (!named || !second || more.length > 0 || !isAddress(named.ip.value)) return undefined;
  const { prefix, cluster } = named;
  const base = { line: line.number, prefix, ...(cluster && { cluster }) };
  const all = words(second);
  const pairs = all.map((word) => match<'key' | 'value'>(PAIR, word));
  if (pairs.every((pair) => pair === undefined)) {
    const [identity, encryptKey, tunnelEndpoint, ...rest] = all;
    if (!identity || !/^\d+$/.test(identity.value) || rest.length > 0) return undefined;
    return {
      ...base,
      identity,
      ...(encryptKey && { encryptKey }),
      ...(tunnelEndpoint && { tunnelEndpoint }),
      others: [],
    };
  }
  const left = pairs.filter((pair) => pair !== undefined);
  const take = (key: string) => {
    const at = left.findIndex((pair) => pair.key.value === key);
    return at < 0 ? undefined : left.splice(at, 1)[0]?.value;
  };
  const [identity, encryptKey, tunnelEndpoint] = ['identity', 'encryptkey', 'tunnelendpoint'].map(take);
  const flags = take('flags');
  if (!identity || !/^\d+$/.test(identity.value)) return undefined;
  if (pairs.some((pair) => pair === undefined)) return undefined;
  return {
    ...base,
    identity,
    ...(encryptKey && { encryptKey }),
    ...(tunnelEndpoint && { tunnelEndpoint }),
    ...(flags && { flags: listed(flags) }),
    others: left,
  };
}

function listed(flags: Located): Located[] {
  return [...flags.value.matchAll(/[^,]+/g)].map(({ 0: value, index }) => ({
    value,
    start: flags.start + index,
    end: flags.start + index + value.length,
  }));
}

/** The values of the list. An entry is named by its prefix. */
function ciliumIpcacheListFields({ entries }: CiliumIpcacheList): Field[] {
  return entries.flatMap(({ prefix, cluster, identity, encryptKey, tunnelEndpoint, flags = [], others }) => {
    const path = [cluster ? `${prefix.value}@${cluster.value}` : prefix.value];
    return [
      field(prefix, [...path, 'prefix'], prefix.value.includes('/') ? 'prefix' : 'ip'),
      ...(cluster ? [field(cluster, [...path, 'cluster'], 'number')] : []),
      field(identity, [...path, 'identity'], 'identity'),
      ...(encryptKey ? [field(encryptKey, [...path, 'encryption key'], 'number')] : []),
      ...(tunnelEndpoint ? valueFields(tunnelEndpoint, [...path, 'tunnel endpoint'], 'ip') : []),
      ...flags.map((flag, index) => field(flag, [...path, 'flags', String(index)], 'state')),
      ...others.flatMap(({ key, value }) => valueFields(value, [...path, key.value])),
    ];
  });
}

export default {
  parse: parseCiliumIpcacheList,
  fields: ciliumIpcacheListFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY)),
  incompleteness: headed(/^IP PREFIX\/ADDRESS\s/, '`IP PREFIX/ADDRESS …`'),
  sample: { from: 'hastunnel', head: 1 },
} satisfies Format<CiliumIpcacheList>;
