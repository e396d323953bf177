import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/*
 * The walkthroughs of CONTRIBUTING, done as they stand: a fenced block named by a path is written to that file, a diff is
 * put in behind the lines it shows, and what stands under `sh` is run.
 */

const [ROOT, MINUTES] = [process.cwd(), 60_000];

interface Step {
  language: string;
  path: string;
  text: string;
}

/** The fenced blocks of a section in order, without their indent. */
function stepsOf(heading: string): Step[] {
  const document = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const start = document.indexOf(`## ${heading}\n`);
  const end = document.indexOf('\n## ', start);
  const blocks = document.slice(start, end < 0 ? undefined : end).matchAll(/^( *)```(\w+) ?(\S*)\n([\s\S]*?)^\1```$/gm);
  return [...blocks].map(([, indent = '', language = '', path = '', body = '']) => ({
    language,
    path,
    text: body
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join('\n'),
  }));
}

/** Puts the added lines of a diff in behind the lines before them. */
function patched(source: string, diff: string): string {
  const lines = diff.split('\n').filter((line) => line !== '');
  const context = lines.filter((line) => line.startsWith(' ')).map((line) => line.slice(1));
  const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
  const anchor = `${context.join('\n')}\n`;
  if (source.split(anchor).length !== 2) throw new Error(`these lines do not stand there once:\n${anchor}`);
  return source.replace(anchor, () => `${anchor}${added.join('\n')}\n`);
}

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'contributing-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  for (const file of listed.split('\n').filter((name) => name !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  for (const shared of ['node_modules', '.astro']) symlinkSync(resolve(ROOT, shared), join(copy, shared));
});
afterAll(() => rmSync(copy, { recursive: true }));

describe.each(['Add a format', 'Add a check', 'Add a figure'])('%s', (heading) => {
  const steps = stepsOf(heading);

  test('has a file, a line and a command', () => {
    expect(new Set(steps.map(({ language }) => language))).toEqual(
      new Set(['ts', 'diff', 'sh', ...steps.map(({ language }) => language)]),
    );
  });

  test('works as it stands', { timeout: 5 * MINUTES }, () => {
    // Outputs of a new format are written down on the first run; a machine of its own would refuse.
    const { CI: _, ...env } = process.env;
    for (const { language, path, text } of steps) {
      const file = join(copy, path);
      if (language === 'sh') {
        for (const command of text.split('\n').filter((line) => line !== ''))
          execFileSync('sh', ['-c', command], { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'] });
      } else if (language === 'diff') writeFileSync(file, patched(readFileSync(file, 'utf8'), text));
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  });
});
