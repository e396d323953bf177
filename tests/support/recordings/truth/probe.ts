import type { Request } from '../world.ts';

/** What is true of the requests of one probe; requests are numbered from 1. */
export interface ProbeTruth {
  requests: number;
  /** Requests that got an answer, whatever its status. */
  answered: number;
  /** How many requests ended with each status; `000` is no answer. */
  statuses: Readonly<Record<string, number>>;
  /** Numbers of the requests without an answer. */
  failures: readonly number[];
  /** The first of the longest runs of requests without an answer. */
  longestFailingRun?: { from: number; to: number };
  /** Absent where every request was answered. */
  lastFailure?: number;
  /** Answers after the last failure; absent where every request was answered. */
  answeredAfterLastFailure?: number;
  /** Numbers of the requests that were answered after a second or more. */
  slow: readonly number[];
  /** Microseconds of all requests together. */
  took: number;
  /** Microseconds in the order of size, of the answered and of the failed ones. */
  answeredTimes: readonly number[];
  failedTimes: readonly number[];
  /** What the longer lines tell; absent where the probe prints the shorter ones. */
  told?: {
    /** Answers by pod. */
    byPod: Readonly<Record<string, number>>;
    /** Answers that named none. */
    unnamed: number;
    /** Requests without an answer by curl's exit code. */
    exits: Readonly<Record<string, number>>;
    /** Microseconds from the first start to the last end. */
    span: number;
    /** The longest time between the end of a request and the start of the next, in microseconds; 0 without any. */
    longestPause: number;
  };
}

const SECOND = 1_000_000;

/** What is true of a probe. */
export function probeTruth(requests: readonly Request[]): ProbeTruth {
  const numbered = requests.map((request, index) => ({ ...request, number: index + 1 }));
  const answered = numbered.filter(({ status }) => status !== '000');
  const failed = numbered.filter(({ status }) => status === '000');
  const longest = longestRun(failed.map(({ number }) => number));
  const last = failed.at(-1)?.number;
  const times = (all: readonly Request[]) => all.map(({ took }) => took).sort((a, b) => a - b);
  const statuses: Record<string, number> = {};
  for (const { status } of requests) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    requests: requests.length,
    answered: answered.length,
    statuses,
    failures: failed.map(({ number }) => number),
    ...(longest && { longestFailingRun: longest }),
    ...(last !== undefined && { lastFailure: last, answeredAfterLastFailure: requests.length - last }),
    slow: answered.filter(({ took }) => took >= SECOND).map(({ number }) => number),
    took: requests.reduce((sum, { took }) => sum + took, 0),
    answeredTimes: times(answered),
    failedTimes: times(failed),
    ...toldTruth(requests),
  };
}

function toldTruth(requests: readonly Request[]): Pick<ProbeTruth, 'told'> {
  const lines = requests.flatMap(({ told, status, took }) =>
    told ? [{ ...told, took, answered: status !== '000' }] : [],
  );
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) return {};
  const counted = (values: readonly (string | number)[]) => {
    const counts: Record<string, number> = {};
    for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
    return counts;
  };
  const ends = lines.map(({ start, took }) => start * 1000 + took);
  const pauses = lines.slice(1).map(({ start }, index) => start * 1000 - (ends[index] ?? 0));
  return {
    told: {
      byPod: counted(lines.flatMap(({ pod }) => (pod === '' ? [] : [pod]))),
      unnamed: lines.filter(({ pod, answered }) => answered && pod === '').length,
      exits: counted(lines.flatMap(({ exit, answered }) => (answered ? [] : [exit]))),
      span: Math.max(...ends) - first.start * 1000,
      longestPause: Math.max(0, ...pauses),
    },
  };
}

function longestRun(numbers: readonly number[]): { from: number; to: number } | undefined {
  let longest: { from: number; to: number } | undefined;
  let from = 0;
  numbers.forEach((number, index) => {
    if (numbers[index - 1] !== number - 1) from = number;
    if (!longest || number - from > longest.to - longest.from) longest = { from, to: number };
  });
  return longest;
}
