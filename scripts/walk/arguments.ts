import { parseArgs } from 'node:util';
import { parseAddress } from '../../src/formats/address.ts';
import type { Packet } from '../../src/netfilter/walk.ts';
import { quote } from '../../src/problem.ts';

/** What the command line asks for. */
export interface Request {
  /** Path, or `-` for standard input. */
  file: string;
  packet: Packet;
  json: boolean;
}

/** A command line that cannot be followed, in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run --silent walk -- FILE --from IP[:PORT] --to IP:PORT [options]

Walks the first packet of a connection through the iptables rules of a node and prints every rule
it is compared with, in order, and every way it can end, with probabilities.

FILE is what iptables-save printed (whole or filtered), with or without the header of a capture;
- reads standard input. An IPv6 address with a port stands in brackets: [fd00::1]:80.

  --from IP[:PORT]        source; without a port, rules about it cannot be told
  --to IP:PORT            destination, before any translation
  --proto tcp|udp|sctp    protocol (default tcp)
  --entry prerouting|output
                          where the packet meets the rules: arriving at the node, also from a pod
                          (default), or sent by the node itself
  --local-ip IP           an address of the node; repeat it for each one. Without it, only loopback
                          counts as the node's (and --from with --entry output)
  --in-interface NAME     interface the packet arrives on
  --out-interface NAME    interface it leaves by
  --recent LIST           session affinity: the client is in this list (the name of an endpoint's
                          chain, such as KUBE-SEP-6WWOHZMG4JZC35KS); repeatable
  --json                  machine-readable output
  --help                  this text

Exit status: 0 walked; 1 the file cannot be read; 2 the command line cannot be followed.`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  proto: { type: 'string', default: 'tcp' },
  entry: { type: 'string', default: 'prerouting' },
  'local-ip': { type: 'string', multiple: true },
  'in-interface': { type: 'string' },
  'out-interface': { type: 'string' },
  recent: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Reads the command line.
 * @returns undefined where help was asked for
 * @throws {UsageError}
 */
export function parseCommandLine(argv: readonly string[]): Request | undefined {
  const { values, positionals } = parsed(argv);
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined)
    throw new UsageError('expected a FILE; found none. Name the output of iptables-save, or - for standard input.');
  if (more.length > 0) throw new UsageError(`expected one FILE; found also ${more.map(quote).join(', ')}.`);
  if (values.from === undefined) throw new UsageError('expected --from with the source address; found none.');
  if (values.to === undefined) throw new UsageError('expected --to with the destination and its port; found none.');
  const from = endpoint('--from', values.from);
  const to = endpoint('--to', values.to);
  if (to.port === undefined) throw new UsageError(`expected --to IP:PORT; found ${quote(values.to)} without a port.`);
  if (from.ip.includes(':') !== to.ip.includes(':')) {
    throw new UsageError('expected --from and --to of one family; found an IPv4 and an IPv6 address.');
  }
  return {
    file,
    json: values.json,
    packet: {
      from: from.ip,
      fromPort: from.port,
      to: to.ip,
      port: to.port,
      protocol: oneOf('--proto', values.proto.toLowerCase(), ['tcp', 'udp', 'sctp']),
      entry: oneOf('--entry', values.entry.toLowerCase(), ['prerouting', 'output']),
      localAddresses: values['local-ip']?.map((text) => {
        if (!parseAddress(text)) throw new UsageError(`expected --local-ip with an address; found ${quote(text)}.`);
        return text;
      }),
      inInterface: values['in-interface'],
      outInterface: values['out-interface'],
      recentLists: values.recent,
    },
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // node:util names the option and what is wrong with it; its hints after the first sentence are about itself.
    if (error instanceof TypeError) throw new UsageError(`${error.message.split(/\.\s/)[0]}.`);
    throw error;
  }
}

function oneOf<const T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new UsageError(`expected ${option} with ${allowed.join(' or ')}; found ${quote(value)}.`);
  return found;
}

/** `10.0.0.1`, `10.0.0.1:80`, `fd00::1`, `[fd00::1]`, `[fd00::1]:80` */
function endpoint(option: string, text: string): { ip: string; port: number | undefined } {
  const parts = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text);
  const ip = parts?.[1] ?? parts?.[2] ?? text;
  const port = parts?.[3] === undefined ? undefined : Number(parts[3]);
  if (!parseAddress(ip) || (port !== undefined && port > 65535)) {
    throw new UsageError(
      `expected ${option} with an address such as 10.20.1.4${option === '--to' ? ':80' : ''}; found ${quote(text)}.`,
    );
  }
  return { ip, port };
}
