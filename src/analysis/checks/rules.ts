import type { SideModel } from '../../model/model.ts';
import type { RulesetFacts } from '../../model/rulesets.ts';
import { occurrence } from '../../model/stated.ts';
import { counted, examplesInWords, reasonsInWords } from '../../words.ts';
import { broken, type CheckResult, holds, notComparable, together } from './result.ts';

/** kube-proxy prints 1/n with ten digits and the kernel keeps 31 bits of it, so that shares are off by less than this. */
const SHARE_TOLERANCE = 1e-6;

function eachRuleset(
  { dataplane }: SideModel,
  check: (ruleset: RulesetFacts, service: string) => CheckResult,
): CheckResult {
  const rulesets = dataplane.flatMap(({ ruleset }) => ruleset ?? []);
  if (rulesets.length === 0)
    return notComparable('no output of this side holds the nat rules of kube-proxy (iptables-save)');
  return together(
    rulesets.map((ruleset) =>
      ruleset.service === undefined
        ? notComparable('no output names the traced Service with its namespace')
        : check(ruleset, ruleset.service),
    ),
  );
}

/** Every chain of kube-proxy that draws an endpoint gives each the same share of new connections. */
export function sharesCheck(model: SideModel): CheckResult {
  return eachRuleset(model, ({ subject, shares }) => {
    const places = shares.flatMap(({ endpoints }) => endpoints.map(({ rule }) => occurrence(subject, rule)));
    if (shares.length === 0) return notComparable(`${subject.key} holds no KUBE-SVC chain that draws an endpoint`);
    const wrong = shares.flatMap(({ chain, endpoints, rest }) => {
      const even = 1 / endpoints.length;
      const off = endpoints.filter(({ share }) => Math.abs(share - even) > SHARE_TOLERANCE);
      if (off.length === 0 && rest <= SHARE_TOLERANCE) return [];
      const given = endpoints.map((endpoint) => `${endpoint.chain} ${endpoint.share.toFixed(4)}`);
      return [`${chain} gives ${examplesInWords(given)} instead of ${even.toFixed(4)} each (${subject.key})`];
    });
    if (wrong.length > 0) return broken(reasonsInWords(wrong), places);
    const several = shares.filter(({ endpoints }) => endpoints.length > 1).length;
    return holds(
      `${counted(shares.length, 'chain')} in ${subject.key}, ${several} with more than one endpoint`,
      places,
    );
  });
}

/** Every chain the rules of the Service jump to is there, and every chain of the Service is jumped to. */
export function jumpsCheck(model: SideModel): CheckResult {
  return eachRuleset(model, (ruleset, service) => {
    const { subject, own } = ruleset;
    const { rules, unreached, missing } = own;
    const places = rules.map((rule) => occurrence(subject, rule));
    if (rules.length === 0) return broken(`${subject.key} holds no rule of ${service}`, []);
    const left = leftOver(ruleset, model);
    const wrong = [
      ...missing
        .filter((one) => one.own)
        .map(({ rule, chain }) => `line ${rule.line} jumps to ${chain}, which ${subject.key} does not hold`),
      ...unreached
        .filter(({ chain }) => !left.has(chain.value))
        .map((rule) => `line ${rule.line} belongs to ${service}, and no entrance of it leads there`),
    ];
    if (wrong.length > 0) return broken(reasonsInWords(wrong), places);
    const others = missing.map(({ chain }) => chain);
    const filtered = others.length > 0 ? `; ${examplesInWords(others)} was not captured` : '';
    const stale = left.size > 0 ? `; left over, without a way in: ${examplesInWords([...left])}` : '';
    return holds(`${counted(rules.length, 'rule')} of ${service} in ${subject.key}${filtered}${stale}`, places);
  });
}

/**
 * Chains that kube-proxy uses no longer and has not deleted yet, which it does only now and then on large clusters
 * (pkg/proxy/iptables, syncProxyRules): the endpoints for policy Local, and those of pods that are no endpoint now.
 */
function leftOver({ index, own }: RulesetFacts, { service }: SideModel): Set<string> {
  const endpoints = new Set(service.endpoints.flatMap(({ values }) => values.map(({ value }) => value)));
  const complete = endpoints.size > 0 && service.endpoints.some(({ more }) => more === 0);
  const isStale = (chain: string) => {
    if (chain.startsWith('KUBE-SVL-')) return true;
    const targets = (index.endpoints.get(chain) ?? []).flatMap(({ target }) => target?.whole ?? []);
    return complete && targets.length > 0 && !targets.some((target) => endpoints.has(target));
  };
  return new Set(own.unreached.map(({ chain }) => chain.value).filter(isStale));
}

/** Each endpoint's chain marks traffic from its own pod, rewrites to that pod, and is drawn under its name. */
export function endpointChainsCheck(model: SideModel): CheckResult {
  return eachRuleset(model, ({ subject, index, own }, service) => {
    const names = new Set(own.rules.map(({ chain }) => chain.value));
    const chains = [...names].flatMap((name) => {
      const rules = index.endpoints.get(name);
      return rules ? [{ name, rules }] : [];
    });
    const places = chains.flatMap(({ rules }) => rules.map(({ rule }) => occurrence(subject, rule)));
    if (chains.length === 0) return notComparable(`${subject.key} holds no endpoint chain of ${service}`);
    const draws = Map.groupBy(own.draws, ({ chain }) => chain);
    const wrong = chains.flatMap(({ name, rules }) => {
      const targets = rules.flatMap(({ target }) => target ?? []);
      const [target] = targets;
      if (targets.length !== 1 || !target)
        return [`${name} has ${counted(targets.length, 'DNAT rule')} instead of one`];
      const sources = rules.flatMap(({ source }) => source ?? []);
      if (sources.length !== 1 || sources[0] !== target.host)
        return [`${name} rewrites to ${target.host} and marks ${examplesInWords(sources) || 'nothing'}`];
      return (draws.get(name) ?? []).flatMap(({ rule, says }) =>
        says && says !== target.whole ? [`line ${rule.line} calls ${name} ${says}, it is ${target.whole}`] : [],
      );
    });
    if (wrong.length > 0) return broken(`${reasonsInWords(wrong)} (${subject.key})`, places);
    return holds(`${counted(chains.length, 'endpoint chain')} of ${service} in ${subject.key}`, places);
  });
}
