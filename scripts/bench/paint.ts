import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from '@playwright/test';
import { findBrowser } from '../provide/browser.ts';
import { ASTRO, median, plainProject, ROOT } from './plain.ts';

/*
 * When a reader first sees something, against a page that shows the same outputs with Astro's own `<Code />`: both built,
 * served compressed from this machine, and loaded in turn in a fresh browser context over a slow network on a slow
 * processor, and once more without slowing. Times are milliseconds, medians of the rounds.
 * Usage: node scripts/bench/paint.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 9);
/** What Lighthouse calls slow 4G: 150 ms a round trip, 1.6 Mbit/s down, 750 kbit/s up; bytes a second. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const SLOWER = 4;
const SCREENS = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1440, height: 900 },
];

const WHAT = ['FCP', 'LCP', 'layout', 'style', 'script'] as const;
type Paint = Record<(typeof WHAT)[number], number>;

/** Serves the page of a project, as it is built. */
async function served(root: string) {
  const outDir = mkdtempSync(join(tmpdir(), 'bench-paint-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [ASTRO, 'build', '--outDir', outDir], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  if (status !== 0) throw new Error(stdout + stderr);
  const page = gzipSync(readFileSync(join(outDir, 'index.html')));
  rmSync(outDir, { recursive: true });
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' };
  const server = createServer(({ url }, response) =>
    url === '/' ? response.writeHead(200, headers).end(page) : response.writeHead(404).end(),
  ).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bytes: page.length };
}

async function paint(browser: Browser, url: string, viewport: (typeof SCREENS)[number], slow: boolean): Promise<Paint> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  if (slow) {
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', SLOW_4G);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  }
  await page.goto(url, { waitUntil: 'load' });
  const [FCP = Number.NaN, LCP = Number.NaN] = await page.evaluate(async () => {
    const first = (type: string) =>
      new Promise<number>((found) =>
        new PerformanceObserver((list) => {
          const entry = list.getEntries().findLast(({ name }) => name !== 'first-paint');
          if (entry) found(entry.startTime);
        }).observe({ type, buffered: true }),
      );
    return Promise.all(['paint', 'largest-contentful-paint'].map(first));
  });
  const { metrics } = await session.send('Performance.getMetrics');
  const took = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1000;
  await context.close();
  return {
    FCP,
    LCP,
    layout: took('LayoutDuration'),
    style: took('RecalcStyleDuration'),
    script: took('ScriptDuration'),
  };
}

const plainRoot = plainProject();
const pages = [
  { name: 'plain Astro <Code />', ...(await served(plainRoot)) },
  { name: 'this site', ...(await served(ROOT)) },
];
rmSync(plainRoot, { recursive: true });
const executablePath = findBrowser();
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
try {
  for (const screen of SCREENS) {
    for (const slow of [true, false]) {
      const runs: Paint[][] = pages.map(() => []);
      for (let round = -1; round < ROUNDS; round++) {
        for (const [index, { url }] of pages.entries()) {
          const run = await paint(browser, url, screen, slow);
          // The first round warms the browser up.
          if (round >= 0) runs[index]?.push(run);
        }
      }
      const medians = runs.map((own) => WHAT.map((what) => median(own.map((run) => run[what]))));
      process.stdout.write(
        `first paint: ${screen.name}, ${slow ? `slow 4G, ${SLOWER} x CPU` : 'not slowed'}, ${ROUNDS} rounds each in turn\n`,
      );
      for (const [index, { name, bytes }] of pages.entries()) {
        const told = WHAT.map((what, at) => `${what} ${medians[index]?.[at]?.toFixed(0)} ms`);
        process.stdout.write(`  ${name}: ${told.join(', ')}; ${bytes} B gzip\n`);
      }
      const ratio = (medians[1]?.[0] ?? Number.NaN) / (medians[0]?.[0] ?? Number.NaN);
      process.stdout.write(`  ${ratio.toFixed(2)} x the time to first paint (target: at most 1.00 x where slowed)\n`);
      if (slow && ratio > 1) process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  for (const { server } of pages) server.close();
}
