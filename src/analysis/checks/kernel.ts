import { epochChange } from '../../model/epochs.ts';
import type { DataplaneOutput, Frontend } from '../../model/frontends.ts';
import type { SideModel } from '../../model/model.ts';
import { completeList, distinct, type Stated, type Statement, statement, valuesOf } from '../../model/stated.ts';
import { counted, examplesInWords, reasonsInWords } from '../../words.ts';
import { broken, type CheckResult, holds, notComparable } from './result.ts';

/* What the kernel holds against what the agent and the cluster say. */

/** The map holds the frontends that the agent lists, with the same backends, and no others but NodePorts of the node. */
export function agentMapCheck(model: SideModel): CheckResult {
  const { dataplane } = model;
  const [list, map] = (['services', 'entries'] as const).map((prints) =>
    dataplane.find((one) => one.prints === prints),
  );
  if (!map) return notComparable('no output is the map itself (cilium-dbg bpf lb list)');
  if (!list) return notComparable('no output is the list of the agent (cilium-dbg service list)');
  const [listed, held] = [byName(list), byName(map)];
  const evidence = [...listed.values(), ...held.values()].map(({ at }) => at.at);
  const wrong = [...listed].flatMap(([name, one]): string[] => {
    const entry = held.get(name);
    if (!entry) return [`${map.subject.key} has no entry for ${name}, which ${list.subject.key} lists`];
    const [active, resting, there] = [one.backends, one.inactive, entry.backends].map((all) =>
      distinct(all.map(({ at }) => at)),
    ) as [string[], string[], string[]];
    const lacking = active.filter((backend) => !there.includes(backend));
    const added = there.filter((backend) => !active.includes(backend) && !resting.includes(backend));
    if (lacking.length + added.length === 0) return [];
    const parts = [
      ...(lacking.length > 0 ? [`lacks ${examplesInWords(lacking)}`] : []),
      ...(added.length > 0 ? [`has ${examplesInWords(added)} besides`] : []),
    ];
    return [`${name} in ${map.subject.key}, compared with ${list.subject.key}, ${parts.join(' and ')}`];
  });
  const own = [...held].filter(([name, { nodePort }]) => !listed.has(name) && !nodePort);
  wrong.push(...own.map(([name]) => `${map.subject.key} has ${name}, which ${list.subject.key} does not list`));
  if (wrong.length > 0) {
    const change = epochChange(model, list.subject.key, map.subject.key);
    return change
      ? notComparable(`${reasonsInWords(wrong)}: ${change.why}`, evidence)
      : broken(reasonsInWords(wrong), evidence);
  }
  const surrogates = [...held.keys()].filter((name) => !listed.has(name)).length;
  const besides =
    surrogates > 0 ? `; besides, ${counted(surrogates, 'entry')} of NodePorts at addresses of the node` : '';
  return holds(`${counted(listed.size, 'frontend')} with the same backends in both${besides}`, evidence);
}

/** Frontends by what the kernel looks them up by. */
function byName({ frontends }: DataplaneOutput): Map<string, Frontend> {
  return new Map(frontends.map((one) => [`${one.name}${one.inside ? '/i' : ''}`, one]));
}

/** Connections to the Service were sent to its endpoints. */
export function trackedCheck(model: SideModel): CheckResult {
  const { tracked, service } = model;
  const sent = tracked.flatMap(({ subject, connections }) =>
    connections.flatMap(({ backend, frontend }) => (backend ? [{ subject, backend, frontend }] : [])),
  );
  const evidence = sent.flatMap(({ backend, frontend }) => [frontend.at, backend.at]);
  const reference = completeList(service.endpoints) ?? servedBy(model);
  if (tracked.length === 0) return notComparable('no output lists tracked connections');
  if (sent.length === 0) return notComparable('no tracked connection to the Service tells where it was sent');
  if (!reference)
    return notComparable('no output lists the endpoints completely, and no dataplane leads to them', evidence);
  const known = valuesOf([reference]);
  const places = [...evidence, ...reference.values.map(({ at }) => at)];
  const strange = sent.filter(({ backend }) => !known.includes(backend.value));
  if (strange.length > 0) {
    const words = reasonsInWords([
      ...new Set(
        strange.map(
          ({ subject, backend, frontend }) =>
            `${subject.key}: a connection to ${frontend.value} was sent to ${backend.value}, which is not among ${reference.name}`,
        ),
      ),
    ]);
    const changes = strange.map(({ subject }) => epochChange(model, reference.capture, subject.key));
    return changes.every((change) => change)
      ? notComparable(`${words}: ${changes[0]?.why}`, places)
      : broken(words, places);
  }
  const to = examplesInWords([...new Set(sent.map(({ backend }) => backend.value))]);
  return holds(`${counted(sent.length, 'connection')} ${sent.length === 1 ? 'was' : 'were'} sent to ${to}`, places);
}

/** Where the dataplane sends connections to the Service; kubectl cuts long lists of endpoints short. */
function servedBy({ dataplane }: SideModel): Statement | undefined {
  const served = dataplane.map(({ subject, frontends }) => {
    const own = frontends.filter((frontend) => frontend.own).flatMap(({ backends }) => backends.map(({ at }) => at));
    return statement('the backends of the Service', subject, own);
  });
  return served.find(({ values }) => values.length > 0);
}

/** The programs at interfaces are loaded, under the names they have there. */
export function programsCheck({ programs: { attached, loaded } }: SideModel): CheckResult {
  if (attached.length === 0) return notComparable('no output shows programs at interfaces (bpftool net show)');
  if (loaded.length === 0) return notComparable('no output lists loaded programs (bpftool prog show)');
  const evidence = [...attached.map(({ program }) => program.at), ...loaded.map(({ id }) => id.at)];
  const wrong = attached.flatMap(({ device, kind, name, program }): string[] => {
    const found = loaded.find(({ id }) => id.value === program.value);
    const where = `at ${device.value} (${kind.value})`;
    if (!found) return [`program ${program.value} ${where} is not loaded`];
    return isNamed(name, found.name)
      ? []
      : [`program ${program.value} is ${name?.value} ${where} and ${found.name?.value} where it is loaded`];
  });
  if (wrong.length > 0) return broken(reasonsInWords(wrong), evidence);
  const names = [...new Set(attached.map(({ name, program }) => name?.value ?? program.value))];
  return holds(`${examplesInWords(names)} ${attached.length === 1 ? 'is' : 'are'} loaded`, evidence);
}

/** Older names stand for the section of an object file, and the kernel keeps fifteen characters (BPF_OBJ_NAME_LEN). */
function isNamed(one: Stated | undefined, other: Stated | undefined): boolean {
  if (!one || !other || /[[\]:.]/.test(one.value)) return true;
  return one.value.startsWith(other.value) || other.value.startsWith(one.value);
}
