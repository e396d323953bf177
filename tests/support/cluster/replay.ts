import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./replay-command.ts', import.meta.url));

/** Puts stand-ins for the programs that cannot be had here into a folder: they print what the published captures hold. */
export function standIns(dir: string): string {
  mkdirSync(dir);
  for (const name of ['hubble', 'cilium-dbg', 'curl']) {
    writeFileSync(join(dir, name), `#!/bin/sh\nexec ${process.execPath} ${SCRIPT} ${name} "$@"\n`, { mode: 0o755 });
  }
  return dir;
}

/** Runs a command with the stand-ins in front of everything else. */
export function replay(dir: string, command: readonly string[]): string[] {
  return ['env', `PATH=${dir}:${process.env.PATH}`, ...command];
}
