import { type Model, modelOf } from '../model/model.ts';
import type { Subject } from '../model/subject.ts';
import type { SideId } from '../recipe/schema.ts';
import { consistencyChecks } from './checks.ts';
import type { Change } from './drift/change.ts';
import { areas, type Fact, factsOf } from './drift/facts.ts';
import { valueChanges } from './drift/values.ts';
import type { Check, LayerVerdict } from './types.ts';

export type { Change } from './drift/change.ts';
export { environmentOf } from './drift/environment.ts';
export type { Area } from './drift/facts.ts';

/** One side at one time. */
export interface Recording {
  side: SideId;
  /** What it is called: `HEAD (8998914)`, `the work tree`. */
  name: string;
  /** Outputs that could be read, in page order. */
  subjects: readonly Subject[];
  /** Outputs that are there but could not be read, with the reason. */
  unread: ReadonlyMap<string, string>;
  /** SHA-256 of every output that is there, by key. */
  digests: ReadonlyMap<string, string>;
  /** From run.yaml; empty for a side that was not recorded. See {@link environmentOf}. */
  environment: ReadonlyMap<string, string>;
  /** Verdicts on the layers at that time, from the outputs of both sides; none on a layer that could not be read. */
  verdicts?: readonly LayerVerdict[];
}

/** What changed between two recordings of one side. */
export interface Drift {
  side: SideId;
  from: string;
  to: string;
  changes: Change[];
  /** Outputs that are in both, and how many of them differ in their bytes. */
  compared: number;
  differing: number;
}

/** Two times are taken for the same up to this factor, or this difference in seconds: networks are noisy. */
const SAME_FACTOR = 1.5;
const SAME_SECONDS = 0.05;

/** Compares the meaning of two recordings of one side. */
export function drift(before: Recording, after: Recording): Drift {
  const models = [before, after].map(({ side, subjects }) =>
    modelOf(subjects.filter((subject) => subject.side === side)),
  ) as [Model, Model];
  const [left, right] = [
    allFacts(before, models[0], sharedVerdicts(before, after)),
    allFacts(after, models[1], sharedVerdicts(after, before)),
  ];
  const changes = valueChanges(models[0].sides[before.side], models[1].sides[after.side]);
  for (const [key, fact] of new Map([...left, ...right])) {
    const [a, b] = [left.get(key), right.get(key)];
    if (a && b && (a.value === b.value || sameTime(a, b))) continue;
    const { area, what, capture } = fact;
    // The facts of an output that came or went follow from that.
    const own = capture !== undefined && area !== 'outputs';
    if (own && (!before.digests.has(capture) || !after.digests.has(capture))) continue;
    if (own && (before.unread.has(capture) || after.unread.has(capture))) continue;
    changes.push({
      area,
      what,
      ...(capture === undefined ? {} : { capture }),
      ...(a && { before: a.value }),
      ...(b && { after: b.value }),
    });
  }
  const both = [...before.digests].filter(([key]) => after.digests.has(key));
  return {
    side: after.side,
    from: before.name,
    to: after.name,
    changes: changes.sort((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area)),
    compared: both.length,
    differing: both.filter(([key, digest]) => after.digests.get(key) !== digest).length,
  };
}

function sameTime(a: Fact, b: Fact): boolean {
  if (a.seconds === undefined || b.seconds === undefined) return false;
  const [low, high] = [Math.min(a.seconds, b.seconds), Math.max(a.seconds, b.seconds)];
  return high - low <= SAME_SECONDS || high <= low * SAME_FACTOR;
}

/**
 * The verdicts of one recording that the other can be held against. They rest on both sides, and a side that has not
 * changed did not change them.
 */
function sharedVerdicts(one: Recording, other: Recording): LayerVerdict[] {
  const same =
    one.digests.size === other.digests.size &&
    [...one.digests].every(([key, digest]) => other.digests.get(key) === digest);
  const known = new Set(other.verdicts?.map(({ layer }) => layer));
  return same ? [] : (one.verdicts ?? []).filter(({ layer }) => known.has(layer));
}

/** Every fact of a recording under a key that another recording shares. */
function allFacts(recording: Recording, model: Model, verdicts: readonly LayerVerdict[]): Map<string, Fact> {
  const { side, unread, digests, environment } = recording;
  const facts: Fact[] = [
    ...[...environment].map(([what, value]): Fact => ({ area: 'environment', what, value })),
    ...[...digests.keys()].map((capture): Fact => {
      const reason = unread.get(capture);
      return { area: 'outputs', what: 'output', capture, value: reason ? `cannot be read: ${reason}` : 'there' };
    }),
    ...factsOf(model.sides[side]),
    ...verdicts.map(
      ({ layer, verdict }): Fact => ({
        area: 'checks',
        what: `verdict on ${layer.toUpperCase()}`,
        value: verdict,
      }),
    ),
    ...consistencyChecks(model).map(
      ({ title, status }: Check): Fact => ({ area: 'checks', what: title, value: status }),
    ),
  ];
  return new Map(facts.map((fact) => [`${fact.area}\n${fact.capture ?? ''}\n${fact.what}`, fact]));
}
