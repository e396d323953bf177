import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import type { APIRoute } from 'astro';
import satori from 'satori';
import { CARD_SIZE, card } from '../figures/card.ts';
import { siteReport } from '../site.ts';

const require = createRequire(import.meta.url);
const font = (weight: 400 | 700) => ({
  name: 'JetBrains Mono',
  weight,
  data: readFileSync(require.resolve(`@fontsource/jetbrains-mono/files/jetbrains-mono-latin-${weight}-normal.woff`)),
});

/** The Open Graph picture, drawn from the report with a font of its own, so that every machine draws the same. */
export const GET: APIRoute = async () => {
  const svg = await satori(card(siteReport()) as never, { ...CARD_SIZE, fonts: [font(400), font(700)] });
  const png = new Resvg(svg, { font: { loadSystemFonts: false } }).render().asPng();
  return new Response(new Uint8Array(png), { headers: { 'Content-Type': 'image/png' } });
};
