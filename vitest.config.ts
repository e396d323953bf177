import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**', 'node_modules/**'],
    globalSetup: ['tests/support/provide.ts'],
    testTimeout: 30_000,
    // Many tests wait for a cluster, a process or a clock: one worker a core would leave a core idle.
    maxWorkers: 2,
    // No test replaces a module: what one file has loaded serves the next.
    isolate: false,
    // Recordings, checks and builds are started some hundred times.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
  },
});
