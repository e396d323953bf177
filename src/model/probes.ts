import type { HttpProbe } from '../formats/http-probe.ts';
import { type SideId, sideIds } from '../recipe/schema.ts';
import { type Citation, citing, type NotCaptured } from './citation.ts';
import type { Model } from './model.ts';
import type { Subject } from './subject.ts';

/*
 * What the probes of the external address say: which requests were answered, how long each took, and how the failures
 * end. All times are seconds as the probe printed them (curl's time_total).
 */

/** One request of a probe. */
export interface ProbeRequest {
  /** The number the probe gave it, else its place, from 1. */
  number: number;
  /** True where an HTTP response came, whatever its status; curl prints 000 where none did. */
  answered: boolean;
  /** Three digits. */
  status: string;
  seconds: number;
  /**
   * Seconds of all requests before it. On a time axis the requests stand back to back: pauses between them were not
   * recorded.
   */
  start: number;
  evidence: Citation;
}

/** The requests of one outcome. */
export interface Spread {
  count: number;
  /** Their seconds: median, smallest and largest; absent without requests. */
  typical?: number;
  min?: number;
  max?: number;
}

/** One probe of the external address. */
export interface Probe {
  captured: true;
  capture: string;
  side: SideId;
  /** Id of its row in layers.yaml. */
  row: string;
  /** What the output calls itself, between `===`. */
  title?: string;
  requests: ProbeRequest[];
  answered: Spread;
  failed: Spread;
  /** Sum over all requests. */
  seconds: number;
  /** Requests that took more than {@link OUTLIER} times the median of their outcome in this probe. */
  outliers: ProbeRequest[];
  /** The last request that failed; absent where none did. */
  lastFailure?: ProbeRequest;
  /** Answers in a row at the end. The data go no further: more failures may have followed. */
  trailing: { count: number; seconds: number };
  /** Seconds that the title names (`~130s`), without saying since when. Not measured by the probe. */
  said?: number;
}

/** The same probe on both sides. */
export interface ProbeRow {
  row: string;
  sides: Record<SideId, Probe | NotCaptured>;
  /** True where a request failed on some side. */
  failures: boolean;
}

/**
 * A request is an outlier when it took more than this many times the median of the requests with the same outcome in
 * the same probe. The median does not move while less than half of the requests are slow; a fixed factor, other than a
 * multiple of the usual spread, does not call 0.118 s an outlier among 0.10 s.
 */
export const OUTLIER = 2;
/** Fewer requests of an outcome have no typical duration to differ from. */
const ENOUGH = 4;

/** The probes of the external address, in the order of the subjects; a row that neither side has is not there. */
export function probeRows({ subjects }: Pick<Model, 'subjects'>): ProbeRow[] {
  const probes = subjects.flatMap((subject) => {
    const { parsed } = subject;
    // A request with a client's name was sent from a pod: that is the policy's probe.
    return parsed.format === 'http-probe' && parsed.requests.every(({ client }) => !client)
      ? [probeOf(subject, parsed)]
      : [];
  });
  return [...new Set(probes.map(({ row }) => row))].map((row) => {
    const at = (side: SideId): Probe | NotCaptured =>
      probes.find((probe) => probe.row === row && probe.side === side) ?? {
        captured: false,
        why: `Not captured on ${side.toUpperCase()}.`,
      };
    const sides = { v1: at('v1'), v2: at('v2') };
    const failures = sideIds.some((side) => sides[side].captured && sides[side].failed.count > 0);
    return { row, sides, failures };
  });
}

/** The numbers of one probe. */
export function probeOf(subject: Subject, { requests: parsed, titles }: HttpProbe): Probe {
  const cite = citing(subject);
  let start = 0;
  const requests = parsed.map((request, index): ProbeRequest => {
    const seconds = Number(request.time.value);
    const read: ProbeRequest = {
      number: request.number ? Number(request.number.value) : index + 1,
      answered: request.status.value !== '000',
      status: request.status.value,
      seconds,
      start,
      evidence: cite(request.line),
    };
    start += seconds;
    return read;
  });
  const outcome = (answered: boolean) => requests.filter((request) => request.answered === answered);
  const [answered, failed] = [outcome(true), outcome(false)];
  const title = titles[0]?.value;
  const said = /~\s*(\d+)\s*s\b/.exec(title ?? '')?.[1];
  const lastFailure = failed.at(-1);
  const trailing = requests.slice(lastFailure ? requests.indexOf(lastFailure) + 1 : 0);
  return {
    captured: true,
    capture: subject.key,
    side: subject.side,
    row: subject.row,
    ...(title === undefined ? {} : { title }),
    requests,
    answered: spread(answered),
    failed: spread(failed),
    seconds: start,
    outliers: [answered, failed].flatMap(slow).sort((a, b) => a.start - b.start),
    ...(lastFailure ? { lastFailure } : {}),
    trailing: { count: trailing.length, seconds: sum(trailing) },
    ...(said === undefined ? {} : { said: Number(said) }),
  };
}

function sum(requests: readonly ProbeRequest[]): number {
  return requests.reduce((total, { seconds }) => total + seconds, 0);
}

function spread(requests: readonly ProbeRequest[]): Spread {
  const sorted = requests.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return { count: 0 };
  return { count: sorted.length, typical: median(sorted), min, max };
}

function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

function slow(requests: readonly ProbeRequest[]): ProbeRequest[] {
  const { typical = 0 } = spread(requests);
  return requests.length < ENOUGH ? [] : requests.filter(({ seconds }) => seconds > OUTLIER * typical);
}
