import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { violationsIn } from './axe.ts';
import { sites } from './sites.ts';

const verdicts = {
  l1: 'identical',
  l2: 'identical',
  l3: 'identical',
  l4: 'diverges',
  l5: 'identical',
  l6: 'diverges',
  l7: 'only-v2',
  l8: 'only-v2',
};

test('layers carry their verdict', async ({ page }) => {
  await page.goto('/');
  for (const [layer, verdict] of Object.entries(verdicts)) {
    await expect(page.locator(`section[data-layer=${layer}]`)).toHaveAttribute('data-verdict', verdict);
  }
});

test('report.json says what the page shows', async ({ page, request }) => {
  const report = await (await request.get('/report.json')).json();
  expect(
    Object.fromEntries(report.layers.map((layer: { id: string; verdict: string }) => [layer.id, layer.verdict])),
  ).toEqual(verdicts);
  expect(report.captures).toHaveLength(37);
  await page.goto('/');
  for (const { key, command, side, layer, format, origin, bytes, lines, sha256 } of report.captures) {
    expect(
      {
        side,
        layer,
        format: typeof format,
        origin,
        bytes: bytes > 0,
        lines: lines > 0,
        sha: /^[0-9a-f]{64}$/.test(sha256),
      },
      key,
    ).toEqual({
      side: key.slice(0, 2),
      layer: key.slice(3, 5),
      format: 'string',
      origin: 'published',
      bytes: true,
      lines: true,
      sha: true,
    });
    await expect(page.locator(`#${key.replace('/', '-')} .command code`).first()).toHaveText(command);
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1024, 1440]) {
    for (const path of ['', 'about/']) {
      test(`axe finds nothing: /${path}, ${colorScheme}, ${width} px`, async ({ browser }) => {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
        const page = await context.newPage();
        await page.goto(`${sites.root.url}${path}`);
        expect(await violationsIn(page)).toEqual([]);
        if (path === '') {
          await page.locator('#v1-l4-iptables-nat pre').press('Enter');
          expect(await violationsIn(page, '#viewer')).toEqual([]);
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await context.close();
      });
    }
  }
}

test('the policy in the page is strict, and nothing runs into it', async ({ page }) => {
  const violations: string[] = [];
  page.on('console', (message) => message.type() === 'error' && violations.push(message.text()));
  page.on('pageerror', (error) => violations.push(String(error)));
  for (const url of [sites.root.url, `${sites.root.url}about/`, sites.repo.url]) {
    await page.goto(url);
    const policy = await page.locator('meta[http-equiv=content-security-policy]').getAttribute('content');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|'self'[^;]*script|https?:|\*/);
    // It allows the scripts and styles of this page, each of which is in use, and nothing else.
    expect(policy?.match(/sha256-/g)).toHaveLength(
      await page.locator('script:not([type="application/json"]), style').count(),
    );
    await page.locator('[data-action=theme]').click();
    expect(await page.locator('[style]').count()).toBe(0);
  }
  expect(violations).toEqual([]);
  // The policy is in force: an injected script does not run.
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "ran"';
    document.body.append(script);
  });
  expect(await page.title()).not.toBe('ran');
});

for (const site of [sites.root, sites.repo]) {
  test(`own links work at ${new URL(site.url).pathname}`, async ({ page, request }) => {
    const { pathname } = new URL(site.url);
    const seen = new Set<string>();
    const anchors = new Set<string>();
    for (const path of ['', 'about/', '404.html']) {
      await page.goto(site.url + path);
      const links = await page
        .locator('[href]:not([rel=canonical])')
        .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
      for (const url of links.map((href) => new URL(href))) {
        expect(url.origin).toBe(new URL(site.url).origin);
        expect(url.pathname.startsWith(pathname)).toBe(true);
        if (!seen.has(url.pathname)) expect((await request.get(url.href)).status(), url.href).toBe(200);
        seen.add(url.pathname);
        // #follow=… names a value and no element; tests/e2e/follow.spec.ts follows it. Lines are those of an element.
        const [anchor = ''] = url.hash.split(':');
        if (anchor && url.pathname === pathname && !anchor.startsWith('#follow=')) anchors.add(anchor);
      }
    }
    expect(seen.size).toBeGreaterThan(37);
    await page.goto(site.url);
    for (const anchor of anchors) expect(await page.locator(`[id="${anchor.slice(1)}"]`).count(), anchor).toBe(1);
    expect(anchors.size).toBeGreaterThanOrEqual(9);
  });
}

test('one document is one request, and light', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.goto('/', { waitUntil: 'networkidle' });
  expect(requests.filter((path) => path !== '/favicon.svg')).toEqual(['/']);
  expect(await page.locator('*').count()).toBeLessThanOrEqual(6000);
});

test('scripts are at most 10 KB, and the page at most 2.6 times its own words, all compressed', async ({ page }) => {
  const weight = (text: string) => brotliCompressSync(text).length;
  await page.goto('/');
  const source = (await page.request.get('/')).text();
  const { scripts, words } = await page.evaluate(
    async (markup) => {
      const sent = new DOMParser().parseFromString(markup, 'text/html');
      const all = (selector: string) => [...sent.querySelectorAll(selector)];
      const scripts = all('script').map(({ textContent }) => textContent);
      for (const part of all('script, style')) part.remove();
      // What is read, shown on pointing or read aloud, and the numbers that are drawn beside lines.
      const named = ['title', 'aria-label', 'label', 'placeholder', 'content', 'data-n', 'data-how', 'data-hint'];
      const told = named.flatMap((name) => all(`[${name}]`).map((element) => element.getAttribute(name)));
      return { scripts: scripts.join('\n'), words: [sent.documentElement.textContent, ...told].join('\n') };
    },
    await source,
  );
  expect(weight(scripts)).toBeLessThanOrEqual(10_240);
  expect(weight(await source) / weight(words)).toBeLessThanOrEqual(2.6);
});

test('head: canonical address, picture, favicon', async ({ page, request }) => {
  await page.goto(`${sites.repo.url}about/`);
  expect(await page.locator('link[rel=canonical]').getAttribute('href')).toBe('https://dataplane.example/repo/about/');
  expect(await page.locator('meta[property="og:image"]').getAttribute('content')).toBe(
    'https://dataplane.example/repo/og.png',
  );
  const picture = await (await request.get(`${sites.repo.url}og.png`)).body();
  expect([picture.toString('latin1', 1, 4), picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([
    'PNG',
    1200,
    630,
  ]);
  expect((await request.get(`${sites.repo.url}nothing-here/`)).status()).toBe(404);
});

test('the theme follows the system, can be switched, and is kept without a flash', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto(sites.root.url);
  const dark = await background();
  await page.locator('[data-action=theme]').click();
  const light = await background();
  expect(light).not.toBe(dark);
  // What the first frame of the next visit that has anything to show is painted with.
  await page.addInitScript(() => {
    const look = () => {
      if (!document.querySelector('main')) return requestAnimationFrame(look);
      return Object.assign(window, { first: getComputedStyle(document.documentElement).backgroundColor });
    };
    look();
  });
  await page.reload();
  expect(await page.evaluate(() => (window as unknown as { first: string }).first)).toBe(light);
  await context.close();
});

test('print shows every output whole', async ({ page }) => {
  await page.goto('/');
  await page.emulateMedia({ media: 'print' });
  const cut = await page
    .locator('pre[data-capture]')
    .evaluateAll(
      (all) =>
        all.filter((pre) => pre.scrollHeight > pre.clientHeight + 1 || pre.scrollWidth > pre.clientWidth + 1).length,
    );
  expect(cut).toBe(0);
});

test('nothing moves by itself, whatever the reader asked for', async ({ page }) => {
  await page.goto('/#l8');
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto');
});
