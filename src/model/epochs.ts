import type { SideModel } from './model.ts';
import { isOfService } from './pods.ts';
import { sizeOf } from './stated.ts';
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
  const scalings = (scalingsBetween(model, one, other) ?? []).map((scaling) => ({
    why: `the Deployment was scaled from ${scaling.from} to ${scaling.to} in between (${scaling.capture})`,
    evidence: [scaling.at],
  }));
  const signs = [...scalings, ...losses(model, place, from, to)];
  if (signs.length === 0) return undefined;
  return { why: signs.map(({ why }) => why).join(', and '), evidence: signs.flatMap(({ evidence }) => evidence) };
}

type Place = (key: string) => number;

/** The Deployment was given another number of replicas. */
export interface Scaling {
  from: number;
  to: number;
  /** The output that says so. */
  capture: string;
  at: Occurrence;
}

/** What outputs between two others say of the number of replicas; undefined where none says anything. */
export function scalingsBetween(model: SideModel, one: string, other: string): Scaling[] | undefined {
  const place = (key: string) => model.subjects.findIndex((subject) => subject.key === key);
  const [from, to] = [place(one), place(other)].sort((a, b) => a - b) as [number, number];
  const before = model.service.endpointIps.findLast(({ capture }) => place(capture) <= from);
  const between = model.pods.replicas.filter(({ capture }) => place(capture) > from && place(capture) < to);
  if (between.length === 0) return undefined;
  const size = before && sizeOf(before);
  return between.flatMap(({ capture, values }) =>
    values.flatMap(({ value, at }) =>
      size === undefined || Number(value) === size ? [] : [{ from: size, to: Number(value), capture, at }],
    ),
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
