import type { Rule } from '../../formats/iptables-save.ts';
import type { SideModel } from '../../model/model.ts';
import { matchOf, type RuleIndex, serviceRules, sharesOf } from '../../model/service-rules.ts';
import { occurrence } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { inWords } from '../../words.ts';
import { broken, type CheckResult, holds, notComparable, together } from './result.ts';

/** kube-proxy prints 1/n with ten digits and the kernel keeps 31 bits of it, so that shares are off by less than this. */
const SHARE_TOLERANCE = 1e-6;

function eachRuleset(
  trace: SideModel,
  check: (subject: Subject, index: RuleIndex, service: string) => CheckResult,
): CheckResult {
  const { namespace, name } = trace.service.service ?? {};
  if (trace.rules.length === 0)
    return notComparable('no output of this side holds the nat rules of kube-proxy (iptables-save)');
  if (!namespace || !name) return notComparable('no output names the traced Service with its namespace');
  return together(trace.rules.map(({ subject, index }) => check(subject, index, `${namespace}/${name}`)));
}

/** Every chain of kube-proxy that draws an endpoint gives each the same share of new connections. */
export function sharesCheck(trace: SideModel): CheckResult {
  return eachRuleset(trace, (subject, index) => {
    const all = sharesOf(index);
    const places = all.flatMap(({ endpoints }) => endpoints.map(({ rule }) => occurrence(subject, rule)));
    if (all.length === 0) return notComparable(`${subject.key} holds no KUBE-SVC chain that draws an endpoint`);
    const wrong = all.flatMap(({ chain, endpoints, rest }) => {
      const even = 1 / endpoints.length;
      const off = endpoints.filter(({ share }) => Math.abs(share - even) > SHARE_TOLERANCE);
      if (off.length === 0 && rest <= SHARE_TOLERANCE) return [];
      const shares = endpoints.map((endpoint) => `${endpoint.chain} ${endpoint.share.toFixed(4)}`);
      return [`${chain} gives ${inWords(shares)} instead of ${even.toFixed(4)} each (${subject.key})`];
    });
    if (wrong.length > 0) return broken(wrong.join('; '), places);
    const several = all.filter(({ endpoints }) => endpoints.length > 1).length;
    return holds(`${all.length} chains in ${subject.key}, ${several} of them with more than one endpoint`, places);
  });
}

/** Every chain the rules of the Service jump to is there, and every chain of the Service is jumped to. */
export function jumpsCheck(trace: SideModel): CheckResult {
  return eachRuleset(trace, (subject, index, service) => {
    const { rules, unreached, missing } = serviceRules(index, service);
    const places = rules.map((rule) => occurrence(subject, rule));
    if (rules.length === 0) return broken(`${subject.key} holds no rule of ${service}`, []);
    const left = leftOver(unreached, trace);
    const wrong = [
      ...missing
        .filter(({ own }) => own)
        .map(({ rule, chain }) => `line ${rule.line} jumps to ${chain}, which ${subject.key} does not hold`),
      ...unreached
        .filter(({ chain }) => !left.has(chain.value))
        .map((rule) => `line ${rule.line} belongs to ${service}, and no entrance of it leads there`),
    ];
    if (wrong.length > 0) return broken(wrong.join('; '), places);
    const others = missing.map(({ chain }) => chain);
    const filtered = others.length > 0 ? `; ${inWords(others)} was not captured` : '';
    const stale = left.size > 0 ? `; left over, without a way in: ${inWords([...left])}` : '';
    return holds(`${rules.length} rules of ${service} in ${subject.key}${filtered}${stale}`, places);
  });
}

/**
 * Chains that kube-proxy uses no longer and has not deleted yet, which it does only now and then on large clusters
 * (pkg/proxy/iptables, syncProxyRules): the endpoints for policy Local, and those of pods that are no endpoint now.
 */
function leftOver(unreached: readonly Rule[], { service }: SideModel): Set<string> {
  const endpoints = new Set(service.endpoints.flatMap(({ values }) => values.map(({ value }) => value)));
  const complete = endpoints.size > 0 && service.endpoints.some(({ more }) => more === 0);
  const chains = Map.groupBy(unreached, ({ chain }) => chain.value);
  const isStale = ([chain, rules]: [string, Rule[]]) => {
    if (chain.startsWith('KUBE-SVL-')) return true;
    const targets = rules.flatMap((rule) => dnatOf(rule)?.whole ?? []);
    return complete && targets.length > 0 && !targets.some((target) => endpoints.has(target));
  };
  return new Set([...chains].filter(isStale).map(([chain]) => chain));
}

/** Each endpoint's chain marks traffic from its own pod, rewrites to that pod, and is drawn under its name. */
export function endpointChainsCheck(trace: SideModel): CheckResult {
  return eachRuleset(trace, (subject, index, service) => {
    const { rules } = serviceRules(index, service);
    const chains = Map.groupBy(
      rules.filter(({ chain }) => chain.value.startsWith('KUBE-SEP-')),
      ({ chain }) => chain.value,
    );
    const places = [...chains.values()].flat().map((rule) => occurrence(subject, rule));
    if (chains.size === 0) return notComparable(`${subject.key} holds no endpoint chain of ${service}`);
    const wrong = [...chains].flatMap(([chain, own]) => {
      const targets = own.flatMap((rule) => dnatOf(rule) ?? []);
      const [target] = targets;
      if (targets.length !== 1 || !target) return [`${chain} has ${targets.length} DNAT rules instead of one`];
      const sources = own.flatMap((rule) => matchOf(rule, 'source')?.address.value.split('/')[0] ?? []);
      if (sources.length !== 1 || sources[0] !== target.host)
        return [`${chain} rewrites to ${target.host} and marks ${inWords(sources) || 'nothing'}`];
      // Since Kubernetes 1.24 the comment of a jump ends in `-> address:port`.
      const drawn = rules.flatMap((rule) => {
        const says = rule.target?.name.value === chain && matchOf(rule, 'comment')?.text.split(' -> ')[1];
        return says && says !== target.whole ? [`line ${rule.line} calls ${chain} ${says}, it is ${target.whole}`] : [];
      });
      return drawn;
    });
    if (wrong.length > 0) return broken(`${wrong.join('; ')} (${subject.key})`, places);
    return holds(`${chains.size} endpoint chains of ${service} in ${subject.key}`, places);
  });
}

function dnatOf(rule: Rule): { host: string; whole: string } | undefined {
  const effect = rule.target?.effect;
  if (effect?.kind !== 'dnat' || !effect.host) return undefined;
  return { host: effect.host.value, whole: effect.to.value };
}
