import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCommit } from '../../scripts/drift/history.ts';
import { committedRecording, workTreeRecording } from '../../scripts/drift/recording.ts';
import { drift } from '../../src/analysis/drift.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { driftText } from '../../src/wording/drift-text.ts';

let root: string;
const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
const day = { GIT_AUTHOR_DATE: '2026-07-02T00:00:00Z', GIT_COMMITTER_DATE: '2026-07-02T00:00:00Z' };
// A hook or configuration of the machine must not take part.
const env = { ...process.env, ...identity, ...day, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, env, encoding: 'utf8', stdio: 'pipe' });
const file = (name: string) => join(root, name);
/** Replaces in an output; without its header, which would no longer fit. */
const edit = (name: string, from: string | RegExp, to: string) => {
  const before = readFileSync(file(name), 'utf8');
  const after = before.replace(/^---\n[\s\S]*?\n---\n/, '').replace(from, to);
  writeFileSync(file(name), after);
};
const commit = (message: string) => {
  git('add', '-A');
  git('commit', '-qm', message);
};

/** What the command prints, without a process of its own. */
function drifted(side: SideId, ref = 'HEAD', data = root): string {
  const recipe = loadRecipe(data);
  const { recording, remark } = committedRecording(readCommit(data, ref), side, recipe);
  return `${remark ?? ''}${driftText(drift(recording, workTreeRecording(data, recipe, side)))}`;
}

/** Commits are named by their hash, which is different for every state of the data. */
const plain = (text: string) => text.replaceAll(/\([0-9a-f]{7,}, /g, '(<hash>, ').replaceAll(root, '<root>');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/drift.ts', ...args], {
    encoding: 'utf8',
    env: { ...env, DATA_ROOT: root },
  });
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  return { status, stdout: plain(stdout), stderr: plain(stderr) };
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drift-'));
  cpSync('layers.yaml', file('layers.yaml'));
  cpSync('captures', file('captures'), { recursive: true });
  writeFileSync(file('.gitattributes'), 'captures/** -text\n');
  git('init', '-q', '-b', 'main');
  commit('First');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('npm run drift', () => {
  test('an unchanged work tree has not drifted', () => {
    expect(run()).toMatchInlineSnapshot(`
      {
        "status": 0,
        "stderr": "",
        "stdout": "V1: from HEAD (<hash>, 2026-07-02) to the work tree
        Nothing changed in meaning; 0 of 15 outputs differ in their bytes.

      V2: from HEAD (<hash>, 2026-07-02) to the work tree
        Nothing changed in meaning; 0 of 22 outputs differ in their bytes.
      ",
      }
    `);
  });

  test('compares the commit with what stands in the work tree, committed or not', () => {
    edit('captures/v1/l4-iptables-nat.txt', /^-A KUBE-SEP-X4MLFZ67G53NH3PU -p.*\n/m, '');
    expect(run('--side', 'v1').stdout).toMatchInlineSnapshot(`
      "V1: from HEAD (<hash>, 2026-07-02) to the work tree
        rules
          v1/l4-iptables-nat: rules: 79 → 78
          v1/l4-iptables-nat: rules of netflow-test/nginx: 16 → 15
        backends
          v1/l4-iptables-nat: endpoints of netflow-test/nginx: 3 → 2
          v1/l4-iptables-nat: backends of netflow-test/nginx by NodePort: 3 → 2
          v1/l4-iptables-nat: backends of netflow-test/nginx by ClusterIP: 3 → 2
          v1/l4-iptables-nat: backends of netflow-test/nginx by external address: 3 → 2
        checks
          Every frontend of the Service leads to all of its endpoints: holds → broken
          Each endpoint chain marks, rewrites to and is named after one and the same pod: holds → broken
        8 changes in meaning; 1 of 15 outputs differ in their bytes.
      "
    `);
    commit('Second');
    expect(drifted('v1')).toContain('Nothing changed in meaning');
    expect(drifted('v1', 'HEAD~1')).toContain('rules: 79 → 78');
    git('tag', 'v1.0');
    expect(drifted('v2', 'v1.0')).toMatch(/^V2: from v1\.0 \([0-9a-f]{7,}, 2026-07-02\)/);
  });

  test('reads the environment of both', () => {
    writeFileSync(file('captures/v2/run.yaml'), 'run: "1"\nserver: "v1.33.1-gke.1"\n');
    commit('Recorded');
    writeFileSync(file('captures/v2/run.yaml'), 'run: "2"\nserver: "v1.34.0-gke.5"\n');
    expect(drifted('v2')).toContain('server: v1.33.1-gke.1 → v1.34.0-gke.5');
  });

  test('says which verdict changed, at the side whose outputs did', () => {
    edit('captures/v2/l1-service-detail.txt', 'Internal Traffic Policy:  Cluster', 'Internal Traffic Policy:  Local');
    expect(plain(drifted('v2'))).toMatchInlineSnapshot(`
      "V2: from HEAD (<hash>, 2026-07-02) to the work tree
        fields
          v2/l1-service-detail: Internal Traffic Policy: Cluster → Local
        checks
          verdict on L1: identical → diverges
        2 changes in meaning; 1 of 22 outputs differ in their bytes.
      "
    `);
    expect(drifted('v1')).toContain('Nothing changed in meaning');
  });

  test('an output of either side that cannot be read gives its layer no verdict', () => {
    edit('captures/v1/l3-nodeport.txt', 'NodePort: 31057', 'no port');
    edit('captures/v2/l3-endpoints.txt', '10.20.1.9:80', '10.20.1.8:80');
    expect(drifted('v1')).toContain('v1/l3-nodeport: there → cannot be read');
    for (const side of ['v1', 'v2'] as const) expect(drifted(side)).not.toContain('verdict');
    writeFileSync(file('captures/v1/l3-nodeport.txt'), '---\nsha256: "0"\n---\nNodePort: 31057');
    expect(drifted('v2')).not.toContain('verdict');
  });

  test('--json', () => {
    edit('captures/v2/l7-hubble-status.txt', '2/2', '2/3');
    const [v1, v2] = JSON.parse(run('--json').stdout);
    expect(v1).toMatchObject({ side: 'v1', changes: [], compared: 15, differing: 0 });
    expect(v2.changes[0]).toEqual({
      area: 'fields',
      what: 'knownNodes',
      capture: 'v2/l7-hubble-status',
      before: '2',
      after: '3',
    });
  });

  test('captures are read byte for byte, whatever the line ends in git', () => {
    writeFileSync(file('.gitattributes'), '* text eol=crlf\n');
    expect(drifted('v1')).toContain('0 of 15 outputs differ in their bytes');
  });

  test('the data may stand in a folder of the checkout', () => {
    mkdirSync(file('data'));
    for (const name of ['layers.yaml', 'captures']) git('mv', name, `data/${name}`);
    commit('Moved');
    edit('data/captures/v1/l3-nodeport.txt', 'NodePort: 31057', 'no port');
    expect(drifted('v1', 'HEAD', file('data'))).toContain('v1/l3-nodeport: there → cannot be read');
  });

  test('an output that was not there, one that is gone, one that was a link', () => {
    rmSync(file('captures/v1/l3-nodeport.txt'));
    symlinkSync('/etc/hostname', file('captures/v1/l3-nodeport.txt'));
    commit('A link');
    rmSync(file('captures/v1/l3-nodeport.txt'));
    rmSync(file('captures/v1/l3-endpoints.txt'));
    const text = drifted('v1');
    expect(text).toContain('v1/l3-endpoints: there → nothing');
    expect(text).not.toContain('l3-nodeport: there');
  });

  test('a recipe of another version: its outputs are read by the present one', () => {
    const recipe = readFileSync(file('layers.yaml'), 'utf8');
    writeFileSync(file('layers.yaml'), 'title: other\nlayer: []\n');
    commit('Another form');
    writeFileSync(file('layers.yaml'), recipe);
    const text = drifted('v1');
    expect(text).toContain('is not one that this version reads; its outputs are read by that of the work tree.');
    expect(text).toContain('Nothing changed in meaning');
  });
});

describe('refusals', () => {
  test('a commit that does not exist', () => {
    expect(run('no-such-ref')).toMatchInlineSnapshot(`
      {
        "status": 2,
        "stderr": ""no-such-ref" is no commit of this repository. \`git log --oneline -- captures\` lists those that changed captures.
      ",
        "stdout": "",
      }
    `);
  });
  test('a ref that looks like an option, or like a command, is only a ref', () => {
    for (const ref of ['--output=x', '$(touch x);HEAD', '', 'HEAD:captures'])
      expect(() => readCommit(root, ref)).toThrow(/is no commit of this repository/);
    expect(run('--', '--output=x').status).toBe(2);
  });
  test('not a git checkout', () => {
    rmSync(file('.git'), { recursive: true });
    expect(run()).toMatchInlineSnapshot(`
      {
        "status": 1,
        "stderr": "<root> is not in a git checkout (fatal: not a git repository (or any of the parent directories): .git). Run it in a clone of the project: older recordings are read from its history.
      ",
        "stdout": "",
      }
    `);
  });
  test('usage', () => {
    expect(run('--side', 'v3')).toMatchInlineSnapshot(`
      {
        "status": 2,
        "stderr": "--side is v1 or v2, not "v3".
      Usage: npm run drift [-- <git ref>] [--side v1|v2] [--json]
      Compares the captures of a commit (HEAD unless told otherwise) with those of the work tree.
      ",
        "stdout": "",
      }
    `);
    expect(run('a', 'b').status).toBe(2);
    expect(run('--colour').status).toBe(2);
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  });
  test('a recipe that cannot be read', () => {
    writeFileSync(file('layers.yaml'), '');
    expect(run()).toMatchObject({ status: 1, stdout: '' });
  });
});
