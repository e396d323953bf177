import { indentOf, isBlankLine, match, nothingThere, trim, unreadable } from './cut.ts';
import { type Field, type FieldKind, field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/fields.json' with { type: 'json' };
import { ANY, bag, shape } from './shape.ts';
import { type Line, type Located, linesOf } from './types.ts';

/*
 * `bpftool prog show`, the eBPF programs of a node (bpftool: src/prog.c, `print_prog_plain`):
 *
 *   227: sched_cls  name cil_from_container  tag 3b185187f1855c4c  gpl run_time_ns 81632 run_cnt 10
 *   	loaded_at 2026-07-02T14:58:11+0000  uid 0
 *   	xlated 20384B  jited 12512B  memlock 24576B  map_ids 12,31,8
 *   	pinned /sys/fs/bpf/cilium/devices/eth0/links/cil_from_netdev
 *   	btf_id 214
 *   	pids cilium-agent(3014)
 *
 * Run times are counted only while kernel.bpf_stats_enabled is 1. The tag is a digest of the instructions.
 */

/** One program. */
export interface BpfProgram {
  line: number;
  id: Located;
  /** `sched_cls`, `xdp`, `cgroup_sock_addr`, …; a number where bpftool does not know it. */
  type: Located;
  name?: Located;
  tag: Located;
  gpl: boolean;
  /** Nanoseconds and runs, where the kernel counts them. */
  runTime?: Located;
  runs?: Located;
  loadedAt?: Located;
  uid?: Located;
  /** Bytes of instructions, translated and compiled; `jited` is absent for `not jited`. */
  translated?: Located;
  jited?: Located;
  memlock?: Located;
  maps: Located[];
  pinned: Located[];
  btf?: Located;
  /** Processes that hold it: `cilium-agent(3014)`. */
  processes: Located[];
  /** Further lines: `metadata:` and what stands below it. */
  others: Located[];
}

/** A parsed `bpftool prog show`. */
export interface BpfPrograms {
  format: 'bpftool-prog';
  programs: BpfProgram[];
}

const EXPECTED = '`227: sched_cls  name cil_from_container  tag 3b185187f1855c4c  gpl`';
const HINT = 'Record `bpftool prog show` without -j, or correct `format` in layers.yaml.';
const HEAD =
  /^(?<id>\d+): (?:type )?(?<type>[a-z0-9_]+) {2}(?:name (?<name>[^ ]+) {2})?tag (?<tag>[0-9a-f]{16})(?: {2}offloaded_to [^ ]+(?: \d+ ns_dev \d+ ns_ino \d+)?)?(?<gpl> {2}gpl)?(?: run_time_ns (?<runTime>\d+) run_cnt (?<runs>\d+))?(?: recursion_misses \d+)?$/d;
const LOADED = /^loaded_at (?<loadedAt>[^ ]+) {2}uid (?<uid>\d+)$/d;
const SIZES =
  /^xlated (?<translated>\d+)B {2}(?:jited (?<jited>\d+)B|not jited)(?: {2}memlock (?<memlock>\d+)B)?(?: {2}orphaned)?(?: {2}map_ids (?<maps>[\d,]+))?$/d;
const PINNED = /^pinned (?<pinned>.+)$/d;
const BTF = /^btf_id (?<btf>\d+)$/d;
const PIDS = /^pids (?<pids>.+)$/d;

/**
 * Reads `bpftool prog show`. No programs give no output.
 * @throws {FormatError} on an empty output and on a line of another form
 */
export function parseBpfPrograms(text: string): BpfPrograms {
  const programs: BpfProgram[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const open = programs.at(-1);
    const program = indentOf(line.value) === 0 ? readHead(line) : undefined;
    if (program) programs.push(program);
    else if (!open || indentOf(line.value) === 0 || !extend(open, trim(line))) {
      throw unreadable('bpftool-prog', line, EXPECTED, HINT);
    }
  }
  if (programs.length === 0) throw nothingThere('bpftool-prog', text, EXPECTED, HINT);
  return { format: 'bpftool-prog', programs };
}

function readHead(line: Line): BpfProgram | undefined {
  const found = match<'id' | 'type' | 'tag', 'name' | 'gpl' | 'runTime' | 'runs'>(HEAD, trim(line));
  if (!found) return undefined;
  const { gpl, ...rest } = found;
  return { line: line.number, ...rest, gpl: gpl !== undefined, maps: [], pinned: [], processes: [], others: [] };
}

function extend(program: BpfProgram, content: Located): boolean {
  const loaded = match<'loadedAt' | 'uid'>(LOADED, content);
  const sizes = match<'translated', 'jited' | 'memlock' | 'maps'>(SIZES, content);
  const btf = match<'btf'>(BTF, content);
  const pinned = match<'pinned'>(PINNED, content);
  const pids = match<'pids'>(PIDS, content);
  if (loaded && !program.loadedAt) Object.assign(program, loaded);
  else if (sizes && !program.translated) {
    const { maps, ...rest } = sizes;
    Object.assign(program, rest);
    if (maps) program.maps = listed(maps, /\d+/g);
  } else if (btf && !program.btf) program.btf = btf.btf;
  else if (pinned) program.pinned.push(pinned.pinned);
  else if (pids) program.processes.push(...listed(pids.pids, /[^ ,][^,]*/g));
  else if (content.value === 'metadata:' || program.others.length > 0) program.others.push(content);
  else return false;
  return true;
}

function listed(whole: Located, item: RegExp): Located[] {
  return [...whole.value.matchAll(item)].map(({ 0: value, index }) => ({
    value,
    start: whole.start + index,
    end: whole.start + index + value.length,
  }));
}

const KINDS: readonly (readonly [
  Exclude<keyof BpfProgram, 'line' | 'gpl' | 'maps' | 'pinned' | 'processes' | 'others'>,
  FieldKind,
])[] = [
  ['id', 'inode'],
  ['type', 'state'],
  ['name', 'name'],
  ['tag', 'hash'],
  ['runTime', 'count'],
  ['runs', 'count'],
  ['loadedAt', 'timestamp'],
  ['uid', 'number'],
  ['translated', 'number'],
  ['jited', 'number'],
  ['memlock', 'number'],
  ['btf', 'inode'],
];

/** The values of the programs. A program is named by its type and its name; its numbers are the kernel's. */
function bpfProgramFields({ programs }: BpfPrograms): Field[] {
  return programs.flatMap((program) => {
    const path = [program.type.value, program.name?.value ?? program.tag.value];
    const list = (all: readonly Located[], name: string, kind: FieldKind) =>
      all.map((at, index) => field(at, [...path, name, String(index)], kind));
    return [
      ...KINDS.flatMap(([name, kind]) => {
        const at = program[name];
        return at ? [field(at, [...path, name], kind)] : [];
      }),
      ...list(program.maps, 'maps', 'inode'),
      ...list(program.pinned, 'pinned', 'text'),
      ...list(program.processes, 'processes', 'text'),
      ...list(program.others, 'others', 'text'),
    ];
  });
}

export default {
  parse: parseBpfPrograms,
  fields: bpfProgramFields,
  grammar: grammar(tokens),
  shape: shape(bag(ANY), bag(ANY, ANY)),
  incompleteness: ({ head }) => (/^\d+: /.test(head) ? undefined : 'it does not start with a program'),
  sample: { from: 'cilium', head: 0 },
} satisfies Format<BpfPrograms>;
