import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A network namespace held open by a process that ends with the test. */
export interface Namespace {
  pid: number;
  /** Words that run a command inside it. */
  enter: readonly string[];
}

/** A packet to be sent for real. */
export interface Sent {
  protocol: 'tcp' | 'udp';
  from: string;
  fromPort: number;
  to: string;
  port: number;
}

/** Words before a command that make a new network namespace, or why there is no way. */
function unshareWords(): { words: string[]; user: boolean } | { problem: string } {
  if (process.getuid?.() === 0) return { words: ['unshare', '-n'], user: false };
  const tried = spawnSync('unshare', ['-Urn', 'true'], { encoding: 'utf8' });
  if (tried.status === 0) return { words: ['unshare', '-Urn'], user: true };
  return { problem: `network namespaces cannot be made here: ${(tried.stderr || String(tried.error)).trim()}` };
}

const first = (words: readonly string[]) => words[0] as string;
const rest = (words: readonly string[]) => words.slice(1);

/** Holds a namespace open until its standard input closes. */
async function hold(
  words: readonly string[],
  enter: (pid: number) => string[],
): Promise<{ ns: Namespace; child: Child }> {
  const all = [...words, 'sh', '-c', 'echo $$; exec cat'];
  const child = spawn(first(all), rest(all), { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const pid = Number(line);
  return { ns: { pid, enter: enter(pid) }, child };
}

/** Two namespaces: one sends, one is the node with the rules. What the node forwards ends in an interface that leads nowhere. */
export class Lab {
  readonly node: Namespace;
  readonly #outside: Namespace;
  readonly #children: Child[];
  readonly #senders = new Map<Namespace, { child: Child; lines: AsyncIterator<string> }>();

  private constructor(node: Namespace, outside: Namespace, children: Child[]) {
    this.node = node;
    this.#outside = outside;
    this.#children = children;
  }

  /**
   * Makes the namespaces.
   * @param addresses `node`: the node's own; `outside`: sources to send from; `beyond`: networks the node forwards to
   * @returns why it cannot be done here, where it cannot
   */
  static async open(addresses: {
    node: readonly string[];
    outside: readonly string[];
    beyond: readonly string[];
  }): Promise<Lab | string> {
    const way = unshareWords();
    if ('problem' in way) return way.problem;
    const enter = (pid: number) => [
      ...['nsenter', '-t', String(pid), ...(way.user ? ['-U', '--preserve-credentials'] : []), '-n', 'env'],
      `XTABLES_LOCKFILE=${tmpdir()}/dataplane-visualizer-xtables-${process.getuid?.()}.lock`,
    ];
    const node = await hold(way.words, enter);
    const outside = await hold(way.user ? [...node.ns.enter, 'unshare', '-n'] : way.words, enter);
    const lab = new Lab(node.ns, outside.ns, [node.child, outside.child]);
    const family = (ip: string) => (ip.includes(':') ? '-6' : '-4');
    const add = (ip: string, device: string) =>
      `ip ${family(ip)} addr add ${ip}/${ip.includes(':') ? '128 nodad' : '32'} dev ${device}`;
    lab.run(lab.node, [
      'ip link set lo up',
      `ip link add veth0 type veth peer name veth1 netns ${outside.ns.pid}`,
      // Without ARP, frames carry the sender's own address: the other end drops them before any rule sees them.
      'ip link add sink0 type veth peer name sink1; ip link set sink0 arp off',
      // Packets may claim to come from anywhere, from the node itself and from loopback.
      ...['all', 'default', 'veth0', 'sink0', 'sink1'].flatMap((device) =>
        ['rp_filter 0', 'accept_local 1', 'route_localnet 1'].map((setting) => {
          const [name, value] = setting.split(' ');
          return `echo ${value} > /proc/sys/net/ipv4/conf/${device}/${name}`;
        }),
      ),
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
      'ip link set veth0 up; ip link set sink0 up; ip link set sink1 up',
      'ip addr add 169.254.77.1/30 dev veth0; ip -6 addr add fd00:77::1/64 dev veth0 nodad',
      ...addresses.node.map((ip) => add(ip, 'sink0')),
      ...addresses.beyond.map((net) => `ip ${family(net)} route add ${net} dev sink0`),
    ]);
    lab.run(lab.#outside, [
      'ip link set lo up; ip link set veth1 up',
      'ip addr add 169.254.77.2/30 dev veth1; ip -6 addr add fd00:77::2/64 dev veth1 nodad',
      ...addresses.outside.map((ip) => add(ip, 'veth1')),
      'ip route add default via 169.254.77.1; ip -6 route add default via fd00:77::1',
    ]);
    return lab;
  }

  /** Runs a shell script in a namespace, and gives what it printed. */
  run(where: Namespace, script: readonly string[], input?: string): string {
    const words = [...where.enter, 'sh', '-e', '-c', script.join('\n')];
    const { status, stdout, stderr } = spawnSync(first(words), rest(words), {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      ...(input === undefined ? {} : { input }),
    });
    if (status !== 0) throw new Error(`in the namespace: ${script.join('; ')}\n${stderr}`);
    return stdout;
  }

  /** Sends packets one after the other, from the node itself or from outside. */
  async send(packets: readonly Sent[], entry: 'prerouting' | 'output'): Promise<void> {
    const where = entry === 'output' ? this.node : this.#outside;
    let sender = this.#senders.get(where);
    if (!sender) {
      const words = [...where.enter, process.execPath, new URL('./sender.ts', import.meta.url).pathname];
      const child = spawn(first(words), rest(words), { stdio: ['pipe', 'pipe', 'inherit'] });
      this.#children.push(child);
      sender = { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
      this.#senders.set(where, sender);
    }
    sender.child.stdin.write(`${JSON.stringify(packets)}\n`);
    const { value } = await sender.lines.next();
    if (value !== `sent ${packets.length}`) throw new Error(`the sender said ${value}`);
  }

  /** Starts a command in the node's namespace; its lines are collected until `stop`. */
  listen(command: readonly string[]): { lines: string[]; stop(): Promise<void> } {
    const words = [...this.node.enter, ...command];
    const child = spawn(first(words), rest(words), { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(line));
    return {
      lines,
      stop: async () => {
        if (child.exitCode !== null)
          throw new Error(`${command.join(' ')} ended by itself with status ${child.exitCode}`);
        child.kill('SIGTERM');
        await once(reader, 'close');
      },
    };
  }

  /** Ends every process and with them the namespaces. */
  close(): void {
    for (const child of this.#children) child.stdin.end();
  }
}
