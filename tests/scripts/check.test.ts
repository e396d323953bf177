import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeOutDir } from '../support/out-dir.ts';

let root: string;
const file = (name: string) => join(root, name);
const edit = (name: string, from: string | RegExp, to: string) => {
  const before = readFileSync(file(name), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${name} has no ${from}`);
  writeFileSync(file(name), after);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'data-'));
  cpSync('layers.yaml', file('layers.yaml'));
  cpSync('captures', file('captures'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function run(command: 'check' | 'build', ...args: string[]) {
  const argv =
    command === 'check'
      ? ['scripts/check.ts', ...args]
      : ['node_modules/astro/bin/astro.mjs', 'build', '--silent', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    env: { ...process.env, DATA_ROOT: root, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  return { status, stdout, stderr };
}

/** A problem with the line of layers.yaml in place of its number, which every edit above it changes. */
function withLine(problem: string): string {
  return problem.replace(/^layers\.yaml:(\d+):/, (_, number) => {
    const line = readFileSync(file('layers.yaml'), 'utf8').split('\n')[Number(number) - 1];
    return `layers.yaml: “${line?.trim()}”:`;
  });
}

describe('npm run check', () => {
  test('on the committed data says what the page says', () => {
    const { status, stdout, stderr } = run('check');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^L1 .*identical.*\n(.*\n)*L8 .*only-v2/);
  });

  test('--json is the report', () => {
    expect(JSON.parse(run('check', '--json').stdout).captures).toHaveLength(37);
  });

  test('an unknown option is a usage error', () => {
    const { status, stderr } = run('check', '--jsn');
    expect(status).toBe(2);
    expect(stderr).toContain('Usage: npm run check');
    expect(stderr).not.toContain('    at ');
  });
});

describe('check and build refuse bad input alike: exit code 1, every problem at once, no stack trace', () => {
  const cases: Record<string, () => void> = {
    'a capture is missing, another changed, a third nobody asked for': () => {
      rmSync(file('captures/v1/l3-nodeport.txt'));
      edit('captures/v2/l3-nodeport.txt', /30574\n?$/, '30575');
      writeFileSync(file('captures/v2/l9-more.txt'), 'x');
    },
    'the recipe is wrong in two places': () => {
      edit('layers.yaml', 'format: describe', 'format: discribe');
      edit('layers.yaml', 'expect: only-v2', 'expect: identical');
    },
    'the recipe is empty': () => writeFileSync(file('layers.yaml'), ''),
    'there is no recipe': () => rmSync(file('layers.yaml')),
    'there are no captures': () => rmSync(file('captures'), { recursive: true }),
  };
  for (const [name, spoil] of Object.entries(cases)) {
    test(name, () => {
      spoil();
      const check = run('check');
      using outDir = makeOutDir();
      const build = run('build', '--outDir', outDir.path);
      expect(check.status).toBe(1);
      expect(build.status).toBe(1);
      const problems = check.stderr.trimEnd().split('\n').slice(0, -1);
      expect(problems.slice(0, 3).map(withLine)).toMatchSnapshot();
      expect(build.stderr).toContain(problems.join('\n'));
      expect(check.stderr + build.stderr + build.stdout).not.toMatch(/^\s+at /m);
    });
  }
});

test('two builds are identical', () => {
  const hashes = ['one', 'two'].map(() => {
    using outDir = makeOutDir();
    const { status, stderr } = run('build', '--outDir', outDir.path);
    expect(status, stderr).toBe(0);
    return spawnSync('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], { cwd: outDir.path, encoding: 'utf8' })
      .stdout;
  });
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]?.split('\n').length).toBeGreaterThan(40);
});
