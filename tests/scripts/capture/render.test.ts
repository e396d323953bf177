import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingVariables, render, word } from '../../../scripts/capture/render.ts';
import { type Access, wrap } from '../../../scripts/capture/transports.ts';
import { type Variable, variables } from '../../../src/recipe/command.ts';

const names = Object.keys(variables) as Variable[];
/** Values that would do harm where they are not quoted for every shell they pass through. */
const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned #',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '\ntouch pwned\n',
  '| touch pwned',
  '&& touch pwned',
  '> pwned',
  '\\$(touch pwned)\\',
  'a\'b"c$d`e\\f g*h?i[j]k{l,m}n~o!p#q',
  '-rf',
  '--kubeconfig=pwned',
  '{a,b}',
  '~',
  '*',
  '=x',
  '',
];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dpv-render-'));
  // Each stands for the real one in what matters here: how it hands its arguments to the next shell.
  for (const [name, script] of [
    // kubectl exec and kubectl debug start the words after `--` without a shell.
    ['kubectl', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'],
    ['chroot', 'shift; exec "$@"'],
    ['sudo', 'shift; exec "$@"'],
    // ssh joins its arguments with blanks and gives them to the login shell.
    ['ssh', 'while [ "$1" != -- ]; do shift; done; shift 2; exec sh -c "$*"'],
  ] as const) {
    writeFileSync(join(dir, name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(dir, name), 0o755);
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What a line prints, run as the recorder runs it. */
function printed(line: string): string {
  const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
  return execFileSync('bash', ['--noprofile', '--norc', '-c', line], { cwd: dir, env, encoding: 'utf8' });
}

const access: Access = { nodeAccess: 'debug', debugImage: 'i', sshHost: '{{node}}', sudo: false };
const WAYS: [string, Parameters<typeof wrap>[1], Access][] = [
  ['local', 'local', access],
  ['kubectl exec in a pod', 'pod', access],
  ['kubectl exec in the agent', 'agent', access],
  ['kubectl exec beside the relay', 'relay', access],
  ['kubectl debug on a node', 'node', access],
  ['ssh', 'node', { ...access, nodeAccess: 'ssh' }],
  ['ssh and sudo', 'node', { ...access, nodeAccess: 'ssh', sudo: true }],
];

describe.each(WAYS)('a value on its way through %s', (_name, place, way) => {
  test.each(names)('as {{%s}} arrives as it is and adds no command', (name) => {
    // One line after the other in one shell, because starting shells is what takes the time.
    const lines = HOSTILE.map(
      (value) => wrap(`printf '%s|' a{{${name}}}b; printf %s end`, place, { [name]: value }, way).line,
    );
    expect(printed(lines.join('\n'))).toBe(HOSTILE.map((value) => `a${value}b|end`).join(''));
    expect(existsSync(join(dir, 'pwned'))).toBe(false);
  });

  test('in every variable of the way itself', () => {
    for (const value of HOSTILE.filter(Boolean)) {
      const values = { namespace: value, pod: value, agentPod: value, node: value };
      expect(printed(wrap('printf %s end', place, values, way).line)).toBe('end');
    }
    expect(existsSync(join(dir, 'pwned'))).toBe(false);
  });
});

test('any text without control characters survives two shells', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const value = text.replace(/\p{Cc}/gu, '');
      expect(printed(`sh -c ${word(`printf %s ${word(value)}`)}`)).toBe(value);
    }),
    { numRuns: 60 },
  );
});

test('plain values stay readable, others are quoted', () => {
  expect(render('curl http://{{vip}}', { vip: '203.0.113.10' })).toBe('curl http://203.0.113.10');
  expect(render('echo {{pod}}', { pod: 'a b' })).toBe("echo 'a b'");
  expect(render('echo {{pod}} {{node}}', { pod: 'x' })).toBe('echo x {{node}}');
  expect(missingVariables('echo {{pod}} {{node}}', { pod: 'x' })).toEqual(['node']);
});

test('lines for each place', () => {
  const values = { namespace: 'n', pod: 'p', agentPod: 'a', node: 'k', zone: 'z', project: 'j' };
  const line = (place: Parameters<typeof wrap>[1], command: string, way = access) => wrap(command, place, values, way);
  expect(line('pod', 'cat /proc/net/tcp')).toEqual({
    line: 'kubectl -n n exec p -c nginx -- cat /proc/net/tcp',
    where: 'pod p',
  });
  expect(line('pod', 'a | b').line).toBe("kubectl -n n exec p -c nginx -- sh -c 'a | b'");
  expect(line('node', 'iptables-save').line).toBe(
    'kubectl -n n debug node/k --attach -q --profile=sysadmin --image=i -- chroot /host iptables-save',
  );
  const ssh: Access = {
    ...access,
    nodeAccess: 'ssh',
    sudo: true,
    sshHost: 'me@{{node}}.{{zone}}.{{project}}',
    sshConfig: 'my file',
  };
  expect(line('node', 'iptables-save', ssh).line).toBe(
    "ssh -F 'my file' -T -o BatchMode=yes -o ConnectTimeout=10 -- me@k.z.j 'sudo -n iptables-save'",
  );
});
