import type { FormatId } from '../formats/index.ts';
import type { Model, SideModel } from '../model/model.ts';
import type { Problem } from '../problem.ts';
import { sideIds } from '../recipe/schema.ts';
import { shortened } from '../words.ts';
import { countersCheck } from './checks/counters.ts';
import {
  deniedIdentitiesCheck,
  endpointIdentityCheck,
  enforcedCheck,
  ipcacheCheck,
  policyEndpointCheck,
} from './checks/endpoints.ts';
import { bufferCheck, flowFormsCheck, flowPortCheck, hubbleNodesCheck, relayCheck } from './checks/hubble.ts';
import { distinctIdentitiesCheck, identitiesCheck, sharedIdentityCheck } from './checks/identities.ts';
import { agentMapCheck, programsCheck, trackedCheck } from './checks/kernel.ts';
import {
  answeringPodsCheck,
  inspectedPodCheck,
  leftPodCheck,
  listeningPortCheck,
  nodesCheck,
  runningPodsCheck,
} from './checks/pods.ts';
import { dropsCheck, enforcementCheck, policyMapCheck, policySelectorCheck } from './checks/policy.ts';
import { agree, type CheckResult } from './checks/result.ts';
import { endpointChainsCheck, jumpsCheck, sharesCheck } from './checks/rules.ts';
import { addressCheck, backendsCheck, hasAddress, hasNodePort, portCheck } from './checks/service.ts';
import type { PlaceInFile } from './compare/expectation.ts';
import { isNumbered } from './endpoints.ts';
import type { Check } from './types.ts';

interface Rule {
  id: string;
  title: string;
  check: (model: SideModel) => CheckResult;
  /** Of a check about outputs that a recording may well lack: whether there is one. Without it the check is not listed. */
  when?: (model: SideModel) => boolean;
}

const has =
  (...formats: FormatId[]) =>
  ({ subjects }: SideModel) =>
    subjects.some(({ parsed }) => formats.includes(parsed.format));

/** Every cross-check inside a side, in the order of the layers. */
const rules: readonly Rule[] = [
  {
    id: 'forwarding-rule',
    title: 'The forwarding rule, the pool and the annotation of the Service name the same pool',
    check: ({ service }) => agree('the pool', service.pool),
  },
  {
    id: 'made-for',
    title: 'The pool was made for the Service that is described',
    check: ({ service }) => agree('the Service', service.madeFor),
  },
  {
    id: 'vip',
    title: 'The external address is the same everywhere, and the dataplane serves it',
    check: (model) =>
      addressCheck(model, 'the external address', [...model.service.forwarded, ...model.service.vip], hasAddress),
  },
  {
    id: 'cluster-ip',
    title: 'The ClusterIP is the same everywhere, and the dataplane serves it',
    check: (model) => addressCheck(model, 'the ClusterIP', model.service.clusterIp, hasAddress),
  },
  {
    id: 'node-port',
    title: 'The NodePort is the same everywhere, and the dataplane serves it',
    check: (model) => addressCheck(model, 'the NodePort', model.service.nodePort, hasNodePort),
  },
  { id: 'service-port', title: "The Service's port is the same everywhere", check: portCheck },
  { id: 'nodes', title: 'The nodes of the pool are the nodes of the cluster', check: nodesCheck },
  {
    id: 'endpoints-agree',
    title: 'Endpoints, EndpointSlice and describe name the same addresses and ports',
    check: ({ service }) => agree('the endpoints', service.endpoints),
  },
  { id: 'backends', title: 'Every frontend of the Service leads to all of its endpoints', check: backendsCheck },
  {
    id: 'equal-shares',
    title: 'Every chain that draws an endpoint gives each the same share of new connections',
    check: sharesCheck,
  },
  {
    id: 'jump-targets',
    title:
      "Every KUBE-SVC, KUBE-SEP and KUBE-EXT chain the Service's rules jump to is there, and each of its chains in use is jumped to",
    check: jumpsCheck,
  },
  {
    id: 'endpoint-chains',
    title: 'Each endpoint chain marks, rewrites to and is named after one and the same pod',
    check: endpointChainsCheck,
  },
  {
    id: 'agent-map',
    title: 'The map of the kernel holds what the agent lists',
    check: agentMapCheck,
    when: has('cilium-bpf-lb-list'),
  },
  { id: 'inspected-pod', title: 'The pod that was looked into is among the endpoints', check: inspectedPodCheck },
  { id: 'listening-port', title: 'The pod listens on the target port', check: listeningPortCheck },
  {
    id: 'programs',
    title: 'The eBPF programs at interfaces are among those loaded',
    check: programsCheck,
    when: has('bpftool-net', 'bpftool-prog'),
  },
  {
    id: 'tracked',
    title: 'Tracked connections to the Service were sent to its endpoints',
    check: trackedCheck,
    when: has('conntrack-list', 'cilium-bpf-ct-list'),
  },
  {
    id: 'answering-pods',
    title: 'The pods that answered are those of the Service',
    check: answeringPodsCheck,
    when: ({ probes }) => probes.some(({ requests }) => requests.some(({ pod }) => pod)),
  },
  { id: 'running-pods', title: 'The running pods are the endpoints', check: runningPodsCheck },
  { id: 'left-pod', title: 'The pod that is left after scaling is one that was there before', check: leftPodCheck },
  {
    id: 'counted-rules',
    title: 'During a probe the counters of the rules on its path rise, each by the number of its packets',
    check: countersCheck,
    when: ({ counted }) => counted.length > 0,
  },
  { id: 'relay-ready', title: 'The relay that answered for Hubble was ready', check: relayCheck },
  { id: 'hubble-buffer', title: 'The flows Hubble holds fit into its ring buffers', check: bufferCheck },
  { id: 'hubble-nodes', title: 'Hubble is connected to all the nodes there are', check: hubbleNodesCheck },
  { id: 'flow-port', title: 'Flows to the pods of the Service go to its target port', check: flowPortCheck },
  {
    id: 'flow-forms',
    title: 'A flow that is printed in both forms says the same',
    check: flowFormsCheck,
    when: has('hubble-flows-json'),
  },
  { id: 'identities', title: 'Pods have the same identity in the flows as in the table', check: identitiesCheck },
  { id: 'shared-identity', title: 'Pods with the same labels share one identity', check: sharedIdentityCheck },
  { id: 'distinct-identities', title: 'Pods with different labels share no identity', check: distinctIdentitiesCheck },
  {
    id: 'ipcache',
    title: 'The address of a pod has the identity of the pod',
    check: ipcacheCheck,
    when: has('cilium-bpf-ipcache-list'),
  },
  {
    id: 'endpoint-identities',
    title: 'The agent gives its pods the same identities',
    check: endpointIdentityCheck,
    when: has('cilium-endpoint-list'),
  },
  { id: 'policy-selector', title: 'The policy selects the pods of the Service', check: policySelectorCheck },
  {
    id: 'enforced',
    title: 'The endpoints that the policy selects enforce it',
    check: enforcedCheck,
    when: has('cilium-endpoint-list'),
  },
  {
    id: 'policy-endpoint',
    title: 'The policy map is that of a pod of the Service',
    check: policyEndpointCheck,
    when: (model) =>
      has('cilium-endpoint-list')(model) && model.policyMaps.some(({ endpoint }) => endpoint !== undefined),
  },
  { id: 'policy-map', title: 'The policy map lets in whom the policy names', check: policyMapCheck },
  {
    id: 'denied-identities',
    title: 'What was denied has no entry in the policy map, what reached a pod has one',
    check: deniedIdentitiesCheck,
    when: ({ policyMaps }) => policyMaps.some(isNumbered),
  },
  {
    id: 'enforcement',
    title: 'Clients the policy allows are answered, the others are not',
    check: enforcementCheck,
  },
  { id: 'drops', title: 'What was dropped came from the clients that got no answer', check: dropsCheck },
];

/**
 * Cross-checks what the outputs of each side say about the same things.
 * @param model of outputs in page order; sides and layers may be incomplete
 * @returns every check for every side that has outputs; one that lacks outputs is `not-comparable` and says which, or, where
 * a recording may well lack them, is not there
 */
export function consistencyChecks({ sides }: Model): Check[] {
  return sideIds.flatMap((side) => {
    const model = sides[side];
    if (model.subjects.length === 0) return [];
    const listed = rules.filter(({ when }) => when?.(model) ?? true);
    return listed.map(({ id, title, check }) => {
      const { status, why, evidence } = check(model);
      return { id: `${side}/${id}`, side, title, status, why: shortened(why), evidence };
    });
  });
}

/**
 * What is wrong where checks are broken.
 * @param placeOf finds an output's line in its capture file
 */
export function checkProblems(checks: readonly Check[], placeOf: PlaceInFile): Problem[] {
  return checks
    .filter(({ status }) => status === 'broken')
    .map(({ id, title, why, evidence: [first] }) => ({
      ...(first ? placeOf(first) : { file: 'captures' }),
      subject: `check ${id}`,
      expected: title.charAt(0).toLowerCase() + title.slice(1),
      found: why.replace(/\.$/, ''),
      fix: 'Record this side again in one run; if it stays, the cluster itself disagrees with itself.',
    }));
}
