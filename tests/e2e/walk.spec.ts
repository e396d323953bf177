import { expect, test } from '@playwright/test';

/** The text the browser highlights under a name, over all outputs. */
const highlighted = (name: string) => [...(CSS.highlights.get(name) ?? [])].map((range) => (range as Range).toString());

test('pick a packet, step through its rules, see each in the output beside it', async ({ page }) => {
  await page.goto('/');
  const walk = page.locator('#fig-walk');
  const shown = walk.locator('.walked:visible');
  await expect(shown).toHaveCount(1);
  await expect(shown.locator('.v1 .count')).toContainText('17–19 captured rules examined');
  await expect(shown.locator('.v2 .count')).toContainText('1 service row, then one of 3 backends');

  await walk.getByText('outside → NodePort').click();
  await expect(shown.locator('.v1 .packet')).toContainText(':31057 tcp');
  await expect(shown.locator('.v2')).toContainText('0.0.0.0:30574/TCP');

  await shown.locator('[data-step="1"]').click();
  await shown.locator('[data-step="1"]').click();
  const lines = await page.evaluate(highlighted, 'step');
  expect(lines[0]).toMatch(/^-A KUBE-SERVICES /);
  expect(lines[1]).toContain('0.0.0.0:30574/TCP');
  await expect(shown.locator('[role=status]')).toContainText('rule 2 of 26: line 69, no match: -A KUBE-SERVICES');
  await expect(walk.locator('.here')).toHaveCount(1);
  await shown.locator('[data-step="-1"]').click();
  await expect(shown.locator('[role=status]')).toContainText('rule 1 of 26: line 68');

  await walk.getByText('pod → an address of no Service').click();
  await expect(shown.locator('.v1')).toContainText('no rule rewrites the destination');
  await expect(shown.locator('.v2')).toContainText('No row has this key');
});

test('pointing at a rule shows its line', async ({ page }) => {
  await page.goto('/');
  await page.locator('#fig-walk .walked:visible .hit').first().hover();
  const [line] = await page.evaluate(highlighted, 'line');
  expect(line).toMatch(/^-A KUBE-SERVICES -d 136\.64\.249\.50\/32 .*KUBE-EXT-P2CJC57QC736K2NH$/);
});

test('every block of the strip stands for the line it names', async ({ page }) => {
  await page.goto('/');
  const marks = await page
    .locator('#fig-walk .strip [data-lines]')
    .evaluateAll((all) =>
      all.map((mark) => [
        mark.getAttribute('data-lines') as string,
        mark.querySelector('title')?.textContent as string,
      ]),
    );
  const lines = (await page.locator('pre[data-capture="v1/l4-iptables-nat"]').textContent())?.split('\n') ?? [];
  expect(marks.length).toBeGreaterThan(80);
  for (const [place, title] of marks) {
    expect(title).toContain(lines[Number((place as string).split(':')[1]) - 1]);
  }
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('packets can still be chosen', async ({ page }) => {
    await page.goto('/');
    await page.locator('#fig-walk').getByText('pod → ClusterIP').click();
    await expect(page.locator('#fig-walk .walked:visible .v1 .packet')).toContainText('10.24.9.186:80 tcp');
  });
});
