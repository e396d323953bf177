import type { Endpoint } from '../model/agent.ts';
import type { SideModel } from '../model/model.ts';
import type { Label, MapLabel, PolicyMap } from '../model/policies.ts';
import { valuesOf } from '../model/stated.ts';

/* The endpoints of Cilium's agents that are pods of the Service, and their policy maps. */

/** Label by which Cilium names a pod's namespace. */
const NAMESPACE = 'io.kubernetes.pod.namespace';

/** Whether an endpoint is of a namespace and carries labels; without labels every pod of the namespace does. */
export function carries(labels: readonly MapLabel[], wanted: readonly Label[], namespace: string | undefined): boolean {
  const own = labels.find(({ source, key }) => source === 'k8s' && key === NAMESPACE)?.value;
  const isPod = own !== undefined && (namespace === undefined || own === namespace);
  return (
    isPod &&
    wanted.every(({ key, value }) =>
      labels.some((one) => one.source === 'k8s' && one.key === key && one.value === value),
    )
  );
}

/** The endpoints of the Service's pods, by the labels that it selects; none where it is not known what it selects. */
export function ownEndpoints({ agent, service }: SideModel): Endpoint[] {
  const selected = valuesOf(service.selector).map((label) => {
    const [key = '', value = ''] = label.split('=');
    return { key, value };
  });
  const { namespace } = service.service ?? {};
  return selected.length === 0
    ? []
    : agent.endpoints.filter(({ labels }) => carries(labels, selected as Label[], namespace));
}

/** The policy maps that are of the Service's pods: those of their endpoints, or all where that is not told. */
export function ownMaps(model: SideModel): PolicyMap[] {
  const numbers = new Set(ownEndpoints(model).map(({ id }) => id.value));
  const told = model.policyMaps.filter(({ endpoint }) => endpoint !== undefined && numbers.has(endpoint));
  return [...told, ...model.policyMaps.filter(({ endpoint }) => endpoint === undefined || numbers.size === 0)];
}

/** Whether a map prints the numbers of identities instead of their labels. */
export function isNumbered({ entries }: PolicyMap): boolean {
  return entries.some(({ identity }) => identity) && entries.every(({ labels }) => labels.length === 0);
}
