import { readdirSync } from 'node:fs';
import { type Browser, expect, test } from '@playwright/test';
import { Reader } from './reader.ts';
import { sites } from './sites.ts';

/*
 * What readers come for, and what it may cost them: each task starts at the top of the page that was just opened.
 */

const screens = [
  { name: 'desktop', touch: false, options: { viewport: { width: 1440, height: 900 } } },
  { name: 'phone', touch: true, options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
];

/** The committed outputs of each layer. */
const byLayer = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8'].map((layer) => ({
  layer,
  outputs: ['v1', 'v2'].flatMap((side) =>
    readdirSync(`captures/${side}`)
      .filter((file) => file.startsWith(`${layer}-`))
      .map((file) => `${side}/${file.replace(/\.txt$/, '')}`),
  ),
}));

type Task = (reader: Reader, touch: boolean) => Promise<void>;

/** A task for both screens; the reader may do no more than `most` things. */
function task(what: string, most: number, work: Task): void {
  for (const { name, touch, options } of screens) {
    test(`${what}: at most ${most}, ${name}`, async ({ browser }: { browser: Browser }) => {
      const context = await browser.newContext({ ...options, permissions: ['clipboard-read', 'clipboard-write'] });
      const page = await context.newPage();
      await page.goto(sites.root.url);
      const reader = new Reader(page, touch);
      await work(reader, touch);
      expect(reader.actions).toBeLessThanOrEqual(most);
      await context.close();
    });
  }
}

const map = (reader: Reader, layer: string) => reader.page.locator(`.stack-map a[href="#${layer}"]`);

/** The search, opened and filled. */
async function searches(reader: Reader, touch: boolean, text: string): Promise<void> {
  if (touch) await reader.clicks(reader.page.locator('[data-find=open]'));
  else await reader.presses('/');
  await reader.types(text);
}

task('which side drops and which refuses, and after how long', 0, async (reader) => {
  const row = map(reader, 'l6');
  await reader.reads(row.getByText(/^failures after 6\.0\ss of silence$/), '6.0');
  await reader.reads(row.getByText(/^failures after 0\.05\ss, as if refused$/), '0.05');
});

task('which rule sends ClusterIP traffic to 10.20.1.13', 2, async (reader, touch) => {
  await searches(reader, touch, '10.20.1.13');
  const rule = reader.page.locator('#found [role=option]', { hasText: '94' });
  await reader.reads(rule, /V1\s*94.*10\.20\.1\.13:80/);
  await expect(rule.locator('mark')).toHaveText('10.20.1.13');
});

task('how many rules an outside packet meets on V1', 0, async (reader, touch) => {
  await reader.reads(
    touch ? map(reader, 'l4') : reader.page.locator('.answers li').first(),
    /17–19\s*(?:captured )?rules/,
  );
});

task('send a colleague the lines of a finding', 3, async (reader, touch) => {
  if (touch) {
    await searches(reader, touch, '! -s 10.20.1.0/24 -d 10.24.9.186');
    await reader.clicks(reader.page.locator('#found [role=option]', { has: reader.page.locator('mark') }).first());
  } else {
    await reader.clicks(map(reader, 'l4'));
    await reader.presses('j');
    const { x, y } = await gutter(reader, '#v1-l4-iptables-nat', 91);
    await reader.clicksAt(x, y);
  }
  await expect.poll(() => new URL(reader.page.url()).hash).toBe('#v1-l4-iptables-nat:L91');
  const colleague = await reader.page.context().newPage();
  await colleague.goto(reader.page.url());
  await expect(colleague.locator('#v1-l4-iptables-nat pre .here')).toBeInViewport();
});

task('what differs in the describe of L1', 2, async (reader) => {
  await reader.clicks(map(reader, 'l1'));
  const fold = reader.page.locator('.fold', { has: reader.page.locator('#v1-l1-service-detail') });
  await reader.reads(fold.locator('> summary'), /VIP, ClusterIP ×2, NodePort, pod IP ×3.*aside: age ×4, count ×2/);
});

task('who may reach nginx under the policy', 2, async (reader) => {
  await reader.clicks(reader.page.locator('.bar nav a[href$="#l8"]'));
  const figure = reader.page.locator('#l8 figure').first();
  await reader.reads(figure.getByText('client-allowed', { exact: true }).first(), 'client-allowed');
  await reader.reads(figure.getByText('client-blocked', { exact: true }).first(), 'client-blocked');
  await reader.reads(figure.getByText('denied').first(), 'denied');
});

task('every place of the ClusterIP of V2', 2, async (reader, touch) => {
  await searches(reader, touch, '10.24.8.39');
  const found = reader.page.locator('#found');
  await reader.reads(found.locator('[role=option]').first(), /10\.24\.8\.39 ClusterIP on V2 · 4 places in 3 outputs/);
  const lines = found.locator('[role=option]', { has: reader.page.locator('mark') });
  await expect(lines).toHaveCount(4);
  for (const line of await lines.all()) await reader.reads(line, '10.24.8.39');
});

task('find DROPPED', 3, async (reader, touch) => {
  await searches(reader, touch, 'DROPPED');
  await reader.presses('Enter');
  await expect.poll(() => new URL(reader.page.url()).hash).toMatch(/^#v2-l8-hubble-drop:L\d/);
  await expect(reader.page.locator('#v2-l8-hubble-drop pre .here').first()).toBeInViewport();
});

task('the exact command behind an output', 2, async (reader) => {
  await reader.clicks(map(reader, 'l1'));
  await reader.clicks(reader.page.locator('#l1 .fold > summary').nth(1));
  await reader.reads(reader.page.locator('#v1-l1-service-ips .command code'), 'kubectl -n netflow-test get svc nginx');
});

task('when these were captured', 0, async (reader) => {
  for (const day of ['1 Jul 2026', '2 Jul 2026'])
    await reader.reads(reader.page.locator('.stack-map').getByText(day).first(), day);
});

task('why L5 is called identical', 2, async (reader) => {
  await reader.clicks(map(reader, 'l5'));
  await reader.clicks(reader.page.locator('#l5 .evidence > summary'));
  await reader.reads(
    reader.page
      .locator('#l5 .evidence')
      .getByText(/\d+ equal/)
      .first(),
    'equal',
  );
});

for (const { layer, outputs } of byLayer) {
  task(`the raw bytes of any output of ${layer.toUpperCase()}`, 2, async (reader) => {
    await reader.clicks(reader.page.locator(`.bar nav a[href$="#${layer}"]`));
    const raw = (key: string) => reader.page.locator(`#${layer} .raws a[href$="captures/${key}.txt"]`);
    for (const key of outputs) await reader.reads(raw(key), /^V[12]$/);
    const [key = ''] = outputs.slice(-1);
    await reader.clicks(raw(key));
    await expect.poll(() => reader.page.url()).toMatch(new RegExp(`captures/${key}\\.txt$`));
  });
}

/** Where the number of a line stands on the screen. */
async function gutter({ page }: Reader, panel: string, line: number): Promise<{ x: number; y: number }> {
  const point = await page.locator(`${panel} pre`).evaluate((pre, wanted) => {
    for (const run of pre.querySelectorAll<HTMLElement>('.run')) {
      const numbers = run.dataset.n?.split('\n').map(Number) ?? [];
      const { left, top, height } = run.getBoundingClientRect();
      const index = numbers.indexOf(wanted);
      if (index >= 0) return { x: left + 20, y: top + (height / numbers.length) * (index + 0.5) };
    }
    return undefined;
  }, line);
  if (!point) throw new Error(`${panel} shows no line ${line}`);
  return point;
}
