import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./replay-command.ts', import.meta.url));

/** Stands in for a command that cannot be had here: prints what the published captures hold for it. */
export function replay(command: readonly string[]): string[] {
  return [process.execPath, SCRIPT, ...command];
}
