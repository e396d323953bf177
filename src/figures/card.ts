import type { Report } from '../report/report.ts';
import { headlineText, verdictLabel } from '../wording/words.ts';

/** A node of the picture in the form Satori takes: flexbox boxes with inline styles, no JSX. */
export interface CardNode {
  type: 'div';
  props: { style: Record<string, string | number>; children?: string | CardNode[] };
}

/** Width and height of the Open Graph picture in CSS pixels. */
export const CARD_SIZE = { width: 1200, height: 630 };

const INK = '#e6e9ef';
const MUTED = '#8d97a8';
const COLOURS = { amber: '#f0a35c', teal: '#4fd1c1' };
const WASHES = { amber: '#3a2a1c', teal: '#133538' };
const GROUND = '#11151c';
/** Width of a character of the heading as a share of its size: JetBrains Mono, set a little tighter. */
const CHARACTER = 0.57;

const box = (style: CardNode['props']['style'], children?: string | CardNode[]): CardNode => ({
  type: 'div',
  props: { style: { display: 'flex', ...style }, ...(children === undefined ? {} : { children }) },
});

/** The stack map as the picture that stands for the page where its address is shared. */
export function card(report: Report): CardNode {
  const [left, right] = report.sides.map(({ colour }) => WASHES[colour]) as [string, string];
  const washes = {
    identical: 'none',
    diverges: `linear-gradient(90deg, ${left}, ${right})`,
    'only-v1': `linear-gradient(90deg, ${left}, ${GROUND})`,
    'only-v2': `linear-gradient(90deg, ${GROUND}, ${right})`,
  };
  const words = report.headline.flat().flatMap(({ text, side }) => {
    const colour = report.sides.find(({ id }) => id === side)?.colour;
    return text
      .trim()
      .split(/\s+/)
      .map((word) => box({ marginRight: 18, ...(colour && { color: COLOURS[colour] }) }, word));
  });
  const size = Math.min(46, (CARD_SIZE.width - 112) / (CHARACTER * headlineText(report.headline).length));
  const rows = report.layers.map((layer) => {
    const plain = layer.verdict === 'identical';
    return box(
      {
        alignItems: 'center',
        flexGrow: 1,
        padding: '0 28px',
        fontSize: 24,
        color: plain ? MUTED : INK,
        fontWeight: plain ? 400 : 700,
        backgroundImage: washes[layer.verdict],
        borderTop: '1px solid #232a35',
      },
      [
        box({ width: 70 }, layer.id.toUpperCase()),
        box({ flexGrow: 1 }, layer.title),
        box({ fontSize: 20 }, layer.figure ?? verdictLabel(layer.verdict)),
      ],
    );
  });
  return box(
    {
      ...CARD_SIZE,
      flexDirection: 'column',
      boxSizing: 'border-box',
      padding: '44px 56px',
      background: '#0c0f14',
      color: INK,
      fontFamily: 'JetBrains Mono',
    },
    [
      box({ fontSize: size, fontWeight: 700, letterSpacing: '-0.03em', marginBottom: 30 }, words),
      box({ flexDirection: 'column', flexGrow: 1, borderRadius: 14, overflow: 'hidden', background: GROUND }, rows),
    ],
  );
}
