import type { SideModel } from './model.ts';
import { isOfService } from './pods.ts';
import { distinct } from './stated.ts';
import type { Occurrence } from './subject.ts';

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
 * @param one key of an output
 * @param other key of another, earlier or later in the order of the page
 * @returns undefined where the outputs show nothing of the kind, so that a difference is a contradiction
 */
export function epochChange(model: SideModel, one: string, other: string): EpochChange | undefined {
  const place = (key: string) => model.subjects.findIndex((subject) => subject.key === key);
  const [from, to] = [place(one), place(other)].sort((a, b) => a - b) as [number, number];
  const signs = [...scalings(model, place, from, to), ...losses(model, place, from, to)];
  if (signs.length === 0) return undefined;
  return { why: signs.map(({ why }) => why).join(', and '), evidence: signs.flatMap(({ evidence }) => evidence) };
}

type Place = (key: string) => number;

/** Outputs between two others that state another number of replicas than there were endpoints. */
function scalings({ service, pods }: SideModel, place: Place, from: number, to: number): EpochChange[] {
  const before = service.endpointIps.findLast(({ capture }) => place(capture) <= from);
  if (!before) return [];
  const size = distinct(before.values).length + before.more;
  return pods.replicas
    .filter(({ capture }) => place(capture) > from && place(capture) < to)
    .flatMap(({ capture, values }) =>
      values
        .filter(({ value }) => Number(value) !== size)
        .map(({ value, at }) => ({
          why: `the Deployment was scaled from ${size} to ${value} in between (${capture})`,
          evidence: [at],
        })),
    );
}

/** Pods that were looked into between two outputs and are no longer listed later, still between them. */
function losses({ pods }: SideModel, place: Place, from: number, to: number): EpochChange[] {
  const ofService = pods.seen.filter(({ pod }) => isOfService(pods, pod.value));
  return ofService.flatMap(({ pod, subject, by }) => {
    const at = place(subject.key);
    if (by !== 'inspection' || at < from) return [];
    const lists = ofService.filter((later) => later.by === 'list' && place(later.subject.key) > at);
    const first = lists.find((later) => place(later.subject.key) <= to)?.subject.key;
    if (!first || lists.some((later) => later.pod.value === pod.value)) return [];
    return [{ why: `${pod.value} of ${subject.key} is gone in ${first}`, evidence: [pod.at] }];
  });
}
