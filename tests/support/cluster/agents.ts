import { drawDrops, drawFlows, drawHubble } from '../recordings/drawn/hubble.ts';
import { drawCilium } from '../recordings/drawn/sides.ts';
import { seenInside, tracked } from '../recordings/drawn/why.ts';
import { drawnBy } from '../recordings/generate.ts';
import { outputsOf } from '../recordings/outputs.ts';
import type { CiliumSide, Client, Pod, Policy } from '../recordings/world.ts';
import { CLUSTER_IP, NODE_PORT, NODES, VIP } from './net.ts';
import type { Any, Store } from './store.ts';

/*
 * cilium-dbg and hubble cannot be installed here. What they would print is written of a world in which everything the API
 * server knows is as it is there, and the rest (flows, counters, other Services) is drawn.
 */

const NAMESPACE = 'netflow-test';
/** Number of the endpoint of every pod, as its CiliumEndpoint says. */
export const ENDPOINT = 1234;
/** The pod's end of its interface on the node, as `endpoint get` names it. */
export const DEVICE = 'lxc9f2b';
/** As many flows as the recipe asks for. */
const LAST = 20;
/** A client outside, which the recorder has to rename. */
const OUTSIDE = '81.2.69.142';

/** The identity of a pod: one number for all that carry the same labels. */
export function identityOf(labels: Readonly<Record<string, string>> = {}): number {
  if (labels.app === 'nginx') return 24117;
  return labels.role === 'frontend' ? 40321 : 9006;
}

/**
 * What the agents and the relay print now, by the name of the output.
 * @param number of the world, as in {@link drawnBy}
 * @param agentNode name of the node whose agent is asked
 */
export function agentOutputs(store: Store, number: number, agentNode: string): ReadonlyMap<string, string> {
  const side = drawnBy(number, (draw): CiliumSide => {
    const { policy: _policy, ...base } = drawCilium(draw);
    const running = store.list('pods', NAMESPACE).filter(({ status }) => status?.podIP);
    const pods = running.filter(({ metadata }) => metadata.labels?.app === 'nginx').map(podOf);
    const clients = running.filter(({ metadata }) => metadata.labels?.role).map(clientOf);
    const [policy] = store.list('networkpolicies', NAMESPACE).map(policyOf);
    const nodes = NODES.map(({ name, address, pods: network }) => ({ name, ip: address, podCidr: `${network}.0/24` }));
    const identity = identityOf({ app: 'nginx' });
    const around = {
      namespace: NAMESPACE,
      targetPort: 80,
      nodes,
      pods,
      identity,
      outside: OUTSIDE,
      from: base.start,
    };
    const flows = pods.length === 0 ? [] : drawFlows(draw, around).slice(-LAST);
    const lets = ({ labels }: Client) =>
      !policy || policy.peers.some((peer) => Object.entries(peer).every(([key, value]) => labels[key] === value));
    const blocked = clients.filter((client) => !lets(client));
    const inspected = pods.find(({ node }) => node === agentNode) ?? { ...base.left, node: agentNode };
    const whole: CiliumSide = {
      ...base,
      wording: 'recorded',
      nodes,
      service: { ...base.service, namespace: NAMESPACE, vip: VIP, clusterIP: CLUSTER_IP, nodePort: NODE_PORT },
      pods,
      podsAfter: pods,
      inspection: { ...base.inspection, pod: inspected },
      endpoint: ENDPOINT,
      identity,
      clients,
      hubble: drawHubble(draw, nodes.length, flows.length),
      flows,
      ...(policy && { policy }),
      drops: pods.length === 0 ? [] : drawDrops(draw, around, blocked).slice(-LAST),
    };
    if (pods.length === 0) return whole;
    const told = seenInside(draw, { ...whole, tracked: draw.list(1, 4, () => tracked(draw, whole)) });
    return told.inside ? { ...told, inside: { ...told.inside, device: DEVICE, maps: 'one' } } : told;
  });
  return new Map([...outputsOf({ v2: side, omitted: [] })].map(([key, text]) => [key.replace('v2/', ''), text]));
}

function podOf({ metadata, spec, status }: Any): Pod {
  return { name: metadata.name, ip: status.podIP, node: spec.nodeName, ready: true };
}

function clientOf({ metadata, status }: Any): Client {
  return { name: metadata.name, ip: status.podIP, labels: metadata.labels, identity: identityOf(metadata.labels) };
}

function policyOf({ metadata, spec }: Any): Policy {
  const peers = (spec.ingress ?? []).flatMap(({ from = [] }: Any) =>
    from.map((one: Any) => one.podSelector.matchLabels),
  );
  return { name: metadata.name, selects: spec.podSelector.matchLabels, peers };
}
