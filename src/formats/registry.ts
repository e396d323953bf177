/*
 * Every kind of output the project can read, by the name layers.yaml calls it: one line for each.
 */
export { default as 'bpftool-net' } from './bpftool-net.ts';
export { default as 'bpftool-prog' } from './bpftool-prog.ts';
export { default as 'cilium-bpf-ct-list' } from './cilium-bpf-ct-list.ts';
export { default as 'cilium-bpf-ipcache-list' } from './cilium-bpf-ipcache-list.ts';
export { default as 'cilium-bpf-lb-list' } from './cilium-bpf-lb-list.ts';
export { default as 'cilium-bpf-nat-list' } from './cilium-bpf-nat-list.ts';
export { default as 'cilium-config' } from './cilium-config.ts';
export { default as 'cilium-endpoint-list' } from './cilium-endpoint-list.ts';
export { default as 'cilium-policy-map' } from './cilium-policy-map.ts';
export { default as 'cilium-service-list' } from './cilium-service-list.ts';
export { default as 'cilium-status' } from './cilium-status.ts';
export { default as 'conntrack-list' } from './conntrack-list.ts';
export { default as 'describe' } from './describe.ts';
export { default as 'http-probe' } from './http-probe.ts';
export { default as 'hubble-flows' } from './hubble-flow-fields.ts';
export { default as 'hubble-flows-json' } from './hubble-flows-json.ts';
export { default as 'hubble-status' } from './hubble-status.ts';
export { default as 'iptables-save' } from './iptables-save.ts';
export { default as 'key-value' } from './key-value.ts';
export { default as 'kubectl-table' } from './kubectl-table.ts';
export { default as 'plain' } from './plain.ts';
export { default as 'pod-network' } from './pod-network.ts';
export { default as 'yaml' } from './yaml.ts';
