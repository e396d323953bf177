/** Finds a Chromium for the browser tests, and brings one where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Path of a Chromium: CHROMIUM_PATH, else Playwright's own, else the system's. Undefined where there is none. */
export function findBrowser(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which does not exist. Correct or unset it.`);
  }
  return [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path));
}

/** Installs a Chromium: Debian's as root, else the one Playwright downloads. */
function installBrowser(): void {
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0;
  const fonts = ['fonts-liberation', 'fonts-dejavu-core'];
  const asRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (
    asRoot &&
    run('apt-get', 'update') &&
    run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium', ...fonts)
  )
    return;
  run('npx', 'playwright', 'install', 'chromium');
}

if (import.meta.main) {
  if (findBrowser() === undefined) installBrowser();
  const path = findBrowser();
  if (path === undefined) {
    console.error(
      'No Chromium: expected one at CHROMIUM_PATH, from `npx playwright install chromium`, or from the system.',
    );
    process.exit(1);
  }
  console.log(`Browser: ${path}`);
}
