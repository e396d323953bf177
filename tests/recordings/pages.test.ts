import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { accept } from '../../scripts/check/rewrite.ts';
import { buildReport } from '../../src/report/report.ts';
import { makeOutDir } from '../support/out-dir.ts';
import { pageTexts } from '../support/page-text.ts';
import { worldOf } from '../support/recordings/generate.ts';
import { outputsOf } from '../support/recordings/outputs.ts';
import { projectOf } from '../support/recordings/project.ts';
import { slipsIn } from '../support/slips.ts';

/*
 * The page of recordings that nobody has seen, as Astro renders it. One development server renders them all: a build
 * renders the same components, but starts Astro for each, and refuses a world that leaves an output out. That both render
 * the same is tested, too.
 */

/** How many worlds; `WORLDS=500 npx vitest run tests/recordings/pages.test.ts` renders more of them. */
const WORLDS = Number(process.env.WORLDS ?? 40);
/** So many of them, with every output there, are also built as for publication. */
const BUILT = 2;
const LONG = { timeout: 60_000 + WORLDS * 2000 };
const ASTRO = [process.execPath, 'node_modules/astro/bin/astro.mjs'] as const;
// Inside Vitest Astro serves no pages.
const { VITEST: _, ...OUTSIDE } = process.env;
const ENV = { ...OUTSIDE, ASTRO_TELEMETRY_DISABLED: '1' };

const scratch = mkdtempSync(join(tmpdir(), 'dpv-pages-'));
/** The server's data: a link that is turned to one project after the other. */
const current = join(scratch, 'current');
const turnTo = (root: string) => {
  symlinkSync(root, `${current}.new`);
  renameSync(`${current}.new`, current);
};

let address: string;
let server: ReturnType<typeof spawn>;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address() as { port: number };
      socket.close(() => resolve(port));
    });
  });
}

/** The page of a project. */
async function rendered(root: string): Promise<string> {
  turnTo(root);
  const response = await fetch(address);
  const html = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${html.slice(0, 400)}`);
  return html;
}

beforeAll(async () => {
  turnTo(process.cwd());
  const port = await freePort();
  address = `http://127.0.0.1:${port}/`;
  server = spawn(ASTRO[0], [ASTRO[1], 'dev', '--ignore-lock', '--host', '127.0.0.1', '--port', String(port)], {
    env: { ...ENV, DATA_ROOT: current },
    stdio: 'ignore',
  });
  await vi.waitFor(async () => expect((await fetch(address)).status).toBe(200), { timeout: 120_000, interval: 100 });
}, 130_000);
afterAll(() => {
  server?.kill();
  rmSync(scratch, { recursive: true });
});

/** The time of the first flow as Hubble prints it; Go's time.StampMilli pads the day. */
const STAMP = /\b[A-Z][a-z]{2} {2}\d \d\d:\d\d:\d\d\.\d{3}\b/g;

/** The slips in a text of the page. A line of an output that it quotes stands there as it was captured. */
function slipsOn(text: string, lines: ReadonlySet<string>): string[] {
  if (slipsIn(text).length === 0) return [];
  const own = text
    .split('\n')
    .filter((line) => !lines.has(line.trim()))
    .map((line) => line.replace(/^(line \d+, .*?: )(.*)$/, (whole, head, quoted) => (lines.has(quoted) ? head : whole)))
    .join('\n')
    .replace(/`([^`]*)`/g, (whole, quoted) => (lines.has(quoted) ? '`-`' : whole));
  return slipsIn(own.replaceAll(STAMP, 'then'));
}

test(`the page of ${WORLDS} recordings is rendered without an edit, and each text on it is whole`, LONG, async () => {
  const wrong: string[] = [];
  let texts = 0;
  for (let number = 2001; number <= 2000 + WORLDS; number++) {
    const world = worldOf(number);
    using project = projectOf(world);
    const html = await rendered(project.root);
    const lines = [...outputsOf(world).values()].flatMap((output) => output.split('\n').map((line) => line.trim()));
    const captured = new Set(lines);
    for (const text of pageTexts(html)) {
      texts += 1;
      for (const slip of slipsOn(text, captured)) wrong.push(`world ${number}: ${slip}: ${text}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(texts).toBeGreaterThan(WORLDS * 200);
});

test('a build renders the same as the server', { timeout: 120_000 }, async () => {
  let built = 0;
  for (let number = 2001; built < BUILT; number++) {
    using project = projectOf(worldOf(number));
    const { root } = project;
    if (buildReport(root, { draft: true }).captures.some(({ stored }) => !stored)) continue;
    accept(root);
    using outDir = makeOutDir();
    await promisify(execFile)(ASTRO[0], [ASTRO[1], 'build', '--silent', '--outDir', outDir.path], {
      env: { ...ENV, DATA_ROOT: root },
    });
    expect(pageTexts(readFileSync(join(outDir.path, 'index.html'), 'utf8'))).toEqual(pageTexts(await rendered(root)));
    built += 1;
  }
});
