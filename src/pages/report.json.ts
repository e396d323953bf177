import type { APIRoute } from 'astro';
import { reportJson } from '../report/json.ts';
import { siteReport } from '../site.ts';
import { figureWords } from '../wording/figures.ts';
import { findingText } from '../wording/findings.ts';

export const GET: APIRoute = () => {
  const report = siteReport();
  const json = reportJson(report, figureWords(report.figures), report.findings.map(findingText));
  return new Response(json, { headers: { 'Content-Type': 'application/json' } });
};
