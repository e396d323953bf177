import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./replay-command.ts', import.meta.url));

/** Puts stand-ins for the programs that cannot be had here into a folder: they print what replay-command.ts says. */
export function standIns(dir: string): string {
  mkdirSync(dir);
  for (const name of ['hubble', 'cilium-dbg', 'bpftool', 'curl']) {
    writeFileSync(join(dir, name), `#!/bin/sh\nexec ${process.execPath} ${SCRIPT} ${name} "$@"\n`, { mode: 0o755 });
  }
  return dir;
}

/**
 * Runs a command with the stand-ins in front of everything else.
 * @param outputs what they print, by the name of the output; without it, what the published captures hold
 */
export function replay(dir: string, command: readonly string[], outputs?: ReadonlyMap<string, string>): string[] {
  const replayed = join(dir, 'outputs');
  if (outputs) {
    mkdirSync(replayed, { recursive: true });
    for (const [name, text] of outputs) writeFileSync(join(replayed, name), text);
  }
  return ['env', `PATH=${dir}:${process.env.PATH}`, ...(outputs ? [`REPLAYED=${replayed}`] : []), ...command];
}
