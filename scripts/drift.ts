/** `npm run drift [-- <git ref>] [--side v1|v2] [--json]`: what changed in meaning since a commit, up to the work tree. */
import { parseArgs } from 'node:util';
import { drift } from '../src/analysis/drift.ts';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import { type SideId, sideIds } from '../src/recipe/schema.ts';
import { driftText } from '../src/wording/drift-text.ts';
import { HistoryError, readCommit } from './drift/history.ts';
import { committedRecording, workTreeRecording } from './drift/recording.ts';

const USAGE = `Usage: npm run drift [-- <git ref>] [--side v1|v2] [--json]
Compares the captures of a commit (HEAD unless told otherwise) with those of the work tree.
`;

interface Options {
  ref: string;
  sides: readonly SideId[];
  json: boolean;
}

function options(): Options | 'help' | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        side: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [ref = 'HEAD', ...more] = positionals;
    if (more.length > 0) return `One git ref at most, not ${positionals.length}.`;
    const sides = sideIds.filter((id) => values.side === undefined || values.side === id);
    if (sides.length === 0) return `--side is ${sideIds.join(' or ')}, not ${JSON.stringify(values.side)}.`;
    return { ref, sides, json: values.json };
  } catch (error) {
    return (error as Error).message;
  }
}

function main(): number {
  const chosen = options();
  if (chosen === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (typeof chosen === 'string') {
    process.stderr.write(`${chosen}\n${USAGE}`);
    return 2;
  }
  const root = process.env.DATA_ROOT ?? process.cwd();
  try {
    const commit = readCommit(root, chosen.ref);
    const recipe = loadRecipe(root);
    const remarks = new Set<string>();
    const drifts = chosen.sides.map((side) => {
      const { recording, remark } = committedRecording(commit, side, recipe);
      if (remark) remarks.add(remark);
      return drift(recording, workTreeRecording(root, recipe, side));
    });
    for (const remark of remarks) process.stderr.write(`${remark}\n`);
    process.stdout.write(chosen.json ? `${JSON.stringify(drifts, null, 2)}\n` : drifts.map(driftText).join('\n'));
    return 0;
  } catch (error) {
    if (error instanceof HistoryError) {
      process.stderr.write(`${error.message}\n`);
      return error.usage ? 2 : 1;
    }
    if (!(error instanceof ProblemsError)) throw error;
    process.stderr.write(`${error.problems.map(formatProblem).join('\n')}\n`);
    return 1;
  }
}

process.exitCode = main();
