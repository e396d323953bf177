/** Part of `npm run lint`: refuses imports across the borders of the tree and circles of imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem } from '../src/problem.ts';
import { borderProblems } from './lint/borders.ts';

const root = process.argv[2] ?? '.';
const files = ['src', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|astro)$/.test(name))
    .map((name) => join(folder, name)),
);
const problems = borderProblems(new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')])));
for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
if (problems.length > 0) process.exitCode = 1;
