import type { Report, ReportLayer } from '../report/report.ts';
import { layerOutcome, outcomeText } from '../wording/headlines.ts';
import { html, type Markup } from '../wording/html.ts';
import { headlineText } from '../wording/words.ts';

/** Width and height of the Open Graph picture in CSS pixels, and the room around what it shows. */
const CARD = { width: 1200, height: 630, across: 56, down: 44 };
const INNER = CARD.width - 2 * CARD.across;
/** Room for the heading; below it stand the layers. */
const HEADING = 91;
/** Padding of a row, and where the title of its layer begins. */
const ROW = { padding: 28, title: 98 };
/** The font is JetBrains Mono: every character is as wide, and capitals as high, as this share of its size. */
const FONT = { width: 0.6, capitals: 0.73 };
/** The heading is set tighter by this share of its size. */
const TIGHTER = 0.03;

const INK = '#e6e9ef';
const MUTED = '#8d97a8';
const GROUND = '#11151c';
const COLOURS = { amber: '#f0a35c', teal: '#4fd1c1' };
const WASHES = { amber: '#3a2a1c', teal: '#133538' };

/** The size at which some characters fit into a width, at most the wanted one. */
function fitting(wanted: number, characters: number, width: number, each = FONT.width): number {
  return Number(Math.min(wanted, width / (characters * each)).toFixed(2));
}

function heading({ headline, sides }: Report): Markup {
  const size = fitting(46, headlineText(headline).length, INNER, FONT.width - TIGHTER);
  const parts = headline.flatMap((line, index) => [
    index > 0 && html` `,
    ...line.map(({ text, side }) => {
      const colour = sides.find(({ id }) => id === side)?.colour;
      return colour ? html`<tspan fill="${COLOURS[colour]}">${text}</tspan>` : html`${text}`;
    }),
  ]);
  return html`<text x="${CARD.across}" y="92" font-size="${size}" font-weight="700" fill="${INK}" letter-spacing="${-TIGHTER * size}" xml:space="preserve">${parts}</text>`;
}

function row(report: Report, layer: ReportLayer, top: number, height: number): Markup {
  const { id, title, verdict } = layer;
  const said = outcomeText(layerOutcome(report, layer));
  const room = INNER - ROW.title - ROW.padding;
  const size = fitting(24, title.length + (said.length + 2) * (20 / 24), room);
  const small = (size * 20) / 24;
  const baseline = (of: number) => (top + height / 2 + (FONT.capitals / 2) * of).toFixed(2);
  const plain = verdict === 'identical';
  const fill = plain
    ? html``
    : html`<rect x="${CARD.across}" y="${top}" width="${INNER}" height="${height}" fill="url(#${verdict})"/>`;
  return html`${fill}<path d="M${CARD.across} ${top + 0.5}h${INNER}" stroke="#232a35"/><g fill="${plain ? MUTED : INK}" font-weight="${plain ? 400 : 700}"><text x="${CARD.across + ROW.padding}" y="${baseline(size)}" font-size="${size}">${id.toUpperCase()}</text><text x="${CARD.across + ROW.title}" y="${baseline(size)}" font-size="${size}">${title}</text><text x="${CARD.width - CARD.across - ROW.padding}" y="${baseline(small)}" font-size="${small}" text-anchor="end">${said}</text></g>`;
}

/** The stack map as the picture that stands for the page where its address is shared: an SVG. */
export function card(report: Report): Markup {
  const [left, right] = report.sides.map(({ colour }) => WASHES[colour]) as [string, string];
  const gradient = (verdict: string, from: string, to: string) =>
    html`<linearGradient id="${verdict}"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;
  const top = CARD.down + HEADING;
  const all = CARD.height - CARD.down - top;
  const height = all / report.layers.length;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${CARD.width}" height="${CARD.height}" font-family="JetBrains Mono"><defs>${gradient('diverges', left, right)}${gradient('only-v1', left, GROUND)}${gradient('only-v2', GROUND, right)}<clipPath id="rows"><rect x="${CARD.across}" y="${top}" width="${INNER}" height="${all}" rx="14"/></clipPath></defs><rect width="100%" height="100%" fill="#0c0f14"/>${heading(report)}<g clip-path="url(#rows)"><rect x="${CARD.across}" y="${top}" width="${INNER}" height="${all}" fill="${GROUND}"/>${report.layers.map((layer, index) => row(report, layer, top + index * height, height))}</g></svg>`;
}
