import { setTimeout as wait } from 'node:timers/promises';
import { parseIptablesSave } from '../../../src/formats/iptables-save.ts';
import { type Branch, type Packet, type Walk, walk, walkable } from '../../../src/netfilter/walk.ts';
import type { Probe } from './cluster.ts';
import type { Lab, Sent } from './lab.ts';

/** The two implementations of iptables: their rules go to different parts of the kernel. */
export type Variant = 'legacy' | 'nft';

/** First source port; each packet has its own, by which the trace is told apart. */
const FIRST_PORT = 40_000;

/** What the kernel did with one packet and what the walk says. */
export interface Comparison {
  probe: Probe;
  walk: Walk;
  /** Matched rules in the kernel's order. */
  kernel: string[];
  /** The branch of the walk that matches exactly these rules; undefined where none does. */
  branch: Branch | undefined;
}

const tool = (family: 4 | 6, variant: Variant, what: string) => `ip${family === 6 ? '6' : ''}tables-${variant}-${what}`;

/** Loads rules into the node, in place of what was there, and reads back what the kernel has. */
export function restore(lab: Lab, rules: string, family: 4 | 6, variant: Variant): string {
  const objects = [...new Set([...rules.matchAll(/--nfacct-name +(\S+)/g)].map(([, name]) => name))];
  lab.run(
    lab.node,
    objects.map((name) => `nfacct get ${name} >/dev/null 2>&1 || nfacct add ${name}`),
  );
  lab.run(lab.node, [tool(family, variant, 'restore')], rules);
  return save(lab, family, variant);
}

/** The kernel's tables, named one by one: the list of all of them is for root alone. */
export function save(lab: Lab, family: 4 | 6, variant: Variant, options = ''): string {
  const command = `${tool(family, variant, 'save')} ${options}`;
  return lab.run(
    lab.node,
    ['raw', 'filter', 'nat'].map((table) => `${command} -t ${table}`),
  );
}

/** Words of the rules of a branch. */
export function matchedTexts(result: Walk, branch: Branch): string[] {
  return branch.matched.map((step) => (result.steps[step] as Walk['steps'][number]).text);
}

const sameTexts = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((text, index) => text === other[index]);

/** Session affinity: the lists a client is in after the packets sent so far. */
class Clients {
  readonly #lists = new Map<string, Set<string>>();

  of(client: string): string[] {
    return [...(this.#lists.get(client) ?? [])];
  }

  learn(client: string, matched: readonly string[]): void {
    for (const text of matched) {
      const list = /-m recent --set --name (\S+)/.exec(text)?.[1];
      if (list === undefined) continue;
      const lists = this.#lists.get(client) ?? new Set();
      this.#lists.set(client, lists.add(list));
    }
  }
}

function packetOf(probe: Probe, fromPort: number, node: readonly string[], clients: Clients): Packet {
  return {
    ...probe,
    fromPort,
    localAddresses: node,
    inInterface: probe.entry === 'prerouting' ? 'veth0' : undefined,
    recentLists: clients.of(probe.from),
  };
}

/** Sends one packet after the other, each from a port of its own. */
async function sendInOrder(
  lab: Lab,
  probes: readonly Probe[],
  after: (index: number) => void | Promise<void>,
): Promise<void> {
  for (const [index, { entry, ...rest }] of probes.entries()) {
    const sent: Sent = { ...rest, fromPort: FIRST_PORT + index };
    await lab.send([sent], entry);
    await after(index);
  }
}

/**
 * Sends packets through rules that are traced and compares the matched rules, in order, with the walk's.
 * @param saved the ruleset as iptables-nft-save prints it; needs TRACE in raw PREROUTING and OUTPUT
 * @param node the node's addresses
 */
export async function compareByTrace(
  lab: Lab,
  saved: string,
  probes: readonly Probe[],
  node: readonly string[],
): Promise<Comparison[]> {
  const monitor = lab.listen(['xtables-monitor', '--trace']);
  await wait(300);
  await sendInOrder(lab, probes, async (index) => {
    // The kernel drops traces nobody fetches in time: go on only when this packet's are on their way.
    const seen = `SPORT=${FIRST_PORT + index} `;
    for (let wanted = 400; wanted > 0 && !monitor.lines.slice(-200).some((line) => line.includes(seen)); wanted--)
      await wait(5);
  });
  for (let before = -1; before !== monitor.lines.length; await wait(300)) before = monitor.lines.length;
  await monitor.stop();
  const traces = tracesOf(monitor.lines);
  const rules = walkable(parseIptablesSave(saved));
  const clients = new Clients();
  return probes.map((probe, index) => {
    const kernel = traces.get(FIRST_PORT + index) ?? [];
    const result = walk(rules, packetOf(probe, FIRST_PORT + index, node, clients));
    clients.learn(probe.from, kernel);
    const branch = result.branches.find((candidate) => {
      const texts = matchedTexts(result, candidate);
      // Masqueraded over loopback, a packet has another source port and cannot be found again.
      const lost = probe.entry === 'output' && candidate.outcome.masquerade === true;
      return (
        sameTexts(texts, kernel) || (lost && sameTexts(texts.slice(0, kernel.length), kernel) && kernel.length > 2)
      );
    });
    return { probe, walk: result, kernel, branch };
  });
}

/** Matched rules by source port, from the lines of `xtables-monitor --trace`. */
function tracesOf(lines: readonly string[]): Map<number, string[]> {
  const ports = new Map<string, number>();
  const traces = new Map<number, string[]>();
  for (const line of lines) {
    const packet = /^PACKET: \d+ ([0-9a-f]+) .*?\bSPORT=(\d+)/.exec(line);
    if (line.startsWith('PACKET:')) {
      const id = /^PACKET: \d+ ([0-9a-f]+)/.exec(line)?.[1] ?? '';
      if (packet) ports.set(id, Number(packet[2]));
      else ports.delete(id);
      continue;
    }
    const hit = /^ TRACE: \d+ ([0-9a-f]+) \S+?:\S+:rule:\S+ +-[46] -t \S+ (.*)$/.exec(line);
    const port = hit ? ports.get(hit[1] as string) : undefined;
    if (!hit || port === undefined) continue;
    const texts = traces.get(port) ?? [];
    texts.push((hit[2] as string).trimEnd());
    traces.set(port, texts);
  }
  return traces;
}

/** Packets each rule of the file has counted, by its line without counters. */
export function countsOf(saved: string): Map<string, number> {
  const counts = new Map<string, number>();
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line;
    const rule = /^\[(\d+):\d+\] (-A .*)$/.exec(line);
    if (rule) counts.set(`${table} ${rule[2]}`, Number(rule[1]));
  }
  return counts;
}

/**
 * Jumps that every packet of the node takes: answers to refused packets and neighbour discovery count there too.
 */
const NOISY = /^\*filter -A (INPUT|OUTPUT) (?!.*--ctstate)/;

/**
 * Sends packets one by one, reads the counters after each, and compares the rules that counted it with the walk's.
 * The order is not known this way.
 */
export async function compareByCounters(
  lab: Lab,
  saved: string,
  probes: readonly Probe[],
  node: readonly string[],
  family: 4 | 6,
  variant: Variant,
): Promise<Comparison[]> {
  const read = () => countsOf(save(lab, family, variant, '-c'));
  const rules = walkable(parseIptablesSave(saved));
  const clients = new Clients();
  const comparisons: Comparison[] = [];
  const counting = (texts: readonly string[]) => texts.filter((text) => !NOISY.test(text)).sort();
  let before = read();
  await sendInOrder(lab, probes, (index) => {
    const probe = probes[index] as Probe;
    const now = read();
    const counted = [...now].flatMap(([rule, count]) => new Array<string>(count - (before.get(rule) ?? 0)).fill(rule));
    const kernel = counting(counted);
    before = now;
    const result = walk(rules, packetOf(probe, FIRST_PORT + index, node, clients));
    const branch = result.branches.find((candidate) => {
      const steps = candidate.matched.map((step) => result.steps[step] as Walk['steps'][number]);
      return sameTexts(counting(steps.map(({ table, text }) => `*${table} ${text}`)), kernel);
    });
    clients.learn(probe.from, kernel);
    comparisons.push({ probe, walk: result, kernel, branch });
  });
  return comparisons;
}

/** What a disagreement looks like, for the test's message. */
export function explain({ probe, walk: result, kernel }: Comparison): string {
  const branches = result.branches.slice(0, 3).map((branch) => matchedTexts(result, branch).join('\n    '));
  return `${JSON.stringify(probe)}\n  kernel:\n    ${kernel.join('\n    ')}\n  walk:\n    ${branches.join('\n  or\n    ')}`;
}

/**
 * Upper bound of chi-square that is passed once in some 30,000 tests of a right distribution
 * (Wilson and Hilferty's approximation, z = 4).
 * @param freedom degrees of freedom
 */
export function chiSquareBound(freedom: number): number {
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + 4 * Math.sqrt(part)) ** 3;
}

/** Pearson's chi-square of counts against probabilities. */
export function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, index) => {
    const expected = total * (probabilities[index] ?? 0);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}
