import type { APIRoute } from 'astro';
import { reportJson } from '../report/json.ts';
import { siteReport } from '../site.ts';
import { figureWords } from '../wording/figures.ts';

export const GET: APIRoute = () => {
  const report = siteReport();
  const json = reportJson(report, figureWords(report.figures));
  return new Response(json, { headers: { 'Content-Type': 'application/json' } });
};
