import { execFileSync, spawnSync } from 'node:child_process';
import { ensurePackages } from '../../scripts/provide/packages.ts';
import { UNSHARE } from './cluster/cluster.ts';

/** Programs the tests against a real kernel and real clients need, and the Debian package each comes in. */
const DEBIAN: Readonly<Record<string, string>> = {
  'iptables-restore': 'iptables',
  ip: 'iproute2',
  nginx: 'nginx-light',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  curl: 'curl',
  wget: 'wget',
  nsenter: 'util-linux',
  sysctl: 'procps',
  script: 'bsdutils',
  flock: 'util-linux',
};
/** These come from Google's repository, not from Debian; Debian's kubectl is too old to exec over a WebSocket. */
const GOOGLE = ['kubectl', 'gcloud'];

const PATH = `${process.env.PATH}:/usr/sbin:/sbin:/usr/lib/google-cloud-sdk/bin`;

function lacking(programs: readonly string[]): string[] {
  return programs.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH } }).status !== 0);
}

/** Before all tests: installs what is missing, where this is Debian or Ubuntu and the user is root. */
export default function setup(): void {
  process.env.PATH = PATH;
  const packages = lacking(Object.keys(DEBIAN)).map((name) => DEBIAN[name] ?? name);
  // What could not be installed is told by the tests that need it.
  if (process.getuid?.() === 0 && lacking(['apt-get']).length === 0) ensurePackages([...new Set(packages)]);
}

/** Why the test cluster cannot be started here; undefined where it can. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const missing = lacking([...Object.keys(DEBIAN), ...GOOGLE]);
  if (missing.length > 0) return `${missing.join(', ')} missing`;
  try {
    execFileSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this host forbids namespaces';
  }
}
