import type { Endpoint } from '../../model/agent.ts';
import { citationsOf, joined } from '../../model/citation.ts';
import type { Model, SideModel } from '../../model/model.ts';
import { type ClientRequest, clientRequests } from '../../model/probes.ts';
import type { Subject } from '../../model/subject.ts';
import { sideIds } from '../../recipe/schema.ts';
import { isNumbered, ownEndpoints, ownMaps } from '../endpoints.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/*
 * What becomes of a client by the policy, step by step: labels, identity, the identity of its address, the endpoint it
 * asks, the entry of that endpoint's map with its counter, and the drop.
 */

/** One client's way through the policy; a step of which nothing is recorded is absent. */
export interface PolicyChain extends FindingOf<'policy-chain'> {
  client: Named;
  /** `role=other`, as the probe says, or as the agent of the client's node says. */
  label?: string;
  /** By the table of identities. */
  identity?: Named;
  /** By the ipcache, for the client's address. */
  cached?: { address: string; identity: Named };
  /** Endpoints of the Service's pods on the recorded node, and whether each enforces what comes in. */
  endpoints?: { ids: string[]; enforced: boolean };
  /** What the maps of these endpoints hold for the identity, by its number. */
  entry?: { is: 'allow' | 'deny' | 'none' /** Counted by all of them. */; packets?: number };
  answered: boolean;
  /** Packets of it or of its identity that were dropped as denied; absent where no flows of that time are recorded. */
  drops?: number;
}

/** Whether the map has entries for the host and for other nodes, by their numbers. */
export interface NodesByNumber extends FindingOf<'nodes-by-number'> {
  host: boolean;
  remoteNode: boolean;
}

/** What becomes of clients by the policy. */
export type ChainFinding = PolicyChain | NodesByNumber;

/** Numbers of reserved identities (pkg/identity/numericidentity.go). */
const [HOST, REMOTE_NODE] = ['1', '6'];

/** What becomes of clients by the policy, where more is recorded than labels and silence. */
export function chainFindings({ sides }: Model): ChainFinding[] {
  return sideIds.flatMap((side) => {
    const model = sides[side];
    return [...chains(model), ...nodes(model)];
  });
}

/** The output that a chain is said of: the last of those that only newer recipes record. */
function lastOf(model: SideModel): Subject | undefined {
  const maps = model.policyMaps.filter(isNumbered).map(({ capture }) => capture);
  const { endpoints, ipcaches } = model.agent;
  const keys = new Set([
    ...maps,
    ...endpoints.map(({ capture }) => capture),
    ...ipcaches.map(({ capture }) => capture),
  ]);
  return model.subjects.findLast(({ key }) => keys.has(key));
}

function chains(model: SideModel): PolicyChain[] {
  const subject = lastOf(model);
  const requests = [...Map.groupBy(clientRequests(model.probes), ({ client }) => client.value).values()].map(
    ([first]) => first as ClientRequest,
  );
  return subject ? requests.map((request) => chain(model, subject, request)) : [];
}

function chain(model: SideModel, subject: Subject, request: ClientRequest): PolicyChain {
  const { side, agent, pods, flows } = model;
  const { client, outcome, layer } = request;
  const named = (value: string): Named => ({ role: 'identity', side, value });
  const row = pods.identified.find(({ pod }) => pod.value === client.value);
  const cached = row?.ip && agent.ipcaches[0]?.entries.find(({ prefix }) => prefix.value === row.ip?.value);
  const identity = row?.identity.value ?? cached?.identity.value;
  const endpoints = ownEndpoints(model);
  const maps = ownMaps(model).filter(isNumbered);
  const ingress = maps.flatMap(({ entries }) => entries.filter(({ direction }) => direction.value === 'Ingress'));
  const entries = ingress.filter((entry) => entry.any || entry.identity?.value === identity);
  const own = flows.filter((output) => output.layer === layer);
  const drops = own
    .flatMap(({ packets }) => packets)
    .filter(({ deniedByPolicy, from }) => {
      const same = identity !== undefined && from.identity?.value === identity;
      return deniedByPolicy && (same || from.pod?.value === client.value);
    });
  const counts = entries.flatMap(({ packets }) => packets ?? []);
  const places = [
    client.at,
    ...(row ? [row.identity.at] : []),
    ...(cached ? [cached.identity.at] : []),
    ...endpoints.map(({ ingress: enforced }) => enforced.at),
  ];
  const label = request.label?.at.value ?? agentLabel(agent.endpoints, row?.ip?.value);
  return {
    kind: 'policy-chain',
    about: aboutOutput(subject),
    places: joined([
      ...citationsOf(model.subjects, places),
      ...[...entries, ...drops].map(({ evidence }) => evidence),
      ...(entries.length === 0 ? ingress.map(({ evidence }) => evidence) : []),
      request.evidence,
    ]),
    client: { role: 'pod', side, value: client.value },
    ...(label !== undefined && { label }),
    ...(row && { identity: named(row.identity.value) }),
    ...(cached && row?.ip && { cached: { address: row.ip.value, identity: named(cached.identity.value) } }),
    ...(endpoints.length > 0 && {
      endpoints: {
        ids: endpoints.map(({ id }) => id.value),
        enforced: endpoints.every(({ ingress: enforced }) => enforced.value === 'Enabled'),
      },
    }),
    ...(maps.length > 0 &&
      identity !== undefined && {
        entry: {
          is: entries.some(({ policy }) => policy === 'Deny') ? 'deny' : entries.length > 0 ? 'allow' : 'none',
          ...(counts.length > 0 && { packets: counts.reduce((sum, count) => sum + count, 0) }),
        },
      }),
    answered: outcome === 'answered',
    ...(own.length > 0 && { drops: drops.length }),
  };
}

/** The label of a client that no other endpoint's labels hold: what tells it from the rest, by its agent. */
function agentLabel(endpoints: readonly Endpoint[], address: string | undefined): string | undefined {
  const own = endpoints.find(({ addresses }) => addresses.some(({ value }) => value === address));
  const others = endpoints.filter((one) => one !== own).flatMap(({ labels }) => labels.map(({ at }) => at.value));
  const telling = own?.labels.filter(
    ({ source, key, at }) => source === 'k8s' && !/\./.test(key) && !others.includes(at.value),
  );
  const [first] = telling ?? [];
  return first && `${first.key}=${first.value}`;
}

function nodes(model: SideModel): NodesByNumber[] {
  const maps = ownMaps(model).filter(isNumbered);
  const [first] = maps;
  const subject = model.subjects.find(({ key }) => key === first?.capture);
  const ingress = maps.flatMap(({ entries }) =>
    entries.filter(({ direction, policy }) => direction.value === 'Ingress' && policy !== 'Deny'),
  );
  // An entry for every identity is for the nodes', too.
  if (!subject || ingress.length === 0 || ingress.some(({ any }) => any)) return [];
  const has = (number: string | undefined) => ingress.some(({ identity }) => identity?.value === number);
  return [
    {
      kind: 'nodes-by-number',
      about: aboutOutput(subject),
      places: joined(ingress.map(({ evidence }) => evidence)),
      host: has(HOST),
      remoteNode: has(REMOTE_NODE),
    },
  ];
}
