import { expect, test } from '@playwright/test';

test('a verdict can be opened: what was matched, what is left, which rules were applied', async ({ page }) => {
  await page.goto('/');
  const evidence = page.locator('#l1 .evidence');
  await expect(evidence.locator('summary')).toContainText('why identical');
  await evidence.locator('summary').click();
  await expect(evidence).toContainText('10.24.9.186');
  await expect(evidence).toContainText('10.24.8.39');
  await expect(evidence).toContainText('(cluster-ip)');
  await expect(evidence).toContainText('set aside by rule (age, count)');
  await expect(page.locator('#l4 .evidence summary')).toContainText(
    '3 frontends → the same number of backends (3) on each side',
  );
  await page.locator('#l6 .evidence summary').click();
  await expect(page.locator('#l6 .evidence')).toContainText('those failed 2.5 to 10 s on V1, 10 ms to 0.5 s on V2');
});

test('what an output shows stands beside it, and points at its lines', async ({ page }) => {
  await page.goto('/');
  const finding = page.locator('.findings li', { hasText: '9 of 20 requests are answered' });
  await finding.hover();
  const lines = await page.evaluate(() =>
    [...(CSS.highlights.get('line') ?? [])].flatMap((range) => (range as Range).toString().trimEnd().split('\n')),
  );
  expect(lines).toHaveLength(20);
  expect(lines.every((line) => line.startsWith('Request '))).toBe(true);
  await expect(page.locator('main')).not.toContainText('{{');
});

test('a cross-check can be opened, and points at the lines it compared', async ({ page }) => {
  await page.goto('/#checks');
  const check = page.locator('#check-v1-backends');
  await check.locator('summary').click();
  await expect(check).toContainText('Holds: 3 frontends lead to all 3 of Endpoints');
  await check.locator('summary').hover();
  const lines = await page.evaluate(() =>
    [...(CSS.highlights.get('line') ?? [])].map((range) => (range as Range).toString()),
  );
  expect(lines.some((line) => line.startsWith('Endpoints:'))).toBe(true);
  expect(lines.some((line) => line.startsWith('-A KUBE-'))).toBe(true);
});

test('what differs: both sides line by line, matched and different values marked', async ({ page }) => {
  await page.goto('/');
  await page.locator('.fold', { hasText: 'Service detail' }).locator('summary').click();
  await page.locator('pre[data-capture="v2/l1-service-detail"]').press('Enter');
  await page.keyboard.press('d');
  const table = page.locator('#viewer .differs');
  await expect(table.locator('tbody td.v1')).toHaveCount(24);
  const row = table.locator('tr', { hasText: 'LoadBalancer Ingress' });
  await expect(row.locator('mark.role')).toHaveText(['136.64.249.50', '34.72.78.182']);
  await expect(row.locator('mark.role').first()).toHaveAttribute('title', 'vip');
  await expect(table.locator('mark.different')).toHaveCount(0);
  await expect(table.locator('mark.rule').first()).toHaveAttribute('title', 'age');
  await page.keyboard.press('d');
  await expect(table).toBeHidden();
  await expect(page.locator('#viewer > pre')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.locator('pre[data-capture="v1/l6-local-failover"]').press('Enter');
  await page.locator('#viewer .modes label', { hasText: 'what differs' }).click();
  await expect(table.locator('tr', { hasText: 'Request  4' }).locator('mark.different').first()).toHaveText('000');
  await page.keyboard.press('n');
  await expect(page.locator('#viewer h2')).toHaveText('L6 Local mode, later probe');
  await expect(page.locator('#viewer input[value=differs]')).toBeDisabled();
});

test('report.json carries the evidence', async ({ request }) => {
  const report = await (await request.get('/report.json')).json();
  const [row] = report.layers[0].rows;
  expect(row).toMatchObject({ id: 'gce-forwarding-rule', verdict: 'identical', differences: [] });
  expect(row.matched.length).toBeGreaterThan(3);
  expect(report.checks.filter((check: { status: string }) => check.status === 'broken')).toEqual([]);
  const vip = report.values.find(
    (value: { role: string; side: string }) => value.role === 'vip' && value.side === 'v1',
  );
  expect(vip).toMatchObject({ value: '136.64.249.50', counterpart: ['34.72.78.182'] });
  for (const { capture, line, column, length } of vip.occurrences) {
    const text = await (await request.get(`/captures/${capture}.txt`)).text();
    expect(text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length)).toBe('136.64.249.50');
  }
});
