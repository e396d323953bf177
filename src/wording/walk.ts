import type { WalkedPacket, WalkRule, WalkStep, WalkWay } from '../report/figure-data.ts';
import { counted, grouped } from '../words.ts';
import { percentText } from './words.ts';

type Ask = WalkRule['asks'][number];
type Packet = WalkedPacket['rules']['packet'];

/** A network of one address as the address alone. */
const plain = (network: string) => network.replace(/\/(?:32|128)$/, '');
const local = (value: string) => (value === 'LOCAL' ? 'an address of the node' : `an address of type ${value}`);

/** What a rule asks, to stand before a question mark. */
const asks: Readonly<Record<Ask['kind'], (value: string) => string>> = {
  source: (value) => `from ${plain(value)}`,
  destination: (value) => `for ${plain(value)}`,
  protocol: (value) => value,
  'source-port': (value) => `from port ${value}`,
  'destination-port': (value) => `port ${value}`,
  'either-port': (value) => `port ${value} at either end`,
  'source-type': (value) => `from ${local(value)}`,
  'destination-type': (value) => `for ${local(value)}`,
  'original-source': (value) => `first sent from ${plain(value)}`,
  'original-destination': (value) => `first sent to ${plain(value)}`,
  'in-interface': (value) => `arriving on ${value}`,
  'out-interface': (value) => `leaving by ${value}`,
  mark: (value) => `marked ${value}`,
  state: (value) => `of a connection that is ${value}`,
  random: (value) => `with a chance of ${lotText(value)}`,
  nth: (value) => `one in ${value}, by turns`,
  'recent-set': (value) => `its client put on the list ${value}`,
  'recent-rcheck': (value) => `its client on the list ${value}`,
  'recent-update': (value) => `its client on the list ${value}`,
  'recent-remove': (value) => `its client taken off the list ${value}`,
  other: (value) => value,
};

/** Why this packet does not meet a condition; what is not told here does not meet it, in the words of the rule. */
const refusals: { readonly [Kind in Ask['kind']]?: (ask: Ask, packet: Packet) => string } = {
  source: ({ value, not }, { from }) =>
    not ? `This packet comes from ${from}, which is in ${value}` : `This packet comes from ${from}`,
  destination: ({ not }, { to }) => (not ? `This packet does go there, to ${to}` : `This packet goes to ${to}`),
  protocol: (_, { protocol }) => `This packet is ${protocol}`,
  'destination-port': (_, { port }) => `This packet goes to port ${port}`,
  'source-type': (ask, { from }) => `${from} is ${ask.not ? '' : 'not '}${local(ask.value)}`,
  'destination-type': (ask, { to }) => `${to} is ${ask.not ? '' : 'not '}${local(ask.value)}`,
  mark: ({ not }) => `This packet ${not ? 'has that mark' : 'has no such mark'}`,
  state: () => 'This packet is the first of its connection, which is NEW',
  'recent-rcheck': () => 'This client has not been seen before',
  'recent-update': () => 'This client has not been seen before',
};

/** kube-proxy's chains whose name says what they do. */
const fixedChains: Readonly<Record<string, string>> = {
  'KUBE-MARK-MASQ': 'mark for masquerade',
  'KUBE-MARK-DROP': 'mark to be dropped',
};

/** What a rule does, as an order. */
const orders: Readonly<Record<WalkRule['does']['kind'], (value: string) => string>> = {
  jump: (value) => fixedChains[value] ?? `on to ${value}`,
  goto: (value) => `on to ${value}, not to come back`,
  accept: () => 'let it through',
  drop: () => 'drop it',
  reject: () => 'refuse it',
  return: () => 'back to where it came from',
  masquerade: () => 'replace its source by the node’s address',
  snat: (value) => `replace its source by ${value}`,
  dnat: (value) => `rewrite its destination to ${value}`,
  mark: (value) => `change its mark, ${value}`,
  notrack: () => 'leave it out of connection tracking',
  none: (value) => (value ? `note it with ${value}` : 'count it'),
  unknown: (value) => `hand it to ${value}`,
};

const order = ({ does }: WalkRule): string => orders[does.kind](does.value ?? '');
const asked = ({ kind, value, not }: Ask): string => `${not ? 'not ' : ''}${asks[kind](value)}`;
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `1/3`, or percents where no small fraction is meant: iptables rounds to the 2^31st part. */
export function shareText(share: number): string {
  const parts = Math.round(1 / share);
  return parts > 1 && parts <= 100 && Math.abs(share - 1 / parts) < 1e-6 ? `1/${parts}` : percentText(share);
}

/** `1 in 3` */
function lotText(probability: string): string {
  const share = shareText(Number(probability));
  return share.startsWith('1/') ? `1 in ${share.slice(2)}` : share;
}

/** The lot that a rule draws, and nothing else; undefined where it asks for more. */
const lotOf = ({ asks }: WalkRule): string | undefined =>
  asks.length === 1 && asks[0]?.kind === 'random' && !asks[0].not ? asks[0].value : undefined;

/** True for a rule that some connections match by chance. */
export function drawsLots(step: WalkRule): boolean {
  return step.asks.some(({ kind }) => kind === 'random' || kind === 'nth');
}

/**
 * What a rule is called where it stands: what it asks for, and whose it is where its comment says so.
 * @param before the rules of its chain before it
 */
export function ruleLabel(step: WalkRule, before: readonly WalkRule[]): { what: string; whose: string | undefined } {
  const value = (kind: Ask['kind']) => step.asks.find((ask) => ask.kind === kind && !ask.not)?.value;
  const [to, port, protocol] = [value('destination'), value('destination-port'), value('protocol')];
  const whose = /^[\w.-]+\/([\w.:-]+)/.exec(step.comment ?? '')?.[1];
  const lots = before.filter(drawsLots).length;
  const lot = lotOf(step);
  if (lot !== undefined) return { what: `${lotText(lot)}${lots > 0 ? ' of the rest' : ''}`, whose: undefined };
  if (step.asks.length === 0 && lots > 0) return { what: 'all the rest', whose: undefined };
  const first = step.asks.find(({ not }) => not) ?? step.asks[0];
  const address = step.asks.every(({ kind, not }) => !not && /^(destination(-port)?|protocol)$/.test(kind));
  if (address && port !== undefined && step.does.kind !== 'dnat') {
    if (to && plain(to).includes('/')) return { what: `${to} port ${port}/${protocol ?? 'any'}`, whose };
    const host = to === undefined ? 'port ' : `${plain(to).replace(/^(.*:.*)$/, '[$1]')}:`;
    return { what: `${host}${port}${protocol ? `/${protocol}` : ''}`, whose };
  }
  const order = orders[step.does.kind](step.does.value ?? '');
  if (step.does.kind === 'dnat' || !first) return { what: order, whose: undefined };
  return { what: `${asked(first)}${step.asks.length > 1 ? ' …' : ''}? ${order}`, whose: undefined };
}

/** What matching does besides: it always holds. */
const isDone = ({ kind, not }: Ask): boolean => !not && /^recent-(set|remove)$/.test(kind);

/** A rule as a question and an order: `For 10.24.9.186, tcp, port 80? Then on to KUBE-SVC-….` */
export function ruleQuestion(step: WalkRule): string {
  const done = step.asks.filter(isDone).map((ask) => `, ${asked(ask)}`);
  const then = `${order(step)}${done.join('')}.`;
  const [first, ...others] = step.asks.filter((ask) => !isDone(ask));
  if (!first) return `Any packet: ${then}`;
  if (first.kind === 'protocol' && !first.not && others.length === 0) return `Any ${first.value} packet: ${then}`;
  return `${capital([first, ...others].map(asked).join(', '))}? Then ${then}`;
}

/** Does it match: `does not match`, `matches`, `matches 33.3 %`. */
export function matchWords({ matched, chance }: WalkStep): string {
  if (chance === null) return 'cannot tell whether it matches';
  if (!matched) return 'does not match';
  return chance === 1 ? 'matches' : `matches ${percentText(chance)}`;
}

/** What the rule says to this packet, and what comes next. */
export function ruleAnswer(rules: WalkedPacket['rules'], index: number): string {
  const { steps } = rules;
  const step = steps[index] as WalkStep;
  const after = steps[index + 1];
  const passing = steps.slice(index + 1).find(({ depth }) => depth <= step.depth);
  const next = (to: WalkStep | undefined, said = 'is next') =>
    to ? `line ${to.line}${to.chain === step.chain ? '' : ` in ${to.chain}`} ${said}` : 'no captured rule is left';
  if (step.chance === null)
    return `The output does not tell whether this packet matches; ${next(passing)} where it does not.`;
  if (!step.matched)
    return `${refusalWords(rules, index)}, ${after ? `so it is compared with ${next(after, 'next')}` : 'and no captured rule is left'}.`;
  const entered = after && after.depth > step.depth ? after : undefined;
  const taken = consequence(step, entered, after);
  if (step.chance < 1) {
    const part = `${percentText(step.chance)} of the connections that come here`;
    const why = step.asks.some(({ kind }) => kind === 'random')
      ? `A lot is drawn for each new connection: ${part}`
      : `${step.asks.some(({ kind }) => kind === 'nth') ? 'By turns' : 'By the way they came'}, ${part}`;
    return `${why} ${taken}; for the others ${next(passing)}.`;
  }
  const all = step.asks.length === 0 ? 'This packet too' : 'This packet matches';
  if (/^(jump|goto)$/.test(step.does.kind) && entered) return `${all}: ${next(entered)}.`;
  return `${all}: it ${taken.replace(/^are /, 'is ').replace(/^go /, 'goes ')}.`;
}

/** What becomes of connections that match: `go on at line 60`. */
function consequence(step: WalkStep, entered: WalkStep | undefined, after: WalkStep | undefined): string {
  const then = after ? `, and line ${after.line} is next` : '';
  switch (step.does.kind) {
    case 'jump':
    case 'goto':
      if (step.does.value === 'KUBE-MARK-MASQ')
        return `are marked, so that the node’s address will replace the source${then}`;
      return entered ? `go on at line ${entered.line} in ${entered.chain}` : `go on in ${step.does.value}${then}`;
    case 'dnat':
      return `are sent to ${step.does.value}; connection tracking does the same to the packets after it`;
    case 'drop':
      return 'are dropped';
    case 'reject':
      return 'are refused';
    case 'accept':
      return 'are let through';
    case 'return':
      return `go back${then}`;
    case 'masquerade':
    case 'snat':
      return `are given ${step.does.kind === 'snat' ? step.does.value : 'the node’s address'} as their source`;
    case 'mark':
      return `are marked${then}`;
    case 'notrack':
      return `are not tracked${then}`;
    case 'none':
      return `are counted${then}`;
    case 'unknown':
      return `are handed to ${step.does.value}; what it does cannot be told`;
  }
}

/** After nat another address may stand where the packet's own stood. */
function isRewritten(steps: readonly WalkStep[], index: number): boolean {
  const { table, chain } = steps[index] as WalkStep;
  const outgoing = table !== 'nat' || /POSTROUTING$/.test(chain);
  return outgoing && steps.slice(0, index).some(({ does, matched }) => matched && does.kind === 'dnat');
}

/** Why the packet does not meet what a rule asks: `This packet goes to 136.64.249.50`. */
export function refusalWords({ packet, steps }: WalkedPacket['rules'], index: number): string {
  const { asks: all, failed } = steps[index] as WalkStep;
  const ask = failed === undefined ? undefined : all[failed];
  if (!ask) return 'This packet does not match';
  if (ask.kind.startsWith('destination') && isRewritten(steps, index)) return 'Its destination is another one by now';
  const told = refusals[ask.kind]?.(ask, packet);
  return told === undefined ? `This packet is not so: ${asked(ask)}` : capital(told);
}

/** How many packets the counter of a rule rose by between two recordings. */
export function counterWords(counter: number): string {
  return `counter rose by ${grouped(counter)}`;
}

/** Rules that are told together: `12 rules, lines 70–81: none matches`. */
export function foldedWords(lines: readonly number[]): string {
  return `${counted(lines.length, 'rule')}, ${linesText(lines)}`;
}

/** `line 70`, `lines 70–81` */
export function linesText(lines: readonly number[]): string {
  const [from, to] = [lines[0], lines.at(-1)];
  return from === to ? `line ${from}` : `lines ${from}–${to}`;
}

/**
 * With how many rules the packet is compared, around that number:
 * `The packet is compared with 17–19 captured rules; 10 come before the first match`
 */
export function examinedWords({ steps, examined }: WalkedPacket['rules']): { before: string; after: string } {
  const first = steps.findIndex(({ matched }) => matched);
  const one = examined.min === 1 && examined.max === 1;
  const rules = `captured ${one ? 'rule' : 'rules'}`;
  const said =
    first < 0
      ? `; ${one ? 'it does not match' : 'none matches'}`
      : first > 0
        ? `; ${grouped(first)} ${first === 1 ? 'comes' : 'come'} before the first match`
        : '';
  return { before: 'The packet is compared with', after: `${rules}${said}` };
}

/** Whether the source is rewritten too, where all ways agree; undefined where they do not, or it is not. */
export function commonMasquerade(ways: readonly WalkWay[]): string | undefined {
  if (ways.length === 0 || new Set(ways.map(({ masquerade }) => masquerade)).size > 1) return undefined;
  const [first] = ways;
  if (first?.masquerade === null) return 'Whether the node’s address replaces the source cannot be told.';
  return first?.masquerade ? 'Marked for masquerade: the node’s address will replace the source.' : undefined;
}

/** `1/3, 17 rules` */
export function wayWords({ share, examined }: WalkWay): string {
  const { min, max } = examined;
  const rules = min === max ? counted(min, 'rule') : `${grouped(min)}–${grouped(max)} rules`;
  return share === null ? rules : `${share > 1 - 1e-9 ? 'all' : shareText(share)}, ${rules}`;
}

/** A side and what of it is asked: `V1 iptables rules`. */
export function sideWords(side: string, what: 'rules' | 'map'): string {
  return `${side.toUpperCase()} ${what === 'rules' ? 'iptables rules' : 'Cilium service map'}`;
}

type Service = NonNullable<WalkedPacket['service']>;

/** How many rows of the list have the packet's key. */
export function lookupWords({ row, rows }: Service): { found: number; rest: string } {
  const of = `of ${counted(rows.length, 'row')}`;
  return row
    ? { found: 1, rest: `${of} ${row.surrogate ? 'stands for' : 'is found by'} its key` }
    : { found: 0, rest: `${of} ${rows.length === 1 ? 'has' : 'have'} its key` };
}

/** What follows the backends of a row: the list shows no shares. */
export function backendsWords({ backends }: NonNullable<Service['row']>): string {
  if (backends.length === 0) return 'no backend takes a new connection';
  return backends.length === 1
    ? 'its one backend'
    : `one of ${grouped(backends.length)}; the list does not show how it is chosen`;
}

/** Rows that are told together. */
export function foldedRowsWords(rows: Service['rows']): string {
  return `${counted(rows.length, 'row')}, ${linesText(rows.map(({ line }) => line))}`;
}
