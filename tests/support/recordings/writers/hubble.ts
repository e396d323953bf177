import type { CiliumSide, FlowEnd, FlowEvent } from '../world.ts';
import { stampMilli, withCommas } from './text.ts';

/* What the hubble client prints (cilium/hubble, pkg/printer). */

/** `hubble status` */
export function status({ hubble: { current, max, perSecond }, nodes }: CiliumSide): string {
  const share = max === 0 ? 0 : (100 * current) / max;
  return [
    'Healthcheck (via localhost:4245): Ok',
    `Current/Max Flows: ${withCommas(current)}/${withCommas(max)} (${share.toFixed(2)}%)`,
    `Flows/s: ${perSecond.toFixed(2)}`,
    `Connected Nodes: ${nodes.length}/${nodes.length}`,
    '',
  ].join('\n');
}

const host = ({ namespace, pod, ip, port }: FlowEnd) => `${pod === undefined ? ip : `${namespace}/${pod}`}:${port}`;
const identity = ({ identity: of }: FlowEnd) => (typeof of === 'number' ? `(ID:${of})` : `(${of})`);

function line({ at, from, arrow, to, event, verdict, flags }: FlowEvent, timed: boolean): string {
  const time = timed ? `${stampMilli(at)}: ` : '';
  const ends = `${host(from)} ${identity(from)} ${arrow} ${host(to)} ${identity(to)}`;
  return `${time}${ends} ${event} ${verdict} (TCP Flags: ${flags.join(', ')})\n`;
}

/** `hubble observe -o compact` */
export function observe({ flows }: CiliumSide): string {
  return flows.map((flow) => line(flow, true)).join('');
}

/** `hubble observe --verdict DROPPED -o compact`; whoever published the trace left the times out. */
export function drops({ drops, wording }: CiliumSide): string {
  return drops.map((flow) => line(flow, wording === 'recorded')).join('');
}

/** `hubble observe -o jsonpb`: the same flows with what the compact form leaves out. */
export function observeJson(side: CiliumSide): string {
  return side.flows.map((flow) => `${JSON.stringify(json(flow, side))}\n`).join('');
}

const NUMBERS = { host: 1, world: 2, 'remote-node': 6 };

function json(event: FlowEvent, side: CiliumSide): object {
  const { at, from, to, arrow, verdict, flags, node } = event;
  const time = new Date(at).toISOString();
  const isReply = arrow === '<-';
  // The packet's own direction: a reply comes from the end that was asked.
  const [source, destination] = isReply ? [to, from] : [from, to];
  return {
    flow: {
      time,
      verdict,
      ...(verdict === 'DROPPED' && { drop_reason: 133 }),
      IP: { source: source.ip, destination: destination.ip, ipVersion: 'IPv4' },
      l4: {
        TCP: {
          source_port: source.port,
          destination_port: destination.port,
          flags: Object.fromEntries(flags.map((flag) => [flag, true])),
        },
      },
      source: jsonEnd(source, side),
      destination: jsonEnd(destination, side),
      Type: 'L3_L4',
      node_name: node,
      event_type: { type: verdict === 'DROPPED' ? 1 : 4 },
      traffic_direction: isReply ? 'EGRESS' : 'INGRESS',
      ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
      is_reply: arrow === '<>' ? null : isReply,
      Summary: `TCP Flags: ${flags.join(', ')}`,
    },
    node_name: node,
    time,
  };
}

function jsonEnd({ namespace, pod, identity: of }: FlowEnd, { service, clients }: CiliumSide): object {
  if (typeof of !== 'number') return { identity: NUMBERS[of], labels: [`reserved:${of}`] };
  const own = clients.find(({ name }) => name === pod)?.labels ?? service.selector;
  const labels = Object.entries(own).map(([key, value]) => `k8s:${key}=${value}`);
  return { identity: of, namespace, labels, pod_name: pod };
}
