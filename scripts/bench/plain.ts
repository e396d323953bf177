import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildReport } from '../../src/report/report.ts';

/** Root of this project, and its Astro. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const ASTRO = join(ROOT, 'node_modules/astro/bin/astro.mjs');

/** A language of Shiki for each format; the others are logs to it. */
const LANGUAGES: Readonly<Record<string, string>> = { yaml: 'yaml', 'hubble-flows-json': 'json', plain: 'plaintext' };

/**
 * The smallest Astro project that shows the outputs of this one highlighted, in a new folder.
 * @returns its root
 */
export function plainProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'bench-build-'));
  mkdirSync(join(root, 'src/pages'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{ "name": "plain", "type": "module" }\n');
  writeFileSync(join(root, 'astro.config.mjs'), 'export default {};\n');
  const outputs = buildReport(ROOT).captures.flatMap(({ format, stored }) =>
    stored ? [{ code: stored.text, lang: LANGUAGES[format] ?? 'log' }] : [],
  );
  writeFileSync(join(root, 'src/outputs.json'), JSON.stringify(outputs));
  writeFileSync(
    join(root, 'src/pages/index.astro'),
    "---\nimport { Code } from 'astro:components';\nimport outputs from '../outputs.json';\n---\n" +
      '<html lang="en"><head><title>Outputs</title></head><body>' +
      '{outputs.map(({ code, lang }) => <Code code={code} lang={lang} />)}</body></html>\n',
  );
  return root;
}

/** The middle value; of two the upper one. */
export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
