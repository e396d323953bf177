import type { Field } from '../../formats/field.ts';
import { outcomeOf, type Probe, type ProbeRequest } from '../../model/probes.ts';
import { inWords } from '../../words.ts';
import type { Difference } from '../types.ts';
import { inSeconds, latencyClass } from './latency.ts';
import type { Pair } from './pairs.ts';
import type { RuleId } from './rules.ts';

/** The outcomes of requests: how a sentence calls them, and where a probe holds their times. */
const OUTCOMES = [
  { outcome: 'answered', word: 'answered' },
  { outcome: 'none', word: 'failed' },
] as const;

/** `9 of 20 answered, typically in 0.1 s; failures took 0.05 s`. */
export function probeWords({ requests, answered, failed }: Probe): string {
  const share = `${answered.count} of ${requests.length} answered`;
  const typical =
    answered.typical === undefined
      ? ''
      : `, ${answered.count > 1 ? 'typically ' : ''}in ${inSeconds(answered.typical)} s`;
  return share + typical + (failed.typical === undefined ? '' : `; failures took ${inSeconds(failed.typical)} s`);
}

/** Names the requests that failed, in a probe with both outcomes. What was slow is a finding. */
export function probeNotes({ requests, answered, failed, side }: Probe): string[] {
  if (answered.count === 0 || failed.count === 0) return [];
  return [`${side.toUpperCase()}: ${named(requests.filter(({ outcome }) => outcome === 'none'))} failed.`];
}

const STATUS = /^request \/ ([^/]+) \/ status$/;

/** Tells which requests were answered on one side only, and what else differs: `requests 4 and 17–20 were answered on V2 only`. */
export function answeredApart(differences: readonly Difference[]): { answered: string[]; others: Difference[] } {
  const sideOf = ({ path, v1, v2 }: Difference) => {
    if (!STATUS.test(path) || !v1 || !v2) return 'neither';
    const [one, other] = [outcomeOf(v1.text), outcomeOf(v2.text)];
    return one === other ? 'neither' : one === 'answered' ? 'V1' : 'V2';
  };
  const bySide = Map.groupBy(differences, sideOf);
  const answered = ['V1', 'V2'].flatMap((side) => {
    const names = (bySide.get(side as 'V1' | 'V2') ?? []).flatMap(({ path }) => STATUS.exec(path)?.[1] ?? []);
    if (names.length === 0) return [];
    const [what, were] = names.length === 1 ? ['request', 'was'] : ['requests', 'were'];
    return [`${what} ${inWords(runsOf(names))} ${were} answered on ${side} only`];
  });
  return { answered, others: bySide.get('neither') ?? [] };
}

/** Numbers that follow each other as one, where they are three or more: `15`, `17–20`. */
function runsOf(names: readonly string[]): string[] {
  const runs: string[][] = [];
  for (const name of names) {
    const run = runs.at(-1);
    if (run && Number(name) === Number(run.at(-1)) + 1) run.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]}–${run.at(-1)}`] : run));
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
        what: `${inSeconds(one)} s on V1, ${inSeconds(other)} s on V2`,
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
    return {
      ...pair,
      by: 'latency' satisfies RuleId,
      what: 'the outcome or the class of the times differs',
      implied: true,
    };
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
