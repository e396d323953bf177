import { holdsServices, ruleIndex, serviceRules } from '../../model/service-rules.ts';
import { ClaimError, outputOf, type ProseContext, present, subjectOf } from './data.ts';

/**
 * Rules of one Service (`namespace/name`) in the only ruleset with kube-proxy's nat rules.
 * @throws {ClaimError} where there is none, several, or one without that Service
 */
export function rulesOf({ model: { subjects } }: ProseContext, service: string): number {
  const saves = subjects.flatMap(({ key, parsed }) =>
    parsed.format === 'iptables-save' && holdsServices(parsed) ? [{ key, parsed }] : [],
  );
  const [save] = saves;
  if (!save || saves.length > 1)
    throw new ClaimError(
      'one output of iptables-save with nat rules of kube-proxy',
      String(saves.length),
      'Name the output instead of the Service.',
    );
  const { rules } = serviceRules(ruleIndex(save.parsed), service);
  if (rules.length > 0) return rules.length;
  throw new ClaimError(`rules of ${service}`, `none in ${save.key}`, 'Write the Service as namespace/name.');
}

/**
 * Rows of a `cilium-dbg service list` that are frontends of the traced Service: its addresses and its NodePort.
 * @throws {ClaimError} where there is none
 */
export function ownRows(context: ProseContext, key: string): number {
  const { side } = subjectOf(context, key);
  const { vip, clusterIp, nodePort } = context.model.sides[side].service;
  const stated = (statements: typeof vip) =>
    new Set(statements.flatMap(({ values }) => values.map(({ value }) => value)));
  const addresses = stated([...vip, ...clusterIp]);
  const ports = stated(nodePort);
  const own = outputOf(context, key, 'cilium-service-list').services.filter(
    ({ frontend, type }) =>
      addresses.has(frontend.ip.value) || (type.value === 'NodePort' && ports.has(frontend.port.value)),
  );
  return present(own[0] && own.length, 'row of the Service', key);
}
