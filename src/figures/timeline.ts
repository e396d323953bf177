import type { Model } from '../model/model.ts';
import { OUTLIER, type Probe, type ProbeRow, probeRows } from '../model/probes.ts';
import { type SideId, sideIds } from '../recipe/schema.ts';
import { lane, probeWords, timeAxis } from './lane.ts';
import { anchorOf, html, linesAttribute, type Markup, percent } from './markup.ts';

/** A probe shorter than this share of the longest is drawn once more at the full width. */
const SHORT = 0.25;

/**
 * The failover timeline: the requests of every probe of the external address on time axes. Probes in which a request
 * failed share one axis, the short ones magnified below; the others are small multiples with one scale.
 * @returns HTML, or undefined where no probe was captured
 */
export function timelineFigure(model: Model): string | undefined {
  const rows = probeRows(model);
  if (rows.length === 0) return undefined;
  const probes = (failures: boolean) => probesOf(rows.filter((row) => row.failures === failures));
  const [failing, steady] = [probes(true), probes(false)];
  const all = [...failing, ...steady];
  return html`<figure class="figure timeline" id="fig-failover" aria-labelledby="fig-failover-title">
<figcaption><b id="fig-failover-title">Every request of every probe, by time</b>
<p>${caption(failing, steady)}</p></figcaption>
${legend()}
${
  failing.length > 0 &&
  failingPart(
    failing,
    rows.filter(({ failures }) => failures),
  )
}
${steady.length > 0 && steadyPart(rows.filter(({ failures }) => !failures))}
${table(all)}
</figure>`.text;
}

function probesOf(rows: readonly ProbeRow[]): Probe[] {
  return rows.flatMap(({ sides }) => sideIds.flatMap((side) => (sides[side].captured ? [sides[side]] : [])));
}

function caption(failing: readonly Probe[], steady: readonly Probe[]): string {
  const sentences = [
    'A bar is one request, as long as the probe says it took. Bars stand back to back, because pauses between requests were not recorded.',
  ];
  if (failing.some(({ lastFailure, trailing }) => lastFailure && trailing.count > 0)) {
    sentences.push(
      'A line above the bars marks the answers after the last failure. The probe ends there; what came next was not measured.',
    );
  }
  if ([...failing, ...steady].some(({ outliers }) => outliers.length > 0)) {
    sentences.push(
      `Requests that took more than ${OUTLIER} times the median of their probe are marked above their bars; why they did was not captured.`,
    );
  }
  return sentences.join(' ');
}

function legend(): Markup {
  return html`<p class="legend"><span><svg class="key" aria-hidden="true"><rect class="answered" width="100%" height="100%"/></svg> answered</span> <span><svg class="key" aria-hidden="true"><defs><pattern id="fig-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="5" height="5"/><path class="hatch" d="M1 0V5"/></pattern></defs><rect class="failed" x="0.5" y="0.5" width="27" height="11"/></svg> failed: no HTTP answer</span></p>`;
}

function failingPart(probes: readonly Probe[], rows: readonly ProbeRow[]): Markup {
  const end = Math.max(...probes.map(({ seconds }) => seconds));
  const long = probes.filter(({ seconds }) => seconds >= end * SHORT);
  const short = probes.filter(({ seconds }) => seconds < end * SHORT);
  return html`<div class="part"><p class="part-title">Probes with failures, one scale</p>
${long.map((probe) => html`<div class="probe">${heading(probe)}${lane(probe, end, true)}</div>`)}${timeAxis(end)}
${short.map((probe) => html`<div class="probe" data-side="${probe.side}">${heading(probe)}${whole(probe, end)}${zoom(probe.seconds / end)}${lane(probe, probe.seconds, true)}${timeAxis(probe.seconds)}</div>`)}
${rows.map((row) => sideIds.map((side) => !row.sides[side].captured && absent(row, side)))}</div>`;
}

function magnification(times: number): string {
  return `×${times >= 10 ? Math.round(times) : times.toFixed(1)}`;
}

/** What is too short for its requests to be told apart: one bar for the whole probe. */
function whole({ requests, seconds, side, capture }: Probe, end: number): Markup {
  const [first, last] = [requests[0]?.evidence, requests.at(-1)?.evidence];
  const lines = first && last && linesAttribute({ ...first, to: last.to });
  const width = percent(seconds / end);
  return html`<svg class="whole" data-side="${side}" role="img" aria-label="All ${requests.length} requests of ${capture} at the scale above"><rect width="${width}" height="14" data-lines="${lines}"/><text x="${width}" y="11" dx="8">same scale; magnified ${magnification(end / seconds)} below</text></svg>`;
}

/** From the place of a probe on the common axis to the full width. */
function zoom(share: number): Markup {
  const x = Number((share * 100).toFixed(3));
  return html`<svg class="zoom" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path d="M0 0H${x}L100 10H0Z"/></svg>`;
}

function heading(probe: Probe): Markup {
  return html`<p class="probe-title"><a href="${anchorOf(probe.capture)}" data-side="${probe.side}"><b>${probe.side.toUpperCase()}</b> ${rowName(probe)}</a> <span>${probeWords(probe)}</span></p>`;
}

function name(probe: Probe): string {
  return `${probe.side.toUpperCase()} ${rowName(probe)}`;
}

/** The rows of the recipe; the id of the last promises more than its probe shows. */
const ROWS: Readonly<Record<string, string>> = {
  'cluster-mode': 'Cluster mode',
  'local-symmetric': 'Local mode, symmetric',
  'local-failover': 'Local mode, failover window',
  'local-converged': 'Local mode, later probe',
};

function rowName({ row }: { row: string }): string {
  return ROWS[row] ?? row.replaceAll('-', ' ');
}

/** Says where a counterpart is missing. */
function absent(row: ProbeRow, side: SideId): Markup {
  return html`<p class="absent">${side.toUpperCase()} ${rowName(row)}: not captured.</p>`;
}

function steadyPart(rows: readonly ProbeRow[]): Markup {
  const end = Math.max(...probesOf(rows).map(({ seconds }) => seconds));
  return html`<div class="part"><p class="part-title">Probes without a failure, one scale</p><div class="multiples">
${rows.map((row) =>
  sideIds.map((side) => {
    const probe = row.sides[side];
    return probe.captured
      ? html`<div class="probe">${heading(probe)}${lane(probe, end)}${timeAxis(end, 4)}</div>`
      : absent(row, side);
  }),
)}</div></div>`;
}

function table(probes: readonly Probe[]): Markup {
  const list = (seconds: number | undefined) => (seconds === undefined ? '–' : seconds.toFixed(3));
  return html`<details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the probes" tabindex="0"><table>
<thead><tr><th scope="col">Probe</th><th scope="col">Answered</th><th scope="col">Sum, s</th><th scope="col">Median answered · failed, s</th><th scope="col">Slow requests</th><th scope="col">Last failure</th><th scope="col">Each request, s (✗ failed)</th></tr></thead><tbody>
${probes.map(
  (
    probe,
  ) => html`<tr><th scope="row">${name(probe)}</th><td>${probe.answered.count} of ${probe.requests.length}</td><td>${probe.seconds.toFixed(3)}</td><td>${list(probe.answered.typical)} · ${list(probe.failed.typical)}</td><td>${probe.outliers.map(({ number }) => number).join(', ') || 'none'}</td><td>${probe.lastFailure ? `request ${probe.lastFailure.number}, then ${probe.trailing.count} answered` : 'none'}</td><td class="each">${probe.requests.map(({ seconds, outcome }) => `${seconds.toFixed(3)}${outcome === 'answered' ? '' : ' ✗'}`).join(', ')}</td></tr>
`,
)}</tbody></table></div></details>`;
}
