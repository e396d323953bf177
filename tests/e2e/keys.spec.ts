import { expect, type Page, test } from '@playwright/test';
import { violationsIn } from './axe.ts';
import { sites } from './sites.ts';

const current = (page: Page) => page.locator('.bar nav [aria-current]');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-capture'));

test('the bar tells which layer is in sight', async ({ page }) => {
  await page.goto('/');
  await expect(current(page)).toHaveCount(0);
  for (const layer of [4, 6, 8, 1]) {
    await page.keyboard.press(String(layer));
    await expect(current(page)).toHaveText(`L${layer}`);
    await expect(page.locator('.bar .where')).toHaveText((await page.locator(`#l${layer} h2`).textContent()) as string);
    await expect(page.locator('.bar .where')).toBeInViewport();
    await expect.poll(() => new URL(page.url()).hash).toBe(`#l${layer}`);
  }
});

test('j and k go from output to output, ? lists the keys', async ({ page }) => {
  await page.goto('/#l6');
  await page.keyboard.press('j');
  expect(await focused(page)).toBe('v1/l6-cluster-mode');
  await page.keyboard.press('j');
  expect(await focused(page)).toBe('v2/l6-cluster-mode');
  await expect(page.locator('#v2-l6-cluster-mode')).toBeInViewport();
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  expect(await focused(page)).toMatch(/^v2\/l5-/);
  await page.keyboard.press('?');
  await expect(page.locator('#keys')).toBeVisible();
  for (const key of ['/', 'j', 'n', 'd', 'w', '1']) await expect(page.locator('#keys dl')).toContainText(key);
  const lists = (key: string) => page.locator('#keys dt', { hasText: key }).locator('+ dd');
  await expect(lists('j k')).toHaveText([/^next and previous output$/, /^in the full-size view, .* difference$/]);
  await expect(lists('n p')).toHaveText([/value that is followed$/, /^in the full-size view: .* output$/]);
  await page.keyboard.press('4');
  await expect.poll(() => new URL(page.url()).hash).toBe('#l6');
  await page.keyboard.press('Escape');
  await expect(page.locator('#keys')).toBeHidden();
});

test('keys are not taken from whoever types or holds another key', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+4');
  await page.keyboard.press('Alt+j');
  await page.keyboard.press('/');
  await page.keyboard.type('4jk?');
  await expect(page.locator('#find')).toHaveValue('4jk?');
  await expect(page.locator('#keys')).toBeHidden();
  await expect.poll(() => new URL(page.url()).hash).toBe('');
});

test('axe finds nothing in the list of keys', async ({ browser }) => {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(sites.root.url);
  await page.locator('[data-action=keys]').click();
  expect(await violationsIn(page, '#keys')).toEqual([]);
  await context.close();
});

test('on a phone the title of the layer is in sight too', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/#l4');
  await expect(current(page)).toHaveText('L4');
  await expect(page.locator('.bar .where')).toHaveText('L4 DNAT rewrite');
  await expect(page.locator('.bar .where')).toBeInViewport({ ratio: 1 });
});
