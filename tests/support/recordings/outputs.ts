import type { SideId } from '../../../src/recipe/schema.ts';
import type { CiliumSide, Cluster, KubeProxySide, World } from './world.ts';
import * as agent from './writers/agent.ts';
import { lbList, policyMap, serviceList } from './writers/cilium.ts';
import { conntrackList, ctList, natList } from './writers/conntrack.ts';
import { forwardingRules, targetPool } from './writers/gcloud.ts';
import { drops, observe, observeJson, status } from './writers/hubble.ts';
import { allRules, idleNodeFilter } from './writers/iptables.ts';
import * as kubectl from './writers/kubectl.ts';
import { network, page } from './writers/pod.ts';
import { policy } from './writers/policy.ts';
import { enforcement, probe } from './writers/probe.ts';

/** Writes one output of a side; undefined where the side has nothing of the kind. */
type Writer<Side> = (side: Side) => string | undefined;

const both: Record<string, Writer<Cluster>> = {
  'l1-gce-forwarding-rule': forwardingRules,
  'l1-service-ips': kubectl.services,
  'l1-service-detail': kubectl.describeService,
  'l2-target-pool': targetPool,
  'l3-endpoints': kubectl.endpoints,
  'l3-endpointslice': kubectl.endpointSlices,
  'l3-nodeport': kubectl.nodePort,
  'l5-pod-serves': page,
  'l5-pod-interface': network,
  'l6-cluster-mode': ({ probes }) => probe(probes.clusterMode),
  'l6-local-symmetric': ({ probes }) => probe(probes.localSymmetric),
  'l6-local-asymmetric': kubectl.asymmetric,
  'l6-local-failover': ({ probes }) => probe(probes.localFailover),
  'l6-local-converged': ({ probes }) => probes.localConverged && probe(probes.localConverged),
};

const kubeProxy: Record<string, Writer<KubeProxySide>> = {
  'l4-iptables-nat': allRules,
  'l6-cluster-mode-conntrack': conntrackList,
  'l6-local-filter-table': idleNodeFilter,
};

const cilium: Record<string, Writer<CiliumSide>> = {
  'l4-ebpf-service-map': serviceList,
  'l4-ebpf-lb-map': lbList,
  'l6-cluster-mode-ct': ctList,
  'l6-cluster-mode-nat': natList,
  'l4-cilium-status': agent.agentStatus,
  'l5-pod-attachments': agent.netShow,
  'l5-pod-programs': agent.progShow,
  'l7-hubble-relay': kubectl.relay,
  'l7-hubble-status': status,
  'l7-hubble-observe': observe,
  'l7-hubble-observe-json': observeJson,
  'l8-policy': policy,
  'l8-identities': kubectl.identities,
  'l8-enforcement': enforcement,
  'l8-hubble-drop': drops,
  'l8-policy-map': policyMap,
  'l8-policy-map-numeric': agent.policyNumbers,
  'l8-ipcache': agent.ipcacheList,
  'l8-endpoints': agent.endpointList,
};

/** Keys of every output that can be written, of each side. */
export const writable: Record<SideId, readonly string[]> = {
  v1: [...Object.keys(both), ...Object.keys(kubeProxy)].map((name) => `v1/${name}`),
  v2: [...Object.keys(both), ...Object.keys(cilium)].map((name) => `v2/${name}`),
};

/** The text of every output of a world, by key; what the world omits is absent. */
export function outputsOf({ v1, v2, omitted }: World): Map<string, string> {
  const texts = new Map<string, string>();
  const write = <Side>(prefix: SideId, side: Side, writers: Record<string, Writer<Side>>) => {
    for (const [name, writer] of Object.entries(writers)) {
      const key = `${prefix}/${name}`;
      const text = omitted.includes(key) ? undefined : writer(side);
      if (text !== undefined) texts.set(key, text);
    }
  };
  if (v1) write('v1', v1, { ...both, ...kubeProxy });
  if (v2) write('v2', v2, { ...both, ...cilium });
  return texts;
}
