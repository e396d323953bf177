import { type Edit, eachMatch, on, onBoth } from './edit.ts';

/**
 * Edits that no comparison of the two sides can notice: outputs of one side only, and values that contradict nothing but
 * another output of their own side. They are for the consistency checks.
 */
export const needsChecks: readonly Edit[] = [
  ...eachMatch(
    'hubble-flows',
    'a drop was forwarded',
    'v2/l8-hubble-drop',
    /Policy denied DROPPED/g,
    () => 'to-endpoint FORWARDED',
  ),
  ...eachMatch(
    'hubble-flows',
    'a drop of the allowed client',
    'v2/l8-hubble-drop',
    /(?<=client-blocked:\d+ \(ID:)6385/g,
    () => '51014',
  ),
  ...eachMatch('hubble-flows', 'a drop at another identity', 'v2/l8-hubble-drop', /18565/g, () => '18566'),
  ...eachMatch('kubectl-table', 'another identity', 'v2/l8-identities', /18565|6385/g, (id) => id.replace(/.$/, '1')),
  ...on('kubectl-table', 'v2/l8-identities', [
    ['the clients share an identity', /51014/, '6385 '],
    ['a pod less', /nginx-bb6b8c496-w8kkn.*\n/, ''],
    ['a pod that links the epochs has another address', /10\.20\.0\.15/, '10.20.0.16'],
  ]),
  ...on('yaml', 'v2/l8-policy', [
    ['the policy selects other pods', /app: nginx/, 'app: other'],
    ['the policy allows other peers', /role: frontend/, 'role: other'],
    ['the policy is for egress', /\[Ingress\]/, '[Egress]'],
    ['the policy is in another namespace', /netflow-test/, 'other-test'],
  ]),
  ...on('cilium-policy-map', 'v2/l8-policy-map', [
    ['the allowed peers are missing', /k8s:role=frontend/, 'k8s:role=other   '],
    ['the entry denies', /Allow(?= {4}Ingress {5}k8s)/, 'Deny '],
  ]),
  ...on('http-probe', 'v2/l8-enforcement', [
    ['the mark contradicts the status', /✗ denied — SYN dropped/, '✓ allowed'],
  ]),
  ...on('hubble-flows', 'v2/l7-hubble-observe', [
    ['identity of the pods', /18565/g, '18566'],
    ['target port', /(nginx-\S+):80 /g, '$1:81 '],
  ]),
  ...on('kubectl-table', 'v2/l7-hubble-relay', [['the relay is not ready', /3\/3/, '2/3']]),
  ...on('hubble-status', 'v2/l7-hubble-status', [['a node is not connected', /2\/2/, '1/2']]),
  ...onBoth('pod-network', 'l5-pod-interface', [
    ['the address of no endpoint', /inet 10\.20\.(\d)\.\d+/, 'inet 10.20.$1.77'],
  ]),
  ...onBoth('kubectl-table', 'l3-endpoints', [['an endpoint of another address', /10\.20\.0\.\d+/, '10.20.0.77']]),
  ...onBoth('kubectl-table', 'l3-endpointslice', [['an endpoint of another address', /10\.20\.0\.\d+/, '10.20.0.77']]),
  ...onBoth('describe', 'l1-service-detail', [['an endpoint of another address', /10\.20\.0\.\d+/, '10.20.0.77']]),
  ...onBoth('yaml', 'l2-target-pool', [['a node of another name', /(?<=instances\/gke\S*-)....$/m, 'zzzz']]),
  ...onBoth('key-value', 'l6-local-asymmetric', [
    ['a node of another name', /(?<=node\/gke\S*\nnode\/gke\S*-)....$/m, 'zzzz'],
  ]),
];
