import { type Columns, cellsOf, columnsOf } from './columns.ts';
import { keyed, match, part, splitAt, trim, unreadable } from './cut.ts';
import { type AgentEvent, HINT, type HubbleEvent } from './hubble-event.ts';
import { endOf } from './hubble-flow-end.ts';
import { parseFlowSummary } from './hubble-summary.ts';
import type { Line, Located } from './types.ts';

/*
 * `hubble observe -o table` and `-o dict` (hubble/pkg/printer/printer.go), which print no identities and no direction:
 *
 *   TIMESTAMP             SOURCE                   DESTINATION      TYPE          VERDICT     SUMMARY
 *   Jul  2 15:03:39.769   10.20.1.4:42222          default/web:80   to-endpoint   FORWARDED   TCP Flags: SYN
 *                         HUBBLE_RING_BUFFER                        EVENTS LOST               CPU(0) - 1
 *
 *     TIMESTAMP: Jul  2 15:03:39.769
 *        SOURCE: 10.20.1.4:42222
 *   DESTINATION: default/web:80
 *          TYPE: to-endpoint
 *       VERDICT: FORWARDED
 *       SUMMARY: TCP Flags: SYN
 *   ------------
 *
 * NODE stands behind TIMESTAMP where it was asked for. Agent events have TYPE and DETAILS; in a dict no line feed follows
 * the dashes between them.
 */

type Record = { line: number; values: Map<string, Located> };

const EXPECTED = 'a record with SOURCE, DESTINATION, TYPE, VERDICT and SUMMARY, or with TYPE and DETAILS';
const LOST = /^CPU\((?<cpu>\d+)\) - (?<count>\d+)$/d;
const SEPARATOR = /^(?<dashes>-{12})(?<rest>.*)$/d;

/**
 * Reads a table or dict.
 * @param lines without blank ones
 * @returns undefined where the output is neither
 * @throws {FormatError} on a record of another form
 */
export function readRecords(lines: readonly Line[]): HubbleEvent[] | undefined {
  const [first] = lines;
  if (!first) return undefined;
  const isTable = /^TIMESTAMP(?: |\t|$)/.test(first.value);
  if (!isTable && !/^[ \t]*TIMESTAMP:/.test(first.value)) return undefined;
  const records = isTable ? rows(columnsOf(first), lines) : dicts(lines);
  return records.map((record) => {
    const event = eventOf(record);
    if (event) return event;
    const line = lines.find(({ number }) => number === record.line) ?? first;
    throw unreadable('hubble-flows', line, EXPECTED, HINT);
  });
}

function rows(columns: Columns, lines: readonly Line[]): Record[] {
  return lines.slice(1).map((line) => {
    const cells = cellsOf(columns, line);
    if (!cells) throw unreadable('hubble-flows', line, 'every value under a heading', HINT);
    const values = columns.headings.map(({ value }, index) => [value, cells[index] as Located] as const);
    return { line: line.number, values: new Map(values) };
  });
}

function dicts(lines: readonly Line[]): Record[] {
  const records: Record[] = [];
  let open: Record | undefined;
  for (const line of lines) {
    const separated = match<'rest'>(SEPARATOR, line);
    const content = trim(separated?.rest ?? line);
    if (separated) open = undefined;
    if (content.value === '') continue;
    const pair = keyed(content);
    if (!pair || open?.values.has(pair.key.value)) {
      throw unreadable('hubble-flows', line, '`KEY: value`, each key once, records apart by dashes', HINT);
    }
    if (!open) {
      open = { line: line.number, values: new Map() };
      records.push(open);
    }
    open.values.set(pair.key.value, pair.value ?? part(content, content.value.length));
  }
  return records;
}

function eventOf({ line, values }: Record): HubbleEvent | undefined {
  const at = (name: string) => (values.get(name)?.value ? values.get(name) : undefined);
  const [time, node, event, summary] = ['TIMESTAMP', 'NODE', 'TYPE', 'SUMMARY'].map(at);
  const when = { ...(time && { time }), ...(node && { node }) };
  const details = values.get('DETAILS');
  if (event && details) return { type: 'agent', line, ...when, event, details: agentDetails(details) };
  const [source, destination, verdict] = ['SOURCE', 'DESTINATION', 'VERDICT'].map(at);
  const lost = summary && match<'cpu' | 'count'>(LOST, summary);
  if (source && event?.value === 'EVENTS LOST' && lost) return { type: 'lost', line, ...when, source, ...lost };
  if (!source || !destination || !event || !verdict || !values.has('SUMMARY')) return undefined;
  return {
    type: 'flow',
    line,
    ...when,
    left: endOf(source, undefined),
    right: endOf(destination, undefined),
    event,
    verdict,
    policies: [],
    summary: parseFlowSummary(summary ?? part(verdict, verdict.value.length)),
  };
}

/** `id: 5, labels: [a=b,c=d], error: words, with commas`: pairs between commas, but for those in brackets and in errors. */
export function agentDetails(all: Located): AgentEvent['details'] {
  const details: AgentEvent['details'] = [];
  let from = 0;
  let depth = 0;
  const add = (to: number) => {
    const pair = keyed(trim(part(all, from, to)));
    if (pair?.value) details.push({ key: pair.key, value: pair.value });
    from = to + 1;
  };
  for (let at = 0; at < all.value.length; at++) {
    const char = all.value[at];
    if (char === '[') depth++;
    else if (char === ']') depth--;
    else if (char === ',' && depth === 0) {
      if (/^,? ?error: /.test(all.value.slice(from, from + 9))) break;
      add(at);
    }
  }
  add(all.value.length);
  return details;
}

/** The members of a bracketed list. */
export function listed(value: Located): Located[] {
  const inner = /^\[.*\]$/.test(value.value) ? part(value, 1, value.value.length - 1) : value;
  return splitAt(inner, ',').filter((item) => item.value !== '');
}
