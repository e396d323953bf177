import type { SideModel } from '../model/model.ts';
import type { Label, MapLabel, NetworkPolicy, PolicyEntry } from '../model/policies.ts';
import { clientRequests } from '../model/probes.ts';
import { isNumbered } from './endpoints.ts';
import { ingressEntries, reservedOf } from './policy-matrix/policy-map.ts';
import { ingressPolicies } from './policy-matrix/source.ts';

/*
 * Whom the policies name against whom the policy maps let in. A map has entries for identities that exist, so that labels
 * no pod carries have none.
 */

/** Label by which Cilium names a pod's namespace. */
const NAMESPACE = 'io.kubernetes.pod.namespace';

/** A peer by the labels of pods in the namespace of its policy. */
export interface LabelledPeer {
  labels: Label[];
  namespace: string | undefined;
}

/** What policies and maps say of the same pods. */
export interface PolicyComparison {
  /** Peers by labels of all policies that can be read as such. */
  peers: LabelledPeer[];
  /** The first policy with a rule that says more than labels of pods, or lets in everybody. */
  vague?: NetworkPolicy;
  /** Entries for ingress that deny nothing. */
  entries: PolicyEntry[];
  /** True where an entry lets in every identity. */
  open: boolean;
  /** True where the map prints numbers of identities and no labels. */
  numbered: boolean;
  /** Peers with an entry, those without one of which a pod is known, and those without one of which none is. */
  admitted: LabelledPeer[];
  lacking: LabelledPeer[];
  unknown: LabelledPeer[];
  /** Entries with labels of pods that no policy names. */
  extra: PolicyEntry[];
}

/** The policies that decide: those about ingress, and only without any the first of the others. */
export function decidingPolicies(model: SideModel): NetworkPolicy[] {
  const about = ingressPolicies(model);
  return about.length > 0 ? about : model.policies.slice(0, 1);
}

/** The peers of a policy; undefined where a rule says more than labels of pods, or lets in everybody. */
export function labelledPeers({ ingress, namespace }: NetworkPolicy): LabelledPeer[] | undefined {
  const peers: LabelledPeer[] = [];
  for (const rule of ingress) {
    if (rule.ports.length > 0 || rule.peers.length === 0) return undefined;
    for (const { pods, namespaces, block } of rule.peers) {
      const plain = pods && !namespaces && !block && pods.expressions.length === 0;
      if (!plain || pods.labels.length === 0) return undefined;
      peers.push({ labels: pods.labels, namespace });
    }
  }
  return peers;
}

/** Compares whom the policies of a side name with whom its policy maps let in. */
export function comparePolicyMaps(model: SideModel): PolicyComparison {
  const policies = decidingPolicies(model);
  const peers = policies.flatMap((policy) => labelledPeers(policy) ?? []);
  const vague = policies.find((policy) => !labelledPeers(policy));
  // The same map may be there with labels and with numbers; labels say more.
  const labelled = model.policyMaps.filter((map) => !isNumbered(map));
  const maps = labelled.length > 0 ? labelled : model.policyMaps;
  const entries = maps.flatMap(ingressEntries).filter(({ policy }) => policy !== 'Deny');
  const named = entries.filter(({ labels, any }) => labels.length > 0 && !any && reservedOf(labels) === undefined);
  const admits = (peer: LabelledPeer) => entries.some(({ labels }) => admitsPeer(labels, peer));
  const rest = peers.filter((peer) => !admits(peer));
  const clients = clientRequests(model.probes);
  const exists = ({ labels }: LabelledPeer) =>
    clients.some(({ label }) => label && labels.every(({ key, value }) => key === label.key && value === label.value));
  return {
    peers,
    ...(vague && { vague }),
    entries,
    open: entries.some(({ any }) => any),
    numbered: named.length === 0 && entries.some(({ identity, any }) => identity && !any),
    admitted: peers.filter(admits),
    lacking: rest.filter(exists),
    unknown: rest.filter((peer) => !exists(peer)),
    extra: named.filter(({ labels }) => !peers.some((peer) => admitsPeer(labels, peer))),
  };
}

function admitsPeer(labels: readonly MapLabel[], { labels: wanted, namespace }: LabelledPeer): boolean {
  const inNamespace = labels.filter(({ key }) => key === NAMESPACE);
  return (
    wanted.every(({ key, value }) => labels.some((label) => label.key === key && label.value === value)) &&
    inNamespace.every(({ value }) => value === namespace)
  );
}
