import type { FailureCause, HealthFinding } from '../../analysis/findings/health.ts';
import { counted, inWords } from '../../words.ts';
import type { Sentences } from './sentences.ts';

/** Where failures come from, in words. */
export const healthSentences: Sentences<HealthFinding> = { 'failure-cause': causeWords };

function causeWords(finding: FailureCause): string {
  const { failed, late, nodes, passing, client } = finding;
  const all = (part: number) =>
    part === failed ? (failed === 1 ? 'The request' : `All ${failed} requests`) : `${part} of ${failed} requests`;
  const parts = [
    ...(late > 0
      ? [
          `${all(late)} without an answer ${late === 1 ? 'was' : 'were'} sent while the load balancer still held ${inWords(nodes)} to be healthy, whose own check failed: ${late === 1 ? 'it fits' : 'they fit'} a health check that is late.`,
        ]
      : []),
    ...(passing > 0
      ? [
          `${all(passing)} without an answer ${passing === 1 ? 'was' : 'were'} sent while every node in use passed its own check, so that ${passing === 1 ? 'it comes' : 'they come'} from the way there: ${endsWords(finding)}.`,
        ]
      : []),
    ...(client > 0 ? [`${all(client)} without an answer failed on the client, before a packet left it.`] : []),
  ];
  return parts.join(' ');
}

function endsWords({ ends: { silent, refused, connected } }: FailureCause): string {
  return inWords([
    ...(silent > 0 ? [`${counted(silent, 'connection')} got no answer`] : []),
    ...(refused > 0 ? [`${counted(refused, 'connection')} ${refused === 1 ? 'was' : 'were'} refused`] : []),
    ...(connected > 0
      ? [`${counted(connected, 'connection')} ${connected === 1 ? 'was' : 'were'} made and ended without an answer`]
      : []),
  ]);
}
