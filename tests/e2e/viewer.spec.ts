import { expect, test } from '@playwright/test';
import { sites } from './sites.ts';

// Outputs of identical layers are folded; answer.spec.ts opens them.
test.beforeEach(({ page }) => page.addInitScript(() => localStorage.setItem('open', 'all')));

test('by keyboard alone: open, next, wrap, close, back in the same place', async ({ page }) => {
  await page.goto('/');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-capture'));
  for (let presses = 0; (await focused()) !== 'v1/l1-gce-forwarding-rule'; presses++) {
    expect(presses).toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  const viewer = page.locator('#viewer');
  await expect(viewer).toBeVisible();
  await expect(viewer.locator('h2')).toHaveText('V1 · GCE forwarding rule');
  await expect(viewer.locator('.place')).toHaveText('kube-proxy + iptables · 1 of 37');
  await page.keyboard.press('n');
  await expect(viewer.locator('h2')).toHaveText('V2 · GCE forwarding rule');
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  await expect(viewer.locator('.place')).toContainText('37 of 37');
  await page.keyboard.press('n');
  await page.keyboard.press('w');
  await expect(viewer.locator('[data-viewer=wrap]')).toHaveAttribute('aria-pressed', 'true');
  const scrolled = await page.evaluate(() => scrollY);
  await page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
  expect(await focused()).toBe('v1/l1-gce-forwarding-rule');
  expect(await page.evaluate(() => scrollY)).toBe(scrolled);
});

test('by mouse: click opens, marking text does not', async ({ page }) => {
  await page.goto('/');
  const output = page.locator('pre[data-capture="v1/l1-service-ips"]');
  await output.click();
  await expect(page.locator('#viewer')).toBeVisible();
  expect(new URL(page.url()).hash).toBe('#v1-l1-service-ips');
  await page.locator('[data-viewer=close]').click();
  const box = await output.boundingBox();
  if (!box) throw new Error('the output is not on the page');
  await page.mouse.move(box.x + 20, box.y + 18);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 18, { steps: 5 });
  await page.mouse.up();
  expect(await page.evaluate(() => String(getSelection()))).not.toBe('');
  await expect(page.locator('#viewer')).toBeHidden();
});

for (const hash of ['l4', 'v1-l4-iptables-nat', 'v2-l8-policy-map']) {
  test(`the address #${hash} opens at the right place`, async ({ page }) => {
    for (const site of [sites.root, sites.repo]) {
      await page.goto(`${site.url}#${hash}`);
      await page.waitForTimeout(300);
      const top = await page.locator(`#${hash}`).evaluate((element) => element.getBoundingClientRect().top);
      expect(top).toBeGreaterThanOrEqual(0);
      // Near the end the page cannot scroll far enough to bring it to the very top.
      expect(top).toBeLessThan(360);
    }
  });
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the page reads top to bottom and leads to the raw files', async ({ page, request }) => {
    await page.goto('/');
    await expect(page.locator('pre[data-capture]')).toHaveCount(37);
    await expect(page.locator('pre[data-capture="v1/l4-iptables-nat"]')).toBeVisible();
    await expect(page.locator('button:visible')).toHaveCount(0);
    const raw = await page.locator('#v1-l4-iptables-nat a.raw').getAttribute('href');
    expect((await request.get(raw as string)).status()).toBe(200);
    await page.locator('#v1-l4-iptables-nat summary').click();
    await expect(page.locator('#v1-l4-iptables-nat .flag p')).toBeVisible();
  });
});
