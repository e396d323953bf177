import type { Citation } from '../report/figure-data.ts';
import { anchorOf, linesAttribute } from '../wording/cites.ts';
import { html, type Markup } from '../wording/html.ts';

export { anchorOf, linesAttribute } from '../wording/cites.ts';

/** A link to the lines of an output: pointing shows them, a click lights them. */
export function linesLink(evidence: Citation, label: string): Markup {
  return html`<a href="${anchorOf(evidence.capture)}" data-lines="${linesAttribute(evidence)}" title="${evidence.text}">${label}</a>`;
}

/** A share as a length or place in an SVG, short: `33.333%`. In a sentence it is {@link percentText}'s. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}

/** Round steps from 0 to `end`, about `most` of them, the last not beyond the end. */
export function ticks(end: number, most: number): number[] {
  const raw = end / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.98) ?? 10) * power;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
}
