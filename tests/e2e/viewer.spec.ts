import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { sites } from './sites.ts';

const textOf = (key: string) => {
  const file = `captures/${key}.txt`;
  return bodyText(decodeCapture(readFileSync(file), file).body);
};
const mode = (page: Page) => page.locator('#viewer').getAttribute('data-mode');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-capture'));
const hash = (page: Page) => new URL(page.url()).hash;

// Outputs of identical layers are folded; answer.spec.ts opens them.
test.beforeEach(({ page }) => page.addInitScript(() => localStorage.setItem('open', 'all')));

test('by keyboard alone: open, next, wrap, close, back in the same place', async ({ page }) => {
  await page.goto('/');
  const output = page.locator('.panel pre[data-capture="v1/l1-gce-forwarding-rule"]');
  for (let presses = 0; (await focused(page)) !== 'v1/l1-gce-forwarding-rule'; presses++) {
    expect(presses).toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  const viewer = page.locator('#viewer');
  await expect(viewer).toBeVisible();
  await expect(viewer.locator('h2')).toHaveText('L1 GCE forwarding rule');
  await expect(viewer.locator('.head .side')).toHaveText('V1');
  await expect(viewer.locator('[data-viewer=next]')).toContainText('Service & allocated IPs');
  await page.keyboard.press('n');
  await expect(viewer.locator('h2')).toHaveText('L1 Service & allocated IPs');
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  // The last row is V2's alone: it shows what there is, and the choice of V1 waits.
  await expect(viewer.locator('.head .side')).toHaveText('V2');
  await expect(viewer.locator('input[value=both]')).toBeDisabled();
  await page.keyboard.press('n');
  await expect(viewer.locator('.head .side')).toHaveText('V1');
  await page.keyboard.press('w');
  await expect(viewer.locator('[data-viewer=wrap]')).toHaveAttribute('aria-pressed', 'true');
  const scrolled = await page.evaluate(() => scrollY);
  await page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
  await expect(output).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(scrolled);
});

test('the modes are one choice, and the keyboard stays in the view', async ({ page }) => {
  await page.goto('/');
  await page.locator('pre[data-capture="v2/l1-service-detail"]').press('Enter');
  expect(await mode(page)).toBe('v2');
  await page.keyboard.press('d');
  await expect(page.locator('#viewer .differs')).toBeFocused();
  await expect(page.locator('input[value=differs]')).toBeChecked();
  await page.keyboard.press('d');
  await expect(page.locator('#viewer > pre')).toBeFocused();
  expect(await mode(page)).toBe('v2');
  await page.locator('#viewer .modes label', { hasText: 'side by side' }).click();
  await expect(page.locator('#viewer > pre')).toHaveCount(2);
  await expect(page.locator('#viewer .head .side')).toHaveText(['V1', 'V2']);
  expect(await page.locator('#viewer > pre').allTextContents()).toEqual(
    ['v1', 'v2'].map((side) => textOf(`${side}/l1-service-detail`)),
  );
  await expect(page.locator('input[value=both]')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  expect(await mode(page)).toBe('differs');
  // What was chosen can be told from the rest, whatever the colours are.
  for (const forcedColors of ['none', 'active'] as const) {
    await page.emulateMedia({ forcedColors });
    const grounds = await page
      .locator('#viewer .modes label')
      .evaluateAll((labels) => labels.map((label) => getComputedStyle(label).backgroundColor));
    expect(new Set(grounds).size).toBe(2);
    expect(grounds.filter((ground) => ground === grounds[3])).toHaveLength(1);
  }
});

test('by mouse: a click opens; marking text and a double click on a word do not', async ({ page }) => {
  await page.goto('/');
  const output = page.locator('pre[data-capture="v1/l1-service-ips"]');
  await output.click();
  await expect(page.locator('#viewer')).toBeVisible();
  expect(hash(page)).toBe('#v1-l1-service-ips');
  await page.locator('[data-viewer=close]').click();
  await expect.poll(() => hash(page)).toBe('');
  const box = await output.boundingBox();
  if (!box) throw new Error('the output is not on the page');
  await page.mouse.move(box.x + 60, box.y + 18);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 18, { steps: 5 });
  await page.mouse.up();
  expect(await page.evaluate(() => String(getSelection()))).not.toBe('');
  await page.waitForTimeout(500);
  await expect(page.locator('#viewer')).toBeHidden();
  await page.mouse.click(box.x + 5, box.y - 40);
  await page.mouse.dblclick(box.x + 30, box.y + 18);
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => String(getSelection()).trim())).toMatch(/^\w+$/);
  await expect(page.locator('#viewer')).toBeHidden();
});

test('an address of differences opens, survives a reload, and goes back and forward', async ({ page }) => {
  const viewer = page.locator('#viewer');
  for (const site of [sites.root, sites.repo]) {
    await page.goto(site.url);
    await page.locator('pre[data-capture="v1/l6-local-failover"]').press('Enter');
    await page.keyboard.press('d');
    expect(hash(page)).toBe('#diff=l6-local-failover');
    await page.goBack();
    await expect(viewer).toBeHidden();
    await page.goForward();
    await expect(viewer.locator('tr[data-at]')).toHaveCount(1);
    await page.reload();
    await expect(viewer.locator('h2')).toHaveText('L6 Local mode, failover window');
    await page.keyboard.press('Escape');
    await expect(viewer).toBeHidden();
    expect(hash(page)).toBe('#v1-l6-local-failover');
    await expect(page.locator('pre[data-capture="v1/l6-local-failover"]')).toBeInViewport();
  }
  await page.goto(`${sites.root.url}#diff=nothing-of-this`);
  await page.reload();
  await expect(page.locator('.toast')).toHaveText('Nothing to compare under the name nothing-of-this');
});

test('Escape returns to where the view was opened, whatever was read meanwhile', async ({ page }) => {
  await page.goto('/#l6');
  const opener = page.locator('#v1-l6-local-failover [data-action=open]').first();
  await opener.click();
  const scrolled = await page.evaluate(() => scrollY);
  await page.keyboard.press('d');
  await page.keyboard.press('n');
  await page.keyboard.press('n');
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled);
});

test('outputs scroll together by matched lines, unless the reader wants less motion', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 500 });
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    await page.emulateMedia({ reducedMotion });
    await page.goto('/');
    await page.locator('pre[data-capture="v1/l1-service-detail"]').press('Enter');
    await page.locator('#viewer .modes label', { hasText: 'side by side' }).click();
    const [left, right] = [page.locator('#viewer > pre').first(), page.locator('#viewer > pre').last()];
    await left.hover();
    await page.mouse.wheel(0, 120);
    await expect.poll(() => left.evaluate((pre) => pre.scrollTop)).toBeGreaterThan(60);
    await page.waitForTimeout(200);
    const [one, other] = [await left.evaluate((pre) => pre.scrollTop), await right.evaluate((pre) => pre.scrollTop)];
    expect(other).toBe(reducedMotion === 'reduce' ? 0 : one);
  }
});

test('Back from what differs leads to where the reader was, not to an address never visited', async ({ page }) => {
  await page.goto('/#l1');
  await page.locator('#v1-l1-service-detail [data-action=open]').first().click();
  const y = await page.evaluate(() => scrollY);
  for (const key of ['d', 'd', 'd']) await page.keyboard.press(key);
  expect(hash(page)).toBe('#diff=l1-service-detail');
  await page.goBack();
  await expect(page.locator('#viewer')).toBeHidden();
  expect(hash(page)).toBe('#l1');
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
});

test('an address of an output brings the keyboard to it: Enter opens it, d what differs', async ({ page }) => {
  for (const [key, expected] of [
    ['Enter', '#v1-l6-local-failover'],
    ['d', '#diff=l6-local-failover'],
  ] as const) {
    await page.goto('about:blank');
    await page.goto('/#v1-l6-local-failover');
    await expect.poll(() => focused(page)).toBe('v1/l6-local-failover');
    await page.waitForTimeout(200);
    expect(await focused(page)).toBe('v1/l6-local-failover');
    await page.keyboard.press(key);
    await expect(page.locator('#viewer')).toBeVisible();
    expect(hash(page)).toBe(expected);
    await page.keyboard.press('Escape');
    await expect(page.locator('#viewer')).toBeHidden();
    await expect.poll(() => hash(page)).toBe('#v1-l6-local-failover');
  }
});

for (const id of ['l4', 'v1-l4-iptables-nat', 'v2-l8-policy-map']) {
  test(`the address #${id} opens at the right place`, async ({ page }) => {
    for (const site of [sites.root, sites.repo]) {
      await page.goto(`${site.url}#${id}`);
      await page.waitForTimeout(300);
      const top = await page.locator(`#${id}`).evaluate((element) => element.getBoundingClientRect().top);
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

for (const mode of ['v1', 'both', 'differs']) {
  test(`the view is one entry of the history, whatever is turned to: ${mode}`, async ({ page }) => {
    await page.goto('/');
    await page.keyboard.press('6');
    const opener = page.locator('#v1-l6-local-failover [data-action=open]').first();
    await opener.scrollIntoViewIfNeeded();
    await page.evaluate(() => scrollBy(0, 7));
    const y = await page.evaluate(() => scrollY);
    const entries = await page.evaluate(() => history.length);
    for (const close of [() => page.goBack(), () => page.keyboard.press('Escape')]) {
      await opener.click();
      await page.locator(`#viewer input[value=${mode}]`).check({ force: true });
      for (const key of ['n', 'p', 'd', 'd']) await page.keyboard.press(key);
      expect(await page.evaluate(() => history.length)).toBe(entries + 1);
      await close();
      await expect(page.locator('#viewer')).toBeHidden();
      await expect.poll(() => hash(page)).toBe('#l6');
      await expect(opener).toBeFocused();
      await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
    }
    await page.goForward();
    await expect(page.locator('#viewer')).toBeVisible();
    await page.goBack();
    await expect(page.locator('#viewer')).toBeHidden();
    expect(await page.evaluate(() => history.length)).toBe(entries + 1);
    await page.goBack();
    await expect.poll(() => hash(page)).toBe('');
  });
}

test('from a value followed in the view, Back leads to before the view', async ({ page }) => {
  await page.goto('/#l1');
  await page.locator('pre[data-capture="v1/l1-service-ips"]').press('Enter');
  const y = await page.evaluate(() => scrollY);
  await page.locator('#viewer > pre [data-v]').first().click();
  await page.locator('#viewer [data-follow=next]').click();
  await expect(page.locator('[data-here]')).toBeInViewport();
  await page.goBack();
  await expect(page.locator('#follow')).toBeHidden();
  await expect(page.locator('#viewer')).toBeHidden();
  await expect.poll(() => hash(page)).toBe('#l1');
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
});

test('what is lit covers nothing of the view', async ({ page }) => {
  for (const [width, height] of [
    [1440, 900],
    [720, 450],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.goto('about:blank');
    await page.goto('/#follow=10.20.0.8');
    await page.locator('pre[data-capture="v1/l6-local-failover"]').press('d');
    await expect(page.locator('#viewer #follow')).toBeVisible();
    for (const part of ['[data-viewer=up]', '.count', '.told'])
      expect(
        await page.locator(`#viewer footer ${part}`).evaluate((element) => {
          const { left, top, bottom } = element.getBoundingClientRect();
          return element.contains(document.elementFromPoint(left + 5, (top + bottom) / 2));
        }),
        `${part} at ${width}`,
      ).toBe(true);
    await page.keyboard.press('Escape');
  }
});

test('the ring around what differs is whole', async ({ page }) => {
  await page.goto('/#diff=l6-local-failover');
  const table = page.locator('#viewer .differs');
  await expect(table).toBeFocused();
  await page.keyboard.press('j');
  const { top, left, right, offset } = await table.evaluate((element) => {
    const { top, left, right } = element.getBoundingClientRect();
    return { top, left, right, offset: Number.parseFloat(getComputedStyle(element).outlineOffset) };
  });
  // Outside of what scrolls, and inside the window.
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(left).toBeGreaterThanOrEqual(2);
  expect(right).toBeLessThanOrEqual(1278);
  const head = await page.locator('#viewer header').boundingBox();
  expect(top).toBeGreaterThanOrEqual((head?.y ?? 0) + (head?.height ?? 0) + 2);
});
