/** `npm run check [-- --json]`: does the recipe fit the captures, and what does the report say? */
import { parseArgs } from 'node:util';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { reportJson } from '../src/report/json.ts';
import { buildReport } from '../src/report/report.ts';
import { checkText } from '../src/wording/check-text.ts';
import { figureWords } from '../src/wording/figures.ts';
import { counted } from '../src/words.ts';

const USAGE = 'Usage: npm run check [-- --json]\n';

function main(): number {
  let json: boolean;
  try {
    json = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  try {
    const report = buildReport(process.env.DATA_ROOT ?? process.cwd());
    process.stdout.write(
      json
        ? reportJson(report, figureWords(report.figures))
        : checkText(report, { colour: process.stdout.isTTY && !process.env.NO_COLOR }),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const { problems } = error;
    process.stderr.write(`${problems.map(formatProblem).join('\n')}\n`);
    process.stderr.write(`${counted(problems.length, 'problem')}.\n`);
    return 1;
  }
}

process.exitCode = main();
