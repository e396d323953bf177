import type { ReportWords } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { answerWords } from './answers.ts';
import { figureWords } from './figures.ts';
import { findingText } from './findings.ts';
import { plainText } from './parts.ts';

/** Everything the report says in sentences, for report.json. */
export function reportWords(report: Report): ReportWords {
  return {
    figures: figureWords(report.figures),
    findings: report.findings.map(findingText),
    answers: report.answers.map((answer) => {
      const { say, besides } = answerWords(answer, report);
      return `${plainText(say)} ${besides}`;
    }),
  };
}
