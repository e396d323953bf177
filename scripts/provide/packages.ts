import { spawnSync } from 'node:child_process';

/*
 * Debian packages the tests need: `node scripts/provide/packages.ts iptables nfacct`. Does nothing for what is there;
 * installs the rest as root, or through sudo where that asks for no password.
 */

function run(command: string, args: readonly string[]): { ok: boolean; out: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { ok: status === 0, out: status === 0 ? stdout : (stderr ?? '').trim() };
}

/** Words to put before a command so that it runs as root; undefined where there is no way. */
export function asRoot(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return run('sudo', ['-n', 'true']).ok ? ['sudo', '-n'] : undefined;
}

function missingOf(packages: readonly string[]): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '$' + '{Package} $' + '{db:Status-Status}\\n', ...packages], {
    encoding: 'utf8',
  });
  const installed = new Set(
    (stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

/**
 * Installs the Debian packages that are not there yet.
 * @returns why some are missing still, in one line; undefined when all are there
 */
export function ensurePackages(packages: readonly string[]): string | undefined {
  const missing = missingOf(packages);
  if (missing.length === 0) return undefined;
  const root = asRoot();
  const manual = `Install them with \`apt-get install ${missing.join(' ')}\`.`;
  if (!root) return `the Debian packages ${missing.join(', ')} are missing and only root can install them. ${manual}`;
  const apt = (...args: string[]) => {
    const [command, ...rest] = [...root, 'apt-get', ...args] as [string, ...string[]];
    return run(command, rest);
  };
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  // Package lists are fetched only where the first try shows that they are needed.
  const result = install().ok ? undefined : (apt('update', '-qq'), install());
  return result && !result.ok
    ? `the Debian packages ${missing.join(', ')} could not be installed: ${result.out.split('\n').at(-1)}. ${manual}`
    : undefined;
}

if (import.meta.main) {
  const problem = ensurePackages(process.argv.slice(2));
  if (problem) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
}
