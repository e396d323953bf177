import type { APIRoute } from 'astro';
import { reportJson } from '../report/json.ts';
import { siteReport } from '../site.ts';
import { reportWords } from '../wording/report.ts';

export const GET: APIRoute = () => {
  const report = siteReport();
  return new Response(reportJson(report, reportWords(report)), { headers: { 'Content-Type': 'application/json' } });
};
