import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { sites } from './sites.ts';

/** Every capture below a data set's folder: key and body, read from the files and not from the report. */
function captures(root: string): { key: string; body: Uint8Array }[] {
  return ['v1', 'v2'].flatMap((side) =>
    readdirSync(`${root}/captures/${side}`)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => {
        const file = `captures/${side}/${name}`;
        return {
          key: `${side}/${name.replace(/\.txt$/, '')}`,
          body: decodeCapture(readFileSync(`${root}/${file}`), file).body,
        };
      }),
  );
}

const published = captures('.');
const hostile = captures('tests/fixtures/hostile');

test('there are captures to prove', () => {
  expect(published.length).toBe(37);
  expect(hostile.length).toBe(30);
});

for (const [name, site, all] of [
  ['published', sites.root, published],
  ['published below /repo/', sites.repo, published],
  ['hostile', sites.hostile, hostile],
] as const) {
  test(`${name}: what a reader sees is the file`, async ({ page }) => {
    await page.goto(site.url);
    for (const { key, body } of all) {
      const shown = await page.locator(`pre[data-capture="${key}"]`).evaluate((pre) => pre.textContent);
      // HTML cannot hold NUL; the page shows the symbol for it.
      expect(shown, key).toBe(bodyText(body).replaceAll('\0', '\u2400'));
    }
    expect(await page.locator('pre[data-capture]').count()).toBe(all.length);
  });

  test(`${name}: what a reader downloads is the file, byte for byte`, async ({ request }) => {
    for (const { key, body } of all) {
      const response = await request.get(`${site.url}captures/${key}.txt`);
      expect(response.status(), key).toBe(200);
      expect(Buffer.compare(await response.body(), body), key).toBe(0);
    }
  });

  test(`${name}: the full-size view and the clipboard hold the file`, async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(site.url);
    for (const fold of await page.locator('.fold > summary').all()) await fold.click();
    for (const { key, body } of all) {
      const text = bodyText(body).replaceAll('\0', '\u2400');
      await page
        .locator(`#${key.replace('/', '-')} [data-action=open]`)
        .last()
        .click();
      expect(await page.locator('#viewer pre').evaluate((pre) => pre.textContent), key).toBe(text);
      await page.locator('#viewer [data-viewer=copy]').click();
      await expect(page.locator('.toast')).toHaveText('Output copied');
      expect(await page.evaluate(() => navigator.clipboard.readText()), key).toBe(text);
      await page.keyboard.press('Escape');
    }
  });
}

test('an output that is full of markup runs nothing', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('dialog', (dialog) => said.push(dialog.message()));
  await page.goto(sites.hostile.url);
  for (const fold of await page.locator('.fold > summary').all()) await fold.click();
  await page.locator('#v1-l1-markup pre').click();
  await page.keyboard.press('n');
  await page.waitForTimeout(200);
  expect(said).toEqual([]);
  expect(await page.title()).toBe('Hostile </title><script>alert(1)</script> outputs');
  expect(await page.locator('pre script, pre img, h2 script, .words img').count()).toBe(0);
});
