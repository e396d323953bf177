import { expect, type Page, test } from '@playwright/test';
import { sites } from './sites.ts';

/** The lines the browser highlights under a name, over all outputs. */
const highlighted = (page: Page, name: string) =>
  page.evaluate(
    (of) => [...(CSS.highlights.get(of) ?? [])].flatMap((range) => (range as Range).toString().split('\n')),
    name,
  );
const lit = (page: Page) => highlighted(page, 'linked');
const hash = (page: Page) => decodeURIComponent(new URL(page.url()).hash);
const rules = 'pre[data-capture="v1/l4-iptables-nat"]';

/** Where a line stands in the gutter of an output, on the screen. */
async function gutter(page: Page, output: string, line: number): Promise<{ x: number; y: number }> {
  return page.locator(output).evaluate((pre, wanted) => {
    for (const run of pre.querySelectorAll<HTMLElement>('.run')) {
      const numbers = (run.dataset.n ?? '').split('\n').map(Number);
      const index = numbers.indexOf(wanted);
      if (index < 0) continue;
      const box = run.getBoundingClientRect();
      return { x: pre.getBoundingClientRect().left + 15, y: box.top + ((index + 0.5) / numbers.length) * box.height };
    }
    throw new Error(`no line ${wanted}`);
  }, line);
}

for (const [name, site] of Object.entries(sites)) {
  test(`${name}: every number stands beside its line`, async ({ page }) => {
    await page.goto(site.url);
    const wrong = await page.locator('pre[data-capture] .run').evaluateAll((runs) =>
      runs.flatMap((run) => {
        const code = run.querySelector('code') as HTMLElement;
        if (!code.checkVisibility()) return [];
        const numbers = (run as HTMLElement).dataset.n?.split('\n') ?? [];
        const height = numbers.length * Number.parseFloat(getComputedStyle(run).lineHeight);
        // The browser counts in 64ths of a pixel.
        return Math.abs(code.getBoundingClientRect().height - height) < 1 + numbers.length / 64
          ? []
          : [run.parentElement?.dataset.capture];
      }),
    );
    expect(wrong).toEqual([]);
  });
}

test('selecting and copying an output by hand gives its bytes, without numbers', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/');
  await page.locator('.which [value=all]').first().check();
  for (const key of ['v1/l4-iptables-nat', 'v2/l7-hubble-observe', 'v2/l8-policy']) {
    const pre = page.locator(`pre[data-capture="${key}"]`);
    await pre.evaluate((element) => getSelection()?.selectAllChildren(element));
    await page.keyboard.press('Control+c');
    const text = await page.evaluate(() => navigator.clipboard.readText());
    // The browser leaves a line feed at the very end of a selection away.
    expect(text.trimEnd(), key).toBe((await pre.textContent())?.trimEnd());
  }
});

test('an address leads to its lines, and they stay lit until they are put out', async ({ page }) => {
  for (const away of ['Escape', 'button', 'click']) {
    await page.goto('about:blank');
    await page.goto(`${sites.repo.url}#v1-l4-iptables-nat:L91-L94`);
    await expect.poll(() => lit(page)).toHaveLength(4);
    const lines = await lit(page);
    expect(lines[0]).toMatch(/^-A KUBE-SVC-P2CJC57QC736K2NH ! -s 10\.20\.1\.0\/24/);
    await expect(page.locator('#follow')).toContainText('V1 iptables NAT chains lines 91–94');
    const box = await page.locator(`${rules} .here`).boundingBox();
    expect(box?.y).toBeGreaterThan(48);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(page.viewportSize()?.height ?? 0);
    await page.mouse.move(300, 300);
    await page.mouse.wheel(0, 200);
    expect(await lit(page)).toHaveLength(4);
    if (away === 'Escape') await page.keyboard.press('Escape');
    else if (away === 'button') await page.locator('#follow [data-follow=close]').click();
    else await page.locator(rules).click({ position: { x: 300, y: 30 } });
    await expect(page.locator('#follow')).toBeHidden();
    expect(await lit(page)).toEqual([]);
    await expect.poll(() => hash(page)).toBe('');
    await expect(page.locator('#viewer')).toBeHidden();
  }
});

test('a line that the view hides is shown, and one of many pieces too', async ({ page }) => {
  await page.goto('/#v1-l4-iptables-nat:L70,L91');
  await expect.poll(() => lit(page)).toHaveLength(2);
  expect((await lit(page))[0]).toContain('-A KUBE-SERVICES -d 10.24.11.196/32');
  await expect(page.locator('#v1-l4-iptables-nat [value=all]')).toBeChecked();
  await expect(page.locator('#follow')).toContainText('lines 70, 91');
});

test('an address that names no output and no line lights nothing', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  for (const address of ['#v1-l4-nothing:L3', '#v1-l4-iptables-nat:L900', '#v1-l4-"]:L1']) {
    await page.goto('about:blank');
    await page.goto(`/${address}`);
    await page.waitForTimeout(100);
    expect((await lit(page)).join(''), address).toBe('');
  }
  expect(errors).toEqual([]);
});

test('a click in the gutter makes the link, shift-click extends it, a click on it again puts it out', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/#l4');
  await page.locator(rules).scrollIntoViewIfNeeded();
  const at = async (line: number) => {
    const { x, y } = await gutter(page, rules, line);
    return page.mouse.click(x, y);
  };
  await at(60);
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L60');
  await expect(page.locator('#viewer')).toBeHidden();
  await page.keyboard.down('Shift');
  await at(63);
  await page.keyboard.up('Shift');
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L60-L63');
  expect(await lit(page)).toHaveLength(4);
  await page.locator('#follow [data-action=copy-link]').click();
  await expect(page.locator('.toast')).toHaveText('Link copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await at(78);
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L78');
  await at(78);
  await expect(page.locator('#follow')).toBeHidden();
  await expect.poll(() => hash(page)).toBe('#l4');
});

test('the Service’s own lines come first; the switch, a gap and the browser’s own search show the others', async ({
  page,
}) => {
  await page.goto('/');
  // The other side has few enough lines: all of them, scrolled to its own.
  const map = page.locator('pre[data-capture="v2/l4-ebpf-service-map"]');
  await expect(map.locator('.own')).toHaveAttribute('data-n', /^18\n.*26$/s);
  const last = await map.evaluate((pre) => pre.scrollHeight - pre.clientHeight - pre.scrollTop);
  expect(last).toBeLessThan(24);
  expect(await page.evaluate(() => scrollY)).toBe(0);
  const panel = page.locator('#v1-l4-iptables-nat');
  const visible = () =>
    page
      .locator(`${rules} .run`)
      .evaluateAll((runs) =>
        runs
          .filter((run) => run.querySelector('code')?.checkVisibility())
          .flatMap((run) => (run as HTMLElement).dataset.n?.split('\n')),
      );
  expect(await visible()).toHaveLength(16);
  expect(await page.locator(rules).evaluate((pre) => pre.textContent?.trimEnd().split('\n').length)).toBe(107);
  await panel.locator('.which').getByText('all 107 lines').click();
  expect(await visible()).toHaveLength(107);
  await panel.getByText('the Service’s 16').click();
  expect(await visible()).toHaveLength(16);
  await page.locator(`${rules} .rest`).nth(1).click();
  expect(await visible()).toHaveLength(107);
  await expect(page.locator('#viewer')).toBeHidden();
});

test('citations, bars and checks lead to their lines, by mouse and by keyboard', async ({ page }) => {
  await page.goto('/');
  const finding = page.locator('#v1-l4-iptables-nat .findings li', { hasText: '16 of 79' });
  await finding.locator('a').focus();
  const before = await page.evaluate(() => scrollY);
  await page.keyboard.press('Enter');
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L29-L30,L32-L33,L46-L47,L60-L63,L77-L78,L91-L94');
  expect(await lit(page)).toHaveLength(16);
  await page.goBack();
  await expect.poll(() => lit(page)).toEqual([]);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
  await expect(finding.locator('a')).toBeFocused();

  await page.locator('#fig-failover .lane .failed').first().click();
  await expect.poll(() => hash(page)).toBe('#v1-l6-local-failover:L2');
  expect(await lit(page)).toEqual([expect.stringMatching(/^Request +1: HTTP 000/)]);
  await page.locator('#fig-policy-v2 td a').first().click();
  await expect.poll(() => hash(page)).toBe('#v2-l8-policy:L11-L15');
  await expect(page.locator('#v2-l8-policy .here')).toBeInViewport();

  await page.locator('#check-v1-backends summary').click();
  const check = page.locator('#check-v1-backends a').first();
  await check.click();
  await expect.poll(() => hash(page)).toMatch(/^#v1-l\d-[a-z-]+:L\d/);
  await expect(page.locator('.lines .here').first()).toBeInViewport();
});

test('Back and Forward lead from place to place, Escape to where it began', async ({ page }) => {
  await page.goto('/#l4');
  const links = page.locator('#v1-l4-iptables-nat .findings a');
  await links.nth(0).click();
  const y = await page.evaluate(() => scrollY);
  const first = hash(page);
  // Clicked from where the page stands, as by keyboard.
  await page
    .locator('#fig-policy-v2 td a')
    .first()
    .evaluate((link: HTMLElement) => link.click());
  expect(await page.evaluate(() => scrollY)).not.toBe(y);
  await page.goBack();
  await expect.poll(() => lit(page)).toHaveLength(16);
  await expect.poll(() => hash(page)).toBe(first);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(y);
  await page.goForward();
  await expect.poll(() => lit(page)).toHaveLength(5);
  await page.keyboard.press('Escape');
  await expect.poll(() => hash(page)).toBe('#l4');
  await expect.poll(() => lit(page)).toEqual([]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('numbers, the switch and the way to an output are there', async ({ page }) => {
    await page.goto('/');
    const panel = page.locator('#v1-l4-iptables-nat');
    await expect(panel.getByText('the Service’s 16')).toBeVisible();
    const height = async () => (await page.locator(`${rules} .rest`).first().boundingBox())?.height ?? 0;
    expect(await height()).toBeLessThan(20);
    await panel.locator('.which').getByText('all 107 lines').click();
    expect(await height()).toBeGreaterThan(400);
    await expect(panel.locator('.findings a').first()).toHaveAttribute('href', '#v1-l4-iptables-nat');
  });
});

test('forced colours show what is lit', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/#v1-l4-iptables-nat:L91');
  const colour = (selector: string, pseudo?: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, of) => getComputedStyle(element, of).backgroundColor, pseudo);
  expect(await colour(`${rules} .here`)).not.toBe(await colour(`${rules} .own`, '::before'));
  await page.goto('/#follow=10.24.9.186');
  await expect(page.locator('[data-here]')).toBeInViewport();
  expect(await colour('[data-lit=on]')).not.toBe(await colour('pre [data-v]:not([data-lit])'));
});

test('the full-size view shows the lines an address leads to, and a click in its gutter others', async ({ page }) => {
  await page.goto('/#v1-l4-iptables-nat:L92-L94');
  await page.locator('#v1-l4-iptables-nat [data-action=open]').first().click();
  const full = '#viewer > pre';
  const here = page.locator(`${full} .here`);
  await expect(here).toHaveAttribute('data-n', '92\n93\n94');
  await expect(here).toBeInViewport();
  const inView = () =>
    page.evaluate(() =>
      [...(CSS.highlights.get('linked') ?? [])].flatMap((range) =>
        (range as Range).startContainer.parentElement?.closest('dialog') ? String(range).split('\n') : [],
      ),
    );
  expect(await inView()).toHaveLength(3);
  expect(hash(page)).toBe('#v1-l4-iptables-nat:L92-L94');
  const { x, y } = await gutter(page, full, 96);
  await page.mouse.click(x, y);
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L96');
  await expect(here).toHaveAttribute('data-n', '96');
  expect(await inView()).toHaveLength(1);
  await expect(page.locator('#viewer #follow')).toContainText('line 96');
  await page.keyboard.press('Escape');
  await expect(page.locator('#viewer')).toBeHidden();
  expect(hash(page)).toBe('#v1-l4-iptables-nat:L96');
  await expect(page.locator(`${rules} .here`)).toHaveAttribute('data-n', '96');
  await page.keyboard.press('Escape');
  await expect.poll(() => hash(page)).toBe('');
});

test('the full-size view leaves no address of its own behind', async ({ page }) => {
  await page.goto('/#l4');
  await page.locator('#v1-l4-iptables-nat [data-action=open]').first().click();
  const { x, y } = await gutter(page, '#viewer > pre', 3);
  await page.mouse.click(x, y);
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L3');
  await page.keyboard.press('Escape');
  await expect(page.locator('#viewer')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect.poll(() => hash(page)).toBe('#l4');
});

test('in three actions there is a link to send: the layer, j, a number in the gutter', async ({ page }) => {
  await page.goto('/');
  await page.locator('.stack-map a[href="#l4"]').click();
  await expect.poll(() => hash(page)).toBe('#l4');
  await page.keyboard.press('j');
  await expect(page.locator('#v1-l4-iptables-nat a.raw')).toBeInViewport({ ratio: 1 });
  const { x, y } = await gutter(page, rules, 92);
  await page.mouse.click(x, y);
  await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L92');
  await expect(page.locator('#follow .other')).toHaveText('shift-click another number for a range');
});

test.describe('by touch', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a tap on a number makes the link, a second extends it, a third begins anew', async ({ page }) => {
    await page.goto('/#v1-l4-iptables-nat');
    const tap = async (line: number) => {
      const { x, y } = await gutter(page, rules, line);
      await page.touchscreen.tap(x, y);
    };
    await expect(page.locator(rules)).toBeInViewport();
    await tap(92);
    await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L92');
    await expect(page.locator('#follow .other')).toHaveText('tap another number for a range');
    await tap(94);
    await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L92-L94');
    await tap(91);
    await expect.poll(() => hash(page)).toBe('#v1-l4-iptables-nat:L91');
  });

  test('a citation has room for a finger', async ({ page }) => {
    await page.goto('/');
    const heights = await page
      .locator('.cite:visible')
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().height));
    expect(heights.length).toBeGreaterThan(20);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);
  });
});

test('an address that leads nowhere says so', async ({ page }) => {
  for (const address of ['v1-l4-iptables-nat:L900', 'v1-l4-nothing:L3', 'l9', 'v1-nope']) {
    await page.goto('about:blank');
    await page.goto(`/#${address}`);
    await expect(page.locator('.toast')).toHaveText(`This page has no ${address}`);
  }
  for (const address of ['', '#l4', '#walk-1.3', '#v1-l4-iptables-nat:L91']) {
    await page.goto('about:blank');
    await page.goto(`/${address}`);
    await page.waitForTimeout(100);
    await expect(page.locator('.toast')).toHaveText('');
  }
});
