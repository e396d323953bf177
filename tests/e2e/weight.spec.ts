import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { sites } from './sites.ts';

/** Budgets of the page, in bytes after brotli. */
const SCRIPT = 10 * 1024;
const DOCUMENT = 64 * 1024;

test('the page keeps its budget', () => {
  const html = readFileSync(`${sites.root.outDir}/index.html`, 'utf8');
  const scripts = [...html.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map((match) => match[1]).join('\n');
  const script = brotliCompressSync(scripts).length;
  const all = brotliCompressSync(html).length;
  console.log(`page: ${all} B brotli, of which scripts ${script} B alone`);
  expect(scripts.length).toBeGreaterThan(1000);
  expect(script).toBeLessThanOrEqual(SCRIPT);
  expect(all).toBeLessThanOrEqual(DOCUMENT);
});
