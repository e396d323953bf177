import { expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import type { Check } from '../../../src/analysis/types.ts';
import { modelOf } from '../../../src/model/model.ts';
import { type Edit, published } from '../edited-outputs.ts';

const find = (checks: Check[], id: string) => checks.find((check) => check.id === id) as Check;

test('the reasons name values and outputs', () => {
  const checks = consistencyChecks(modelOf(published()));
  const why = (id: string) => find(checks, id).why;
  expect(why('v1/backends')).toMatchInlineSnapshot(`"3 frontends lead to all 3 of Endpoints in v1/l1-service-detail"`);
  expect(why('v1/jump-targets')).toMatchInlineSnapshot(
    `"16 rules of netflow-test/nginx in v1/l4-iptables-nat; KUBE-MARK-MASQ was not captured"`,
  );
  expect(why('v2/vip')).toMatchInlineSnapshot(
    `"34.72.78.182: IP_ADDRESS of the forwarding rule in v2/l1-gce-forwarding-rule = EXTERNAL-IP in v2/l1-service-ips = LoadBalancer Ingress in v2/l1-service-detail = a frontend in v2/l4-ebpf-service-map"`,
  );
  expect(why('v2/running-pods')).toMatchInlineSnapshot(
    `"the pods in v2/l8-identities, compared with ENDPOINTS of the EndpointSlice in v2/l3-endpointslice: 10.20.1.9 and 10.20.1.10 missing, 10.20.1.11 and 10.20.1.12 besides: the Deployment was scaled from 3 to 1 in between (v2/l6-local-asymmetric), and nginx-bb6b8c496-jfd4v of v2/l5-pod-interface is gone in v2/l8-identities; 10.20.0.15 is in both"`,
  );
  expect(why('v2/policy-map')).toMatchInlineSnapshot(
    `"role=frontend; besides, reserved:host; the entry of reserved:host shows reserved:remote-node too, and is the host alone: by this map traffic that another node relays is denied (no capture confirms it)"`,
  );
  expect(why('v2/left-pod')).toMatchInlineSnapshot(
    `"nginx-bb6b8c496-w8kkn is named in v2/l7-hubble-observe, v2/l8-identities and v2/l8-hubble-drop too; its address 10.20.0.15 is among Endpoints in v2/l1-service-detail"`,
  );
  expect(why('v2/relay-ready')).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 3/3 in v2/l7-hubble-relay; it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/hubble-nodes')).toMatchInlineSnapshot(
    `"2: the number of the instances of the pool in v2/l2-target-pool = the number of Nodes in v2/l6-local-asymmetric = the nodes Hubble is connected to in v2/l7-hubble-status"`,
  );
  expect(why('v2/flow-port')).toMatchInlineSnapshot(`"13 packets go to 80"`);
  expect(why('v2/distinct-identities')).toMatchInlineSnapshot(
    `"client-allowed (role=frontend) and client-blocked (role=other) have identities of their own: 51014 for client-allowed and 6385 for client-blocked"`,
  );
  expect(why('v2/identities')).toMatchInlineSnapshot(
    `"18565 for nginx-bb6b8c496-vc6pj, nginx-bb6b8c496-2gd6m and nginx-bb6b8c496-w8kkn; 6385 for client-blocked"`,
  );
});

test('the reasons of broken checks name what contradicts what', () => {
  const why = (id: string, ...edits: Edit[]) => find(consistencyChecks(modelOf(published(...edits))), id).why;
  expect(why('v2/distinct-identities', ['v2/l8-identities', '51014', '6385 '])).toMatchInlineSnapshot(
    `"client-allowed (role=frontend) and client-blocked (role=other) share 6385"`,
  );
  expect(why('v2/left-pod', ['v2/l8-identities', '10.20.0.15', '10.20.0.16'])).toMatchInlineSnapshot(
    `"nginx-bb6b8c496-w8kkn, which scaling left (v2/l6-local-asymmetric), has 10.20.0.16, which is not among Endpoints in v2/l1-service-detail"`,
  );
  expect(why('v2/relay-ready', ['v2/l7-hubble-relay', '3/3', '2/3'])).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 2/3 in v2/l7-hubble-relay, and yet it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/relay-ready', ['v2/l7-hubble-relay', 'Running', 'Unknown'])).toMatchInlineSnapshot(
    `"hubble-relay-56b84459c4-cqzqj is 3/3 and Unknown in v2/l7-hubble-relay, and yet it answered in v2/l7-hubble-status"`,
  );
  expect(why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '1/2'])).toMatchInlineSnapshot(
    `"1 of 2 nodes are connected (v2/l7-hubble-status)"`,
  );
  expect(
    why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '1/3\nUnavailable Nodes: 2\n  - node-1\n  - node-2']),
  ).toMatchInlineSnapshot(`"1 of 3 nodes are connected (v2/l7-hubble-status); node-1 and node-2 unavailable"`);
  expect(why('v2/hubble-nodes', ['v2/l7-hubble-status', '2/2', '3/3'])).toMatchInlineSnapshot(
    `"the number of the instances of the pool in v2/l2-target-pool is 2, the nodes Hubble is connected to in v2/l7-hubble-status is 3"`,
  );
  expect(why('v2/flow-port', ['v2/l7-hubble-observe', /(2gd6m):80 /g, '$1:81 '])).toMatchInlineSnapshot(
    `"the target port is 80; a flow to nginx-bb6b8c496-2gd6m goes to port 81 (v2/l7-hubble-observe)"`,
  );
  const egress: Edit = ['v2/l8-policy', '[Ingress]', '[Egress]'];
  expect(why('v2/policy-map', egress)).toMatchInlineSnapshot(
    `"nginx-allow-frontend is about Egress alone, and no entry lets in every identity"`,
  );
  expect(why('v2/enforcement', egress)).toMatchInlineSnapshot(
    `"client-blocked gets no answer, v2/l8-policy (about Egress alone) allows it"`,
  );
  expect(
    why(
      'v2/distinct-identities',
      ['v2/l8-enforcement', 'role=other)   ', 'app=other)    '],
      ['v2/l8-identities', '6385 ', '18565'],
    ),
  ).toMatchInlineSnapshot(
    `"client-blocked (app=other) and nginx-bb6b8c496-2gd6m, nginx-bb6b8c496-vc6pj and nginx-bb6b8c496-w8kkn (app=nginx) share 18565"`,
  );
});
