import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

// One server, one data set: one test after the other.
test.describe.configure({ mode: 'serial' });

let root: string;
let server: ChildProcess;
const URL = 'http://127.0.0.1:4514/';

test.beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'dev-'));
  cpSync('layers.yaml', join(root, 'layers.yaml'));
  cpSync('captures', join(root, 'captures'), { recursive: true });
  server = spawn(
    process.execPath,
    ['node_modules/astro/bin/astro.mjs', 'dev', '--ignore-lock', '--host', '127.0.0.1', '--port', '4514'],
    {
      env: { ...process.env, DATA_ROOT: root, ASTRO_TELEMETRY_DISABLED: '1' },
      stdio: 'ignore',
    },
  );
  await expect(async () => expect((await fetch(URL)).status).toBe(200)).toPass({ timeout: 40_000 });
});
test.afterAll(() => {
  server.kill();
  rmSync(root, { recursive: true });
});

test('an edit is on the screen, without a key pressed', async ({ page }) => {
  await page.goto(URL);
  // The first request compiles the page.
  await page.reload();
  const recipe = readFileSync(join(root, 'layers.yaml'), 'utf8');

  writeFileSync(join(root, 'layers.yaml'), recipe.replace('title: Edge advertisement', 'title: Edited title'));
  await expect(page.locator('#l2 h2')).toContainText('Edited title', { timeout: 20_000 });

  writeFileSync(join(root, 'captures/v1/l3-nodeport.txt'), 'NodePort: 31999\n');
  await expect(page.locator('pre[data-capture="v1/l3-nodeport"]')).toContainText('31999', { timeout: 20_000 });
});

test('a capture that is not there yet shows its command', async ({ page }) => {
  await page.goto(URL);
  rmSync(join(root, 'captures/v2/l3-nodeport.txt'));
  const panel = page.locator('#v2-l3-nodeport');
  await expect(panel).toContainText('Not recorded yet');
  await expect(panel.locator('.command code')).toContainText('kubectl');
  await expect(panel.locator('pre')).toHaveCount(0);
});
