/**
 * `npm run check [-- --json] [--accept] [--confirm ID]`: does the recipe fit the captures, and what does the report say?
 * `--accept` first writes the verdicts that the captures show into layers.yaml, `--confirm` binds an observation to the
 * outputs as they are now.
 */
import { parseArgs } from 'node:util';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { reportJson } from '../src/report/json.ts';
import { buildReport } from '../src/report/report.ts';
import { checkText } from '../src/wording/check-text.ts';
import { reportWords } from '../src/wording/report.ts';
import { counted } from '../src/words.ts';
import { accept, confirm } from './check/rewrite.ts';

const USAGE = `Usage: npm run check [-- --json] [--accept] [--confirm ID]
  --accept      write the verdicts that the captures show into layers.yaml, as what is expected
  --confirm ID  bind an observation of captures/observations.yaml to the outputs as they are now
`;

function main(): number {
  let options: { json: boolean; accept: boolean; confirm: string[] };
  try {
    options = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        accept: { type: 'boolean', default: false },
        confirm: { type: 'string', multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const root = process.env.DATA_ROOT ?? process.cwd();
  try {
    for (const id of options.confirm) process.stderr.write(confirm(root, id));
    if (options.accept) process.stderr.write(accept(root));
    const report = buildReport(root);
    process.stdout.write(
      options.json
        ? reportJson(report, reportWords(report))
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
