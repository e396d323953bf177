import { isStandIn, parseAddress, STAND_IN } from '../address.ts';
import type { Located } from '../types.ts';
import { markValue } from './matches.ts';
import { located, type Option, type SplitRule, UNSUPPORTED } from './options.ts';
import { type Token, unreadable } from './tokens.ts';
import type { Effect, Target } from './types.ts';

const HINT = 'Restore the line as iptables-save printed it.';

/** Targets that leave the packet's way as it is (iptables-extensions(8)). */
const NO_EFFECT = new Set(
  'AUDIT CHECKSUM CLASSIFY CONNSECMARK DSCP ECN HL IDLETIMER LED LOG NFLOG RATEEST SECMARK SET TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL ULOG'.split(
    ' ',
  ),
);

/** Extensions that are recognised as such and not followed any further. */
const NOT_FOLLOWED = new Set(
  'CLUSTERIP DNPT HMARK MIRROR NETMAP NFQUEUE QUEUE REDIRECT SAME SNPT SYNPROXY TPROXY'.split(' '),
);

/** Reads a target with its options; any name that is no extension of iptables is taken for a chain. */
export function targetOf({ name, flag, goto, options }: NonNullable<SplitRule['target']>, line: number): Target {
  return {
    name: located(name),
    goto,
    options: options.map((option) => ({ ...option, values: option.values.map(located) })),
    effect: effectOf(name.value, options, line),
    start: flag.start,
    end: options.at(-1)?.end ?? name.end,
  };
}

function effectOf(name: string, options: readonly Option[], line: number): Effect {
  if (options.some((option) => option.name === UNSUPPORTED)) return { kind: 'unprinted', text: UNSUPPORTED };
  switch (name) {
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'DROP':
      return { kind: 'drop' };
    case 'REJECT':
      return { kind: 'reject' };
    case 'RETURN':
      return { kind: 'return' };
    case 'MASQUERADE':
      return { kind: 'masquerade' };
    case 'NOTRACK':
      return { kind: 'notrack' };
    case 'CT':
      return options.some((option) => option.name === '--notrack') ? { kind: 'notrack' } : { kind: 'extension' };
    case 'CONNMARK':
      // The connection's mark leads nowhere unless it is copied to the packet.
      return { kind: options.some((option) => option.name === '--restore-mark') ? 'extension' : 'none' };
    case 'MARK':
      return markEffect(options, line);
    case 'DNAT':
      return natEffect('dnat', options, '--to-destination', line);
    case 'SNAT':
      return natEffect('snat', options, '--to-source', line);
  }
  if (NO_EFFECT.has(name)) return { kind: 'none' };
  return NOT_FOLLOWED.has(name) ? { kind: 'extension' } : { kind: 'chain' };
}

const only = (options: readonly Option[], name: string): Token | undefined =>
  options.find((option) => option.name === name)?.values[0];

/** All forms of MARK are `mark = (mark & and) ^ xor`. */
function markEffect(options: readonly Option[], line: number): Effect {
  for (const option of options) {
    const [word] = option.values;
    if (!word) continue;
    const { mark, mask } = markValue(word, line);
    switch (option.name) {
      case '--set-xmark':
        return { kind: 'mark', and: ~mask >>> 0, xor: mark };
      case '--set-mark':
        return { kind: 'mark', and: ~(mask | mark) >>> 0, xor: mark };
      case '--or-mark':
        return { kind: 'mark', and: ~mark >>> 0, xor: mark };
      case '--and-mark':
        return { kind: 'mark', and: mark, xor: 0 };
      case '--xor-mark':
        return { kind: 'mark', and: 0xffffffff, xor: mark };
    }
  }
  throw unreadable(line, 'an option of MARK such as --set-xmark 0x4000/0x4000', 'none', HINT);
}

const NAT_TO = new RegExp(
  String.raw`^(?:\[([^\]]+)\]|([0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.-]*|[0-9.-]*|${STAND_IN}))(?::(\d{1,5}(?:-\d{1,5}(?:/\d{1,5})?)?))?$`,
);

/**
 * An iptables that reads a rule of a later revision by the layout it knows prints a range without a value
 * (`--to-destination  --random`) or several of them (`--to-destination :0 --persistent --to-destination 0.0.0.0:0`);
 * the kernel takes a single range since 2.6.11 (iptables-extensions(8)).
 */
function natEffect(kind: 'dnat' | 'snat', options: readonly Option[], name: string, line: number): Effect {
  const ranges = options.filter((option) => option.name === name);
  if (ranges.length > 1 || ranges[0]?.values.length === 0) return { kind: 'unprinted', text: name };
  return { kind, ...natTo(options, name, line) };
}

/** `10.0.0.8:80`, `[fd00::8]:80`, either part alone, or ranges of them (iptables-extensions(8), DNAT). */
function natTo(
  options: readonly Option[],
  name: string,
  line: number,
): { to: Located; host: Located | undefined; port: Located | undefined } {
  const word = only(options, name);
  const parts = NAT_TO.exec(word?.value ?? '');
  const host = parts?.[1] ?? parts?.[2];
  const port = parts?.[3];
  const hosts = host && !isStandIn(host) ? host.split('-') : [];
  const good =
    word !== undefined &&
    parts !== null &&
    (host || port) &&
    hosts.length <= 2 &&
    hosts.every((part) => parseAddress(part)) &&
    (port ?? '').split(/[-/]/).every((part) => Number(part) <= 65535);
  if (!good) throw unreadable(line, `an address and a port after ${name}`, word?.value ?? 'nothing', HINT);
  const bracket = word.value.startsWith('[') ? 1 : 0;
  const at = word.start + bracket;
  return {
    to: located(word),
    host: host ? { value: host, start: at, end: at + host.length } : undefined,
    port: port === undefined ? undefined : { value: port, start: word.end - port.length, end: word.end },
  };
}
