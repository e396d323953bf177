import type { HttpProbe, HttpProbeRequest } from '../formats/http-probe.ts';
import { type SideId, sideIds } from '../recipe/schema.ts';
import { type Citation, type Cite, citing, type NotCaptured } from './citation.ts';
import { type Label, labelOf } from './policies.ts';
import { type Stated, stated, statedAll } from './stated.ts';
import type { Subject } from './subject.ts';

/*
 * What the probes say: which requests were answered, how long each took, and how the failures end. All times are seconds
 * as the probe printed them (curl's time_total).
 */

/** One request of a probe. */
export interface ProbeRequest {
  /** The number the probe gave it, else its place, from 1. */
  number: number;
  /** Its client or its number as printed; absent where the probe prints neither. */
  name?: Stated;
  /** Answered where an HTTP response came, whatever its status. */
  outcome: 'answered' | 'none';
  /** Three digits. */
  status: Stated;
  time: Stated;
  seconds: number;
  /**
   * Where it begins on the time axis of its probe: seconds since the first request began where the probe is
   * {@link Probe.timed}, else the seconds of all requests before it, so that they stand back to back.
   */
  start: number;
  /** When it began by the clock of whoever probed, in milliseconds since 1970; absent where the probe does not say. */
  began?: number;
  /** curl's exit code. */
  exit?: Stated;
  /** curl's words for what went wrong. */
  error?: Stated;
  /** Seconds until the connection was made; absent where it was not, or where the probe does not say. */
  connect?: number;
  /** The pod that named itself in the answer. */
  pod?: Stated;
  /** The pod that asked; absent where the request came from outside. */
  client?: Stated;
  /** The label of the client that matters. */
  label?: Label;
  /** Whom it asked. */
  target?: Stated;
  /** True where the probe says that its own timeout ended the wait, in a word or by curl's exit code. */
  timeout: boolean;
  /** What the probe says of it: `✓` for allowed. */
  mark?: Stated;
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

/** Requests in a row: how many, and how long from the first start to the last end. */
export interface Run {
  count: number;
  seconds: number;
}

/** One probe. */
export interface Probe {
  captured: true;
  capture: string;
  side: SideId;
  layer: string;
  /** Id of its row in layers.yaml. */
  row: string;
  /** Where its requests were sent from: `pods` where it names clients, else from outside the cluster. */
  from: 'outside' | 'pods';
  /** What the output calls itself, between `===`. */
  title?: string;
  requests: ProbeRequest[];
  answered: Spread;
  failed: Spread;
  /** Sum over all requests. */
  seconds: number;
  /** True where every request says when it began, each no earlier than the one before: pauses are known then. */
  timed: boolean;
  /** Seconds from the first start to the last end on the time axis: {@link seconds} and, where known, the pauses. */
  span: number;
  /** Requests that took more than {@link OUTLIER} times the median of their outcome in this probe. */
  outliers: ProbeRequest[];
  /** The last request that failed; absent where none did. */
  lastFailure?: ProbeRequest;
  /** The longest run of requests without an answer. */
  failing: readonly ProbeRequest[];
  /** The same run, counted and timed. */
  longestFailure: Run;
  /** Answers in a row at the end. The data go no further: more failures may have followed. */
  trailing: Run;
  /** Seconds that the heading of the output names (`~130s`), without saying since when. Not measured by the probe. */
  said?: number;
}

/** The same probe on both sides. */
export interface ProbeRow {
  row: string;
  sides: Record<SideId, Probe | NotCaptured>;
  /** True where a request failed on some side. */
  failures: boolean;
}

/** A request of a pod. */
export type ClientRequest = ProbeRequest & { client: Stated; layer: string };

/**
 * A request is an outlier when it took more than this many times the median of the requests with the same outcome in
 * the same probe. The median does not move while less than half of the requests are slow; a fixed factor, other than a
 * multiple of the usual spread, does not call 0.118 s an outlier among 0.10 s, and other than classes with fixed limits
 * it does not tell 0.49 s from 0.51 s. Of two requests neither can take more than twice their mean, so that an outlier
 * stands among three at least.
 */
export const OUTLIER = 2;

/** What became of a request, by its status: curl's %{http_code} is 000 where no HTTP response came. */
export function outcomeOf(status: string): ProbeRequest['outcome'] {
  return status === '000' ? 'none' : 'answered';
}

/** curl's exit codes (curl(1), EXIT CODES): the connection was refused or unreachable, and its own timeout ended the wait. */
export const [NOT_CONNECTED, TIMED_OUT] = ['7', '28'];

/** The probes among the outputs. */
export function probesIn(subjects: readonly Subject[]): Probe[] {
  return subjects.flatMap((subject) =>
    subject.parsed.format === 'http-probe' ? [probe(subject, subject.parsed)] : [],
  );
}

/** The probes of both sides, as the model holds them. */
interface Probes {
  sides: Readonly<Record<SideId, { probes: readonly Probe[] }>>;
}

/** The probe that an output is; undefined where it is something else. */
export function probeOf({ sides }: Probes, { key, side }: Subject): Probe | undefined {
  return sides[side].probes.find(({ capture }) => capture === key);
}

/** Those of some probes that ask from outside the cluster. */
export function fromOutside(probes: readonly Probe[]): Probe[] {
  return probes.filter(({ from }) => from === 'outside');
}

/** The probes from outside, in page order. */
export function outsideProbes({ subjects, sides }: Probes & { subjects: readonly Subject[] }): Probe[] {
  return fromOutside(subjects.flatMap((subject) => probeOf({ sides }, subject) ?? []));
}

/** The probes from outside on both sides, in page order; a row that neither side has is not there. */
export function probeRows(model: Probes & { subjects: readonly Subject[] }): ProbeRow[] {
  const probes = outsideProbes(model);
  return [...new Set(probes.map(({ row }) => row))].map((row) => {
    const at = (side: SideId): Probe | NotCaptured =>
      probes.find((probe) => probe.row === row && probe.side === side) ?? {
        captured: false,
        why: `Not captured on ${side.toUpperCase()}.`,
      };
    const found = { v1: at('v1'), v2: at('v2') };
    const failures = sideIds.some((side) => found[side].captured && found[side].failed.count > 0);
    return { row, sides: found, failures };
  });
}

/** The requests of the probes that name their clients. */
export function clientRequests(probes: readonly Probe[]): ClientRequest[] {
  return probes.flatMap(({ requests, layer }) =>
    requests.flatMap((request) => (request.client ? [{ ...request, client: request.client, layer }] : [])),
  );
}

function probe(subject: Subject, parsed: HttpProbe): Probe {
  const cite = citing(subject);
  const starts = startsOf(parsed.requests);
  let seconds = 0;
  const requests = parsed.requests.map((request, index) => {
    const read = requestOf(subject, request, index + 1, starts?.[index] ?? seconds, cite);
    seconds += read.seconds;
    return read;
  });
  const outcome = (wanted: ProbeRequest['outcome']) => requests.filter((request) => request.outcome === wanted);
  const [answered, failed] = [outcome('answered'), outcome('none')];
  const title = parsed.titles[0]?.value;
  const said = /~\s*(\d+)\s*s\b/.exec(title ?? '')?.[1];
  const lastFailure = failed.at(-1);
  const failing = longestFailing(requests);
  return {
    captured: true,
    capture: subject.key,
    side: subject.side,
    layer: subject.layer,
    row: subject.row,
    from: requests.some(({ client }) => client) ? 'pods' : 'outside',
    ...(title === undefined ? {} : { title }),
    requests,
    answered: spread(answered),
    failed: spread(failed),
    seconds,
    timed: starts !== undefined,
    span: Math.max(...requests.map(endOf)),
    outliers: [answered, failed].flatMap(slow).sort((a, b) => a.start - b.start),
    ...(lastFailure ? { lastFailure } : {}),
    failing,
    longestFailure: run(failing, starts !== undefined),
    trailing: run(requests.slice(lastFailure ? requests.indexOf(lastFailure) + 1 : 0), starts !== undefined),
    ...(said === undefined ? {} : { said: Number(said) }),
  };
}

/**
 * Seconds from the first start to that of each request.
 * @returns undefined where one does not say when it began, or says that it began before the one above it: the clock was
 * set in between
 */
function startsOf(requests: readonly HttpProbeRequest[]): number[] | undefined {
  const times = requests.flatMap(({ start }) => (start ? [Date.parse(start.value)] : []));
  const ordered = times.every((time, index) => time >= (times[index - 1] ?? time));
  const [first] = times;
  if (first === undefined || times.length < requests.length || !ordered) return undefined;
  return times.map((time) => (time - first) / 1000);
}

/** Where a request ends on the time axis of its probe, in seconds. */
export function endOf({ start, seconds }: ProbeRequest): number {
  return start + seconds;
}

function requestOf(
  subject: Subject,
  request: HttpProbeRequest,
  place: number,
  start: number,
  cite: Cite,
): ProbeRequest {
  const { number, client, label, target, status, time, exit, error, connect, pod, mark } = request;
  return {
    number: number ? Number(number.value) : place,
    ...statedAll(subject, { name: client ?? number, client, target, mark, exit, error, pod }),
    outcome: outcomeOf(status.value),
    status: stated(subject, status),
    time: stated(subject, time),
    seconds: Number(time.value),
    start,
    ...(request.start && { began: Date.parse(request.start.value) }),
    ...(Number(connect?.value ?? 0) > 0 && { connect: Number(connect?.value) }),
    ...(label && { label: labelOf(subject, label.key.value, label.value) }),
    timeout: request.timeout !== undefined || exit?.value === TIMED_OUT,
    evidence: cite(request.line),
  };
}

function run(requests: readonly ProbeRequest[], timed: boolean): Run {
  const [first, last] = [requests[0], requests.at(-1)];
  const seconds = timed && first && last ? endOf(last) - first.start : sumOf(requests);
  return { count: requests.length, seconds };
}

function sumOf(requests: readonly ProbeRequest[]): number {
  return requests.reduce((total, { seconds }) => total + seconds, 0);
}

function longestFailing(requests: readonly ProbeRequest[]): readonly ProbeRequest[] {
  let longest: readonly ProbeRequest[] = [];
  let from = 0;
  for (const [index, { outcome }] of requests.entries()) {
    if (outcome === 'answered') from = index + 1;
    else if (index + 1 - from > longest.length) longest = requests.slice(from, index + 1);
  }
  return longest;
}

function spread(requests: readonly ProbeRequest[]): Spread {
  const sorted = requests.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const [min, typical, max] = [sorted[0], median(sorted), sorted.at(-1)];
  if (min === undefined || typical === undefined || max === undefined) return { count: 0 };
  return { count: sorted.length, typical, min, max };
}

/** The middle of some numbers, the mean of the two middle ones for an even count; undefined without any. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return ((sorted[half - 1] ?? upper) + upper) / 2;
}

function slow(requests: readonly ProbeRequest[]): ProbeRequest[] {
  const { typical = 0 } = spread(requests);
  return requests.filter(({ seconds }) => seconds > OUTLIER * typical);
}
