import { epochChange } from '../../model/epochs.ts';
import type { Frontend } from '../../model/frontends.ts';
import type { SideModel } from '../../model/model.ts';
import { completeList, distinct, placesOf, type Statement, statement } from '../../model/stated.ts';
import { counted, examplesInWords, inWords, reasonsInWords } from '../../words.ts';
import { agree, broken, type CheckResult, holds, notComparable, together } from './result.ts';

/** CLUSTER-IP, EXTERNAL-IP or NodePort: L1 and L3 among each other, and the dataplane has a frontend for each. */
export function addressCheck(model: SideModel, what: string, statements: Statement[], has: Has): CheckResult {
  const stated = agree(what, statements);
  const values = distinct(statements.flatMap((one) => one.values));
  if (stated.status === 'broken' || values.length === 0) return stated;
  const maps = model.dataplane;
  if (maps.length === 0) return stated;
  const [lacking, served] = [[] as string[], [] as Frontend[]];
  for (const { subject, frontends } of maps) {
    for (const value of values) {
      const own = frontends.filter((frontend) => has(frontend, value));
      served.push(...own);
      if (own.length === 0) lacking.push(`${subject.key} has no frontend for ${value}`);
    }
  }
  const evidence = [...placesOf(statements), ...served.map(({ at }) => at.at)];
  if (lacking.length > 0)
    return broken(`${reasonsInWords(lacking)}, which ${inWords(sourcesOf(statements))} states`, evidence);
  const names = [...sourcesOf(statements), ...new Set(served.map(({ subject }) => `a frontend in ${subject.key}`))];
  return holds(`${examplesInWords(values)}: ${names.join(' = ')}`, evidence);
}

/** Whether a frontend is the one for an address or a NodePort. */
export type Has = (frontend: Frontend, value: string) => boolean;
export const hasAddress: Has = ({ address }, value) => address?.value === value;
export const hasNodePort: Has = ({ nodePort, port }, value) => nodePort && port.value === value;

function sourcesOf(statements: readonly Statement[]): string[] {
  return statements.filter(({ values }) => values.length > 0).map(({ name }) => name);
}

/** The port of every frontend with an address is a port of the Service, and every port has one. */
export function portCheck(model: SideModel): CheckResult {
  const maps = model.dataplane.map(({ subject, frontends }) => {
    const own = frontends.filter((frontend) => frontend.own && frontend.own !== 'node-port');
    return statement(
      'the ports of its frontends',
      subject,
      own.map((frontend) => ({ ...frontend.at, value: frontend.port.value })),
    );
  });
  return agree("the Service's port", [...model.service.port, ...maps]);
}

/** Every frontend of the Service leads to all of its endpoints. */
export function backendsCheck(model: SideModel): CheckResult {
  const { endpoints } = model.service;
  const reference = endpoints.find(({ more, unready }) => more === 0 && !unready) ?? completeList(endpoints);
  if (model.dataplane.length === 0)
    return notComparable('no output holds the rules or maps of the dataplane (iptables-save, cilium-dbg service list)');
  if (!reference) return notComparable('no output lists the endpoints completely');
  const own = model.dataplane.flatMap(({ frontends }) => frontends.filter((frontend) => frontend.own));
  const places = [...placesOf([reference]), ...own.flatMap(({ backends }) => backends.map(({ at }) => at.at))];
  const { clusterIp, vip, nodePort } = model.service;
  if ([...clusterIp, ...vip, ...nodePort].every(({ values }) => values.length === 0))
    return notComparable('no output states an address or NodePort of the Service', placesOf([reference]));
  if (own.length === 0) return broken('the dataplane holds no frontend of the Service', placesOf([reference]));
  const expected = distinct(reference.values);
  // A Service of several ports has its endpoints once a port; a frontend leads to those of its own port.
  const severalPorts = model.service.port.some(({ values }) => distinct(values).length > 1);
  const outcomes = own.map(({ subject, address, port, backends }): CheckResult => {
    const name = `${address ? `${address.value}:${port.value}` : `NodePort ${port.value}`} in ${subject.key}`;
    const found = distinct(backends.map(({ at }) => at));
    const lacking = severalPorts && found.length > 0 ? [] : expected.filter((value) => !found.includes(value));
    const added = found.filter((value) => !expected.includes(value));
    if (lacking.length + added.length === 0) return holds(name, []);
    const what = [
      ...(lacking.length > 0 ? [`does not lead to ${examplesInWords(lacking)}`] : []),
      ...(added.length > 0 ? [`leads to ${examplesInWords(added)} besides`] : []),
    ];
    const change = epochChange(model, reference.capture, subject.key);
    const difference = `${name} ${inWords(what)}, compared with ${reference.name}`;
    if (change) return notComparable(`${difference}; but ${change.why}`, change.evidence);
    if (added.length === 0 && reference.unready)
      return notComparable(`${difference}, which lists those that are not ready, too`);
    return broken(difference, []);
  });
  const { status, why, evidence } = together(outcomes);
  if (status !== 'holds') return { status, why, evidence: [...places, ...evidence] };
  const lead = own.length === 1 ? 'leads' : 'lead';
  const all = expected.length === 1 ? 'the one' : `all ${expected.length}`;
  return holds(`${counted(own.length, 'frontend')} ${lead} to ${all} of ${reference.name}`, places);
}
