import { reportJson } from '../../src/report/json.ts';
import type { Report } from '../../src/report/report.ts';
import { figureWords } from '../../src/wording/figures.ts';
import { findingText } from '../../src/wording/findings.ts';

/** What report.json holds of a report, read again from its text. */
export function jsonOf(report: Report) {
  return JSON.parse(reportJson(report, figureWords(report.figures), report.findings.map(findingText)));
}
