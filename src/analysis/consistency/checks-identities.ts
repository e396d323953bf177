import { broken, distinct, holds, inWords, notComparable, type Outcome } from '../evidence.ts';
import { epochChange } from './epochs.ts';
import { replicaSetOf } from './pods.ts';
import type { Trace } from './trace.ts';

/** Each pod's identity in the flows is the one the table of identities gives it. */
export function identitiesCheck(trace: Trace): Outcome {
  const table = new Map(
    trace.pods.seen.flatMap(({ listed, pod, identity, subject }) =>
      listed && identity ? [[pod.value, { identity, subject, pod }] as const] : [],
    ),
  );
  const namespace = trace.service.service?.namespace;
  const inFlows = trace.pods.seen.filter(
    (seen) => !seen.listed && seen.identity && (!namespace || seen.namespace === namespace),
  );
  const evidence = [...table.values(), ...inFlows].flatMap(({ identity }) => (identity ? [identity.at] : []));
  if (table.size === 0) return notComparable('no output lists the identities of pods', evidence);
  if (inFlows.length === 0) return notComparable('no output shows flows with the identities of pods', evidence);
  const [{ subject: list } = { subject: undefined }] = [...table.values()];
  const wrong = new Set<string>();
  const gone = new Set<string>();
  const same = new Map<string, string>();
  for (const { pod, identity, subject } of inFlows) {
    const own = table.get(pod.value);
    if (own && own.identity.value === identity?.value) same.set(pod.value, own.identity.value);
    else if (own)
      wrong.add(
        `${pod.value} has ${own.identity.value} in ${own.subject.key} and ${identity?.value} in ${subject.key}`,
      );
    else if (trace.pods.replicaSets.has(replicaSetOf(pod.value) ?? '')) {
      const change = epochChange(trace.subjects, trace.pods, subject.key, list?.key ?? '');
      if (change) gone.add(`${pod.value} of ${subject.key} is not in ${list?.key}: ${change.why}`);
      else wrong.add(`${pod.value} of ${subject.key} is not in ${list?.key}`);
    }
  }
  if (wrong.size > 0) return broken([...wrong].join('; '), evidence);
  if (same.size === 0) return notComparable([...gone].join('; ') || `no pod of ${list?.key} is in a flow`, evidence);
  const counted = Map.groupBy([...same], ([, identity]) => identity);
  const words = [...counted].map(([identity, pods]) => `${identity} for ${inWords(pods.map(([name]) => name))}`);
  return holds(`${words.join('; ')}${gone.size > 0 ? `; ${[...gone].join('; ')}` : ''}`, evidence);
}

/** Pods of one ReplicaSet carry the same labels, and so have one identity. */
export function sharedIdentityCheck(trace: Trace): Outcome {
  const rows = trace.pods.seen.filter(({ listed, identity }) => listed && identity);
  const sets = Map.groupBy(rows, ({ pod }) => replicaSetOf(pod.value));
  sets.delete(undefined);
  const several = [...sets].filter(([, pods]) => pods.length > 1);
  const evidence = several.flatMap(([, pods]) => pods.flatMap(({ identity }) => (identity ? [identity.at] : [])));
  if (rows.length === 0) return notComparable('no output lists the identities of pods');
  if (several.length === 0) return notComparable('no two listed pods are of one ReplicaSet');
  const wrong = several.flatMap(([set, pods]) => {
    const identities = distinct(pods.flatMap(({ identity }) => identity ?? []));
    return identities.length > 1 ? [`the pods of ${set} have ${inWords(identities)}`] : [];
  });
  if (wrong.length > 0) return broken(wrong.join('; '), evidence);
  const words = several.map(([set, pods]) => `the ${pods.length} pods of ${set} have ${pods[0]?.identity?.value}`);
  return holds(words.join('; '), evidence);
}
