import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { violationsIn } from './axe.ts';
import { sites } from './sites.ts';

const textOf = (key: string) => {
  const file = `captures/${key}.txt`;
  return bodyText(decodeCapture(readFileSync(file), file).body);
};
const mode = (page: Page) => page.locator('#viewer').getAttribute('data-mode');
const hash = (page: Page) => new URL(page.url()).hash;

test('differences are walked in words, and the view stays in this mode from output to output', async ({ page }) => {
  await page.goto('/#diff=l6-local-failover');
  const at = page.locator('#viewer footer [role=status]');
  const lines = page.locator('#viewer tr[data-at] [data-n]');
  await expect(at).toHaveText(/difference 1 of 10\s+Request 4 status: no answer on V1, answered with 200 on V2/);
  await expect(lines).toHaveText(['Request  4: HTTP 000 (time 6.004830s)', 'Request  4: HTTP 200 (time 0.102681s)']);
  await page.keyboard.press('j');
  await expect(at).toContainText('difference 2 of 10');
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  // The last is the median of those that failed, which stands on another line on each side.
  await expect(at).toContainText('difference 10 of 10');
  await expect(page.locator('#viewer tr[data-at]')).toHaveCount(2);
  await page.keyboard.press('n');
  await expect(page.locator('#viewer h2')).toHaveText('L6 Local mode, later probe');
  expect(await mode(page)).toBe('v1');
  await expect(page.locator('#viewer input[value=differs]')).toBeDisabled();
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  expect(await mode(page)).toBe('differs');
  expect(hash(page)).toBe('#diff=l6-local-asymmetric');
  await expect(at).toHaveText('');
  await expect(page.locator('#viewer .says')).toHaveText(/9 values: 5 equal, 4 matched by role .*none different/);
});

test('signs tell the lines apart, and equal lines fold until they are asked for', async ({ page }) => {
  await page.goto('/#diff=l1-service-detail');
  const table = page.locator('#viewer .differs');
  await expect(table.locator('tr.is0:visible')).toHaveCount(2);
  await expect(table.locator('tr.is1 .seam')).toHaveText(Array(8).fill('≈'));
  await expect(table.locator('.fold')).toHaveText([
    '⋯ 4 lines the same on both sides, 1–4',
    '⋯ 4 lines the same on both sides, 6–9',
    '⋯ 2 lines the same on both sides, 13–14',
    '⋯ 4 lines the same on both sides, 17–20',
  ]);
  await table.locator('.fold button').first().click();
  await expect(table.locator('.fold')).toHaveCount(3);
  await expect(table.locator('tr.is0:visible')).toHaveCount(6);
  await expect(table).toBeFocused();
});

test('L4 groups by frontend and claims nothing of single lines', async ({ page }) => {
  await page.goto('/#diff=l4-iptables-nat');
  const table = page.locator('#viewer .differs');
  await expect(table.locator('.group')).toHaveText([
    'LoadBalancer: the VIP',
    'ClusterIP',
    'NodePort',
    'what these frontends share',
    'all other lines',
  ]);
  expect(await table.locator('tbody .seam').allTextContents()).toEqual(
    Array(await table.locator('tbody .seam').count()).fill(''),
  );
  await expect(page.locator('#viewer .signs')).toBeHidden();
});

for (const side of ['v1', 'v2'] as const) {
  test(`a selection that starts on ${side} stays there and copies its bytes`, async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/#diff=l1-service-detail');
    const folds = page.locator('#viewer .fold button');
    while ((await folds.count()) > 0) await folds.first().press('Enter');
    const cells = page.locator(`#viewer td.${side}`);
    await cells.nth(9).scrollIntoViewIfNeeded();
    const [first, last] = [await cells.nth(9).boundingBox(), await cells.nth(13).boundingBox()];
    if (!first || !last) throw new Error('the lines are not on the screen');
    await page.mouse.move(first.x + 61, first.y + 8);
    await page.mouse.down();
    await page.mouse.move(last.x + last.width - 8, last.y + last.height - 8, { steps: 8 });
    await page.mouse.up();
    await page.keyboard.press('Control+c');
    const lines = textOf(`${side}/l1-service-detail`).split('\n');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(lines.slice(9, 14).join('\n'));
  });
}

test('nothing stands in the lines but their bytes', async ({ page }) => {
  for (const row of ['l1-service-detail', 'l4-iptables-nat', 'l6-local-failover']) {
    await page.goto(`/#diff=${row}`);
    await page.reload();
    for (const side of ['v1', 'v2']) {
      const cells = page.locator(`#viewer td.${side}[data-n]`);
      const read = await cells.evaluateAll((all) => all.map((td) => [Number(td.dataset.n), td.textContent] as const));
      const key = row === 'l4-iptables-nat' && side === 'v2' ? 'l4-ebpf-service-map' : row;
      expect(
        read
          .sort(([a], [b]) => a - b)
          .map(([, text]) => text)
          .join('\n'),
      ).toBe(textOf(`${side}/${key}`).replace(/\n$/, ''));
    }
  }
});

test('on a phone V1 stands over V2, in one row of tools', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  await page.goto('/#diff=l6-local-failover');
  const row = page.locator('#viewer tr[data-at]');
  const [v1, v2] = [await row.locator('.v1').boundingBox(), await row.locator('.v2').boundingBox()];
  expect((v1?.y ?? 0) + (v1?.height ?? 0)).toBeLessThanOrEqual((v2?.y ?? 0) + 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.keyboard.press('d');
  const tools = await page.locator('#viewer .tools').boundingBox();
  const modes = await page.locator('#viewer .modes').boundingBox();
  expect(Math.abs((tools?.y ?? 0) - (modes?.y ?? 99))).toBeLessThan(8);
});

test('printed, the table stands with its legend and nothing else', async ({ page }) => {
  await page.goto('/#diff=l6-local-failover');
  await expect(page.locator('#viewer tr[data-at]')).toHaveCount(1);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('#viewer .signs')).toBeVisible();
  await expect(page.locator('#viewer table')).toBeVisible();
  await expect(page.locator('#viewer .modes')).toBeHidden();
  await expect(page.locator('main')).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1440]) {
    test(`axe finds nothing in any mode: ${colorScheme}, ${width} px`, async ({ browser }) => {
      test.setTimeout(180_000);
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      const page = await context.newPage();
      for (const row of ['l1-service-detail', 'l4-iptables-nat', 'l6-local-failover']) {
        await page.goto(`${sites.root.url}#diff=${row}`);
        await page.reload();
        await expect(page.locator('#viewer table')).toBeVisible();
        expect(await violationsIn(page, '#viewer'), page.url()).toEqual([]);
      }
      for (const value of width < 500 ? ['v1'] : ['both', 'v1']) {
        await page.locator(`#viewer input[value=${value}]`).check({ force: true });
        expect(await violationsIn(page, '#viewer'), page.url()).toEqual([]);
      }
      await context.close();
    });
  }
}

test('forced colours, dark: every mark can be read and told from the others, and a plain ≠ from a bold one', async ({
  page,
}) => {
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  const looks = (selector: string) =>
    page.locator(selector).evaluateAll((all) =>
      all.map((element) => {
        const { color, backgroundColor, textDecorationLine, textDecorationStyle, outlineStyle } =
          getComputedStyle(element);
        return { color, ground: backgroundColor, sign: [textDecorationLine, textDecorationStyle, outlineStyle].join() };
      }),
    );
  const signs: string[] = [];
  for (const [row, kinds] of [
    ['l1-service-detail', ['.role', '.rule']],
    ['l6-local-failover', ['.implied', '.different']],
  ] as const) {
    await page.goto('about:blank');
    await page.goto(`/#diff=${row}`);
    for (const kind of kinds) {
      const all = await looks(`#viewer td mark${kind}`);
      expect(all.length, kind).toBeGreaterThan(0);
      for (const { color, ground } of all) expect(color, kind).not.toBe(ground);
      signs.push(`${all[0]?.sign} ${all[0]?.ground}`);
    }
  }
  expect(new Set(signs).size).toBe(4);
  const [plain, bold] = [await looks('#viewer .is2 .seam'), await looks('#viewer .is3 .seam')];
  expect(plain[0]?.ground).not.toBe(bold[0]?.ground);
  for (const { color, ground } of [...plain, ...bold]) expect(color).not.toBe(ground);
});

test('on a phone each line says whose it is, and what can be taken away stands in one row', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  await page.goto('/#diff=l6-local-failover');
  for (const side of ['v1', 'v2']) {
    const line = page.locator(`#viewer tr[data-at] .${side}`);
    const [content, colour, own] = await line.evaluate((td) => {
      const before = getComputedStyle(td, '::before');
      const name = td.closest('table')?.querySelector(`thead .${td.className} .side`) as Element;
      return [before.content, before.color, getComputedStyle(name).color];
    });
    expect(content).toBe(`"${side.toUpperCase()} 5"`);
    expect(colour).toBe(own);
  }
  const tools = page.locator('#viewer .tools :is(button, a):visible');
  await expect(tools).toHaveText(['copy', 'copy V2', 'raw', 'raw V2']);
  const tops = await tools.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
