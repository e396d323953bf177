import type { FigureData, Probe, ProbeRow } from '../report/figure-data.ts';
import { probeName, probeWords } from '../wording/figures.ts';
import { html, type Markup } from '../wording/html.ts';
import { lane, lastFailure, timeAxis } from './lane.ts';
import { anchorOf, linesAttribute, percent } from './markup.ts';

/** A probe shorter than this share of the longest is drawn once more at the full width. */
const SHORT = 0.25;

const sides = ['v1', 'v2'] as const;
type Side = (typeof sides)[number];

/** A probe with the row it stands in. */
interface Placed {
  probe: Probe;
  row: ProbeRow;
}

/**
 * The failover timeline: the requests of every probe of the external address on time axes. Probes in which a request
 * failed share one axis, the short ones magnified below; the others are small multiples with one scale.
 */
export function timelineFigure({ rows, slowFactor }: FigureData['timeline']): Markup {
  const [failing, steady] = [true, false].map((failures) => rows.filter((row) => row.failures === failures)) as [
    ProbeRow[],
    ProbeRow[],
  ];
  const all = [...probesOf(failing), ...probesOf(steady)];
  return html`<figure class="figure timeline" id="fig-failover" aria-labelledby="fig-failover-title">
<figcaption><b id="fig-failover-title">Every request of every probe, by time</b>
<p>${caption(failing, all, slowFactor)}</p></figcaption>
${legend()}
${failing.length > 0 && failingPart(failing)}
${steady.length > 0 && steadyPart(steady)}
${table(all)}
</figure>`;
}

function probesOf(rows: readonly ProbeRow[]): Placed[] {
  return rows.flatMap((row) =>
    sides.flatMap((side) => {
      const probe = row.sides[side];
      return probe ? [{ probe, row }] : [];
    }),
  );
}

function caption(failing: readonly ProbeRow[], all: readonly Placed[], slowFactor: number): string {
  const sentences = [
    'A bar is one request, as long as the probe says it took. Bars stand back to back, because pauses between requests were not recorded.',
  ];
  if (probesOf(failing).some(({ probe }) => lastFailure(probe) && probe.trailing > 0)) {
    sentences.push(
      'A line above the bars marks the answers after the last failure. The probe ends there; what came next was not measured.',
    );
  }
  if (all.some(({ probe }) => probe.requests.some(({ slow }) => slow))) {
    sentences.push(
      `Requests that took more than ${slowFactor} times the median of those of their probe that ended alike (answered, or failed) are marked above their bars; why they did was not captured.`,
    );
  }
  return sentences.join(' ');
}

function legend(): Markup {
  return html`<p class="legend"><span><svg class="key" aria-hidden="true"><rect class="answered" width="100%" height="100%"/></svg> answered</span> <span><svg class="key" aria-hidden="true"><defs><pattern id="fig-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="5" height="5"/><path class="hatch" d="M1 0V5"/></pattern></defs><rect class="failed" x="0.5" y="0.5" width="27" height="11"/></svg> failed: no HTTP answer</span></p>`;
}

function failingPart(rows: readonly ProbeRow[]): Markup {
  const probes = probesOf(rows);
  const end = Math.max(...probes.map(({ probe }) => probe.seconds));
  const long = probes.filter(({ probe }) => probe.seconds >= end * SHORT);
  const short = probes.filter(({ probe }) => probe.seconds < end * SHORT);
  return html`<div class="part"><p class="part-title">Probes with failures, one scale</p>
${long.map((placed) => html`<div class="probe">${heading(placed)}${lane(placed.probe, end, true)}</div>`)}${timeAxis(end)}
${short.map((placed) => {
  const { probe } = placed;
  return html`<div class="probe" data-side="${probe.side}">${heading(placed)}${whole(probe, end)}${zoom(probe.seconds / end)}${lane(probe, probe.seconds, true)}${timeAxis(probe.seconds)}</div>`;
})}
${rows.map((row) => sides.map((side) => !row.sides[side] && absent(row, side)))}</div>`;
}

function magnification(times: number): string {
  return `×${times >= 10 ? Math.round(times) : times.toFixed(1)}`;
}

/** What is too short for its requests to be told apart: one bar for the whole probe. */
function whole({ requests, seconds, side, capture }: Probe, end: number): Markup {
  const [first, last] = [requests[0]?.evidence, requests.at(-1)?.evidence];
  const lines = first && last && linesAttribute({ ...first, to: last.to });
  const width = percent(seconds / end);
  return html`<svg class="whole" data-side="${side}" role="img" aria-label="${requests.length === 1 ? 'The request' : `All ${requests.length} requests`} of ${capture} at the scale above"><rect width="${width}" height="14" data-lines="${lines}"/><text x="${width}" y="11" dx="8">same scale; magnified ${magnification(end / seconds)} below</text></svg>`;
}

/** From the place of a probe on the common axis to the full width. */
function zoom(share: number): Markup {
  const x = Number((share * 100).toFixed(3));
  return html`<svg class="zoom" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path d="M0 0H${x}L100 10H0Z"/></svg>`;
}

function heading({ probe, row }: Placed): Markup {
  return html`<p class="probe-title"><a href="${anchorOf(probe.capture)}" data-side="${probe.side}"><b>${probe.side.toUpperCase()}</b> ${row.name}</a> <span>${probeWords(probe)}</span></p>`;
}

/** Says where a counterpart is missing. */
function absent(row: ProbeRow, side: Side): Markup {
  return html`<p class="absent">${probeName(row, side)}: not captured.</p>`;
}

function steadyPart(rows: readonly ProbeRow[]): Markup {
  const end = Math.max(...probesOf(rows).map(({ probe }) => probe.seconds));
  return html`<div class="part"><p class="part-title">Probes without a failure, one scale</p><div class="multiples">
${rows.map((row) =>
  sides.map((side) => {
    const probe = row.sides[side];
    return probe
      ? html`<div class="probe">${heading({ probe, row })}${lane(probe, end)}${timeAxis(end, 4)}</div>`
      : absent(row, side);
  }),
)}</div></div>`;
}

function table(probes: readonly Placed[]): Markup {
  const median = (seconds: number | undefined) => (seconds === undefined ? '–' : seconds.toFixed(3));
  const rows = probes.map(({ probe, row }) => {
    const { requests, answered, failed } = probe;
    const slow = requests.filter((request) => request.slow).map(({ number }) => number);
    const last = lastFailure(probe);
    const each = requests.map(({ seconds, answered: ok }) => `${seconds.toFixed(3)}${ok ? '' : ' ✗'}`);
    return html`<tr><th scope="row">${probeName(row, probe.side)}</th><td>${answered.count} of ${requests.length}</td><td>${probe.seconds.toFixed(3)}</td><td>${median(answered.typical)} · ${median(failed.typical)}</td><td>${slow.join(', ') || 'none'}</td><td>${last ? `request ${last.number}, then ${probe.trailing} answered` : 'none'}</td><td class="each">${each.join(', ')}</td></tr>
`;
  });
  return html`<details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the probes" tabindex="0"><table>
<thead><tr><th scope="col">Probe</th><th scope="col">Answered</th><th scope="col">Sum, s</th><th scope="col">Median answered · failed, s</th><th scope="col">Slow requests</th><th scope="col">Last failure</th><th scope="col">Each request, s (✗ failed)</th></tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}
