import { join } from 'node:path';
import type { AstroIntegration } from 'astro';
import { dataRoot } from './data-root.ts';

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
