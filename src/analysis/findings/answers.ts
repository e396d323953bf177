import type { Model } from '../../model/model.ts';
import { endOf, median, outsideProbes, type Probe, type ProbeRequest } from '../../model/probes.ts';
import { aboutOutput, evidenceOf, type FindingOf, type Named } from './finding.ts';

/*
 * What only the longer lines of a probe tell: when each request began, who answered, how long the connection took, and
 * what curl says of a failure.
 */

/** Which pods answered, in the order of their first answer. */
export interface AnsweredBy extends FindingOf<'answered-by'> {
  pods: { pod: Named; answers: number }[];
  /** Answers in which no pod named itself. */
  unnamed: number;
}

/** How the requests without an answer ended, by curl's exit code. */
export interface FailuresEnded extends FindingOf<'failures-ended'> {
  /** In the order of their first occurrence. */
  ends: { exit: number; count: number /** Median. */; seconds: number }[];
}

/** How much of an answer's time the connection took; medians in seconds. */
export interface AnswersConnected extends FindingOf<'answers-connected'> {
  answers: number;
  connectSeconds: number;
  totalSeconds: number;
}

/** When the requests began: over how many seconds, and how long nothing was asked. */
export interface ProbePaced extends FindingOf<'probe-paced'> {
  requests: number;
  /** Seconds from the first start to the last end. */
  span: number;
  /** Seconds between one request and the next: median and longest. */
  pause: number;
  longest: { seconds: number; after: number };
}

/** What the longer lines of a probe show. */
export type AnswerFinding = AnsweredBy | FailuresEnded | AnswersConnected | ProbePaced;

/** What the longer lines of the probes from outside show, in page order; nothing for probes that print the shorter ones. */
export function answerFindings(model: Model): AnswerFinding[] {
  return outsideProbes(model).flatMap((probe) => [
    ...answeredBy(probe),
    ...failuresEnded(probe),
    ...connected(probe),
    ...paced(probe),
  ]);
}

function answeredBy(probe: Probe): AnsweredBy[] {
  const answers = probe.requests.filter(({ outcome }) => outcome === 'answered');
  const named = answers.flatMap(({ pod }) => (pod ? [pod.value] : []));
  if (named.length === 0) return [];
  return [
    {
      kind: 'answered-by',
      about: aboutOutput(probe),
      places: evidenceOf(answers),
      pods: [...Map.groupBy(named, (name) => name)].map(([value, all]) => ({
        pod: { role: 'pod', side: probe.side, value },
        answers: all.length,
      })),
      unnamed: answers.length - named.length,
    },
  ];
}

function failuresEnded(probe: Probe): FailuresEnded[] {
  const failed = probe.requests.filter(({ outcome, exit }) => outcome === 'none' && exit);
  if (failed.length === 0) return [];
  return [
    {
      kind: 'failures-ended',
      about: aboutOutput(probe),
      places: evidenceOf(failed),
      ends: [...Map.groupBy(failed, ({ exit }) => Number(exit?.value))].map(([exit, all]) => ({
        exit,
        count: all.length,
        seconds: median(all.map(({ seconds }) => seconds)) ?? 0,
      })),
    },
  ];
}

function connected(probe: Probe): AnswersConnected[] {
  const answers = probe.requests.filter(({ outcome, connect }) => outcome === 'answered' && connect !== undefined);
  const connect = median(answers.flatMap((one) => one.connect ?? []));
  const total = median(answers.map(({ seconds }) => seconds));
  if (connect === undefined || total === undefined) return [];
  return [
    {
      kind: 'answers-connected',
      about: aboutOutput(probe),
      places: evidenceOf(answers),
      answers: answers.length,
      connectSeconds: connect,
      totalSeconds: total,
    },
  ];
}

/** Shorter pauses are those of a shell that starts curl once more, and of starts that are printed in milliseconds. */
const PAUSE = 0.01;

function paced(probe: Probe): ProbePaced[] {
  const { requests, timed, span } = probe;
  if (!timed) return [];
  const pauses = requests.slice(1).map((request, index) => {
    const before = requests[index] as ProbeRequest;
    // Starts are printed in whole milliseconds, so that one may seem to begin before the other has ended.
    return { seconds: Math.max(0, request.start - endOf(before)), after: before.number };
  });
  const typical = median(pauses.map(({ seconds }) => seconds));
  const longest = pauses.reduce((most, one) => (one.seconds > most.seconds ? one : most), { seconds: 0, after: 0 });
  if (typical === undefined || longest.seconds < PAUSE) return [];
  return [
    {
      kind: 'probe-paced',
      about: aboutOutput(probe),
      places: evidenceOf(requests),
      requests: requests.length,
      span,
      pause: typical,
      longest,
    },
  ];
}
