import type { NetworkPolicy, Peer, PolicyRule, Selector } from '../../model/policies.ts';
import { type Answer, every, hasLabel, holdsPort, type PolicyCell, type PolicySource, some } from './source.ts';

/*
 * What NetworkPolicies (networking.k8s.io/v1) allow, by the API's own rules: policies add up; a pod that some policy
 * selects for ingress accepts what any of them allows and, whatever they say, what comes from its own node
 * (kubernetes.io/docs/concepts/services-networking/network-policies). The captures do not show the labels of the target
 * pods, so every captured policy is taken to select them.
 */

/** What the policies say of a source on a TCP port, in words. */
export function policyCell(
  policies: readonly NetworkPolicy[],
  source: PolicySource,
  port: string | undefined,
): PolicyCell {
  if (isOwnNode(source)) {
    return {
      verdict: 'allowed',
      basis: 'predicted',
      why: 'A NetworkPolicy cannot deny what comes from the pod’s own node.',
      evidence: [],
    };
  }
  const answer = policiesAllow(policies, source, port);
  const say = (verdict: PolicyCell['verdict'], why: string): PolicyCell => ({
    verdict,
    basis: verdict === 'unknown' ? 'none' : 'predicted',
    why,
    evidence: policies.map(({ evidence }) => evidence),
  });
  if (answer === 'yes') return say('allowed', 'A rule under `ingress` selects it.');
  if (answer === 'no') return say('denied', 'No rule under `ingress` selects it.');
  return say('unknown', 'What is known of it does not tell whether a rule selects it.');
}

/** Whether policies let in a source on a TCP port: where none is about ingress, everybody. */
export function policiesAllow(
  policies: readonly NetworkPolicy[],
  source: PolicySource,
  port: string | undefined,
): Answer {
  const about = policies.filter(({ restrictsIngress }) => restrictsIngress);
  if (about.length === 0 || isOwnNode(source)) return 'yes';
  return some(about.flatMap(({ ingress }) => ingress.map((rule) => ruleAllows(rule, source, port))));
}

function isOwnNode({ kind, name }: PolicySource): boolean {
  return kind === 'reserved' && name === 'host';
}

function ruleAllows({ peers, ports }: PolicyRule, source: PolicySource, port: string | undefined): Answer {
  return every([
    peers.length === 0 ? 'yes' : some(peers.map((peer) => peerIs(peer, source))),
    ports.length === 0 ? 'yes' : some(ports.map((each) => holdsPort(each, port))),
  ]);
}

function peerIs({ pods, namespaces, block }: Peer, source: PolicySource): Answer {
  // An address block may hold the source; which address it has is not known here.
  if (block) return 'unknown';
  if (source.kind === 'reserved') return 'no';
  return every([
    namespaces ? namespaceIs(namespaces, source) : source.sameNamespace ? 'yes' : 'no',
    pods ? selects(pods, (key, value) => hasLabel(source, key, value)) : 'yes',
  ]);
}

/** Labels of namespaces are not known here; only a selector without terms is sure to select. */
function namespaceIs(selector: Selector, source: PolicySource): Answer {
  const all = selects(selector, () => 'unknown');
  return source.sameNamespace || all === 'yes' ? all : 'unknown';
}

function selects({ labels, expressions }: Selector, has: (key: string, value: string) => Answer): Answer {
  return every([
    ...labels.map(({ key, value }) => has(key, value)),
    ...expressions.map(({ key, operator, values }): Answer => {
      const one = some(values.map((value) => (key === undefined ? 'unknown' : has(key, value))));
      if (operator === 'In') return one;
      if (operator === 'NotIn') return one === 'unknown' ? one : one === 'yes' ? 'no' : 'yes';
      return 'unknown';
    }),
  ]);
}
