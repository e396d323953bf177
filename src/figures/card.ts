import type { Report } from '../report/report.ts';
import { verdictLabel } from '../wording/words.ts';

/** A node of the picture in the form Satori takes: flexbox boxes with inline styles, no JSX. */
export interface CardNode {
  type: 'div';
  props: { style: Record<string, string | number>; children?: string | CardNode[] };
}

/** Width and height of the Open Graph picture in CSS pixels. */
export const CARD_SIZE = { width: 1200, height: 630 };

const INK = '#e6e9ef';
const MUTED = '#8d97a8';
const AMBER = '#f0a35c';
const TEAL = '#4fd1c1';

const box = (style: CardNode['props']['style'], children?: string | CardNode[]): CardNode => ({
  type: 'div',
  props: { style: { display: 'flex', ...style }, ...(children === undefined ? {} : { children }) },
});

const washes: Record<string, string> = {
  identical: '#11151c',
  diverges: 'linear-gradient(90deg, #3a2a1c, #133538)',
  'only-v1': 'linear-gradient(90deg, #3a2a1c, #11151c)',
  'only-v2': 'linear-gradient(90deg, #11151c, #133538)',
};

/** The stack map as the picture that stands for the page where its address is shared. */
export function card(report: Report): CardNode {
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
        backgroundImage: plain ? 'none' : (washes[layer.verdict] as string),
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
      box({ fontSize: 46, fontWeight: 700, letterSpacing: '-0.03em', marginBottom: 30 }, [
        box({ marginRight: 18 }, 'The same Service, on'),
        box({ color: AMBER, marginRight: 18 }, 'iptables'),
        box({ marginRight: 18 }, 'and'),
        box({ color: TEAL }, 'eBPF'),
      ]),
      box({ flexDirection: 'column', flexGrow: 1, borderRadius: 14, overflow: 'hidden', background: '#11151c' }, rows),
    ],
  );
}
