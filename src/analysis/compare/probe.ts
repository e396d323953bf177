import type { Field } from '../../formats/field.ts';
import type { Probe, ProbeRequest } from '../../model/probes.ts';
import { inWords } from '../../words.ts';
import { inSeconds, latencyClass } from './latency.ts';
import type { Pair } from './pairs.ts';

/** The outcomes of requests: how a sentence calls them, and where a probe holds their times. */
const OUTCOMES = [
  { outcome: 'answered', word: 'answered' },
  { outcome: 'none', word: 'failed' },
] as const;

/** `9 of 20 answered, typically in 0.1 s; failures took 0.05 s`. */
export function probeWords({ requests, answered, failed }: Probe): string {
  const share = `${answered.count} of ${requests.length} answered`;
  const typical = answered.typical === undefined ? '' : `, typically in ${inSeconds(answered.typical)} s`;
  return share + typical + (failed.typical === undefined ? '' : `; failures took ${inSeconds(failed.typical)} s`);
}

/** Names the requests that failed, in a probe with both outcomes. What was slow is a finding. */
export function probeNotes({ requests, answered, failed, side }: Probe): string[] {
  if (answered.count === 0 || failed.count === 0) return [];
  return [`${side.toUpperCase()}: ${named(requests.filter(({ outcome }) => outcome === 'none'))} failed.`];
}

/** Says by which classes of time two probes are compared: those of the medians of each outcome that both have. */
export function classNotes(v1: Probe, v2: Probe): string[] {
  const said = OUTCOMES.flatMap(({ word }) => {
    const [one, other] = [v1[word].typical, v2[word].typical];
    if (one === undefined || other === undefined) return [];
    const [left, right] = [latencyClass(one), latencyClass(other)];
    return [`those ${word} ${left === right ? `${left} on both sides` : `${left} on V1, ${right} on V2`}`];
  });
  return said.length === 0 ? [] : [`Times are compared by the class of their median: ${said.join('; ')}.`];
}

function named(requests: readonly ProbeRequest[]): string {
  const names = requests.map(({ name, evidence }) => name?.value ?? `on line ${evidence.from}`);
  return `${names.length === 1 ? 'request' : 'requests'} ${inWords(names)}`;
}

/** What the longer form of a probe says besides, and what was asked beside the requests as often as there was time for. */
const BESIDES = /^(?:request \/ [^/]+ \/ (?:start|exit|connect|pod|seen|error)|health)(?: \/|$)/;
/** The pod that answered a request. */
const ANSWERING = /^request \/ [^/]+ \/ pod$/;

/**
 * Compares the times of two probes by outcome: the classes of the medians of what was answered and of what failed.
 * @param pairs the pairs of the probe's values; pairs of times are judged here
 * @returns all pairs, with one difference for each outcome whose medians lie in different classes
 */
export function timedPairs(v1: Probe, v2: Probe, pairs: readonly Pair[]): Pair[] {
  const added = OUTCOMES.flatMap(({ outcome, word }): (Pair & { outcome: string })[] => {
    const [one, other] = [v1[word].typical, v2[word].typical];
    if (one === undefined || other === undefined || latencyClass(one) === latencyClass(other)) return [];
    return [
      {
        outcome,
        path: `median time of those ${word}`,
        v1: timeField(v1, outcome, one),
        v2: timeField(v2, outcome, other),
        what: `${inSeconds(one)} s on V1, ${inSeconds(other)} s on V2 in the middle`,
      },
    ];
  });
  const [left, right] = [requestsByTime(v1), requestsByTime(v2)];
  const judged = pairs.map((pair): Pair => {
    const alone = !pair.v1 || !pair.v2;
    if (BESIDES.test(pair.path) && (alone || pair.path.startsWith('health')) && pair.by === undefined)
      return { ...pair, what: 'only one of the probes says it', implied: true };
    if (ANSWERING.test(pair.path) && !alone) {
      const { what: _, ...rest } = pair;
      return { ...rest, by: 'answering-pod' };
    }
    if (pair.v1?.kind !== 'duration' || !pair.v2) return pair;
    const [one, other] = [left.get(pair.v1.start), right.get(pair.v2.start)];
    const same = one?.status.value === other?.status.value;
    if (same && !added.some(({ outcome }) => outcome === one?.outcome)) return pair;
    const { by: _, ...rest } = pair;
    return { ...rest, what: 'the outcome or the class of the times differs', implied: true };
  });
  return [...judged, ...added.map(({ outcome: _, ...pair }) => pair)];
}

/** The time of an outcome that is nearest to its median. */
function timeField({ requests }: Probe, wanted: ProbeRequest['outcome'], median: number): Field {
  const off = ({ seconds }: ProbeRequest) => Math.abs(seconds - median);
  const { time } = requests
    .filter(({ outcome }) => outcome === wanted)
    .reduce((best, one) => (off(one) < off(best) ? one : best));
  const { start, end } = time.at;
  return { value: time.value, start, end, path: ['time'], kind: 'duration' };
}

/** Each request by where its time stands. */
function requestsByTime({ requests }: Probe): Map<number, ProbeRequest> {
  return new Map(requests.map((request) => [request.time.at.start, request]));
}
