import { expect, type Page, test } from '@playwright/test';

/** The text the browser highlights under a name, over all outputs. */
const highlighted = (name: string) => [...(CSS.highlights.get(name) ?? [])].map((range) => (range as Range).toString());

const status = (page: Page) => page.locator('#fig-walk .step span').first();
const told = (page: Page) => page.locator('#fig-walk .told.here');

test('pick a packet, step through its rules, see each in the output beside it', async ({ page }) => {
  await page.goto('/');
  const walk = page.locator('#fig-walk');
  const shown = walk.locator('.walked:visible');
  await expect(shown).toHaveCount(1);
  await expect(walk.getByText('outside → VIP')).toContainText('17–19');
  await expect(shown.locator('.rules .count')).toContainText(
    'The packet is compared with 17–19 captured rules; 10 come before the first match',
  );
  await expect(shown.locator('.map .count')).toContainText('1 of 17 rows is found by its key');

  await walk.getByText('outside → NodePort').click();
  await expect(shown.locator('.rules .packet')).toContainText(':31057 tcp');
  await expect(shown.locator('.map')).toContainText('0.0.0.0:30574/TCP');

  await walk.locator('[data-step="next"]').click();
  await walk.locator('[data-step="next"]').click();
  const lines = await page.evaluate(highlighted, 'step');
  expect(lines[0]).toMatch(/^-A KUBE-SERVICES /);
  expect(lines[1]).toContain('0.0.0.0:30574/TCP');
  await expect(status(page)).toHaveText('mark 2 of 26');
  await expect(told(page)).toContainText('line 69, mark 2 of 26: does not match');
  await expect(told(page)).toContainText('This packet goes to 192.0.2.10, so it is compared with line 70 next.');
  await expect(walk.getByRole('status')).toContainText('For 10.24.0.10, tcp, port 53?');
  await expect(walk.locator('a.here')).toHaveCount(1);
  await walk.locator('[data-step="back"]').click();
  await expect(status(page)).toHaveText('mark 1 of 26');
  await walk.locator('[data-step="last"]').click();
  await expect(status(page)).toHaveText('mark 26 of 26');
  await expect(told(page)).toContainText('rewrite its destination to 10.20.1.13:80');

  await walk.getByText('pod → an address of no Service').click();
  await expect(status(page)).toHaveText('');
  await expect(shown.locator('.rules')).toContainText('no rule rewrites the destination');
  await expect(shown.locator('.map')).toContainText('no row has this key');
});

test('arrows, Home and End step, and the line that is lit is on screen in its output', async ({ page }) => {
  await page.goto('/');
  await page.locator('#fig-walk [aria-describedby="walk-1.1"]').click();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End', 'Home']) await page.keyboard.press(key);
  await expect(status(page)).toHaveText('mark 1 of 23');
  await page.keyboard.press('End');
  await expect(status(page)).toHaveText('mark 23 of 23');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-describedby'))).toBe('walk-1.23');
  const seen = await page.evaluate(() => {
    const [range] = CSS.highlights.get('step') as unknown as Iterable<Range>;
    const pre = document.querySelector('pre[data-capture="v1/l4-iptables-nat"]') as HTMLElement;
    const [line, frame] = [(range as Range).getBoundingClientRect(), pre.getBoundingClientRect()];
    return { text: range?.toString(), inside: line.top >= frame.top && line.bottom <= frame.bottom };
  });
  expect(seen).toMatchObject({ text: expect.stringContaining('--to-destination 10.20.1.13:80'), inside: true });
  // The output may be off the screen: the explanation holds the line.
  await expect(told(page)).toContainText('-A KUBE-SEP-P5UCONCOPU635JFJ -p tcp');
  await expect(told(page)).toBeInViewport({ ratio: 1 });
});

for (const size of [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
]) {
  test(`every rule that is stepped to is on screen with its words: ${size.width} px`, async ({ page }) => {
    await page.setViewportSize(size);
    await page.goto('/');
    const next = page.locator('#fig-walk [data-step="next"]');
    for (let rule = 1; rule <= 23; rule++) {
      await next.click();
      await expect(status(page)).toHaveText(`mark ${rule} of 23`);
      await expect(page.locator('#fig-walk a.here')).toBeInViewport();
      await expect(told(page)).toBeInViewport({ ratio: 0.99 });
    }
  });
}

test('packet and rule stand in the address: reload, back and forward return to them', async ({ page }) => {
  await page.goto('/#walk-2.11');
  const chosen = page.locator('#fig-walk input:checked');
  const at = async (packet: string, rule: string) => {
    await expect(chosen).toHaveAttribute('id', packet);
    await expect(status(page)).toHaveText(rule);
  };
  await at('packet-2', 'mark 11 of 20');
  await expect(told(page)).toBeInViewport();
  await page.locator('#fig-walk [data-step="next"]').click();
  await expect(page).toHaveURL(/#walk-2\.12$/);
  await page.reload();
  await at('packet-2', 'mark 12 of 20');
  await page.locator('#fig-walk').getByText('outside → VIP').click();
  await expect(page).toHaveURL(/#walk-1$/);
  await page.locator('#fig-walk [data-step="first"]').click();
  await expect(page).toHaveURL(/#walk-1\.1$/);
  await page.goBack();
  await at('packet-2', 'mark 12 of 20');
  await page.goForward();
  await at('packet-1', 'mark 1 of 23');
});

test('a step back from the walk leaves it', async ({ page }) => {
  await page.goto('/');
  await page.locator('#fig-walk').getByText('pod → ClusterIP').click();
  await page.locator('#fig-walk [data-step="next"]').click();
  await page.goBack();
  await expect(page.locator('#fig-walk input:checked')).toHaveAttribute('id', 'packet-1');
  await expect(told(page)).toHaveCount(0);
  expect(new URL(page.url()).hash).toBe('');
});

test('pointing at a rule shows its line and its words, a click keeps them', async ({ page }) => {
  await page.goto('/');
  const walk = page.locator('#fig-walk .walked:visible');
  await walk.locator('.hit > a').first().hover();
  const [line] = await page.evaluate(highlighted, 'line');
  expect(line).toMatch(/^-A KUBE-SERVICES -d 136\.64\.249\.50\/32 .*KUBE-EXT-P2CJC57QC736K2NH$/);
  await page.setViewportSize({ width: 1440, height: 900 });
  const first = walk.locator('[aria-describedby="walk-1.1"]');
  await first.click();
  await walk.locator('[aria-describedby="walk-1.14"]').hover();
  await expect(walk.locator('.told:visible')).toHaveCount(1);
  await expect(walk.locator('.told:visible')).toContainText('line 91, mark 14 of 23');
  await page.mouse.move(0, 0);
  await expect(walk.locator('.told:visible')).toContainText('line 68, mark 1 of 23');
});

test('a pointer that rests hides nothing: the page scrolls a rule under it, and the words stay', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/');
  const walk = page.locator('#fig-walk .walked:visible');
  await walk.locator('[aria-describedby="walk-1.1"]').focus();
  await page.mouse.move(5, 400);
  const other = walk.locator('[aria-describedby="walk-1.14"]');
  const { x, y } = await other.evaluate((mark) => {
    const { left, top, width, height } = mark.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
  // The mouse stands a little below the mark; the wheel brings the mark to it.
  await page.mouse.move(x, y + 60);
  await page.evaluate(() => scrollBy({ top: -60, behavior: 'instant' }));
  await expect.poll(() => other.evaluate((mark) => mark.matches(':hover'))).toBe(true);
  await expect(walk.locator('.told:visible')).toContainText('line 68, mark 1 of 23');
  await page.mouse.move(x, y + 61);
  await expect(walk.locator('.told:visible')).toContainText('line 91, mark 14 of 23');
});

test('every mark stands for the line it names, and is described by it', async ({ page }) => {
  await page.goto('/');
  const marks = await page
    .locator('#fig-walk .path a[data-lines]')
    .evaluateAll((all) =>
      all.map((mark) => [
        mark.getAttribute('data-lines') as string,
        document.getElementById(mark.getAttribute('aria-describedby') as string)?.querySelector('code')
          ?.textContent as string,
      ]),
    );
  const lines = (await page.locator('pre[data-capture="v1/l4-iptables-nat"]').textContent())?.split('\n') ?? [];
  expect(marks.length).toBeGreaterThan(80);
  for (const [place, rule] of marks) expect(rule).toBe(lines[Number((place as string).split(':')[1]) - 1]);
});

test('on paper every rule says its words', async ({ page }) => {
  await page.goto('/');
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('#fig-walk .told:visible')).toHaveCount(23);
  await expect(page.locator('#fig-walk .step')).toBeHidden();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('packets can still be chosen, and every rule says its words', async ({ page }) => {
    await page.goto('/');
    await page.locator('#fig-walk').getByText('pod → ClusterIP').click();
    await expect(page.locator('#fig-walk .walked:visible .rules .packet')).toContainText('10.24.9.186:80 tcp');
    await expect(page.locator('#fig-walk .told:visible')).toHaveCount(20);
    await expect(page.locator('#fig-walk .step')).toBeHidden();
  });
});

test('a packet chosen by pointer leaves the arrows to its rules, by keyboard they choose packets', async ({ page }) => {
  await page.goto('/');
  const chosen = page.locator('#fig-walk input:checked');
  await page.locator('#fig-walk').getByText('outside → NodePort').click();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(chosen).toHaveAttribute('id', 'packet-3');
  await expect(status(page)).toHaveText('mark 2 of 26');
  await chosen.focus();
  await page.keyboard.press('ArrowRight');
  await expect(chosen).toHaveAttribute('id', 'packet-4');
  await expect(chosen).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.locator('#keys dt', { hasText: '←' }).locator('+ dd')).toContainText('rules of a packet');
});

test('the output shows more than the Service’s lines only while a step stands there; Escape leaves', async ({
  page,
}) => {
  await page.goto('/');
  const hidden = page.locator('pre[data-capture="v1/l4-iptables-nat"] .rest');
  const shown = () =>
    hidden.evaluateAll((all) => all.filter((run) => run.querySelector('code')?.checkVisibility()).length);
  const own = page.locator('#v1-l4-iptables-nat [value=own]');
  await page.locator('#fig-walk [data-step=next]').click();
  expect(await shown()).toBe(1);
  await page.locator('#fig-walk [data-step=last]').click();
  expect(await shown()).toBe(0);
  await page.locator('#fig-walk [data-step=first]').click();
  expect(await shown()).toBe(1);
  await page.keyboard.press('Escape');
  await expect(told(page)).toHaveCount(0);
  await expect(status(page)).toHaveText('');
  expect(await shown()).toBe(0);
  await expect(own).toBeChecked();
  await page.locator('#v1-l4-iptables-nat .which').getByText('all 107 lines').click();
  await page.locator('#fig-walk [data-step=next]').click();
  await page.keyboard.press('Escape');
  expect(await shown()).toBeGreaterThan(1);
});
