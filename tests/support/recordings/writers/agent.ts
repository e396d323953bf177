import type { CiliumSide, Counter, Pod } from '../world.ts';
import { identityLabels, lets } from './cilium.ts';
import { CILIUM, table } from './text.ts';

/* What the agent says of itself and of its endpoints, and what stands in the kernel (cilium-dbg, bpftool). */

/** `cilium-dbg status --verbose`, the lines that matter and some that do not. */
export function agentStatus({ inside, nodes }: CiliumSide): string | undefined {
  if (!inside) return undefined;
  const { kubeProxyReplacement, socketLb, coverage, mode, masquerading } = inside;
  const device = masquerading === 'BPF' ? '   [eth0]   10.20.0.0/14' : '';
  return `KVStore:                 Disabled   
Kubernetes:              Ok         1.33 (v1.33.5-gke.1201000) [linux/amd64]
KubeProxyReplacement:    ${kubeProxyReplacement}   [eth0   ${nodes[0]?.ip} (Direct Routing)]
Cilium:                  Ok   1.17.8 (v1.17.8-f2217191)
NodeMonitor:             Listening for events on 2 CPUs with 64x4096 of shared memory
Routing:                 Network: Native   Host: Legacy
Host Routing:            Legacy
Masquerading:            ${masquerading}${device} [IPv4: ${masquerading === 'Disabled' ? 'Disabled' : 'Enabled'}, IPv6: Disabled]
Controller Status:       1/1 healthy
  Name         Last success   Last error   Count   Message
  link-cache   12s ago        never        0       no error   
KubeProxyReplacement Details:
  Status:               ${kubeProxyReplacement}
  Socket LB:            ${socketLb}
${socketLb === 'Enabled' ? `  Socket LB Coverage:   ${coverage}\n` : ''}  Devices:              eth0   ${nodes[0]?.ip} (Direct Routing)
  Mode:                 ${mode}
  Services:
  - ClusterIP:      Enabled
Cluster health:                     ${nodes.length}/${nodes.length} reachable   (2026-11-20T09:15:02Z)
Modules Health:          Stopped(0) Degraded(0) OK(53)
`;
}

/** The pods of L8 on the agent's node; none where they all are elsewhere. */
function local({ podsAfter, inspection }: CiliumSide): readonly Pod[] {
  return podsAfter.filter(({ node }) => node === inspection.pod.node);
}

/** Number of the endpoint of a pod on the agent's node: the one whose map was read, and those after it. */
const endpointNumber = ({ endpoint }: CiliumSide, index: number) => endpoint + index * 7;

/** `cilium-dbg endpoint list` of the agent's node; absent where none of the Service's pods is there. */
export function endpointList(side: CiliumSide): string | undefined {
  const own = local(side);
  const { policy, identity, service, clients, inside, inspection, nodes } = side;
  if (!inside || own.length === 0) return undefined;
  const cidr = nodes.find(({ name }) => name === inspection.pod.node)?.podCidr.replace(/0\/24$/, '');
  const endpoint = (id: number, on: boolean, number: number, labels: readonly string[], ip: string) => {
    const [first = '', ...more] = labels;
    return [
      [String(id), on ? 'Enabled' : 'Disabled', 'Disabled', String(number), first, '', ip, 'ready'],
      ...more.map((label) => ['', '', '', '', label, '', '', '']),
    ];
  };
  const clientsHere = clients.filter(({ ip }) => cidr !== undefined && ip.startsWith(cidr));
  return table(CILIUM, [
    [
      'ENDPOINT',
      'POLICY (ingress)',
      'POLICY (egress)',
      'IDENTITY',
      'LABELS (source:key[=value])',
      'IPv6',
      'IPv4',
      'STATUS',
    ],
    ['', 'ENFORCEMENT', 'ENFORCEMENT', '', '', '', '', ''],
    ...own.flatMap(({ ip }, index) =>
      endpoint(
        endpointNumber(side, index),
        policy !== undefined,
        identity,
        identityLabels(service.namespace, service.selector),
        ip,
      ),
    ),
    ...clientsHere.flatMap((client, index) =>
      endpoint(5001 + index, false, client.identity, identityLabels(service.namespace, client.labels), client.ip),
    ),
    ...endpoint(4998, false, 4, ['reserved:health'], `${cidr ?? '10.20.0.'}254`),
    ...endpoint(4999, false, 1, ['reserved:host'], ''),
  ]);
}

/** `cilium-dbg bpf ipcache list` */
export function ipcacheList({ inside, podsAfter, clients, identity, nodes }: CiliumSide): string | undefined {
  if (!inside) return undefined;
  const line = (prefix: string, number: number, tunnel = '0.0.0.0') => [
    prefix,
    `identity=${number} encryptkey=0 tunnelendpoint=${tunnel} flags=<none>`,
  ];
  return table(CILIUM, [
    ['IP PREFIX/ADDRESS', 'IDENTITY'],
    ...nodes.map(({ ip }, index) => line(`${ip}/32`, index === 0 ? 1 : 6)),
    ...clients.map((client) => line(`${client.ip}/32`, client.identity)),
    ...podsAfter.map(({ ip }) => line(`${ip}/32`, identity)),
    line('0.0.0.0/0', 2),
  ]);
}

/** `cilium-dbg bpf policy get -n`, of one endpoint or of all that are on the node. */
export function policyNumbers(side: CiliumSide): string | undefined {
  const { inside, policy, clients, counters } = side;
  if (!inside) return undefined;
  const entry = (direction: string, number: number, counter: Counter | undefined) => [
    'Allow',
    direction,
    String(number),
    'ANY',
    'NONE',
    'disabled',
    String(counter?.bytes ?? '-'),
    String(counter?.packets ?? '-'),
    '0',
  ];
  const allowed = clients.filter((client) => lets(policy, client));
  const map = table(CILIUM, [
    ['POLICY', 'DIRECTION', 'IDENTITY', 'PORT/PROTO', 'PROXY PORT', 'AUTH TYPE', 'BYTES', 'PACKETS', 'PREFIX'],
    entry('Ingress', 1, counters.host),
    ...(policy
      ? allowed.map(({ identity }) => entry('Ingress', identity, counters.byIdentity.get(identity)))
      : [entry('Ingress', 0, undefined)]),
    entry('Egress', 0, counters.egress),
  ]);
  if (inside.maps === 'one') return map;
  return (
    local(side)
      .map((_, index) => {
        const number = endpointNumber(side, index);
        return `Endpoint ID: ${number}\nPath: /sys/fs/bpf/tc/globals/cilium_policy_${String(number).padStart(5, '0')}\n\n${map}\n\n`;
      })
      .join('') || map
  );
}

/** `bpftool net show`: what stands at the node's interfaces, the inspected pod's among them. */
export function netShow({ inside, inspection }: CiliumSide): string | undefined {
  if (!inside) return undefined;
  const own = inside.programs.map(
    ({ id, name, kind }, index) =>
      `${inside.device}(${inspection.peer}) ${kind} ${name} prog_id ${id} link_id ${index + 16} \n`,
  );
  return `xdp:\n\ntc:\neth0(2) tcx/ingress cil_from_netdev prog_id 150 link_id 15 \n${own.join('')}\nflow_dissector:\n\nnetfilter:\n\n`;
}

/** `bpftool prog show` */
export function progShow({ inside }: CiliumSide): string | undefined {
  if (!inside) return undefined;
  const program = (id: number, type: string, name: string) =>
    `${id}: ${type}  name ${name}  tag ${id.toString(16).padStart(16, '0')}  gpl\n\tloaded_at 2026-11-20T09:00:11+0000  uid 0\n\txlated 20384B  jited 12512B  memlock 24576B  map_ids 12,31,8\n\tbtf_id 214\n\tpids cilium-agent(3014)\n`;
  return [
    program(150, 'sched_cls', 'cil_from_netdev'),
    ...inside.programs.map(({ id, name }) => program(id, 'sched_cls', name)),
    program(950, 'cgroup_sock_addr', 'cil_sock4_connect'),
  ].join('');
}
