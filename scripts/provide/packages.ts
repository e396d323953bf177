/** Brings the Debian packages that tests need: `node scripts/provide/packages.ts iptables nfacct`. */
import { spawnSync } from 'node:child_process';

function run(command: string, args: readonly string[]): { ok: boolean; out: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0 ? { ok: true, out: stdout } : { ok: false, out: (stderr || error?.message || '').trim() };
}

const isInstalled = (name: string): boolean =>
  run('dpkg-query', ['-s', name]).out.includes('Status: install ok installed');

/**
 * Installs the Debian packages that are not there yet, as root.
 * @returns why some are missing still, in one line; undefined when all are there
 */
export function ensurePackages(packages: readonly string[]): string | undefined {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return undefined;
  const manual = `Install them with \`apt-get install ${missing.join(' ')}\`.`;
  if (process.getuid?.() !== 0) {
    return `the Debian packages ${missing.join(', ')} are missing and only root can install them. ${manual}`;
  }
  const install = () => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  let result = install();
  // Package lists are fetched only where the first try shows that they are needed.
  if (!result.ok && run('apt-get', ['update', '-qq']).ok) result = install();
  if (result.ok) return undefined;
  return `the Debian packages ${missing.join(', ')} could not be installed: ${result.out.split('\n').at(-1)}. ${manual}`;
}

if (import.meta.main) {
  const problem = ensurePackages(process.argv.slice(2));
  if (problem) console.error(problem);
  // Elsewhere the tests that need them say so and are left out; in CI they may not be.
  if (problem && process.env.CI) process.exitCode = 1;
}
