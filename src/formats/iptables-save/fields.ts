import { STAND_IN } from '../address.ts';
import type { Located } from '../types.ts';
import type { Match, Rule, Ruleset, Table } from './types.ts';

/** What a value of a rule is; `prefix` is an address with a length, `number` a probability or a mark. */
export type IptablesFieldKind =
  | 'ip'
  | 'prefix'
  | 'port'
  | 'protocol'
  | 'namespace'
  | 'name'
  | 'count'
  | 'number'
  | 'state'
  | 'text';

/** One value of the output with its place in the text and in the meaning. */
export interface IptablesField extends Located {
  /** Table, chain, number of the rule in its chain from 1, part: `['nat', 'KUBE-SERVICES', '3', 'destination']`. */
  path: readonly string[];
  kind: IptablesFieldKind;
  /** The pieces of a generated chain name: `KUBE-SVC` and the hash. */
  parts?: readonly (Located & { kind: 'name' | 'hash' })[];
}

type Make = (part: string, kind: IptablesFieldKind, value: Located) => IptablesField;

/** kube-proxy's chains per Service port and endpoint: a prefix and 16 characters of base32. */
const GENERATED = /^(KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB))-([A-Z2-7]{16})$/;
/** kube-proxy names a Service port `namespace/name` or `namespace/name:port` at the start of a comment or after `for`. */
const SERVICE =
  /(?:^|(?<= for ))([a-z0-9][a-z0-9.-]{0,62})\/([a-z0-9][a-z0-9.-]{0,252})(?::([a-z0-9-]{0,63}))?(?= |$)/d;
/** `-> 10.20.0.8:80` at the end of the comment of a KUBE-SVC rule. */
const BACKEND = new RegExp(String.raw`(?<=-> )(?:\[([0-9a-f:.]+|${STAND_IN})\]|([0-9.]+|${STAND_IN})):(\d{1,5})$`, 'd');

/**
 * Every address, port, chain, Service name, probability and counter of the rules. Fields stand in the order of the
 * text, do not overlap, and have distinct paths. A `/32` or `/128` is left out, so that the address is the same
 * value as elsewhere.
 */
export function iptablesFields(ruleset: Ruleset): IptablesField[] {
  const times = new Map<string, number>();
  const fields = ruleset.tables.flatMap((table, index) => {
    const name = table.name?.value ?? `#${index + 1}`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    // Two outputs in one file have a table twice; no table has a blank in its name.
    return tableFields(table, time === 1 ? name : `${name} ${time}`);
  });
  return fields.sort((a, b) => a.start - b.start);
}

function tableFields(table: Table, name: string): IptablesField[] {
  const fields: IptablesField[] = [];
  const used = new Map<string, number>();
  // What a table declares twice, or a rule holds twice, gets a number the second time.
  const take = (pieces: readonly IptablesField[]) => {
    for (const piece of pieces) {
      const key = piece.path.join('\n');
      const before = used.get(key) ?? 0;
      used.set(key, before + 1);
      fields.push(before === 0 ? piece : { ...piece, path: [...piece.path, String(before + 1)] });
    }
  };
  if (table.name) take([field([name, 'table'], 'name', table.name)]);
  for (const { name: chain, policy, counters } of table.chains) {
    const path = [name, chain.value];
    take([field([...path, 'name'], 'name', chain)]);
    if (policy) take([field([...path, 'policy'], 'state', policy)]);
    if (counters) take(counts([...path, 'counters'], counters));
  }
  for (const chain of table.deleted) take([field([name, chain.value, 'deleted'], 'name', chain)]);
  const numbers = new Map<string, number>();
  for (const rule of table.rules) {
    const number = (numbers.get(rule.chain.value) ?? 0) + 1;
    numbers.set(rule.chain.value, number);
    take(ruleFields(rule, [name, rule.chain.value, String(number)]));
  }
  return fields;
}

function field(path: readonly string[], kind: IptablesFieldKind, { value, start, end }: Located): IptablesField {
  const generated = kind === 'name' ? GENERATED.exec(value) : null;
  if (!generated) return { path, kind, value, start, end };
  const [, prefix = '', hash = ''] = generated;
  const parts = [
    { value: prefix, start, end: start + prefix.length, kind: 'name' as const },
    { value: hash, start: end - hash.length, end, kind: 'hash' as const },
  ];
  return { path, kind, value, start, end, parts };
}

/** `[packets:bytes]` or `packets bytes`, taken apart. */
function counts(path: readonly string[], { value, start }: Located): IptablesField[] {
  return [...value.matchAll(/\d+/g)].map(({ 0: digits, index }, place) =>
    field([...path, place === 0 ? 'packets' : 'bytes'], 'count', {
      value: digits,
      start: start + index,
      end: start + index + digits.length,
    }),
  );
}

function ruleFields(rule: Rule, path: readonly string[]): IptablesField[] {
  const make: Make = (part, kind, value) => field([...path, part], kind, value);
  const fields = rule.counters ? counts([...path, 'counters'], rule.counters) : [];
  fields.push(make('chain', 'name', rule.chain));
  for (const match of rule.matches) fields.push(...matchFields(match, make));
  const { target } = rule;
  if (target) {
    const { effect } = target;
    fields.push(make('target', effect.kind === 'chain' ? 'name' : 'state', target.name));
    if (effect.kind === 'dnat' || effect.kind === 'snat') {
      if (effect.host) fields.push(make('to-address', 'ip', effect.host));
      if (effect.port) fields.push(make('to-port', 'port', effect.port));
    } else {
      for (const { name, values } of target.options) {
        for (const value of values) fields.push(make(name.replace(/^-+/, ''), 'text', value));
      }
    }
  }
  return fields;
}

function matchFields(match: Match, make: Make): IptablesField[] {
  switch (match.kind) {
    case 'source':
    case 'destination':
      return [address(match.kind, match.address, make)];
    case 'conntrack-original-address':
      return [address(`original-${match.side}`, match.address, make)];
    case 'ports':
      return match.ports.map((port) => make(`${match.side}-port`, 'port', port));
    case 'conntrack-original-port':
      return match.ports.map((port) => make(`original-${match.side}-port`, 'port', port));
    case 'comment':
      return comment(match.comment, make);
    case 'statistic-random':
      return [make('probability', 'number', match.probability)];
    case 'statistic-nth':
      return [make('every', 'number', match.every)];
    case 'protocol':
    case 'conntrack-protocol':
      return [make(match.kind, 'protocol', match.protocol)];
    case 'in-interface':
    case 'out-interface':
      return [make(match.kind, 'name', match.name)];
    case 'address-type':
      return match.types.map((type) => make(`${match.side}-type`, 'state', type));
    case 'mark':
      return [make('mark', 'number', match.mark)];
    case 'conntrack-state':
      return match.states.map((state) => make('state', 'state', state));
    case 'conntrack-direction':
      return [make('direction', 'state', match.direction)];
    case 'nfacct':
      return [make('nfacct', 'name', match.name)];
    case 'recent':
    case 'physdev':
      return match.name ? [make(match.kind, 'name', match.name)] : [];
    case 'fragment':
    case 'protocol-module':
    case 'tcp-flags':
    case 'address-type-interface':
    case 'unknown':
      return [];
  }
}

function address(part: string, value: Located, make: Make): IptablesField {
  const [host = '', length] = value.value.split('/');
  // Nothing but the length tells the family of what stands in place of an address.
  const whole = length === undefined || length === '128' || (length === '32' && !host.includes(':'));
  return whole
    ? make(part, 'ip', { value: host, start: value.start, end: value.start + host.length })
    : make(part, 'prefix', value);
}

function comment(value: Located, make: Make): IptablesField[] {
  const pieces: IptablesField[] = [];
  const take = (span: [number, number] | undefined, part: string, kind: IptablesFieldKind) => {
    if (!span || span[0] === span[1]) return;
    const [from, to] = span;
    const text = value.value.slice(from, to);
    pieces.push(make(part, kind, { value: text, start: value.start + from, end: value.start + to }));
  };
  const service = SERVICE.exec(value.value)?.indices;
  take(service?.[1], 'namespace', 'namespace');
  take(service?.[2], 'service', 'name');
  take(service?.[3], 'service-port', 'name');
  const backend = BACKEND.exec(value.value)?.indices;
  take(backend?.[1] ?? backend?.[2], 'backend-address', 'ip');
  take(backend?.[3], 'backend-port', 'port');
  return pieces.length > 0 ? pieces : [make('comment', 'text', value)];
}
