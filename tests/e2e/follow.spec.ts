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
  await expect.poll(() => new URL(page.url()).hash).toBe(`#follow=${V1}`);
  await page.mouse.move(0, 0);
  expect(await background(page, 'v1/l4-iptables-nat', V1)).toBe(lit);

  for (const at of ['2 of 5', '3 of 5', '4 of 5', '5 of 5', '1 of 5']) {
    await bar.locator('[data-follow=next]').click();
    await expect(bar.locator('.at')).toContainText(at);
    await expect(page.locator('[data-here]')).toBeInViewport();
  }
  await bar.locator('[data-follow=close]').click();
  await expect(bar).toBeHidden();
  await expect.poll(() => new URL(page.url()).hash).toBe('');
  expect(await background(page, 'v1/l4-iptables-nat', V1)).toBe(plain);
});

test('the buttons stay under the pointer, whatever the bar says', async ({ page }) => {
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('about:blank');
    await page.goto(`/#follow=${V1}`);
    const next = page.locator('[data-follow=next]');
    const before = await next.boundingBox();
    for (let press = 0; press < 5; press++) {
      await next.click();
      expect(await next.boundingBox()).toEqual(before);
    }
  }
});

test('the address of the layer comes back: stop, Back and Forward lead to the same place', async ({ page }) => {
  await page.goto('/#l3');
  const here = page.locator('pre[data-capture="v1/l3-endpoints"] .pod-ip').first();
  await here.click();
  const y = await page.evaluate(() => scrollY);
  const bar = page.locator('#follow');
  await bar.locator('[data-follow=next]').click();
  await bar.locator('[data-follow=next]').click();
  await page.goBack();
  await expect(bar).toBeHidden();
  await expect.poll(() => new URL(page.url()).hash).toBe('#l3');
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
  await page.goForward();
  await expect(bar.locator('b')).toHaveText('10.20.0.8');
  await page.goBack();
  await here.click();
  await bar.locator('[data-follow=next]').click();
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
  await expect.poll(() => new URL(page.url()).hash).toBe('#l3');
  // Going to a layer keeps what is followed.
  await here.click();
  await page.keyboard.press('4');
  await expect(bar.locator('b')).toHaveText('10.20.0.8');
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await expect.poll(() => new URL(page.url()).hash).toBe('#l4');
});

test('values in figures, findings and prose are the same thing', async ({ page }) => {
  await page.goto('/');
  for (const place of ['#fig-flows', '#fig-policy-v2', '#l4 .findings', '#l6 .findings', '#l8 .findings']) {
    const mark = page.locator(`${place} [data-v]`).first();
    const text = await mark.textContent();
    await mark.click();
    await expect(page.locator('#follow b')).toHaveText(text as string);
    await expect(page.locator('#viewer')).toBeHidden();
    const colour = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).color);
    const lit = await colour(`pre [data-lit=on]`);
    expect(await mark.evaluate((element) => getComputedStyle(element).color)).toBe(lit);
    await page.keyboard.press('Escape');
  }
});

test('an address that names no value says so', async ({ page }) => {
  await page.goto('/#follow=10.99.0.1');
  await expect(page.locator('.toast')).toHaveText('No output holds the value 10.99.0.1');
  await expect(page.locator('#follow')).toBeHidden();
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

test('a pill of the legend follows the value with the most places first, then the next', async ({ page }) => {
  await page.goto('/');
  const pill = (role: string) => page.locator(`[data-pin-role=${role}]`);
  const what = page.locator('#follow .what');
  await expect(pill('identity')).toHaveAttribute('title', /^follow 18565: identity on V2 · 22 places/);
  await pill('identity').click();
  await expect(what).toContainText('identity on V2 · 22 places in 3 outputs');
  await expect(pill('identity')).toHaveAttribute('aria-pressed', 'true');
  await expect(pill('identity')).toHaveAttribute('title', /^follow (?!18565)\d+: /);
  const places = async () => Number(/(\d+) places?/.exec((await what.textContent()) ?? '')?.[1]);
  let most = await places();
  for (let click = 0; click < 3; click++) {
    await pill('identity').evaluate((button: HTMLElement) => button.click());
    const now = await places();
    expect(now).toBeLessThanOrEqual(most);
    most = now;
  }
});

test('every place of V2’s ClusterIP: two clicks on its pill, and the bar steps through them', async ({ page }) => {
  await page.goto('/');
  const pill = page.locator('[data-pin-role=cluster-ip]');
  await pill.click();
  await expect(page.locator('#follow b')).toHaveText(V1);
  await pill.evaluate((button: HTMLElement) => button.click());
  await expect(page.locator('#follow b')).toHaveText(V2);
  await expect(page.locator('#follow .what')).toContainText('ClusterIP on V2 · 4 places in 3 outputs');
  for (const at of ['2 of 4', '3 of 4', '4 of 4', '1 of 4']) {
    await page.keyboard.press('n');
    await expect(page.locator('#follow .at')).toContainText(at);
    await expect(page.locator('[data-here]')).toBeInViewport();
  }
});

test('the way back from a value takes the keyboard along', async ({ page }) => {
  await page.goto('/#l3');
  const here = page.locator('pre[data-capture="v1/l3-endpoints"] .pod-ip').first();
  await here.click();
  const y = await page.evaluate(() => scrollY);
  for (const back of [() => page.goBack(), () => page.keyboard.press('Escape')]) {
    if (await page.locator('#follow').isHidden()) await here.click();
    const before = await page.evaluate(() => document.activeElement?.getAttribute('data-capture') ?? null);
    for (let press = 0; press < 6; press++) await page.keyboard.press('n');
    expect(await page.evaluate(() => scrollY)).not.toBe(y);
    await back();
    await expect(page.locator('#follow')).toBeHidden();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-capture') ?? null))
      .toBe(before);
  }
});

test('Back ends it where it began, whatever the address was', async ({ page }) => {
  await page.goto('/#l4');
  for (const address of ['#l4', '#walk-1.1']) {
    if (address !== '#l4') await page.locator('#fig-walk [data-step=next]').click();
    await expect.poll(() => new URL(page.url()).hash).toBe(address);
    const value = page.locator('pre[data-capture="v2/l8-identities"] [data-v]', { hasText: '10.20.1.12' });
    await value.scrollIntoViewIfNeeded();
    const y = await page.evaluate(() => scrollY);
    const number = await page.locator('pre[data-capture="v2/l8-identities"] .run').first().boundingBox();
    for (const light of [() => value.click(), () => page.mouse.click((number?.x ?? 0) + 10, (number?.y ?? 0) + 8)]) {
      await light();
      await expect(page.locator('#follow')).toBeVisible();
      await page.goBack();
      await expect(page.locator('#follow')).toBeHidden();
      await expect.poll(() => new URL(page.url()).hash).toBe(address);
      await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
    }
    await page.evaluate(() => scrollTo(0, 0));
  }
});

for (const width of [360, 390, 768]) {
  test(`a value followed into a folded row is whole, and so is its command: ${width} px`, async ({ page }) => {
    await page.addInitScript(() => localStorage.removeItem('open'));
    await page.setViewportSize({ width, height: 780 });
    for (const value of ['136.64.249.50', '31057']) {
      await page.goto('about:blank');
      await page.goto(`/#follow=${value}`);
      await expect(page.locator('[data-here]')).toBeInViewport();
      const { room, covered } = await page.locator('[data-here]').evaluate((here) => {
        const box = (element?: Element | null) => (element as Element).getBoundingClientRect();
        const panel = here.closest('.panel');
        return {
          room: box(here.closest('pre')).right - box(here).right,
          covered: box(panel?.querySelector('header')).bottom - box(panel?.querySelector('.command code')).top,
        };
      });
      expect(room, value).toBeGreaterThan(4);
      expect(covered, value).toBeLessThanOrEqual(0);
    }
  });
}
