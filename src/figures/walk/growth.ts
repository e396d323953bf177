import type { Growth } from '../../report/figure-data.ts';
import { growthPointWords, growthPremise, growthWords, meanText, rangeText } from '../../wording/figures.ts';
import { html, type Markup } from '../../wording/html.ts';
import { grouped } from '../../words.ts';

/** The plot of the growth, in user units; the band of the map stands below the axis, for it has no scale. */
const PLOT = { width: 380, height: 184, left: 52, right: 24, top: 16, floor: 118, ticks: 132, band: 158 };

/** The mean of the rules examined, against the number of Services, both axes linear. */
function growthPlot(growth: readonly Growth[]): Markup {
  const { width, height, left, right, top, floor, ticks, band } = PLOT;
  const mean = (range: Growth['examined']['first']) => range.mean ?? range.max;
  const end = Math.max(...growth.map(({ services }) => services));
  const most = Math.max(...growth.flatMap(({ examined }) => Object.values(examined).map(mean)));
  const x = (services: number) => Number((left + (services / end) * (width - left - right)).toFixed(1));
  const y = (rules: number) => Number((floor - (rules / most) * (floor - top)).toFixed(1));
  const line = (which: keyof Growth['examined']) =>
    html`<polyline class="v1 ${which}" points="${growth.map(({ services, examined }) => `${x(services)},${y(mean(examined[which]))}`).join(' ')}"/>`;
  const dots = growth.map(
    (point) =>
      html`<circle cx="${x(point.services)}" cy="${y(mean(point.examined.last))}" r="3"><title>${growthPointWords(point)}</title></circle>`,
  );
  const at = (services: number, anchor: string) =>
    html`<text x="${x(services)}" y="${ticks}" text-anchor="${anchor}">${grouped(services)}</text>`;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${growthWords(growth)}"><path class="axis" d="M${left} 8V${floor}H${width - 8}"/><text x="${left - 6}" y="${top + 4}" text-anchor="end">${grouped(Math.round(most))}</text><text x="${left - 6}" y="${floor}" text-anchor="end">0</text>${at(0, 'middle')}<text x="${x(end / 2)}" y="${ticks}" text-anchor="middle">Services →</text>${at(end, 'middle')}<text x="${left + 6}" y="${top + 4}">rules examined, mean</text>${line('last')}${line('none')}${line('middle')}${line('first')}${dots}<text x="${x(end * 0.66)}" y="${y(most * 0.78)}" text-anchor="end">last, or none</text><text x="${x(end * 0.8)}" y="${y(most * 0.22)}">middle</text><text x="${x(end * 0.52)}" y="${floor - 6}">first</text><polyline class="v2" points="${left},${band} ${width - right},${band}"/><text x="${left}" y="${band + 16}">map lookups: flat, not counted</text></svg>`;
}

/** How the walk grows with the number of Services: what it rests on, the numbers, the plot. */
export function growthHtml(growth: readonly Growth[]): Markup | undefined {
  if (growth.length < 2) return undefined;
  const cells = ({ examined: { first, middle, last, none } }: Growth) =>
    [first, middle, last, none].map(
      (range) => html`<td>${meanText(range)}${range.min !== range.max && ` (${rangeText(range)})`}</td>`,
    );
  const rows = growth.map(
    (point) => html`<tr><td>${grouped(point.services)}</td><td>${grouped(point.rules)}</td>${cells(point)}</tr>`,
  );
  return html`<details class="growth"><summary>how it grows with the number of Services (computed)</summary><div><div><p><b>Computed, not captured.</b> ${growthPremise(growth)}</p><p>Complete tables hold rules that a filtered output lacks, so these counts are higher than those above. The map of the other side is looked up by key, however many Services there are; its lookups were not counted.</p><details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the computed walks" tabindex="0"><table><thead><tr><th>Services</th><th>rules in all tables</th><th>examined, mean (range): first Service</th><th>middle</th><th>last</th><th>none</th></tr></thead><tbody>${rows}</tbody></table></div></details></div>${growthPlot(growth)}</div></details>`;
}
