import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AstroIntegration } from 'astro';
import { dataRoot } from './data-root.ts';

/** A page whose policy allows the scripts and styles that stand in it, and none of those Astro might have added. */
export function withOwnHashes(page: string): string {
  const own = new Set(
    [...page.matchAll(/<(script|style)\b[^>]*>(.*?)<\/\1>/gs)].map(
      ([, , text = '']) => `sha256-${createHash('sha256').update(text).digest('base64')}`,
    ),
  );
  return page.replace(/<meta http-equiv="content-security-policy"[^>]*>/, (policy) =>
    policy.replace(/ '(sha256-[^']+)'/g, (source, hash) => (own.has(hash) ? source : '')),
  );
}

/**
 * Ties the data to Astro: the dev server shows drafts and reloads the browser when the recipe or a capture changes; a
 * build refuses what the captures do not support.
 */
export function dataplane(): AstroIntegration {
  return {
    name: 'dataplane-visualizer',
    hooks: {
      'astro:config:setup'({ command, updateConfig }) {
        updateConfig({ vite: { define: { DRAFT: JSON.stringify(command === 'dev') } } });
      },
      'astro:build:done'({ assets }) {
        for (const file of [...assets.values()].flat().filter(({ pathname }) => pathname.endsWith('.html')))
          writeFileSync(file, withOwnHashes(readFileSync(file, 'utf8')));
      },
      // What knows the files is loaded here, not with the configuration: a build has it in its pages already.
      async 'astro:server:setup'({ server }) {
        const [{ CAPTURES_DIR }, { RECIPE_FILE }] = await Promise.all([
          import('./captures/store.ts'),
          import('./recipe/load.ts'),
        ]);
        const watched = [join(dataRoot, RECIPE_FILE), join(dataRoot, CAPTURES_DIR)];
        server.watcher.add(watched);
        server.watcher.on('all', (_event, path) => {
          if (watched.some((place) => path.startsWith(place))) server.ws.send({ type: 'full-reload' });
        });
      },
    },
  };
}
