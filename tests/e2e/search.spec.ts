import { expect, type Page, test } from '@playwright/test';
import { violationsIn } from './axe.ts';
import { sites } from './sites.ts';

const options = (page: Page) => page.locator('#found [role=option]');
const chosen = (page: Page) => page.locator('#found [aria-selected=true]');
const scrolled = (page: Page) => page.evaluate(() => Math.round(scrollY));
const hash = (page: Page) => decodeURIComponent(new URL(page.url()).hash);
const lit = (page: Page) =>
  page.evaluate(() => [...(CSS.highlights.get('linked') ?? [])].map((range) => (range as Range).toString()));

test('the page stands still: opening, typing and choosing move nothing, Escape leads back', async ({ page }) => {
  await page.goto('/#l6');
  const back = page.locator('#v2-l6-local-failover pre');
  await back.focus();
  const y = await scrolled(page);
  expect(y).toBeGreaterThan(2000);
  await page.keyboard.press('/');
  await page.keyboard.type('drop', { delay: 20 });
  expect(await scrolled(page)).toBe(y);
  for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toBeInViewport();
  expect(await scrolled(page)).toBe(y);
  await page.keyboard.press('Escape');
  expect(await scrolled(page)).toBe(y);
  await expect(back).toBeFocused();
  await expect(options(page)).toHaveCount(0);
  await expect.poll(() => hash(page)).toBe('#l6');
});

test('a value: the very text before its beginning before a part of it; Enter follows it', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('10.20.0.1');
  // 10.20.0.15 and 10.20.0.18 begin with it; nothing is called that.
  await expect(options(page).nth(0)).toContainText(/^10\.20\.0\.1\d/);
  await page.keyboard.type('5');
  await expect(chosen(page)).toContainText('10.20.0.15 pod IP on V2');
  await page.keyboard.press('Enter');
  await expect(page.locator('#follow b')).toHaveText('10.20.0.15');
  await expect(page.locator('[data-here]')).toBeInViewport();
  await expect.poll(() => hash(page)).toBe('#follow=10.20.0.15');
  await page.keyboard.press('/');
  await page.keyboard.type('clusterip on');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('clusterip');
  await expect(page.locator('#found .value')).toHaveCount(2);
});

test('any text, whatever its case: by layer and side, with the line and the match in view', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('Policy denied dropped');
  const layer = page.locator('#found [role=group]', { hasText: 'L8 Network policy' });
  await expect(layer).toContainText('V1 none · V2 3 matches');
  await expect(layer.locator('mark')).toHaveText([
    'Policy denied DROPPED',
    'Policy denied DROPPED',
    'Policy denied DROPPED',
  ]);
  for (const mark of await layer.locator('mark').all()) await expect(mark).toBeInViewport();
  // No value is called that: the first line is chosen, and the values on the lines stand below.
  await expect(page.locator('#found .value').first()).toContainText('client-blocked pod on V2');
  await expect(chosen(page)).toContainText('V21');
  await expect(page.locator('#search .count')).toHaveText('3 matches');
  await page.keyboard.press('Enter');
  await expect.poll(() => hash(page)).toBe('#v2-l8-hubble-drop:L1');
  expect(await lit(page)).toEqual([expect.stringContaining('Policy denied DROPPED')]);
  await expect(page.locator('#v2-l8-hubble-drop .here')).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect.poll(() => scrolled(page)).toBe(0);
});

test('commands and sentences are found too, and columns that are padded', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('--verdict dropped');
  await expect(chosen(page)).toContainText('hubble observe --namespace netflow-test --verdict DROPPED');
  await page.keyboard.press('Enter');
  await expect(page.locator('#v2-l8-hubble-drop .command')).toBeInViewport();
  expect(await lit(page)).toEqual(['--verdict DROPPED']);
  await page.keyboard.press('/');
  await page.keyboard.type('nginx loadbalancer 10');
  await expect(options(page).filter({ hasText: /nginx +LoadBalancer/ })).toHaveCount(2);
});

test('Shift+Enter opens the output full size at the line', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('KUBE-SVC-TCOU7JCQXEZGVUNU');
  await page.keyboard.press('Shift+Enter');
  await expect(page.locator('#viewer h2')).toContainText('iptables NAT chains');
  expect((await lit(page))[0]).toContain('KUBE-SVC-TCOU7JCQXEZGVUNU');
});

test('in the full-size view, Escape leads back to it', async ({ page }) => {
  await page.goto('/#v1-l1-service-ips');
  await page.locator('pre[data-capture="v1/l1-service-ips"]').press('Enter');
  await page.keyboard.press('/');
  await page.keyboard.type('nwp');
  await expect(page.locator('#viewer #find')).toBeFocused();
  await expect(page.locator('#viewer [name=mode][value=v1]')).toBeChecked();
  await expect(page.locator('#viewer h2')).toContainText('L1');
  await expect(page.locator('#viewer')).not.toHaveClass(/wrap/);
  await page.keyboard.press('Escape');
  await expect(page.locator('#viewer')).toBeVisible();
  await expect(page.locator('#viewer pre')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#viewer')).toBeHidden();
  await expect(page.locator('.bar #find')).toHaveCount(1);
});

test('nothing found says so; an empty field shows a value of each role', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await expect(page.locator('#found .value')).toHaveCount(11);
  await page.keyboard.type('no such [text]');
  await expect(page.locator('#search .count')).toHaveText('no match');
  await expect(page.locator('#found')).toContainText('no line, command or note holds it');
  await expect(options(page)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.locator('#find')).toBeFocused();
});

test('by mouse: a click beside it closes, a click on a result goes there', async ({ page }) => {
  await page.goto('/');
  await page.locator('#find').click();
  await expect(options(page)).toHaveCount(11);
  await page.mouse.click(60, 500);
  await expect(options(page)).toHaveCount(0);
  await page.locator('#find').click();
  await page.keyboard.type('53.63');
  await options(page).last().click();
  await expect.poll(() => hash(page)).toMatch(/^#v2-l7-hubble-status/);
});

for (const colorScheme of ['light', 'dark'] as const) {
  // The second is half of 1440 pixels: 200 % zoom.
  for (const [width, height] of [
    [390, 844],
    [720, 450],
    [1440, 900],
  ] as const) {
    test(`axe finds nothing in it: ${colorScheme}, ${width} px`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height }, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(sites.root.url);
      await page.keyboard.press('/');
      // Values, layers and lines, and layers without a match.
      await page.locator('#find').fill('client-blocked');
      expect(await violationsIn(page, '#search')).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await context.close();
    });
  }
}

/** A finger on the button, where it is: Playwright would scroll to it, though it stands still on the screen. */
async function tapOpen(page: Page): Promise<void> {
  const box = await page.locator('[data-find=open]').boundingBox();
  if (!box) throw new Error('no button to open the search');
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a sheet under the bar with a field that does not zoom; Back closes it', async ({ page }) => {
    await page.goto('/#l6');
    // What stands above is laid out when it is first drawn.
    await page.waitForTimeout(500);
    const y = await scrolled(page);
    await tapOpen(page);
    const field = page.locator('#find');
    await expect(field).toBeFocused();
    expect(await field.evaluate((input) => Number.parseFloat(getComputedStyle(input).fontSize))).toBeGreaterThanOrEqual(
      16,
    );
    await page.keyboard.type('10.20.0.15');
    await expect(chosen(page)).toContainText('pod IP on V2');
    const sheet = await page.locator('#search .box').boundingBox();
    expect(sheet).toMatchObject({ x: 0, width: 390 });
    expect(Math.round((sheet?.y ?? 0) + (sheet?.height ?? 0))).toBe(844);
    for (const option of await options(page).all())
      expect((await option.boundingBox())?.height).toBeGreaterThanOrEqual(43);
    // To the pixel: heights above are fractions.
    expect(Math.abs((await scrolled(page)) - y)).toBeLessThanOrEqual(1);
    await page.goBack();
    await expect(field).toBeHidden();
    expect(Math.abs((await scrolled(page)) - y)).toBeLessThanOrEqual(1);
    await expect.poll(() => hash(page)).toBe('#l6');
  });

  test('a tap goes to the line, and Back from there to the place before', async ({ page }) => {
    await page.goto('/#l6');
    const place = () => page.locator('#l6').evaluate((layer) => Math.round(layer.getBoundingClientRect().top));
    const before = await place();
    await tapOpen(page);
    await page.keyboard.type('Policy denied DROPPED');
    await options(page).filter({ hasText: 'Policy denied' }).first().tap();
    await expect.poll(() => hash(page)).toBe('#v2-l8-hubble-drop:L1');
    await expect(page.locator('.here')).toBeInViewport();
    await page.goBack();
    await expect.poll(async () => Math.abs((await place()) - before)).toBeLessThanOrEqual(1);
    await expect.poll(() => hash(page)).toBe('#l6');
    await expect(page.locator('#follow')).toBeHidden();
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('there is no field', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('#find')).toBeHidden();
  });
});

for (const [name, use] of [
  ['desktop', { viewport: { width: 1440, height: 900 } }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const) {
  test.describe(name, () => {
    test.use(use);
    test('three actions lead to a packet that was DROPPED: lines in this very case come first', async ({ page }) => {
      await page.goto('/');
      if (name === 'phone') await tapOpen(page);
      else await page.keyboard.press('/');
      await page.keyboard.type('DROPPED');
      const cases = await page.locator('#found .hit').evaluateAll((hits) =>
        hits.map((hit) => {
          const label = hit.querySelector('.n')?.textContent ?? '';
          return label === '$' ? 2 : label === '¶' ? 3 : Number(hit.querySelector('mark')?.textContent !== 'DROPPED');
        }),
      );
      expect(cases[0]).toBe(0);
      expect(cases.indexOf(2)).toBeGreaterThan(cases.indexOf(0));
      await page.keyboard.press('Enter');
      await expect.poll(() => hash(page)).toMatch(/^#v2-l\d-hubble-/);
      expect(await lit(page)).toEqual([expect.stringContaining('DROPPED')]);
      await expect(page.locator('.lines .here').first()).toBeInViewport();
    });
  });
}

test('the number of matches stands alone in the field', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('#search .field kbd')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('DROPPED');
  await page.keyboard.press('Enter');
  await expect(page.locator('#search .count')).toHaveText(/^\d+ matches$/);
  await expect(page.locator('#search .field kbd')).toBeHidden();
});

test('Tab alone opens nothing; ArrowDown, a letter and a click do', async ({ page }) => {
  await page.goto('/');
  const field = page.locator('#find');
  const list = page.locator('#search .sheet');
  const tab = async () => {
    await page.locator('.bar nav a').last().focus();
    await page.keyboard.press('Tab');
    await expect(field).toBeFocused();
    await expect(list).toBeHidden();
  };
  await tab();
  await page.keyboard.press('ArrowDown');
  await expect(options(page)).toHaveCount(11);
  await page.keyboard.press('Escape');
  await tab();
  await page.keyboard.type('drop');
  await expect(field).toHaveValue('drop');
  await expect(list).toBeVisible();
  await page.keyboard.press('Escape');
  await field.click();
  await expect(list).toBeVisible();
});

test('a closed field says nothing of matches', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('DROPPED');
  await expect(page.locator('#search .count')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#search .count')).toBeHidden();
});

test('what the page says of outputs and layers is found, in the order of the layers', async ({ page }) => {
  await page.goto('/');
  const found = page.locator('#found [role=group] .head b');
  await page.keyboard.press('/');
  for (const [text, least] of [
    ['recorded', 30],
    ['not recorded', 30],
    ['sha256', 30],
    ['1 Jul 2026', 10],
    ['DNAT rewrite', 1],
  ] as const) {
    await page.locator('#find').fill(text);
    expect(
      Number.parseInt((await page.locator('#search .count').textContent()) ?? '', 10),
      text,
    ).toBeGreaterThanOrEqual(least);
  }
  await page.locator('#find').fill('drop');
  await expect(found.nth(0)).toHaveText(/^L6/);
  await expect(found.nth(1)).toHaveText(/^L8/);
});

test('lines that differ before the match can be told apart', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/');
  await page.keyboard.press('/');
  await page.keyboard.type('DROPPED');
  const lines = await page.locator('#found .hit .tx').allTextContents();
  for (const [index, port] of ['42222', '42232', '42242'].entries())
    expect(lines[index]).toContain(`client-blocked:${port}`);
});
