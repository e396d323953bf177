/** `npm run check [-- --json]`: does the recipe fit the captures, and what does the report say? */
import { parseArgs } from 'node:util';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { buildReport, type Report, reportJson } from '../src/report.ts';

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
    process.stdout.write(json ? reportJson(report) : formatReport(report));
    return 0;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const { problems } = error;
    process.stderr.write(`${problems.map(formatProblem).join('\n')}\n`);
    process.stderr.write(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.\n`);
    return 1;
  }
}

function formatReport(report: Report): string {
  const layers = report.layers.map(({ id, title, verdict, rows }) => {
    const outputs = rows.flatMap((row) => Object.values(row.sides)).length;
    return `${id.toUpperCase()}  ${verdict.padEnd(9)}  ${title} (${outputs} outputs)`;
  });
  return `${layers.join('\n')}\n${report.captures.length} outputs, all as their headers say.\n`;
}

process.exitCode = main();
