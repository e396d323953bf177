import { expect, type Page, test } from '@playwright/test';
import { sites } from './sites.ts';

// Outputs of identical layers are folded; answer.spec.ts opens them.
test.beforeEach(({ page }) => page.addInitScript(() => localStorage.setItem('open', 'all')));

const V1 = '10.24.9.186';
const V2 = '10.24.8.39';

/** Background of the first place of a value in an output. */
const background = (page: Page, output: string, value: string) =>
  page
    .locator(`pre[data-capture="${output}"] [data-v]`, { hasText: value })
    .first()
    .evaluate((mark) => getComputedStyle(mark).backgroundColor);
const plain = 'rgba(0, 0, 0, 0)';

test('by mouse: pointing lights the value and, paler, its counterpart; a click pins it', async ({ page }) => {
  await page.goto('/');
  const here = page.locator('pre[data-capture="v1/l1-service-ips"] [data-v]', { hasText: V1 });
  await here.hover();
  const lit = await background(page, 'v1/l4-iptables-nat', V1);
  const pale = await background(page, 'v2/l4-ebpf-service-map', V2);
  expect(new Set([lit, pale, plain]).size).toBe(3);
  await page.mouse.move(0, 0);
  expect(await background(page, 'v1/l4-iptables-nat', V1)).toBe(plain);

  await here.click();
  await expect(page.locator('#viewer')).toBeHidden();
  const bar = page.locator('#follow');
  await expect(bar.locator('b')).toHaveText(V1);
  await expect(bar).toContainText('ClusterIP on V1 · 5 places in 3 outputs');
  await expect(bar).toContainText(`other side: ${V2}`);
  expect(new URL(page.url()).hash).toBe(`#follow=${V1}`);
  await page.mouse.move(0, 0);
  expect(await background(page, 'v1/l4-iptables-nat', V1)).toBe(lit);

  for (const at of ['2 of 5', '3 of 5', '4 of 5', '5 of 5', '1 of 5']) {
    await bar.locator('[data-follow=next]').click();
    await expect(bar.locator('.at')).toContainText(at);
    await expect(page.locator('[data-here]')).toBeInViewport();
  }
  await bar.locator('[data-follow=close]').click();
  await expect(bar).toBeHidden();
  expect(new URL(page.url()).hash).toBe('');
  expect(await background(page, 'v1/l4-iptables-nat', V1)).toBe(plain);
});

test('by keyboard: / finds by typing, n and p step, Escape ends', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('18565');
  await page.keyboard.press('Enter');
  const bar = page.locator('#follow');
  await expect(bar).toContainText('identity on V2');
  await expect(bar.locator('.at')).toHaveText(/^1 of \d\d: v2\//);
  await page.keyboard.press('n');
  await expect(bar.locator('.at')).toHaveText(/^2 of/);
  await page.keyboard.press('p');
  await expect(bar.locator('.at')).toHaveText(/^1 of/);
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await page.keyboard.press('/');
  await page.keyboard.type('no such value');
  await page.keyboard.press('Enter');
  expect(await page.locator('#find').evaluate((input: HTMLInputElement) => input.validationMessage)).toBe(
    'No such value in the outputs',
  );
});

for (const [value, side] of [
  [V1, 'V1'],
  [V2, 'V2'],
  ['34.72.78.182', 'V2'],
] as const) {
  test(`by address: #follow=${value} on ${side}`, async ({ page }) => {
    await page.goto(`/#follow=${value}`);
    await expect(page.locator('#follow b')).toHaveText(value);
    await expect(page.locator('#follow .what')).toContainText(`on ${side}`);
    await expect(page.locator('[data-here]')).toBeInViewport();
  });
}

test('in the full-size view too', async ({ page }) => {
  await page.goto('/');
  await page.locator('pre[data-capture="v1/l1-service-ips"]').press('Enter');
  await page.locator('#viewer [data-v]', { hasText: V1 }).click();
  await expect(page.locator('#viewer #follow b')).toHaveText(V1);
  await page.locator('#viewer [data-follow=next]').click();
  await expect(page.locator('#viewer')).toBeHidden();
  await expect(page.locator('body > #follow')).toBeVisible();
});

test('a value holds its colour without JavaScript', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(sites.root.url);
  const colours = await Promise.all(
    ['.vip', '.cluster-ip', '.node-port', '.pod-ip', '.chain', '.identity'].map((role) =>
      page
        .locator(`pre[data-capture] ${role}`)
        .first()
        .evaluate((mark) => getComputedStyle(mark).color),
    ),
  );
  expect(new Set(colours).size).toBe(6);
  await context.close();
});

test('5,000 places on each side light up, and as many pale', async ({ page }) => {
  await page.goto(sites.many.url);
  const marks = page.locator('pre[data-capture] .vip');
  expect(await marks.count()).toBe(10_000);
  await marks.first().dispatchEvent('pointerover');
  await expect(page.locator('[data-lit=on]')).toHaveCount(5000);
  await expect(page.locator('[data-lit=pale]')).toHaveCount(5000);
});
