import type { Probe, Request, Watched } from '../world.ts';

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
  /** Why requests failed, as far as what was asked of the nodes tells; absent where nothing was asked or told. */
  cause?: Cause;
}

/** Requests without an answer by what the nodes were when they began. */
export interface Cause {
  /** Held to be healthy by the load balancer while a node in use was not. */
  late: number;
  /** Those nodes, in the order of their names. */
  nodes: readonly string[];
  /** Every node in use was healthy. */
  passing: { silent: number; refused: number; connected: number };
  /** Never sent. */
  client: number;
}

const SECOND = 1_000_000;

/** What is true of a probe. */
export function probeTruth({ requests, watched }: Probe): ProbeTruth {
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
    ...(watched && causeTruth(requests, watched)),
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

function causeTruth(requests: readonly Request[], { rounds, pool, nodes }: Watched): Pick<ProbeTruth, 'cause'> {
  const cause = { late: 0, nodes: new Set<string>(), passing: { silent: 0, refused: 0, connected: 0 }, client: 0 };
  for (const { status, told } of requests) {
    if (status !== '000' || !told) continue;
    if (told.exit === 6) {
      cause.client++;
      continue;
    }
    const known = rounds.filter((at) => at <= told.start).at(-1) ?? rounds[0] ?? 0;
    const inUse = pool ? nodes.filter(({ poolUntil }) => known < poolUntil) : [];
    const failing = inUse.filter(({ ownUntil }) => known >= ownUntil);
    for (const { name } of failing) cause.nodes.add(name);
    if (failing.length > 0) cause.late++;
    else if (inUse.length > 0) cause.passing[told.connect > 0 ? 'connected' : told.exit === 7 ? 'refused' : 'silent']++;
  }
  const { silent, refused, connected } = cause.passing;
  if (cause.late + silent + refused + connected + cause.client === 0) return {};
  return { cause: { ...cause, nodes: [...cause.nodes].sort() } };
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
