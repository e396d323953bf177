import { fieldsIn } from './fields.ts';
import { type PodFacts, replicaSetOf } from './pods.ts';
import { distinct, statedField } from './stated.ts';
import type { Occurrence, Subject } from './subject.ts';

/*
 * Pods may be recreated between two outputs of one side; then their names and addresses differ without a contradiction.
 * That is concluded from the outputs alone: the Deployment was scaled to another number between them, or an earlier
 * output names a pod that a later list of the Service's pods does not hold.
 */

/** Why pods of two outputs may differ, with the places that show it. */
export interface EpochChange {
  why: string;
  evidence: Occurrence[];
}

/**
 * Looks for signs that pods were recreated between two outputs.
 * @param subjects the outputs of one side in the order of the page
 * @param one key of an output
 * @param other key of another, earlier or later
 * @returns undefined where the outputs show nothing of the kind, so that a difference is a contradiction
 */
export function epochChange(
  subjects: readonly Subject[],
  pods: PodFacts,
  one: string,
  other: string,
): EpochChange | undefined {
  const place = (key: string) => subjects.findIndex((subject) => subject.key === key);
  const [from, to] = [place(one), place(other)].sort((a, b) => a - b) as [number, number];
  const signs = [...scalings(subjects, pods, place, from, to), ...losses(pods, place, from, to)];
  if (signs.length === 0) return undefined;
  return { why: signs.map(({ why }) => why).join(', and '), evidence: signs.flatMap(({ evidence }) => evidence) };
}

type Place = (key: string) => number;

/** Outputs between two others that state another number of replicas than there were endpoints. */
function scalings(
  subjects: readonly Subject[],
  { endpointIps }: PodFacts,
  place: Place,
  from: number,
  to: number,
): EpochChange[] {
  const before = endpointIps.findLast(({ values }) => place(values[0]?.at.capture ?? '') <= from);
  if (!before) return [];
  const size = distinct(before.values).length + before.more;
  return subjects.slice(from + 1, to).flatMap((subject) => {
    if (subject.parsed.format !== 'key-value') return [];
    return fieldsIn(subject)
      .filter(({ path, value }) => path.at(-1) === 'replicas' && Number(value) !== size)
      .map((replicas) => ({
        why: `the Deployment was scaled from ${size} to ${replicas.value} in between (${subject.key})`,
        evidence: [statedField(subject, replicas).at],
      }));
  });
}

/** Pods that were looked into between two outputs and are no longer listed later, still between them. */
function losses({ seen, replicaSets }: PodFacts, place: Place, from: number, to: number): EpochChange[] {
  const ofService = seen.filter(({ pod }) => replicaSets.has(replicaSetOf(pod.value) ?? ''));
  return ofService.flatMap(({ pod, subject, listed }) => {
    const at = place(subject.key);
    if (listed || subject.parsed.format !== 'pod-network' || at < from) return [];
    const list = ofService.filter((later) => later.listed && place(later.subject.key) > at);
    const first = list.find((later) => place(later.subject.key) <= to)?.subject.key;
    if (!first || list.some((later) => later.pod.value === pod.value)) return [];
    return [{ why: `${pod.value} of ${subject.key} is gone in ${first}`, evidence: [pod.at] }];
  });
}
