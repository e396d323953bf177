import type { FigureData, Probe, ProbeRow } from '../report/figure-data.ts';
import { podsOf, probeName, probeWords } from '../wording/figures.ts';
import { html, type Markup } from '../wording/html.ts';
import { lane, lastFailure, lengthOf, podKey, podMark, timeAxis } from './lane.ts';
import { anchorOf, linesAttribute, percent } from './markup.ts';

/** A probe shorter than this share of the longest is drawn once more at the full width. */
const SHORT = 0.25;

const sides = ['v1', 'v2'] as const;
type Side = (typeof sides)[number];

/** A probe with the row it stands in, and the pods that answered on its side. */
interface Placed {
  probe: Probe;
  row: ProbeRow;
  pods: readonly string[];
}

type Pods = FigureData['timeline']['pods'];

/**
 * The failover timeline: the requests of every probe of the external address on time axes. Probes in which a request
 * failed share one axis, the short ones magnified below; the others are small multiples with one scale.
 */
export function timelineFigure({ rows, slowFactor, pods }: FigureData['timeline']): Markup {
  const [failing, steady] = [true, false].map((failures) => rows.filter((row) => row.failures === failures)) as [
    ProbeRow[],
    ProbeRow[],
  ];
  const all = [...probesOf(failing, pods), ...probesOf(steady, pods)];
  return html`<figure class="figure timeline" id="fig-failover" aria-labelledby="fig-failover-title">
<figcaption><b id="fig-failover-title">Every request of every probe, by time</b>
<p>${caption(failing, all, slowFactor)}</p></figcaption>
${legend()}${pods && podLegend(pods)}
${failing.length > 0 && failingPart(failing, pods)}
${steady.length > 0 && steadyPart(steady, pods)}
${table(all)}
</figure>`;
}

function probesOf(rows: readonly ProbeRow[], pods: Pods): Placed[] {
  return rows.flatMap((row) =>
    sides.flatMap((side) => {
      const probe = row.sides[side];
      return probe ? [{ probe, row, pods: pods?.[side] ?? [] }] : [];
    }),
  );
}

function caption(failing: readonly ProbeRow[], all: readonly Placed[], slowFactor: number): string {
  const sentences = [
    `A bar is one request, as long as the probe says it took. ${startsText(all)}`,
    ...(all.some(({ pods }) => pods.length > 0) ? ['The mark below an answer is that of the pod that gave it.'] : []),
  ];
  if (all.some(({ probe, row }) => failing.includes(row) && lastFailure(probe) && probe.trailing > 0)) {
    sentences.push(
      'A line above the bars marks the answers after the last failure. The probe ends there; what came next was not measured.',
    );
  }
  if (all.some(({ probe }) => probe.requests.some(({ slow }) => slow))) {
    sentences.push(
      `Requests slower than ${slowFactor} times their probe’s median (answered and failed apart) are marked; the cause was not captured.`,
    );
  }
  return sentences.join(' ');
}

/** Where the bars stand on the axis. */
function startsText(all: readonly Placed[]): string {
  const timed = all.filter(({ probe }) => probe.span !== undefined).length;
  if (timed === 0) return 'Bars stand back to back, because pauses between requests were not captured.';
  const stands =
    'it stands where the request began, in seconds since the first; where the line below shows, nothing was asked';
  return timed === all.length
    ? `${stands.charAt(0).toUpperCase()}${stands.slice(1)}.`
    : `Where the probe says when its requests began, ${stands}. Other bars stand back to back, because pauses were not captured.`;
}

/** Which mark is whose. */
function podLegend(pods: NonNullable<Pods>): Markup {
  const most = Math.max(...sides.map((side) => pods[side]?.length ?? 0));
  const keys = Array.from({ length: most }, (_, index) => podKey(index));
  return html`<div class="pods"><svg class="keys" aria-hidden="true">${keys}</svg>${sides.map((side) => {
    const own = pods[side];
    return (
      own &&
      html`<p data-side="${side}"><b>${side.toUpperCase()}</b> answered by ${own.map(
        (pod, index) => html` <span>${podMark(index)} ${pod}</span>`,
      )}</p>`
    );
  })}</div>`;
}

function legend(): Markup {
  return html`<p class="legend"><span><svg class="key" aria-hidden="true"><rect class="answered" width="100%" height="100%"/></svg> answered</span> <span><svg class="key" aria-hidden="true"><defs><pattern id="fig-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="5" height="5"/><path class="hatch" d="M1 0V5"/></pattern></defs><rect class="failed" x="0.5" y="0.5" width="27" height="11"/></svg> failed: no HTTP answer</span></p>`;
}

function failingPart(rows: readonly ProbeRow[], pods: Pods): Markup {
  const probes = probesOf(rows, pods);
  const end = Math.max(...probes.map(({ probe }) => lengthOf(probe)));
  const long = probes.filter(({ probe }) => lengthOf(probe) >= end * SHORT);
  const short = probes.filter(({ probe }) => lengthOf(probe) < end * SHORT);
  return html`<div class="part"><p class="part-title">Probes with failures, one scale</p>
${long.map((placed) => html`<div class="probe">${heading(placed)}${lane(placed.probe, end, placed.pods, true)}</div>`)}${timeAxis(end)}
${short.map((placed) => {
  const { probe } = placed;
  const length = lengthOf(probe);
  return html`<div class="probe" data-side="${probe.side}">${heading(placed)}${whole(probe, end)}${zoom(length / end)}${lane(probe, length, placed.pods, true)}${timeAxis(length)}</div>`;
})}
${rows.map((row) => sides.map((side) => !row.sides[side] && absent(row, side)))}</div>`;
}

function magnification(times: number): string {
  return `×${times >= 10 ? Math.round(times) : times.toFixed(1)}`;
}

/** What is too short for its requests to be told apart: one bar for the whole probe. */
function whole(probe: Probe, end: number): Markup {
  const { requests, side, capture } = probe;
  const [first, last] = [requests[0]?.evidence, requests.at(-1)?.evidence];
  const lines = first && last && linesAttribute({ ...first, to: last.to });
  const width = percent(lengthOf(probe) / end);
  return html`<svg class="whole" data-side="${side}" role="img" aria-label="${requests.length === 1 ? 'The request' : `All ${requests.length} requests`} of ${capture} at the scale above"><rect width="${width}" height="14" data-lines="${lines}"/><text x="${width}" y="11" dx="8">same scale; magnified ${magnification(end / lengthOf(probe))} below</text></svg>`;
}

/** From the place of a probe on the common axis to the full width. */
function zoom(share: number): Markup {
  const x = Number((share * 100).toFixed(3));
  return html`<svg class="zoom" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path d="M0 0H${x}L100 10H0Z"/></svg>`;
}

function heading({ probe, row }: Pick<Placed, 'probe' | 'row'>): Markup {
  return html`<p class="probe-title"><a href="${anchorOf(probe.capture)}" data-side="${probe.side}"><b>${probe.side.toUpperCase()}</b> ${row.name}</a> <span>${probeWords(probe, { pods: false })}</span></p>`;
}

/** Says where a counterpart is missing. */
function absent(row: ProbeRow, side: Side): Markup {
  return html`<p class="absent">${probeName(row, side)}: not captured.</p>`;
}

function steadyPart(rows: readonly ProbeRow[], pods: Pods): Markup {
  const end = Math.max(...probesOf(rows, pods).map(({ probe }) => lengthOf(probe)));
  return html`<div class="part"><p class="part-title">Probes without a failure, one scale</p><div class="multiples">
${rows.map((row) =>
  sides.map((side) => {
    const probe = row.sides[side];
    return probe
      ? html`<div class="probe">${heading({ probe, row })}${lane(probe, end, pods?.[side])}${timeAxis(end, 4)}</div>`
      : absent(row, side);
  }),
)}</div></div>`;
}

function table(probes: readonly Placed[]): Markup {
  const median = (seconds: number | undefined) => (seconds === undefined ? '–' : seconds.toFixed(3));
  const named = probes.some(({ pods }) => pods.length > 0);
  const rows = probes.map(({ probe, row }) => {
    const { requests, answered, failed } = probe;
    const slow = requests.filter((request) => request.slow).map(({ number }) => number);
    const last = lastFailure(probe);
    const by = podsOf(requests).map(({ pod, answers }) => `${pod}: ${answers}`);
    const each = requests.map(({ seconds, answered: ok }) => `${seconds.toFixed(3)}${ok ? '' : ' ✗'}`);
    return html`<tr><th scope="row">${probeName(row, probe.side)}</th><td>${answered.count} of ${requests.length}</td>${named && html`<td>${by.join(', ') || 'not captured'}</td>`}<td>${probe.seconds.toFixed(3)}</td><td>${median(answered.typical)} · ${median(failed.typical)}</td><td>${slow.join(', ') || 'none'}</td><td>${last ? `request ${last.number}, then ${probe.trailing} answered` : 'none'}</td><td class="each">${each.join(', ')}</td></tr>
`;
  });
  return html`<details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the probes" tabindex="0"><table>
<thead><tr><th scope="col">Probe</th><th scope="col">Answered</th>${named && html`<th scope="col">By</th>`}<th scope="col">Sum, s</th><th scope="col">Median answered · failed, s</th><th scope="col">Slow requests</th><th scope="col">Last failure</th><th scope="col">Each request, s (✗ failed)</th></tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}
