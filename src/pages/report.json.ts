import type { APIRoute } from 'astro';
import { reportJson } from '../report/report.ts';
import { siteReport } from '../site.ts';

export const GET: APIRoute = () =>
  new Response(reportJson(siteReport()), { headers: { 'Content-Type': 'application/json' } });
