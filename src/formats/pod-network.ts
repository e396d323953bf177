import { isBlankLine, match, nothingThere, trim, unreadable } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { extendInterface, interfaceFields, type NetworkInterface, readInterface } from './ip-addr.ts';
import { readSocket, readSocketHeadings, type SocketTable, socketTableFields } from './proc-net-tcp.ts';
import { ANY, bag, INDEX, shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';

/*
 * A pod's interfaces (`ip addr show`) and its sockets (/proc/net/tcp, tcp6, udp and udp6), with or without the headings
 * a script puts around them:
 *
 *   Inspecting pod: nginx-bb6b8c496-4d49g
 *
 *   --- Listening sockets (/proc/net/tcp) ---
 */

/** A pod's interfaces and sockets. */
export interface PodNetwork {
  format: 'pod-network';
  pod?: Located;
  /** Text between `---`. */
  sections: Located[];
  interfaces: NetworkInterface[];
  tables: SocketTable[];
}

const POD = /^Inspecting pod: (?<pod>[^ ]+)$/d;
const SECTION = /^--- (?<title>[^ ].*) ---$/d;
const EXPECTED = 'a line of `ip addr show` or of /proc/net/tcp';
const HINT = 'Record `ip addr show` and `cat /proc/net/tcp` as they are, or correct `format` in layers.yaml.';

/**
 * Reads a pod's interfaces and sockets.
 * @throws {FormatError} on an output with neither, and on a line that belongs to none
 */
function parsePodNetwork(text: string): PodNetwork {
  const network: PodNetwork = { format: 'pod-network', sections: [], interfaces: [], tables: [] };
  let link: NetworkInterface | undefined;
  let table: SocketTable | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const pod = network.pod ? undefined : match<'pod'>(POD, content);
    const section = match<'title'>(SECTION, content);
    const opened = readInterface(content, line.number);
    const headings = readSocketHeadings(content, line.number);
    const socket = table && readSocket(table, content, line.number);
    if (pod) network.pod = pod.pod;
    else if (section) network.sections.push(section.title);
    else if (opened) {
      network.interfaces.push(opened);
    } else if (headings) {
      network.tables.push(headings);
    } else if (table && socket) {
      table.sockets.push(socket);
    } else if (!link || !extendInterface(link, content, line)) {
      throw unreadable('pod-network', line, EXPECTED, HINT);
    }
    // A heading ends what stands above it.
    if (opened || headings || section) {
      link = opened;
      table = headings;
    }
  }
  if (network.interfaces.length + network.tables.length === 0) throw nothingThere('pod-network', text, EXPECTED, HINT);
  return network;
}

/** The values of a pod's network. */
function podNetworkFields({ pod, sections, interfaces, tables }: PodNetwork): Field[] {
  return [
    ...(pod ? [field(pod, ['pod'], 'pod')] : []),
    ...sections.map((title, index) => field(title, ['section', String(index)], 'text')),
    ...interfaces.flatMap(interfaceFields),
    ...tables.flatMap(socketTableFields),
  ];
}

export default {
  parse: parsePodNetwork,
  fields: podNetworkFields,
  grammar: grammar(tokens),
  shape: shape(
    bag(/^(?:tcp|udp)6?$/, ANY),
    bag(/^(?:tcp|udp)6?$/, ANY, ANY),
    bag(ANY, 'flags', INDEX),
    bag(ANY, 'inet', INDEX, 'flags', INDEX),
  ),
  incompleteness: ({ head, tail }) =>
    /^\s+inet6? /m.test(head) && /^\s+sl\s+local_address .*\n\s+\d+: /m.test(tail)
      ? undefined
      : 'the address of the interface or the socket table is missing',
  sample: { from: 'iproute2-tcp6', head: 0 },
} satisfies Format<PodNetwork>;
