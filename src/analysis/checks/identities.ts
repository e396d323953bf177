import { epochChange } from '../../model/epochs.ts';
import type { SideModel } from '../../model/model.ts';
import { isOfService, replicaSetOf, type SeenPod } from '../../model/pods.ts';
import { clientRequests } from '../../model/probes.ts';
import { distinct, type Stated } from '../../model/stated.ts';
import { examplesInWords, inWords, reasonsInWords } from '../../words.ts';
import { broken, type CheckResult, holds, notComparable } from './result.ts';

/** Each pod's identity in the flows is the one the table of identities gives it. */
export function identitiesCheck(model: SideModel): CheckResult {
  const table = new Map(model.pods.identified.map((one) => [one.pod.value, one]));
  const namespace = model.service.service?.namespace;
  const inFlows = model.pods.seen.filter(
    (seen) => seen.by !== 'list' && seen.identity && (!namespace || seen.namespace === namespace),
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
    else if (isOfService(model.pods, pod.value)) {
      const change = epochChange(model, subject.key, list?.key ?? '');
      if (change) gone.add(`${pod.value} of ${subject.key} is not in ${list?.key}: ${change.why}`);
      else wrong.add(`${pod.value} of ${subject.key} is not in ${list?.key}`);
    }
  }
  if (wrong.size > 0) return broken(reasonsInWords([...wrong]), evidence);
  if (same.size === 0)
    return notComparable(reasonsInWords([...gone]) || `no pod of ${list?.key} is in a flow`, evidence);
  const counted = Map.groupBy([...same], ([, identity]) => identity);
  const words = [...counted].map(
    ([identity, pods]) => `${identity} for ${examplesInWords(pods.map(([name]) => name))}`,
  );
  return holds(`${reasonsInWords(words)}${gone.size > 0 ? `; ${reasonsInWords([...gone])}` : ''}`, evidence);
}

/** Pods of one ReplicaSet carry the same labels, and so have one identity. */
export function sharedIdentityCheck(model: SideModel): CheckResult {
  const rows = model.pods.identified;
  const sets = Map.groupBy(rows, ({ pod }) => replicaSetOf(pod.value));
  sets.delete(undefined);
  const several = [...sets].filter(([, pods]) => pods.length > 1);
  const evidence = several.flatMap(([, pods]) => pods.map(({ identity }) => identity.at));
  if (rows.length === 0) return notComparable('no output lists the identities of pods');
  if (several.length === 0) return notComparable('no two listed pods are of one ReplicaSet');
  const wrong = several.flatMap(([set, pods]) => {
    const identities = distinct(pods.map(({ identity }) => identity));
    return identities.length > 1 ? [`the pods of ${set} have ${examplesInWords(identities)}`] : [];
  });
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  const words = several.map(([set, pods]) => `the ${pods.length} pods of ${set} have ${pods[0]?.identity.value}`);
  return holds(reasonsInWords(words), evidence);
}

/**
 * An identity stands for one set of labels (docs.cilium.io, "Identity-Relevant Labels"), so that pods known to differ in
 * a label cannot share one. Labels are known of the Service's pods and of clients that a probe names.
 */
export function distinctIdentitiesCheck(model: SideModel): CheckResult {
  const rows = model.pods.identified;
  if (rows.length === 0) return notComparable('no output lists the identities of pods');
  const known = rows.flatMap((row) => {
    const labels = labelsOf(model, row);
    return labels.length > 0 ? [{ name: row.pod.value, identity: row.identity, labels }] : [];
  });
  const groups = [...Map.groupBy(known, ({ identity, labels }) => `${identity.value} ${distinct(labels)}`).values()];
  const different = groups.flatMap((one, index) =>
    groups.slice(index + 1).flatMap((other) => {
      const [label, opposite] = differing(one[0]?.labels ?? [], other[0]?.labels ?? []);
      return label && opposite ? [{ ends: [one, other], labels: [label, opposite] }] : [];
    }),
  );
  const pods = [...new Set(different.flatMap(({ ends }) => ends.flat()))];
  const evidence = [
    ...pods.map(({ identity }) => identity.at),
    ...new Set(different.flatMap(({ labels }) => labels.map(({ at }) => at))),
  ];
  if (different.length === 0) return notComparable('no two listed pods are known to differ in a label');
  const words = (pair: (typeof different)[number]) =>
    inWords(
      pair.ends.map((end, index) => `${examplesInWords(end.map(({ name }) => name))} (${pair.labels[index]?.value})`),
    );
  const wrong = different.filter(({ ends: [one, other] }) => one?.[0]?.identity.value === other?.[0]?.identity.value);
  if (wrong.length > 0)
    return broken(
      reasonsInWords(wrong.map((pair) => `${words(pair)} share ${pair.ends[0]?.[0]?.identity.value}`)),
      evidence,
    );
  const numbers = pods.map(({ name, identity }) => `${identity.value} for ${name}`);
  return holds(
    `${reasonsInWords(different.map(words))} have identities of their own: ${examplesInWords(numbers)}`,
    evidence,
  );
}

/** What is known of a listed pod's labels, each as `role=frontend`. */
function labelsOf({ probes, service, pods }: SideModel, { pod }: SeenPod): Stated[] {
  const probed = clientRequests(probes).flatMap(({ client, label }) =>
    label && client.value === pod.value ? [label.at] : [],
  );
  const selected = isOfService(pods, pod.value) ? service.selector.flatMap(({ values }) => values) : [];
  return [...probed, ...selected];
}

/** Two labels of the same key with different values, one of each pod. */
function differing(one: readonly Stated[], other: readonly Stated[]): [Stated, Stated] | [] {
  const keyOf = ({ value }: Stated) => value.slice(0, value.indexOf('='));
  for (const label of one) {
    const opposite = other.find((each) => keyOf(each) === keyOf(label) && each.value !== label.value);
    if (opposite) return [label, opposite];
  }
  return [];
}
