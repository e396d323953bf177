import { isBlankLine, match, nothingThere, trim, unreadable, words } from './cut.ts';
import { type Field, field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `bpftool net show`, which eBPF programs hang on which interface (bpftool: src/net.c, src/netlink_dumper.c):
 *
 *   xdp:
 *   eth0(2) driver id 198
 *
 *   tc:
 *   lxc9f2b(12) tcx/ingress cil_from_container prog_id 227 link_id 14
 *   eth0(2) clsact/ingress cil_from_netdev-eth0 id 230
 *
 *   flow_dissector:
 *
 *   netfilter:
 *
 * Older versions print `name` before a program's name, `act []` behind it, and no netfilter. An interface with several XDP
 * programs has all of them in one line.
 */

/** One program on one interface. */
export interface BpfAttachment {
  line: number;
  /** `xdp` or `tc`. */
  section: 'xdp' | 'tc';
  device: Located;
  index: Located;
  /** `driver`, `generic`, `offload`; `tcx/ingress`, `tcx/egress`, `netkit/peer`, `clsact/ingress`, `htb`, … */
  kind: Located;
  name?: Located;
  program: Located;
  link?: Located;
  /** Flags of program and link, and actions, as words. */
  more: Located[];
}

/** A netfilter program: `ip postrouting prio 128 prog_id 14`. */
export interface BpfNetfilter {
  line: number;
  family: Located;
  hook: Located;
  priority: Located;
  program: Located;
}

/** A parsed `bpftool net show`. */
export interface BpfNet {
  format: 'bpftool-net';
  attachments: BpfAttachment[];
  netfilter: BpfNetfilter[];
  /** Program that takes flows apart for the whole network namespace. */
  flowDissector?: Located;
}

const SECTION = /^(?<section>xdp|tc|flow_dissector|netfilter):$/;
const EXPECTED = '`xdp:` and `tc:`, each above `eth0(2) …`';
const HINT = 'Record `bpftool net show` without -j, or correct `format` in layers.yaml.';
const DEVICE = /^(?<device>[^ ()]*)\((?<index>\d+)\) (?<rest>.*)$/d;
const XDP = /(?<kind>generic|driver|offload) id (?<program>\d+)/dg;
const TC =
  /^(?<kind>[a-z_]+(?:\/[a-z]+)?)(?: name)?(?: (?<name>(?!id \d|prog_id \d)[^ ]+))? (?:prog_)?id (?<program>\d+)(?<rest>(?: .*)?)$/d;
const LINK = /\blink_id (?<link>\d+)/d;
const DISSECTOR = /^id (?<id>\d+)$/d;
const NETFILTER =
  /^(?<family>[a-z0-9]+|pf: \d+),? (?<hook>[a-z]+|hook \d+,) prio (?<priority>-?\d+)(?: flags 0x[0-9a-f]+)? (?:prog_)?id (?<program>\d+)$/d;

/**
 * Reads `bpftool net show`.
 * @throws {FormatError} without sections, and on a line of another form
 */
export function parseBpfNet(text: string): BpfNet {
  const net: BpfNet = { format: 'bpftool-net', attachments: [], netfilter: [] };
  let section: string | undefined;
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const opened = SECTION.exec(content.value)?.groups?.section;
    if (opened) section = opened;
    else if (!readLine(net, section, content, line)) throw unreadable('bpftool-net', line, EXPECTED, HINT);
  }
  if (section === undefined) throw nothingThere('bpftool-net', text, EXPECTED, HINT);
  return net;
}

function readLine(net: BpfNet, section: string | undefined, content: Located, { number }: Line): boolean {
  if (section === 'flow_dissector') {
    const found = match<'id'>(DISSECTOR, content);
    if (found) net.flowDissector = found.id;
    return found !== undefined;
  }
  if (section === 'netfilter') {
    const found = match<'family' | 'hook' | 'priority' | 'program'>(NETFILTER, content);
    if (found) net.netfilter.push({ line: number, ...found });
    return found !== undefined;
  }
  const found = match<'device' | 'index' | 'rest'>(DEVICE, content);
  if (!found || (section !== 'xdp' && section !== 'tc')) return false;
  const { device, index, rest } = found;
  const base = { line: number, section, device, index } as const;
  if (section === 'xdp') {
    const all = [...rest.value.matchAll(XDP)].flatMap(({ indices }) => {
      const { kind, program } = indices?.groups ?? {};
      if (!kind || !program) return [];
      return [{ ...base, kind: within(rest, kind), program: within(rest, program), more: [] }];
    });
    net.attachments.push(...all);
    return all.length > 0;
  }
  const tc = match<'kind' | 'program' | 'rest', 'name'>(TC, rest);
  if (!tc) return false;
  const { kind, program, name } = tc;
  const link = match<'link'>(LINK, tc.rest)?.link;
  const more = words(tc.rest).filter(({ value, start }) => value !== 'link_id' && start !== link?.start);
  net.attachments.push({ ...base, kind, ...(name && { name }), program, ...(link && { link }), more });
  return true;
}

function within(whole: Located, [from, to]: [number, number]): Located {
  return { value: whole.value.slice(from, to), start: whole.start + from, end: whole.start + to };
}

/** The values of the attachments. One is named by its interface, its place there, and the program's name. */
function bpfNetFields({ attachments, netfilter, flowDissector }: BpfNet): Field[] {
  const seen = new Set<number>();
  return [
    ...attachments.flatMap(({ line, section, device, index, kind, name, program, link, more }) => {
      const path = [section, device.value, kind.value, name?.value ?? 'program'];
      // Several XDP programs share the line of their interface.
      const first = !seen.has(line);
      seen.add(line);
      return [
        ...(first && device.value !== '' ? [field(device, [...path, 'device'], 'name')] : []),
        ...(first ? [field(index, [...path, 'index'], 'inode')] : []),
        field(kind, [...path, 'kind'], 'state'),
        ...(name ? [field(name, [...path, 'name'], 'name')] : []),
        field(program, [...path, 'id'], 'inode'),
        ...(link ? [field(link, [...path, 'link'], 'inode')] : []),
        ...more.map((word, place) => field(word, [...path, 'more', String(place)], 'text')),
      ];
    }),
    ...(flowDissector ? [field(flowDissector, ['flow dissector', 'id'], 'inode')] : []),
    ...netfilter.flatMap(({ family, hook, priority, program }) => {
      const path = ['netfilter', family.value, hook.value, priority.value];
      return [
        field(family, [...path, 'family'], 'state'),
        field(hook, [...path, 'hook'], 'state'),
        field(priority, [...path, 'priority'], 'number'),
        field(program, [...path, 'id'], 'inode'),
      ];
    }),
  ];
}

export default {
  parse: parseBpfNet,
  fields: bpfNetFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY, ANY), bag(ANY, ANY, ANY)),
  incompleteness: ({ tail }) => (/^flow_dissector:/m.test(tail) ? undefined : 'the line `flow_dissector:` is missing'),
  sample: { from: 'tcx', head: 0 },
} satisfies Format<BpfNet>;
