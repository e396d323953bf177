import { reportJson } from '../../src/report/json.ts';
import type { Report } from '../../src/report/report.ts';
import { reportWords } from '../../src/wording/report.ts';

/** What report.json holds of a report, read again from its text. */
export function jsonOf(report: Report) {
  return JSON.parse(reportJson(report, reportWords(report)));
}
