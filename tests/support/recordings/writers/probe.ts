import type { CiliumSide, Probe, Watched } from '../world.ts';
import { curlSeconds } from './text.ts';

/* What the probes print: curl's `%{http_code}` and `%{time_total}`, a line a request. */

/** A probe from outside, one request after the other, and between them what the nodes were found to be. */
export function probe({ title, requests, watched }: Probe): string {
  const lines = requests.map(({ status, took, told }, index) => {
    if (!told) return `Request ${String(index + 1).padStart(2)}: HTTP ${status} (time ${curlSeconds(took)}s)\n`;
    const { start, exit, connect, pod, error } = told;
    const times = `connect=${curlSeconds(connect)} total=${curlSeconds(took)}`;
    return `${index + 1} start=${new Date(start).toISOString()} status=${status} exit=${exit} ${times} pod=${pod} error=${error}\n`;
  });
  const ended = (index: number) => {
    const { told, took } = requests[index] ?? {};
    return told && took !== undefined ? told.start + took / 1000 : 0;
  };
  const printed = [...lines.map((text, index) => ({ at: ended(index), text })), ...(watched ? health(watched) : [])];
  const all = printed.sort((a, b) => a.at - b.at).map(({ text }) => text);
  return [...(title === undefined ? [] : [`=== ${title} ===\n`]), ...all].join('');
}

/** What every round of questions about the nodes prints. */
function health({ rounds, pool, nodes }: Watched): { at: number; text: string }[] {
  return rounds.map((at) => {
    const head = (from: string, node: string) => `health at=${new Date(at).toISOString()} from=${from} node=${node}`;
    const own = nodes.map(({ name, ownUntil }) => {
      const passes = at < ownUntil;
      return `${head('node', name)} status=${passes ? 200 : 503} answer={"localEndpoints":${passes ? 1 : 0}}\n`;
    });
    const held = nodes.map(({ name, poolUntil }) => {
      return `${head('pool', name)} state=${at < poolUntil ? 'HEALTHY' : 'UNHEALTHY'}\n`;
    });
    return { at, text: [...own, ...(pool ? held : [])].join('') };
  });
}

/** The requests of the clients of L8: as their commands print them, or as the published script wrote them out. */
export function enforcement({ enforcement, service, wording, policy }: CiliumSide): string {
  if (wording === 'recorded') {
    return enforcement
      .map(
        ({ client, request }) =>
          `${client.name} -> ${service.name} : HTTP ${request.status} (${curlSeconds(request.took)}s)\n`,
      )
      .join('');
  }
  const lines = enforcement.map(({ client, request: { status, took } }) => {
    const answered = status !== '000';
    const label = `(role=${client.labels.role})`.padEnd(15);
    const time = answered ? `(${(took / 1e6).toFixed(3)}s)` : `(${(took / 1e6).toFixed(1)}s timeout)`;
    const mark = answered ? '✓ allowed' : '✗ denied — SYN dropped';
    return `${client.name}  ${label} -> ${service.name} : HTTP ${status}  ${time.padEnd(18)}${mark}\n`;
  });
  const peer = Object.entries(policy?.peers[0] ?? {})
    .map((pair) => pair.join('='))
    .join();
  const comment = policy ? `# NetworkPolicy active: ${service.name} accepts ingress only from ${peer}\n` : '';
  return comment + lines.join('');
}
