import { html, type Markup } from '../wording/html.ts';

/** Sizes in CSS pixels: of a tick, from one tick to the next, and between groups; most ticks in a line. */
const BOX = { width: 8, height: 11, pitch: 11.5, group: 7, line: 24 };
const BAR = { width: 3, height: 10, pitch: 4, group: 3, line: 60 };
/** Nobody counts more than this. */
const MOST = 240;

/** A tick by its kind, which is its class; `''` leaves room between two groups. */
export type Tick = string;

/**
 * One tick for each thing that was counted, one path for each kind. Decoration: the same count stands in words beside it.
 * @param shape boxes, which become bars where there are too many for a line; or bars
 * @returns nothing where there is nothing to count, or too much
 */
export function tally(ticks: readonly Tick[], shape: 'box' | 'bar' = 'bar'): Markup | undefined {
  const count = ticks.filter(Boolean).length;
  if (count === 0 || count > MOST) return undefined;
  const { width, height, pitch, group, line } = shape === 'box' && count <= BOX.line ? BOX : BAR;
  const paths = new Map<Tick, string>();
  let [x, row, inLine, widest] = [0, 0, 0, 0];
  for (const tick of ticks) {
    if (tick === '') {
      x += group;
      continue;
    }
    if (inLine === line) [x, row, inLine] = [0, row + 1, 0];
    const [left, top] = [x + 0.5, row * (height + 3) + 0.5];
    // What failed is struck through, so that it can be told without its colour.
    const stroke = tick === 'failed' ? `m0 ${height}l${width}-${height}` : '';
    paths.set(tick, `${paths.get(tick) ?? ''}M${left} ${top}h${width}v${height}h-${width}z${stroke}`);
    x += pitch;
    inLine++;
    widest = Math.max(widest, x);
  }
  const [across, down] = [Math.ceil(widest), (row + 1) * (height + 3)];
  return html`<svg class="tally" aria-hidden="true" width="${across}" height="${down}" viewBox="0 0 ${across} ${down}">${[...paths].map(([kind, d]) => html`<path class="${kind}" d="${d}"/>`)}</svg>`;
}
