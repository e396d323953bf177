import { join } from 'node:path';
import type { AstroIntegration } from 'astro';
import { CAPTURES_DIR } from './captures/store.ts';
import { ProblemsError } from './problem.ts';
import { RECIPE_FILE } from './recipe/load.ts';
import { buildReport } from './report/report.ts';
import { dataRoot } from './site.ts';

/**
 * Ties the data to Astro: a build with bad input ends with every problem on a line of its own and exit code 1,
 * and the dev server reloads the browser when the recipe or a capture changes.
 */
export function dataplane(): AstroIntegration {
  return {
    name: 'dataplane-visualizer',
    hooks: {
      'astro:config:setup'({ command }) {
        if (command !== 'build') return;
        try {
          buildReport(dataRoot);
        } catch (error) {
          if (!(error instanceof ProblemsError)) throw error;
          console.error(error.message);
          process.exit(1);
        }
      },
      'astro:server:setup'({ server }) {
        const watched = [join(dataRoot, RECIPE_FILE), join(dataRoot, CAPTURES_DIR)];
        server.watcher.add(watched);
        server.watcher.on('all', (_event, path) => {
          if (watched.some((place) => path.startsWith(place))) server.ws.send({ type: 'full-reload' });
        });
      },
    },
  };
}
