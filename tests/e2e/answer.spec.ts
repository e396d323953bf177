import { expect, test } from '@playwright/test';
import { sites } from './sites.ts';

const screens = [
  { name: 'desktop', width: 1440, height: 900, most: 2 },
  { name: 'phone', width: 390, height: 844, most: 3 },
];

for (const { name, most, ...viewport } of screens) {
  test(`the figure of L4 begins within ${most} screens: ${name}`, async ({ browser }) => {
    const page = await browser.newPage({ viewport });
    await page.goto(sites.root.url);
    const top = await page
      .locator('#l4 figure')
      .first()
      .evaluate((figure) => figure.getBoundingClientRect().top);
    expect(top).toBeLessThanOrEqual(most * viewport.height);
    await page.close();
  });

  test(`the first screen says when, which side stayed silent and which refused: ${name}`, async ({ browser }) => {
    const page = await browser.newPage({ viewport });
    await page.goto(sites.root.url);
    const map = page.locator('.stack-map');
    for (const said of ['1 Jul 2026', '2 Jul 2026', 'failures after 6.0', 'failures after 0.05'])
      await expect(map.getByText(said).first(), said).toBeInViewport({ ratio: 1 });
    await page.close();
  });
}

test('the answer, the map and the walk follow the same packet', async ({ page, request }) => {
  const report = await (await request.get('/report.json')).json();
  const [packet] = report.figures.walk.data.packets;
  expect(packet.label).toBe('outside → VIP');
  await page.goto('/');
  const answer = page.locator('.answers li').first();
  await expect(answer).toContainText(packet.label);
  const { min, max } = packet.rules.examined;
  await expect(answer).toContainText(`${min}–${max} captured rules`);
  await expect(page.locator('.stack-map a[href="#l4"]')).toContainText(`${min}–${max} rules compared`);
  // One tick for each rule: those that match and those that do not.
  const ticks = await answer
    .locator('[data-side=v1] path')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')?.split('M').length ?? 0));
  expect(ticks.reduce((sum, pieces) => sum + pieces - 1, 0)).toBe(max);
});

test('each half of the map says its own side, also to whoever does not see it', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('.stack-map')).toMatchAriaSnapshot(`
    - navigation "2 layers differ, 2 only on V2, 4 identical":
      - heading "2 layers differ, 2 only on V2, 4 identical" [level=2]
      - link "37 cross-checks hold, none fails"
      - list:
        - listitem:
          - link /L1 Service creation & IP allocation V1. VIP 136.64.249.50 = V2. VIP 34.72.78.182 identical/
        - listitem
        - listitem
        - listitem:
          - link /L4 DNAT rewrite V1. 17–19 rules compared, in order ≠ V2. 1 row of 17, found by key differs/
  `);
});

for (const { name, most: _, ...viewport } of screens) {
  test(`a closed line says what was matched and set aside, and leads to both raw files: ${name}`, async ({
    browser,
    request,
  }) => {
    const page = await browser.newPage({ viewport });
    await page.goto(sites.root.url);
    await page.locator('.stack-map a[href="#l1"]').click();
    const row = page.locator('.folded', { hasText: 'Service detail' });
    await expect(row.locator('.fold')).not.toHaveAttribute('open');
    await expect(row.locator('.by')).toBeInViewport({ ratio: 1 });
    await expect(row.locator('.by')).toContainText('ClusterIP ×2');
    await expect(row.locator('.by')).toContainText('aside: age ×4, count ×2');
    for (const line of await page.locator('.folded').all()) {
      const links = line.locator('.raws a');
      await expect(links).toHaveText(['V1', 'V2']);
      for (const side of ['v1', 'v2']) {
        const link = links.filter({ hasText: side.toUpperCase() });
        // Hit where it stands: a click there opens the file, not the line.
        await link.click({ trial: true });
        const path = (await link.getAttribute('href')) as string;
        expect(path).toContain(`captures/${side}/`);
        expect((await request.get(path)).status()).toBe(200);
      }
      const overlap = await line.evaluate((element) => {
        const range = new Range();
        range.selectNodeContents(element.querySelector('h3') as Node);
        return (
          range.getBoundingClientRect().right > (element.querySelector('.raws') as Element).getBoundingClientRect().left
        );
      });
      expect(overlap).toBe(false);
    }
    await page.close();
  });
}

test.describe('what is identical takes a line', () => {
  const detail = '#v1-l1-service-detail';

  test('and opens by a click, or Enter', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator(detail)).toBeHidden();
    const line = page.locator('.fold', { has: page.locator(detail) }).locator('> summary');
    await expect(line).toContainText('Service detail 24 lines 44 values');
    await expect(line).toContainText('ClusterIP ×2');
    await expect(line).toContainText('aside: age ×4, count ×2');
    await line.click();
    await expect(page.locator(detail)).toBeVisible();
    await line.press('Enter');
    await expect(page.locator(detail)).toBeHidden();
  });

  test('one tick for each value, as report.json has them', async ({ page, request }) => {
    const report = await (await request.get('/report.json')).json();
    await page.goto('/');
    for (const { id, rows } of report.layers.slice(0, 3)) {
      for (const [index, { matched }] of rows.entries()) {
        const ticks = page.locator(`#${id} .fold`).nth(index).locator('summary path');
        const d = (await ticks.evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))).join('');
        expect(d.split('M').length - 1, id).toBe(matched.length);
      }
    }
  });

  test('an address opens it, Escape and Back close it, what the reader opened stays', async ({ page }) => {
    await page.goto(`/${detail}`);
    await expect(page.locator(detail)).toBeInViewport();
    await page.keyboard.press('Escape');
    await expect(page.locator(detail)).toBeHidden();
    await page.goto('/#l4');
    await page.evaluate((to) => Object.assign(location, { hash: to }), detail);
    await expect(page.locator(detail)).toBeInViewport();
    await page.goBack();
    await expect(page.locator(detail)).toBeHidden();
    await page.goForward();
    await expect(page.locator(detail)).toBeVisible();
    const pool = page.locator('#l2 .fold');
    await pool.locator('> summary').click();
    await page.keyboard.press('Escape');
    await expect(page.locator(detail)).toBeHidden();
    await expect(pool).toHaveAttribute('open', '');
  });

  test('the search of the browser finds what is folded', async ({ page }) => {
    // A text fragment uses the same search, and opens what it finds by the same rule of HTML.
    await page.goto('/#:~:text=Finalizers,-Session%20Affinity:');
    await page.goto('/#:~:text=Session%20Affinity:');
    await expect(page.locator(detail)).toBeVisible();
    await expect(page.locator(detail).getByText('Session Affinity:')).toBeInViewport();
  });

  test('all open at once, which is kept', async ({ page }) => {
    await page.goto('/');
    await page.getByRole('button', { name: 'open all', exact: true }).click();
    await expect(page.locator('.fold:not([open])')).toHaveCount(0);
    await page.reload();
    await expect(page.locator('.fold:not([open])')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(page.locator(detail)).toBeVisible();
    await page.getByRole('button', { name: 'fold all' }).click();
    await page.reload();
    await expect(page.locator('.fold[open]')).toHaveCount(0);
  });

  test('and opens without JavaScript, by hand and by its address', async ({ browser }) => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(`${sites.root.url}${detail}`);
    await expect(page.locator(detail)).toBeVisible();
    await page.locator('#l3 .fold summary').first().click();
    await expect(page.locator('#v2-l3-endpoints')).toBeVisible();
    await expect(page.getByRole('button', { name: 'open all', exact: true })).toBeHidden();
    await page.close();
  });

  test('and is whole on paper', async ({ page }) => {
    await page.goto('/');
    await page.emulateMedia({ media: 'print' });
    for (const pre of await page.locator('.fold pre.output').all())
      expect((await pre.boundingBox())?.height).toBeGreaterThan(10);
  });
});

test('an address far down leads there, though what is above was not laid out', async ({ page }) => {
  for (const id of ['l6', 'l8', 'v2-l8-policy-map', 'check-v2-backends']) {
    await page.goto('about:blank');
    await page.goto(`/#${id}`);
    await expect
      .poll(() => page.locator(`#${id}`).evaluate((target) => Math.round(target.getBoundingClientRect().top)))
      .toBeLessThan(160);
    expect(await page.locator(`#${id}`).evaluate((target) => target.getBoundingClientRect().top)).toBeGreaterThan(0);
  }
});
