import type { Field } from '../../formats/field.ts';
import type { HttpProbe, HttpProbeRequest } from '../../formats/http-probe.ts';
import type { Located } from '../../formats/types.ts';
import { inSeconds, latencyClass, median } from './latency.ts';
import type { Pair } from './pairs.ts';

/** Requests with one outcome, and the middle of their times in seconds. */
interface Outcome {
  requests: HttpProbeRequest[];
  median: number | undefined;
}

/** What a probe shows, outcome by outcome. */
interface Summary {
  total: number;
  answered: Outcome;
  failed: Outcome;
}

const seconds = ({ time }: HttpProbeRequest): number => Number.parseFloat(time.value);

function summaryOf({ requests }: HttpProbe): Summary {
  const outcome = (wanted: boolean): Outcome => {
    const those = requests.filter(({ status }) => (status.value !== '000') === wanted);
    return { requests: those, median: median(those.map(seconds)) };
  };
  return { total: requests.length, answered: outcome(true), failed: outcome(false) };
}

/** `9 of 20 answered, typically in 0.1 s; failures took 0.05 s`. */
export function probeWords(probe: HttpProbe): string {
  const { total, answered, failed } = summaryOf(probe);
  const share = `${answered.requests.length} of ${total} answered`;
  const typical = answered.median === undefined ? '' : `, typically in ${inSeconds(answered.median)} s`;
  return share + typical + (failed.median === undefined ? '' : `; failures took ${inSeconds(failed.median)} s`);
}

/**
 * Names the requests of a probe whose time lies in another class than the median of those with the same outcome; in a
 * probe with both outcomes also those that failed.
 */
export function probeNotes(probe: HttpProbe, side: string): string[] {
  const { answered, failed } = summaryOf(probe);
  const notes = [outliersOf(answered, 'answered'), outliersOf(failed, 'failed')].flatMap((text) => text ?? []);
  if (answered.requests.length > 0 && failed.requests.length > 0) {
    notes.push(`${named(failed.requests)} failed`);
  }
  return notes.map((text) => `${side}: ${text}.`);
}

function outliersOf({ requests, median: middle }: Outcome, what: string): string | undefined {
  if (middle === undefined) return undefined;
  const out = requests.filter((request) => latencyClass(seconds(request)) !== latencyClass(middle));
  if (out.length === 0) return undefined;
  const times = listed(out.map((request) => inSeconds(seconds(request))));
  return `${named(out)} took ${times} s, while the median of those ${what} is ${inSeconds(middle)} s`;
}

function named(requests: readonly HttpProbeRequest[]): string {
  const names = requests.map(({ client, number, line }) => (client ?? number)?.value ?? `on line ${line}`);
  return `${names.length === 1 ? 'request' : 'requests'} ${listed(names)}`;
}

/** `1, 2 and 4`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/**
 * Compares the times of two probes by outcome: the classes of the medians of what was answered and of what failed.
 * @param pairs the pairs of the probe's values; pairs of times are judged here
 * @returns all pairs, with one difference for each outcome whose medians lie in different classes
 */
export function timedPairs(v1: HttpProbe, v2: HttpProbe, pairs: readonly Pair[]): Pair[] {
  const [left, right] = [summaryOf(v1), summaryOf(v2)];
  const added: Pair[] = [];
  for (const outcome of ['answered', 'failed'] as const) {
    const [one, other] = [left[outcome], right[outcome]];
    if (one.median === undefined || other.median === undefined) continue;
    if (latencyClass(one.median) === latencyClass(other.median)) continue;
    added.push({
      path: `median time of those ${outcome}`,
      v1: timeField(one),
      v2: timeField(other),
      what: `${inSeconds(one.median)} s on V1, ${inSeconds(other.median)} s on V2 in the middle`,
    });
  }
  const differs = (outcome: 'answered' | 'failed') => added.some(({ path }) => path.endsWith(outcome));
  const statusAt = statusesOf(v1, v2);
  const judged = pairs.map((pair): Pair => {
    if (pair.v1?.kind !== 'duration' || !pair.v2) return pair;
    const [one, other] = [statusAt.v1.get(pair.v1.start), statusAt.v2.get(pair.v2.start)];
    if (one === other && !differs(one === '000' ? 'failed' : 'answered')) return pair;
    const { by: _, ...rest } = pair;
    return { ...rest, what: 'the outcome or the class of the times differs', implied: true };
  });
  return [...judged, ...added];
}

/** The time that is nearest to the median. */
function timeField({ requests, median: middle = 0 }: Outcome): Field {
  const off = (request: HttpProbeRequest) => Math.abs(seconds(request) - middle);
  const { time } = requests.reduce((best, one) => (off(one) < off(best) ? one : best));
  return { ...time, path: ['time'], kind: 'duration' };
}

/** The status of each request by where its time stands. */
function statusesOf(v1: HttpProbe, v2: HttpProbe): { v1: Map<number, string>; v2: Map<number, string> } {
  const of = ({ requests }: HttpProbe) =>
    new Map(requests.map(({ time, status }: { time: Located; status: Located }) => [time.start, status.value]));
  return { v1: of(v1), v2: of(v2) };
}
