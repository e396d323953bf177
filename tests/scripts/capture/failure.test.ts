import { expect, test } from 'vitest';
import { commandFailure } from '../../../scripts/capture/failure.ts';
import { Output } from '../../../scripts/capture/output.ts';

test('a container without sh is told from a command that is missing', () => {
  const ended = (stderr: string) =>
    commandFailure('v2/l4-x', {
      command: 'kubectl -n kube-system exec anetd-x -c cilium-agent -- cilium-dbg status',
      startedAt: new Date(0),
      durationMs: 1,
      exitCode: 127,
      stdout: Output.of(''),
      stderr,
    }).cause;
  const noShell =
    'error: Internal error occurred: error executing command in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown';
  expect(ended(noShell)).toBe('exit code 127: the container has no sh, which prints the marks around a remote command');
  expect(ended('sh: 1: cilium-dbg: not found')).toBe('exit code 127: a command was not found');
});
