/** The three builds the browser tests look at. Run as a program it builds them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

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
  /** One value in 5,000 places. */
  many: site('many', 4515, '/', { DATA_ROOT: '.sites/many-data' }),
};

/** A data set in which the external address stands 5,000 times on each side. */
export function writeMany(root: string): void {
  const side = (id: string, colour: string) => `  - { id: ${id}, label: ${id}, short: ${id}, colour: ${colour} }\n`;
  const row = (id: string, format: string) =>
    `      - id: ${id}\n        title: ${id}\n        format: ${format}\n        v1: { command: x }\n        v2: { command: x }\n`;
  const outputs = (vip: string) => ({
    service:
      'NAME    TYPE           CLUSTER-IP    EXTERNAL-IP     PORT(S)        AGE\n' +
      `nginx   LoadBalancer   10.24.9.186   ${vip.padEnd(13)}   80:31057/TCP   50m\n`,
    places: `a request to ${vip} was answered\n`.repeat(4999),
  });
  mkdirSync(`${root}/captures/v1`, { recursive: true });
  mkdirSync(`${root}/captures/v2`, { recursive: true });
  writeFileSync(
    `${root}/layers.yaml`,
    `title: Many\nsides:\n${side('v1', 'amber')}${side('v2', 'teal')}layers:\n  - id: l1\n    title: Many places\n` +
      `    summary: A value in many places.\n    expect: identical\n    captures:\n${row('service', 'kubectl-table')}${row('places', 'plain')}`,
  );
  for (const [id, vip] of [
    ['v1', '136.64.249.50'],
    ['v2', '34.72.78.182'],
  ] as const) {
    for (const [name, text] of Object.entries(outputs(vip)))
      writeFileSync(`${root}/captures/${id}/l1-${name}.txt`, text);
  }
}

if (import.meta.main) {
  writeMany('.sites/many-data');
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
