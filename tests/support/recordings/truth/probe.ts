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
