import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import type { APIRoute } from 'astro';
import { card } from '../figures/card.ts';
import { siteReport } from '../site.ts';

const require = createRequire(import.meta.url);
const font = (name: string) => require.resolve(`@expo-google-fonts/jetbrains-mono/${name}.ttf`);
const fontFiles = [font('400Regular/JetBrainsMono_400Regular'), font('700Bold/JetBrainsMono_700Bold')];

/** The Open Graph picture, drawn from the report with a font of its own, so that every machine draws the same. */
export const GET: APIRoute = () => {
  const png = new Resvg(card(siteReport()).text, { font: { loadSystemFonts: false, fontFiles } }).render().asPng();
  return new Response(new Uint8Array(png), { headers: { 'Content-Type': 'image/png' } });
};
