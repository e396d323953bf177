/** `npm run check [-- --json]`: does the recipe fit the captures, and what does the report say? */
import { parseArgs } from 'node:util';
import { formatAudit } from '../src/analysis/audit.ts';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { buildReport, type Report, reportJson } from '../src/report/report.ts';
import { type Evidence, formatEvidence } from '../src/wording/check-text.ts';

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
        ? reportJson(report)
        : formatEvidence(evidenceOf(report), { colour: process.stdout.isTTY && !process.env.NO_COLOR }),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const { problems } = error;
    process.stderr.write(`${problems.map(formatProblem).join('\n')}\n`);
    process.stderr.write(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.\n`);
    return 1;
  }
}

function evidenceOf({ layers, checks, claims, captures, audit }: Report): Evidence {
  return {
    layers: layers.map(({ id, title, recipe }) => ({ id, title, expect: recipe.expect })),
    verdicts: layers.map(({ id, verdict, why }) => ({ layer: id, verdict, why })),
    rows: layers.flatMap(({ rows }) => rows.flatMap(({ evidence }) => evidence ?? [])),
    checks,
    claims,
    audit: formatAudit(audit),
    outputs: captures.length,
    headerLines: new Map(captures.map(({ key, stored }) => [key, stored?.headerLines ?? 0])),
  };
}

process.exitCode = main();
