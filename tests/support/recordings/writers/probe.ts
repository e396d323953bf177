import type { CiliumSide, Probe } from '../world.ts';
import { curlSeconds } from './text.ts';

/* What the probes print: curl's `%{http_code}` and `%{time_total}`, a line a request. */

/** A probe from outside, one request after the other. */
export function probe({ title, requests }: Probe): string {
  const lines = requests.map(({ status, took, told }, index) => {
    if (!told) return `Request ${String(index + 1).padStart(2)}: HTTP ${status} (time ${curlSeconds(took)}s)\n`;
    const { start, exit, connect, pod, error } = told;
    const times = `connect=${curlSeconds(connect)} total=${curlSeconds(took)}`;
    return `${index + 1} start=${new Date(start).toISOString()} status=${status} exit=${exit} ${times} pod=${pod} error=${error}\n`;
  });
  return [...(title === undefined ? [] : [`=== ${title} ===\n`]), ...lines].join('');
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
