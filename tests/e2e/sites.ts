/** The three builds the browser tests look at. Run as a program it builds them. */
import { spawnSync } from 'node:child_process';

const site = (name: string, port: number, base: string, env: Record<string, string> = {}) => ({
  outDir: `.sites/${name}`,
  port,
  url: `http://127.0.0.1:${port}${base}`,
  env: { ...env, BASE_PATH: base, SITE_URL: 'https://dataplane.example', ASTRO_TELEMETRY_DISABLED: '1' },
});

export const sites = {
  /** The committed captures, at the root of a host. */
  root: site('root', 4511, '/'),
  /** The same below a path, as on a project page. */
  repo: site('repo', 4512, '/repo/'),
  /** Outputs that try to be more than text. */
  hostile: site('hostile', 4513, '/', { DATA_ROOT: 'tests/fixtures/hostile' }),
};

if (import.meta.main) {
  for (const { outDir, env } of Object.values(sites)) {
    const build = spawnSync('npx', ['astro', 'build', '--silent', '--outDir', outDir], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    if (build.status !== 0) {
      console.error(`Building ${outDir} failed:\n${build.stdout}${build.stderr}`);
      process.exit(1);
    }
  }
}
