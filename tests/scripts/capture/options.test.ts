import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseOptions, UsageError } from '../../../scripts/capture/options.ts';

test('all options', () => {
  expect(
    parseOptions(
      '--side v2 --only l4,l6 --only l7 --context c --namespace n --node-access ssh --ssh-host me@{{node}} --ssh-config f --debug-image i --timeout 60 --keep-workload --accept-partial --json --yes --clean --help'.split(
        ' ',
      ),
    ),
  ).toEqual({
    side: 'v2',
    only: ['l4', 'l6', 'l7'],
    dryRun: false,
    context: 'c',
    namespace: 'n',
    nodeAccess: 'ssh',
    sshHost: 'me@{{node}}',
    sshConfig: 'f',
    debugImage: 'i',
    timeoutMs: 60_000,
    keepWorkload: true,
    acceptPartial: true,
    json: true,
    yes: true,
    clean: true,
    resume: false,
    help: true,
  });
});

test('defaults', () => {
  expect(parseOptions([])).toMatchObject({
    side: undefined,
    only: [],
    dryRun: false,
    nodeAccess: 'debug',
    sshHost: '{{node}}',
    timeoutMs: 300_000,
    yes: false,
  });
});

describe('usage errors', () => {
  test.each([
    [['--side', 'v3']],
    [['--node-access', 'telnet']],
    [['--timeout', '0']],
    [['--timeout', 'soon']],
    [['--namespace', 'A_b']],
    [['--nonsense']],
    [['stray']],
    [['--side']],
    [['--context=--help']],
    [['--only', 'l4', '--only=--json']],
    [['--clean', '--resume']],
    [['--resume', '--dry-run']],
  ])('%j', (args) => {
    let message = '';
    try {
      parseOptions(args);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      message = (error as Error).message;
    }
    expect(message).toMatchSnapshot();
  });
});

describe('the command', () => {
  const run = (args: string[], cwd = process.cwd()) =>
    spawnSync(process.execPath, [join(process.cwd(), 'scripts/capture.ts'), ...args], { encoding: 'utf8', cwd });

  test('--help prints the options and ends with 0', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    for (const option of [
      '--side',
      '--only',
      '--dry-run',
      '--context',
      '--namespace',
      '--node-access',
      '--timeout',
      '--keep-workload',
      '--clean',
      '--resume',
      '--accept-partial',
      '--json',
      '--yes',
    ]) {
      expect(stdout).toContain(option);
    }
  });

  test('usage errors end with 2 and print the help', () => {
    expect(run(['--side', 'x'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--side: expected v1 or v2; found "x"\.\n\nUsage:/),
    });
    expect(run(['--only', 'l99', '--dry-run'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--only: expected layers out of l1, l2, .*; found "l99"\./),
    });
  });

  test('--dry-run needs neither cluster nor tools', () => {
    const bin = mkdtempSync(join(tmpdir(), 'dpv-bin-'));
    symlinkSync('/bin/bash', join(bin, 'bash'));
    const printed = execFileSync(process.execPath, [join(process.cwd(), 'scripts/capture.ts'), '--dry-run'], {
      encoding: 'utf8',
      env: { PATH: bin },
    });
    expect(printed).toContain('# v1: L4 DNAT rewrite');
    expect(printed).toContain('# v2: L8 Network policy');
  });

  test('without a recipe the message says so, without a stack', () => {
    const { status, stderr } = run(['--dry-run'], mkdtempSync(join(tmpdir(), 'dpv-empty-')));
    expect(status).toBe(1);
    expect(stderr).toBe(
      'layers.yaml: expected a recipe of at most 1048576 bytes; found no such file. Run the command in the project root, or restore the file from git.\n',
    );
  });

  test('without kubectl it says what is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(process.cwd(), 'scripts/capture.ts'), '--yes'], {
      encoding: 'utf8',
      env: { PATH: '/nonexistent', HOME: '/nonexistent' },
    });
    expect(status).toBe(1);
    expect(stderr).toContain('choosing the context');
    expect(stderr).not.toContain('    at ');
  });
});
