import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { median } from '../../src/model/probes.ts';
import { writeMany } from '../../tests/e2e/sites.ts';
import { findBrowser } from '../provide/browser.ts';

/*
 * What a browser takes for two things: until an edit is on the screen under `npm run dev`, against a reload by hand of
 * the same page; and a frame while a value with 10,000 places is followed, against a frame while nothing happens.
 * Usage: node scripts/bench/page.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5);
const ROOT = resolve(import.meta.dirname, '../..');
const ASTRO = join(ROOT, 'node_modules/astro/bin/astro.mjs');
const PORT = 4519;
const ENV = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' };

async function taken(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Edits of layers.yaml and of a capture in turn, each until it is on the screen; and reloads. In milliseconds. */
async function edits(page: Page): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'bench-dev-'));
  for (const part of ['layers.yaml', 'captures']) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  const server = spawn(
    process.execPath,
    [ASTRO, 'dev', '--ignore-lock', '--host', '127.0.0.1', '--port', String(PORT)],
    { cwd: ROOT, env: { ...ENV, DATA_ROOT: root }, stdio: 'ignore' },
  );
  try {
    const url = `http://127.0.0.1:${PORT}/`;
    for (let wait = 0; wait < 100 && !(await fetch(url).catch(() => undefined)); wait++) await setTimeout(300);
    await page.goto(url);
    const recipe = readFileSync(join(root, 'layers.yaml'), 'utf8');
    const shows = (selector: string, text: string) =>
      page.locator(selector, { hasText: text }).first().waitFor({ state: 'attached' });
    const [recipes, captures, reloads]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const reload = await taken(() => page.reload());
      const title = `Edited ${round}`;
      const recipeEdit = await taken(() => {
        writeFileSync(join(root, 'layers.yaml'), recipe.replace('title: Edge advertisement', `title: ${title}`));
        return shows('#l2 h2', title);
      });
      const captureEdit = await taken(() => {
        writeFileSync(join(root, 'captures/v1/l3-nodeport.txt'), `NodePort: ${31_000 + round}\n`);
        return shows('pre[data-capture="v1/l3-nodeport"]', String(31_000 + round));
      });
      // The first round compiles.
      if (round === 0) continue;
      reloads.push(reload);
      recipes.push(recipeEdit);
      captures.push(captureEdit);
    }
    process.stdout.write(
      `edit: ${ROUNDS} rounds, medians\n  a reload by hand ${median(reloads)?.toFixed(0)} ms\n` +
        `  until an edit of layers.yaml shows ${median(recipes)?.toFixed(0)} ms, of a capture ${median(captures)?.toFixed(0)} ms (target: below a second)\n`,
    );
  } finally {
    server.kill();
    rmSync(root, { recursive: true });
  }
}

/** Median distance between frames, in milliseconds: while nothing happens, and while the pointer changes all places. */
async function frames(page: Page): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'bench-many-'));
  try {
    writeMany(root);
    const built = spawnSync(process.execPath, [ASTRO, 'build', '--silent', '--outDir', join(root, 'dist')], {
      cwd: ROOT,
      env: { ...ENV, DATA_ROOT: root },
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
    await page.goto(pathToFileURL(join(root, 'dist/index.html')).href);
    const { marks, idle, busy } = await page.evaluate(measureFrames);
    process.stdout.write(
      `follow: ${marks} places, ${busy.toFixed(1)} ms a frame while they change, ${idle.toFixed(1)} ms while nothing does: ${(busy / idle).toFixed(2)} x (target: at most 1.5 x)\n`,
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Runs in the page. Every fifth frame the pointer goes to the other side, which changes every place. */
async function measureFrames() {
  const marks = [...document.querySelectorAll<HTMLElement>('pre[data-capture] .vip')];
  const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
  const gap = async (each: (turn: number) => void) => {
    const gaps: number[] = [];
    let last = await frame();
    for (let turn = 0; turn < 60; turn++) {
      each(turn);
      const now = await frame();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b)[30] as number;
  };
  const idle = await gap(() => {});
  const busy = await gap((turn) => {
    const mark = marks[turn % 10 === 0 ? 0 : marks.length - 1] as HTMLElement;
    if (turn % 5 === 0) mark.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
  });
  return { marks: marks.length, idle, busy };
}

const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  await edits(page);
  await frames(page);
} finally {
  await browser.close();
}
