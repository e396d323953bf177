import type { Probe, ProbeRequest } from '../model/probes.ts';
import { html, linesAttribute, listed, type Markup, percent, secondsText, ticks } from './markup.ts';

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

/**
 * One probe. Its alternative text holds its numbers.
 * @param end seconds at the right edge
 * @param tail marks the answers after the last failure
 */
export function lane(probe: Probe, end: number, tail = false): Markup {
  const { capture, requests, outliers, lastFailure, trailing, side } = probe;
  const last = tail && trailing.count > 0 ? lastFailure : undefined;
  const labels = outliers.length > 0 || last !== undefined;
  const top = labels ? TOP : 0;
  return html`<svg class="lane${labels ? ' labelled' : ''}" data-side="${side}" role="img" aria-label="${capture}: ${probeWords(probe)}">${requests.map((request) => bar(request, end, top))}${outliers.map((request) => outlier(request, end))}${last && bracket(last, probe, end)}</svg>`;
}

function bar({ start, seconds, outcome, evidence }: ProbeRequest, end: number, top: number): Markup {
  const width = seconds / end;
  const shown = width - Math.min(GAP, width / 3);
  return html`<rect class="${outcome === 'answered' ? 'answered' : 'failed'}" x="${percent(start / end)}" y="${top}" width="${percent(shown)}" height="${BAR}" data-lines="${linesAttribute(evidence)}"><title>${evidence.text}</title></rect>`;
}

function outlier({ start, seconds }: ProbeRequest, end: number): Markup {
  const label = seconds / end >= LABELLED ? secondsText(seconds) : '▾';
  return html`<text class="value" x="${percent((start + seconds / 2) / end)}" y="${TOP - 4}">${label}</text>`;
}

/** The answers after the last failure, as far as the probe went. */
function bracket({ start, seconds, number }: ProbeRequest, { trailing }: Probe, end: number): Markup {
  const from = (start + seconds) / end;
  return html`<rect class="bracket" x="${percent(from)}" y="${TOP - 4}" width="${percent(1 - from)}" height="2"/><text class="value end" x="100%" y="${TOP - 7}">${trailing.count} answered after request ${number} failed</text>`;
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

/** The numbers of a probe in words: `9 of 20 answered, 1.5 s; failures about 0.05 s each`. */
export function probeWords({ requests, answered, failed, seconds, outliers, said }: Probe): string {
  const words = [`${answered.count} of ${requests.length} answered in ${secondsText(seconds)}`];
  if (failed.typical !== undefined) words.push(`failures about ${secondsText(failed.typical)} each`);
  if (answered.count > 0 && failed.count > 0 && failed.count <= 5) {
    words.push(
      `failed: request${failed.count > 1 ? 's' : ''} ${listed(requests.filter(({ outcome }) => outcome === 'none').map(({ number }) => number))}`,
    );
  }
  if (outliers.length > 0) {
    words.push(
      `request${outliers.length > 1 ? 's' : ''} ${listed(outliers.map(({ number }) => number))} took ${listed(outliers.map((each) => secondsText(each.seconds)))}`,
    );
  }
  if (said !== undefined) words.push(`its title says ~${said} s`);
  return words.join('; ');
}
