import { fieldsIn } from '../model/fields.ts';
import type { Model, SideModel } from '../model/model.ts';
import { occurrence } from '../model/stated.ts';
import { type SideId, sideIds } from '../recipe/schema.ts';
import { type Candidate, nodeCandidates, podCandidates, serviceCandidates } from './roles/candidates.ts';
import { occurrencesOf, valueKey } from './roles/occurrences.ts';
import { peerCandidates } from './roles/surroundings.ts';
import { type RoleValue, roles } from './types.ts';

/** A role value with what it may be exchanged for. */
interface Known {
  candidate: Candidate;
  value: RoleValue;
}

/**
 * Finds what each value is: the Service's addresses and ports, its pods, nodes and chains, the identities and the peers
 * of its flows, each with how that is known, its counterparts on the other side, and every place where it stands.
 * Nothing but the outputs decides; a value can have one role only on a side, the first in the order of {@link roles}.
 */
export function roleValues({ subjects, sides }: Model): RoleValue[] {
  const known = sideIds.flatMap((side) => settled(candidatesOf(sides[side]), side));
  for (const side of sideIds) {
    const byKey = new Map(
      known
        .filter(({ value }) => value.side === side)
        .map((one) => [valueKey(one.value.role, one.value.value), one.value]),
    );
    for (const subject of subjects) {
      if (subject.side !== side) continue;
      const found: { value: RoleValue; start: number; end: number }[] = [];
      occurrencesOf(subject, fieldsIn(subject), byKey, (value, start, end) => found.push({ value, start, end }));
      found.sort((a, b) => a.start - b.start);
      for (const { value, start, end } of found) value.occurrences.push(occurrence(subject, { start, end }));
    }
  }
  const groups = Map.groupBy(known, ({ candidate: { role, group }, value: { side } }) => `${side} ${role} ${group}`);
  for (const { candidate, value } of known) {
    const other = value.side === 'v1' ? 'v2' : 'v1';
    const same = groups.get(`${other} ${candidate.role} ${candidate.group}`) ?? [];
    value.counterpart = same.map((one) => one.value.value);
  }
  return known.map(({ value }) => value);
}

function candidatesOf(model: SideModel): Candidate[] {
  return [
    ...serviceCandidates(model),
    ...podCandidates(model),
    ...nodeCandidates(model),
    ...peerCandidates(model.flows),
    ...chainCandidates(model),
  ];
}

/** The Service's own chains. */
function chainCandidates({ dataplane }: SideModel): Candidate[] {
  return dataplane.flatMap(({ subject, ruleset }) =>
    [...(ruleset?.own.chains ?? [])].map((value): Candidate => {
      const how = `on the way from the Service's addresses to its pods in ${subject.key}`;
      return { role: 'chain', value, how, group: value.replace(/-[A-Z2-7]{16}$/, '') };
    }),
  );
}

/** Where only one value can be right, the one that most places name; anything else as it is. */
function agreed(candidates: readonly Candidate[]): Candidate[] {
  const votes = new Map<string, number>();
  const ballot = ({ role, value }: Candidate) => `${role} ${value}`;
  for (const one of candidates) votes.set(ballot(one), (votes.get(ballot(one)) ?? 0) + 1);
  const winners = new Map<string, Candidate>();
  for (const one of candidates) {
    if (one.key === undefined) continue;
    const place = `${one.role} ${one.key}`;
    const best = winners.get(place);
    if (!best || (votes.get(ballot(one)) ?? 0) > (votes.get(ballot(best)) ?? 0)) winners.set(place, one);
  }
  const elected = new Set([...winners.values()].map(ballot));
  const contested = new Set([...winners.values()].map(({ role }) => role));
  return candidates.filter((one) => !contested.has(one.role) || elected.has(ballot(one)));
}

/** One role value for each value of a side. */
function settled(candidates: readonly Candidate[], side: SideId): Known[] {
  const known = new Map<string, Known>();
  const rank = ({ role }: Candidate) => roles.indexOf(role);
  const ordered = agreed(candidates).map((candidate, index) => ({ candidate, index }));
  ordered.sort((a, b) => rank(a.candidate) - rank(b.candidate) || a.index - b.index);
  for (const { candidate } of ordered) {
    const { role, value, how } = candidate;
    const key = valueKey(role, value);
    if (!known.has(key)) {
      known.set(key, { candidate, value: { role, side, value, how, counterpart: [], occurrences: [] } });
    }
  }
  return [...known.values()];
}
