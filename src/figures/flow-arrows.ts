import type { Connection } from '../model/connections.ts';
import type { FlowEvent } from '../model/flows.ts';
import { html, linesAttribute, type Markup } from './markup.ts';

/** Least distance between two arrows of a connection in CSS pixels: an arrow and its flags above it. */
export const ROW = 26;

/** Where the lifelines of source and destination stand: pixels from the left, and a share of the column's width. */
const LEFT = 26;
const RIGHT = '96%';
/** Where a dropped packet ends. */
const LOST = '75%';

/** The heads of all arrows, once a page. */
export const heads = html`<svg class="heads" aria-hidden="true"><defs><marker id="fig-arrow" viewBox="-9 -5 9 10" markerWidth="9" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path d="M-9 -4.5L0 0L-9 4.5Z"/></marker><marker id="fig-cross" viewBox="-6 -6 12 12" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" overflow="visible"><path d="M-5 -5L5 5M5 -5L-5 5"/></marker></defs></svg>`;

/**
 * Moves rows apart until no two are closer than {@link ROW}, each as near to its place in time as the others allow
 * (least squares: neighbours that collide share their mean).
 * @param times places in time in pixels, ascending
 */
export function placeRows(times: readonly number[], top: number, bottom: number): number[] {
  const blocks: { sum: number; count: number }[] = [];
  times.forEach((time, index) => {
    blocks.push({ sum: time - index * ROW, count: 1 });
    for (let last = blocks.at(-1), above = blocks.at(-2); last && above; last = above, above = blocks.at(-2)) {
      if (above.sum / above.count <= last.sum / last.count) break;
      above.sum += last.sum;
      above.count += last.count;
      blocks.pop();
    }
  });
  const lowest = bottom - (times.length - 1) * ROW;
  let index = 0;
  return blocks.flatMap(({ sum, count }) => {
    const place = Math.max(top, Math.min(sum / count, lowest));
    return Array.from({ length: count }, () => round(place + index++ * ROW));
  });
}

/** The lifelines of a connection and its arrows. */
export function arrows(
  { events }: Connection,
  rows: readonly number[],
  times: readonly number[],
  start: number | undefined,
): Markup {
  const [first = 0, last = 0] = [rows[0], rows.at(-1)];
  const [top, bottom] = [first - ROW / 2, last + ROW / 2];
  const leaders = events.map(({ time }, index) =>
    time === undefined || start === undefined
      ? ''
      : `M0 ${round(times[index] ?? 0)}L${LEFT} ${round(rows[index] ?? 0)}`,
  );
  return html`<path class="leaders" d="${leaders.join('')}"/><line class="life" x1="${LEFT}" x2="${LEFT}" y1="${top}" y2="${bottom}"/><line class="life" x1="${RIGHT}" x2="${RIGHT}" y1="${top}" y2="${bottom}"/>${events.map((event, index) => arrow(event, rows[index] ?? 0, start))}`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function arrow(
  { direction, flags, seen, verdict, time, evidence }: FlowEvent,
  y: number,
  start: number | undefined,
): Markup {
  const dropped = verdict === 'DROPPED';
  const [from, to] = direction === 'reply' ? [RIGHT, LEFT] : [LEFT, dropped ? LOST : RIGHT];
  const ms = time === undefined || start === undefined ? undefined : Number((time - start).toFixed(3));
  return html`<g class="event ${dropped ? 'denied' : direction}" data-lines="${linesAttribute(evidence)}"><title>${evidence.text}</title><line x1="${from}" x2="${to}" y1="${y}" y2="${y}"/><text x="55%" y="${y - 6}">${ms !== undefined && html`<tspan>${ms} </tspan>`}${flags.join(', ') || seen}</text></g>`;
}
