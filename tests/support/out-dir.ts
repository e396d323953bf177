import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * An empty folder for a build, in the project: Astro keeps what it makes on the way beside it, and that of all folders
 * outside the project in one place, where two builds at a time would meet.
 */
export function makeOutDir(): { path: string; [Symbol.dispose](): void } {
  mkdirSync('.sites', { recursive: true });
  const path = resolve(mkdtempSync('.sites/build-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
