import type { Probe, ProbeRequest } from '../report/figure-data.ts';
import { probeWords } from '../wording/figures.ts';
import { html, type Markup } from '../wording/html.ts';
import { secondsText } from '../wording/words.ts';
import { linesAttribute, percent, ticks } from './markup.ts';

/*
 * The requests of a probe on a time axis as wide as what holds it: horizontal places are percentages, so that nothing
 * is distorted and text keeps its size on every screen.
 */

/** Between bars, as a share of the axis; taken from the end of each bar, but never more than a third of it. */
const GAP = 0.002;
/** Bars are drawn below their labels; heights in CSS pixels. */
const TOP = 16;
const BAR = 24;
/** Narrower bars, as a share of the axis, have no room for their seconds. */
const LABELLED = 0.13;

/** Marks of the pods that answered: one row for each, so high. */
const WHO = 10;
/** Shapes of the marks, around 0 0; filled ones first. A further pod has its number. */
const SHAPES = [
  'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0Z',
  'M-2.8-2.8h5.6v5.6h-5.6Z',
  'M0-3.4L3.4 2.8H-3.4Z',
  'M0-3.8L3.2 0L0 3.8L-3.2 0Z',
  'M-3.2-2.8H3.2L0 3.2Z',
  'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0ZM-1.6 0a1.6 1.6 0 1 1 3.2 0a1.6 1.6 0 1 1-3.2 0Z',
  'M-2.8-2.8h5.6v5.6h-5.6ZM-1.4-1.4v2.8h2.8v-2.8Z',
] as const;

/** Seconds from the first start to the last end, as the probe is drawn. */
export function lengthOf({ span, seconds }: Probe): number {
  return span ?? seconds;
}

/**
 * One probe. Its alternative text holds its numbers.
 * @param end seconds at the right edge
 * @param pods those of the side that answered, for the marks below the bars
 * @param tail marks the answers after the last failure
 */
export function lane(probe: Probe, end: number, pods: readonly string[] = [], tail = false): Markup {
  const { capture, requests, trailing, side, span } = probe;
  const slow = requests.filter((request) => request.slow);
  const last = tail && trailing > 0 ? lastFailure(probe) : undefined;
  const labels = slow.length > 0 || last !== undefined;
  const top = labels ? TOP : 0;
  return html`<svg class="lane${labels ? ' labelled' : ''}" data-side="${side}" role="img" aria-label="${capture}: ${probeWords(probe)}">${span !== undefined && track(span / end, top)}${requests.map((request) => bar(request, end, top))}${slow.map((request) => slowLabel(request, end))}${last && bracket(last, probe, end)}</svg>${who(probe, end, pods)}`;
}

/** The time that the probe ran: where no bar stands on it, nothing was asked. */
function track(width: number, top: number): Markup {
  return html`<rect class="track" y="${top + BAR - 2}" width="${percent(width)}" height="2"/>`;
}

/** Who answered: below each answer the mark of its pod, in the row of that pod. */
function who({ requests }: Probe, end: number, pods: readonly string[]): Markup | false {
  const own = pods.filter((pod) => requests.some((request) => request.pod === pod));
  const marks = requests.map(({ pod, start, seconds }) =>
    pod === undefined
      ? false
      : html`<use href="#${markId(pods.indexOf(pod))}" x="${percent((start + seconds / 2) / end)}" y="${own.indexOf(pod) * WHO + WHO / 2}"/>`,
  );
  return own.length > 0 && html`<svg class="who" height="${own.length * WHO}" aria-hidden="true">${marks}</svg>`;
}

const markId = (index: number) => `fig-pod-${index + 1}`;

/** The mark of a pod by its place among those of its side, to be used below the lanes. */
export function podKey(index: number): Markup {
  const shape = SHAPES[index];
  const mark = shape
    ? html`<path id="${markId(index)}" d="${shape}"/>`
    : html`<text id="${markId(index)}" y="3">${index + 1}</text>`;
  return html`<defs>${mark}</defs>`;
}

/** That mark in the legend. */
export function podMark(index: number): Markup {
  return html`<svg class="mark" viewBox="-5 -5 10 10" aria-hidden="true"><use href="#${markId(index)}"/></svg>`;
}

function bar({ start, seconds, answered, evidence }: ProbeRequest, end: number, top: number): Markup {
  const width = seconds / end;
  const shown = width - Math.min(GAP, width / 3);
  return html`<rect class="${answered ? 'answered' : 'failed'}" x="${percent(start / end)}" y="${top}" width="${percent(shown)}" height="${BAR}" data-lines="${linesAttribute(evidence)}"><title>${evidence.text}</title></rect>`;
}

function slowLabel({ start, seconds }: ProbeRequest, end: number): Markup {
  const label = seconds / end >= LABELLED ? secondsText(seconds) : '▾';
  return html`<text class="value" x="${percent((start + seconds / 2) / end)}" y="${TOP - 4}">${label}</text>`;
}

/** The last request that failed; undefined where none did. */
export function lastFailure({ requests }: Probe): ProbeRequest | undefined {
  return requests.findLast(({ answered }) => !answered);
}

/** The answers after the last failure, as far as the probe went. */
function bracket({ start, seconds, number }: ProbeRequest, probe: Probe, end: number): Markup {
  const from = (start + seconds) / end;
  const { trailing } = probe;
  return html`<rect class="bracket" x="${percent(from)}" y="${TOP - 4}" width="${percent(lengthOf(probe) / end - from)}" height="2"/><text class="value end" x="100%" y="${TOP - 7}">${trailing} answered after request ${number} failed</text>`;
}

/** Seconds from 0 to `end`, at most `most` steps. */
export function timeAxis(end: number, most = 6): Markup {
  const steps = ticks(end, most);
  const unit = (step: number, index: number) => (index === steps.length - 1 ? `${step} s` : String(step));
  return html`<svg class="axis" aria-hidden="true">${steps.map(
    (step, index) =>
      html`<text class="${step === 0 ? 'first' : step > end * 0.97 ? 'end' : 'middle'}" x="${percent(step / end)}" y="15">${unit(step, index)}</text>`,
  )}</svg>`;
}
