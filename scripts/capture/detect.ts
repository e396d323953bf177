import type { SideId } from '../../src/recipe/schema.ts';
import type { Pod } from './cluster.ts';
import { running } from './discover.ts';
import { StopError } from './failure.ts';

/** What carries the packets in a cluster, and how that is known. */
export interface Dataplane {
  side: SideId;
  name: string;
  evidence: string[];
}

/**
 * Tells the dataplane from the pods of kube-system.
 * Cilium's agent carries the label k8s-app=cilium (GKE calls it anetd); kube-proxy is a DaemonSet with
 * k8s-app=kube-proxy (kubeadm) or a static pod with component=kube-proxy (GKE).
 * @throws {StopError} when neither or something else is found
 */
export function detectDataplane(pods: readonly Pod[]): Dataplane {
  const up = running(pods);
  const agents = up.filter((pod) => pod.metadata.labels?.['k8s-app'] === 'cilium');
  const proxies = up.filter(
    (pod) => pod.metadata.labels?.['k8s-app'] === 'kube-proxy' || pod.metadata.labels?.component === 'kube-proxy',
  );
  const name = (pod: Pod | undefined) => pod?.metadata.name.replace(/-[a-z0-9]+$/, '') ?? '';
  if (agents.length > 0) {
    return {
      side: 'v2',
      name: name(agents[0]) === 'anetd' ? 'GKE Dataplane V2 (Cilium, eBPF)' : 'Cilium (eBPF)',
      evidence: [
        `${agents.length} running pods with k8s-app=cilium in kube-system (${agents[0]?.metadata.name} …)`,
        proxies.length === 0 ? 'no running kube-proxy' : `${proxies.length} running kube-proxy pods beside it`,
      ],
    };
  }
  const mode = proxies
    .flatMap((pod) =>
      pod.spec.containers.flatMap((container) => [...(container.command ?? []), ...(container.args ?? [])]),
    )
    .map((argument) => /--proxy-mode[= ](\w+)/.exec(argument)?.[1])
    .find((found) => found !== undefined);
  if (proxies.length === 0 || (mode !== undefined && mode !== 'iptables')) {
    throw new StopError({
      what: 'detecting the dataplane',
      cause:
        proxies.length === 0
          ? 'kube-system has neither a running Cilium agent nor a running kube-proxy'
          : `kube-proxy runs in mode ${mode}`,
      fix: 'The recipe compares kube-proxy in iptables mode with Cilium; use --context to choose such a cluster.',
    });
  }
  return {
    side: 'v1',
    name: 'kube-proxy (iptables)',
    evidence: [
      `${proxies.length} running kube-proxy pods in kube-system (${proxies[0]?.metadata.name} …)`,
      mode === undefined
        ? 'no --proxy-mode on its command line; iptables is the default on Linux'
        : `--proxy-mode=${mode}`,
      'no running pod with k8s-app=cilium',
    ],
  };
}
