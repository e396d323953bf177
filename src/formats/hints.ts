import type { FieldKind } from './field.ts';

/** The hint for kinds that shape cannot tell, from the heading or key a value stands under. */
const HINTS: Readonly<Record<string, FieldKind>> = {
  ip_address: 'ip',
  ipaddress: 'ip',
  'loadbalancer ingress': 'ip',
  loadbalancersourceranges: 'ip',
  'loadbalancer source ranges': 'ip',
  cidr: 'ip',
  cidrs: 'ip',
  podcidr: 'ip',
  podcidrs: 'ip',
  ipv4: 'ip',
  ipv6: 'ip',
  address: 'ip',
  addresses: 'ip',
  endpoints: 'ip',
  age: 'age',
  'last seen': 'age',
  'first seen': 'age',
  identity: 'identity',
  node: 'node',
  nodename: 'node',
  node_name: 'node',
  'nominated node': 'node',
  pod: 'pod',
  podname: 'pod',
  pod_name: 'pod',
  namespace: 'namespace',
  name: 'name',
  restarts: 'count',
  count: 'count',
  generation: 'count',
  observedgeneration: 'count',
  port: 'port',
  ports: 'port',
  nodeport: 'port',
  targetport: 'port',
  containerport: 'port',
  source_port: 'port',
  destination_port: 'port',
  healthchecknodeport: 'port',
  'healthcheck nodeport': 'port',
  protocol: 'protocol',
  ip_protocol: 'protocol',
  uid: 'hash',
  uuid: 'hash',
  id: 'hash',
  resourceversion: 'hash',
  instances: 'node',
};

/** `CLUSTER-IP`, `Node IP`, `External IPs`, `podIP`. */
const NAMES_ADDRESS = /(?:^|[ _-])[Ii][Pp][Ss]?$|IPs?$/;

/** What the heading of a column or the key of a value says about it. */
export function hintOf(heading: string): FieldKind | undefined {
  return HINTS[heading.toLowerCase()] ?? (NAMES_ADDRESS.test(heading) ? 'ip' : undefined);
}
