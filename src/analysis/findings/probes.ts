import type { Model } from '../../model/model.ts';
import { outsideProbes, type Probe, type ProbeRequest } from '../../model/probes.ts';
import { type SideId, sideIds } from '../../recipe/schema.ts';
import { aboutOutput, evidenceOf, type FindingOf } from './finding.ts';

/** A request by its number and its seconds. */
export interface TimedRequest {
  number: number;
  seconds: number;
}

/** How many requests were answered and how the others ended; times are medians in seconds. */
export interface ProbeAnswered extends FindingOf<'probe-answered'> {
  requests: number;
  answered: number;
  /** Absent without an answer. */
  answerSeconds?: number;
  /** Absent where every request was answered. */
  failureSeconds?: number;
  /** Answers whose status is not 2xx, by status. */
  statuses: { status: string; count: number }[];
  totalSeconds: number;
}

/** The longest run of requests without an answer, where answers came before or after it. */
export interface ProbeLongestFailure extends FindingOf<'probe-longest-failure'> {
  first: number;
  last: number;
  count: number;
  seconds: number;
}

/** Requests that took much longer than the median of their outcome. */
export interface ProbeSlow extends FindingOf<'probe-slow'> {
  outcome: ProbeRequest['outcome'];
  slow: TimedRequest[];
  typical: number;
  /**
   * True where each is whole seconds and a usual answer. That fits SYNs that were sent again: Linux sends them one second
   * apart at first (tcp_syn_linear_timeouts since 6.5, ip-sysctl.rst; RFC 6298 doubles the wait instead: 1, 3, 7 s).
   */
  wholeSeconds: boolean;
}

/** What followed the last request without an answer. */
export interface ProbeAfterFailure extends FindingOf<'probe-after-failure'> {
  lastFailure: number;
  /** Answers behind it, and their seconds together. */
  answers: number;
  seconds: number;
}

/** The same probe on both sides, where the outcomes differ. */
export interface ProbeCompared extends FindingOf<'probe-compared'> {
  sides: Record<SideId, { requests: number; answered: number; failureSeconds?: number }>;
}

/** What a probe shows. */
export type ProbeFinding = ProbeAnswered | ProbeLongestFailure | ProbeSlow | ProbeAfterFailure | ProbeCompared;

/** What the probes from outside show, in page order. */
export function probeFindings(model: Model): ProbeFinding[] {
  const rows = Map.groupBy(outsideProbes(model), ({ layer, row }) => `${layer} ${row}`);
  return [...rows.values()].flatMap((own) => [...own.flatMap(findingsOf), ...comparison(own)]);
}

function findingsOf(probe: Probe): ProbeFinding[] {
  return [answered(probe), ...longestFailure(probe), ...slow(probe), ...afterFailure(probe)];
}

function answered(probe: Probe): ProbeAnswered {
  const { requests, answered: answers, failed, seconds } = probe;
  const others = requests.filter(({ outcome, status }) => outcome === 'answered' && !status.value.startsWith('2'));
  const byStatus = Map.groupBy(others, ({ status }) => status.value);
  return {
    kind: 'probe-answered',
    about: aboutOutput(probe),
    places: evidenceOf(requests),
    requests: requests.length,
    answered: answers.count,
    ...(answers.typical !== undefined && { answerSeconds: answers.typical }),
    ...(failed.typical !== undefined && { failureSeconds: failed.typical }),
    statuses: [...byStatus].map(([status, all]) => ({ status, count: all.length })),
    totalSeconds: seconds,
  };
}

function longestFailure(probe: Probe): ProbeLongestFailure[] {
  const { failing } = probe;
  const [first, last] = [failing[0], failing.at(-1)];
  // A single failure is named by what follows; a probe without any answer is one run and says so itself.
  if (!first || !last || failing.length < 2 || probe.answered.count === 0) return [];
  return [
    {
      kind: 'probe-longest-failure',
      about: aboutOutput(probe),
      places: evidenceOf(failing),
      first: first.number,
      last: last.number,
      count: failing.length,
      seconds: probe.longestFailure.seconds,
    },
  ];
}

/** How far from whole seconds and a usual answer a request may be: half of a usual round trip to the cloud. */
const NEAR = 0.05;

function slow(probe: Probe): ProbeSlow[] {
  return (['answered', 'none'] as const).flatMap((outcome): ProbeSlow[] => {
    const own = probe.outliers.filter((request) => request.outcome === outcome);
    const typical = outcome === 'answered' ? probe.answered.typical : probe.failed.typical;
    if (own.length === 0 || typical === undefined) return [];
    const beyond = own.map(({ seconds }) => seconds - typical);
    return [
      {
        kind: 'probe-slow',
        about: aboutOutput(probe),
        places: evidenceOf(own),
        outcome,
        slow: own.map(({ number, seconds }) => ({ number, seconds })),
        typical,
        wholeSeconds:
          outcome === 'answered' &&
          beyond.every((more) => Math.round(more) >= 1 && Math.abs(more - Math.round(more)) <= NEAR),
      },
    ];
  });
}

function afterFailure(probe: Probe): ProbeAfterFailure[] {
  const { lastFailure, trailing, requests, answered: answers } = probe;
  if (!lastFailure || answers.count === 0) return [];
  return [
    {
      kind: 'probe-after-failure',
      about: aboutOutput(probe),
      places: evidenceOf(requests.slice(requests.indexOf(lastFailure))),
      lastFailure: lastFailure.number,
      answers: trailing.count,
      seconds: trailing.seconds,
    },
  ];
}

function comparison(probes: readonly Probe[]): ProbeCompared[] {
  const [v1, v2] = sideIds.map((side) => probes.find((probe) => probe.side === side));
  if (!v1 || !v2) return [];
  const same = v1.answered.count === v2.answered.count && v1.requests.length === v2.requests.length;
  if (same) return [];
  const figures = ({ requests, answered: answers, failed }: Probe) => ({
    requests: requests.length,
    answered: answers.count,
    ...(failed.typical !== undefined && { failureSeconds: failed.typical }),
  });
  return [
    {
      kind: 'probe-compared',
      about: { layer: v1.layer, row: v1.row },
      places: [...evidenceOf(v1.requests), ...evidenceOf(v2.requests)],
      sides: { v1: figures(v1), v2: figures(v2) },
    },
  ];
}
