import type { FormatId } from '../../formats/index.ts';
import type { SideModel } from '../../model/model.ts';
import { rulesOf } from '../../model/rulesets.ts';
import type { Subject } from '../../model/subject.ts';
import { ClaimError, outputOf, type ProseContext, present, subjectOf } from './data.ts';

/**
 * What the model holds of an output.
 * @param list the facts of that kind of output
 * @throws {ClaimError} where the output is not there or has another format
 */
function factOf<Fact extends { subject: Subject }>(
  context: ProseContext,
  key: string,
  format: FormatId,
  list: (side: SideModel) => readonly Fact[],
): Fact {
  outputOf(context, key, format);
  const facts = list(context.model.sides[subjectOf(context, key).side]);
  return present(
    facts.find(({ subject }) => subject.key === key),
    'what it says of the Services',
    key,
  );
}

/** The sizes of an iptables-save. */
export function rulesetOf(context: ProseContext, key: string): { rules: number; chains: number } {
  return factOf(context, key, 'iptables-save', ({ rulesets }) => rulesets);
}

/** Services of a `cilium-dbg service list`. */
export function serviceRows(context: ProseContext, key: string): number {
  return factOf(context, key, 'cilium-service-list', ({ dataplane }) => dataplane).count;
}

/**
 * Rows of a `cilium-dbg service list` that are frontends of the traced Service: its addresses and its NodePort.
 * @throws {ClaimError} where there is none
 */
export function ownRows(context: ProseContext, key: string): number {
  const { frontends } = factOf(context, key, 'cilium-service-list', ({ dataplane }) => dataplane);
  return present(frontends.filter(({ own }) => own).length || undefined, 'row of the Service', key);
}

/**
 * Rules of one Service (`namespace/name`) in the only ruleset with kube-proxy's nat rules.
 * @throws {ClaimError} where there is none, several, or one without that Service
 */
export function rulesOfService({ model: { sides } }: ProseContext, service: string): number {
  const rulesets = Object.values(sides).flatMap(({ dataplane }) => dataplane.flatMap(({ ruleset }) => ruleset ?? []));
  const [ruleset] = rulesets;
  if (!ruleset || rulesets.length > 1)
    throw new ClaimError(
      'one output of iptables-save with nat rules of kube-proxy',
      String(rulesets.length),
      'Name the output instead of the Service.',
    );
  const { rules } = rulesOf(ruleset, service);
  if (rules.length > 0) return rules.length;
  throw new ClaimError(`rules of ${service}`, `none in ${ruleset.subject.key}`, 'Write the Service as namespace/name.');
}
