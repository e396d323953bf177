import type { CiliumSide, Cluster, Inside, Probe, Request, Tracked, Watched, World } from '../world.ts';
import type { Draw } from './draw.ts';

/* What recordings say besides where the recipe asks why: in about half of the worlds, side by side. */

/** A world with what a newer recipe records of it. */
export function toldWhy(draw: Draw, { v1, v2, omitted }: World): World {
  const sides = { ...(v1 && { v1: told(draw, v1) }), ...(v2 && { v2: seenInside(draw, told(draw, v2)) }) };
  return {
    ...(sides.v1 && { v1: watchedNodes(draw, sides.v1) }),
    ...(sides.v2 && { v2: watchedNodes(draw, sides.v2) }),
    omitted,
  };
}

function told<Side extends Cluster>(draw: Draw, side: Side): Side {
  const { probes, pods, left, start, wording } = side;
  const newer = wording === 'recorded' && draw.chance(0.5);
  if (!newer) return side;
  const ready = pods.filter((pod) => pod.ready).map(({ name }) => name);
  const long = (probe: Probe, names: readonly string[], after: number) =>
    timed(draw, probe, names, start + after, side.service.vip);
  return {
    ...side,
    probes: {
      clusterMode: long(probes.clusterMode, ready, 60_000),
      localSymmetric: long(probes.localSymmetric, ready, 120_000),
      localFailover: long(probes.localFailover, [left.name], 200_000),
      ...(probes.localConverged && { localConverged: long(probes.localConverged, [left.name], 330_000) }),
    },
    tracked: draw.list(1, 4, () => tracked(draw, side)),
  };
}

/** The same requests, with what the longer lines print; only curl's own timeout takes as long as six seconds. */
function timed(draw: Draw, probe: Probe, pods: readonly string[], from: number, vip: string): Probe {
  const pause = draw.of([0, 3, 200, 1000]);
  let start = from;
  const requests = probe.requests.map((request): Request => {
    const { status, took } = request;
    const answered = status !== '000';
    const waited = Math.floor(took / 1000);
    const silent = took >= 6_000_000;
    const error = silent
      ? `Connection timed out after ${waited} milliseconds`
      : `Failed to connect to ${vip} port 80 after ${waited} ms: Couldn't connect to server`;
    const longer: Request = {
      ...request,
      told: {
        start,
        exit: answered ? 0 : silent ? 28 : 7,
        connect: answered ? Math.ceil(took / 2) : 0,
        pod: answered && pods.length > 0 && status === '200' ? draw.of(pods) : '',
        error: answered ? '' : error,
      },
    };
    start += Math.ceil(took / 1000) + pause + (pause > 0 ? draw.int(0, 20) : 0);
    return longer;
  });
  // The longer lines stand without a heading.
  return { requests };
}

/** A side whose nodes were asked while its failover was probed. */
function watchedNodes<Side extends Cluster>(draw: Draw, side: Side): Side {
  const { probes, nodes, left } = side;
  const { requests } = probes.localFailover;
  const [first, last] = [requests[0]?.told?.start, requests.at(-1)?.told?.start];
  if (first === undefined || last === undefined || draw.chance(0.3)) return side;
  const never = Number.POSITIVE_INFINITY;
  const turn = () => draw.of([first - 5_000, draw.int(first, last + 1), draw.int(first, last + 1), never]);
  const watched: Watched = {
    rounds: Array.from(
      { length: draw.int(1, 8) },
      (_, index) => first + draw.int(-300, 300) + index * Math.max(1_000, Math.ceil((last - first) / 6)),
    ),
    pool: draw.chance(0.85),
    nodes: nodes.map(({ name }) =>
      name === left.node && draw.chance(0.9)
        ? { name, poolUntil: never, ownUntil: never }
        : { name, poolUntil: turn(), ownUntil: turn() },
    ),
  };
  const odd = (request: Request): Request =>
    request.told && request.status === '000' && draw.chance(0.2)
      ? { ...request, told: oddEnd(draw, request.told) }
      : request;
  return { ...side, probes: { ...probes, localFailover: { requests: requests.map(odd), watched } } };
}

/** An end that has nothing to do with the nodes, or comes after the connection was made. */
function oddEnd(draw: Draw, told: NonNullable<Request['told']>): NonNullable<Request['told']> {
  return draw.chance(0.5)
    ? { ...told, exit: 6, error: 'Could not resolve host: nginx.example' }
    : { ...told, exit: 52, connect: draw.int(500, 40_000), error: 'Empty reply from server' };
}

/** A connection that conntrack holds. */
export function tracked(draw: Draw, { service, pods, nodes, inspection }: Cluster): Tracked {
  const ready = pods.filter((pod) => pod.ready);
  const pod = draw.of(ready.length > 0 ? ready : pods);
  const own = nodes.find(({ name }) => name === inspection.pod.node) ?? draw.of(nodes);
  const backend = { ip: pod.ip, port: service.targetPort };
  const port = draw.int(32_768, 60_999);
  const state = draw.of(['ESTABLISHED', 'TIME_WAIT'] as const);
  const outside = (): Tracked => ({
    state,
    client: { ip: `198.51.100.${draw.int(1, 254)}`, port },
    frontend: draw.of([
      { ip: service.vip, port: service.port },
      { ip: own.ip, port: service.nodePort },
    ]),
    backend,
    masqueradedAs: { ip: own.ip, port: draw.int(1024, 65_000) },
  });
  const inside = (): Tracked => ({
    state,
    client: { ip: own.podCidr.replace(/\.0\/24$/, `.${draw.int(200, 250)}`), port },
    frontend: { ip: service.clusterIP, port: service.port },
    backend,
  });
  return draw.chance(0.6) ? outside() : inside();
}

/** A side whose connections are known, with what its agent and its kernel say of themselves. */
export function seenInside(draw: Draw, side: CiliumSide): CiliumSide {
  if (!side.tracked) return side;
  const first = draw.int(200, 900);
  const programs = [
    { id: first, name: 'cil_from_container', kind: 'tcx/ingress' as const },
    { id: first + 2, name: 'cil_to_container', kind: 'tcx/egress' as const },
  ];
  const inside: Inside = {
    kubeProxyReplacement: draw.of(['True', 'True', 'False']),
    socketLb: draw.of(['Enabled', 'Enabled', 'Disabled']),
    coverage: draw.of(['Full', 'Hostns-only']),
    mode: draw.of(['SNAT', 'SNAT', 'DSR', 'Hybrid']),
    masquerading: draw.of(['BPF', 'IPTables', 'Disabled']),
    device: `lxc${draw.text('0123456789abcdef', 12)}`,
    programs: draw.chance(0.7) ? programs : programs.slice(0, 1),
    maps: draw.of(['all', 'one']),
  };
  return { ...side, inside };
}
