import { rulesOf } from '../../model/rulesets.ts';
import { ClaimError, factOf, type ProseContext, present } from './data.ts';

/** The sizes of an iptables-save. */
export function rulesetOf(context: ProseContext, key: string): { rules: number; chains: number } {
  return factOf(context, key, ({ rulesets }) => rulesets, 'iptables-save');
}

/** Services of a `cilium-dbg service list`. */
export function serviceRows(context: ProseContext, key: string): number {
  return factOf(context, key, ({ dataplane }) => dataplane, 'cilium-service-list').count;
}

/**
 * Rows of a `cilium-dbg service list` that are frontends of the traced Service: its addresses and its NodePort.
 * @throws {ClaimError} where there is none
 */
export function ownRows(context: ProseContext, key: string): number {
  const { frontends } = factOf(context, key, ({ dataplane }) => dataplane, 'cilium-service-list');
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
