import { childOf, scalarAt, type TreeNode } from '../../formats/tree.ts';
import { type Citation, citing, lineAt } from '../../model/citation.ts';
import type { Subject } from '../../model/subject.ts';
import { type Answer, every, hasLabel, type PolicyCell, type PolicySource, some } from './source.ts';

/*
 * What NetworkPolicies (networking.k8s.io/v1) allow, by the API's own rules: policies add up; a pod that some policy
 * selects for ingress accepts what any of them allows and, whatever they say, what comes from its own node
 * (kubernetes.io/docs/concepts/services-networking/network-policies). The captures do not show the labels of the target
 * pods, so every captured policy is taken to select them.
 */

/** A NetworkPolicy that restricts ingress. */
export interface IngressPolicy {
  namespace?: string;
  rules: TreeNode[];
  /** Its `ingress`; the whole policy where it has none. */
  evidence: Citation;
}

/** Every NetworkPolicy of an output that restricts ingress, also those in a list. */
export function ingressPolicies(subject: Subject): IngressPolicy[] {
  if (subject.parsed.format !== 'yaml') return [];
  const cite = citing(subject);
  const objects = subject.parsed.documents.flatMap((document) => [document, ...itemsOf(childOf(document, 'items'))]);
  return objects.flatMap((object) => {
    const spec = childOf(object, 'spec');
    if (scalarAt(object, 'kind')?.value !== 'NetworkPolicy' || !spec) return [];
    const types = itemsOf(childOf(spec, 'policyTypes')).map((type) => (type.type === 'scalar' ? type.data : undefined));
    // Without policyTypes a policy is about ingress.
    if (types.length > 0 && !types.includes('Ingress')) return [];
    const ingress = spec.type === 'map' ? spec.entries.find(({ key }) => key.value === 'ingress') : undefined;
    const start = ingress?.key.start ?? extent(object).start;
    const { end } = extent(ingress?.value ?? object);
    const namespace = scalarAt(object, 'metadata', 'namespace')?.value;
    return [
      {
        ...(namespace === undefined ? {} : { namespace }),
        rules: itemsOf(childOf(spec, 'ingress')),
        evidence: cite(lineAt(subject.text, start), lineAt(subject.text, Math.max(start, end - 1))),
      },
    ];
  });
}

/** What the policies say of a source on a port. */
export function policyCell(
  policies: readonly IngressPolicy[],
  source: PolicySource,
  port: string | undefined,
): PolicyCell {
  const evidence = policies.map((policy) => policy.evidence);
  if (source.id === 'reserved/host') {
    return {
      verdict: 'allowed',
      basis: 'predicted',
      why: 'A NetworkPolicy cannot deny what comes from the pod’s own node.',
      evidence: [],
    };
  }
  const answer = some(policies.flatMap(({ rules }) => rules.map((rule) => ruleAllows(rule, source, port))));
  const say = (verdict: PolicyCell['verdict'], why: string): PolicyCell => ({
    verdict,
    basis: verdict === 'unknown' ? 'none' : 'predicted',
    why,
    evidence,
  });
  if (answer === 'yes') return say('allowed', 'A rule under `ingress` selects it.');
  if (answer === 'no') return say('denied', 'No rule under `ingress` selects it.');
  return say('unknown', 'What is known of it does not tell whether a rule selects it.');
}

function ruleAllows(rule: TreeNode, source: PolicySource, port: string | undefined): Answer {
  const peers = itemsOf(childOf(rule, 'from'));
  const ports = itemsOf(childOf(rule, 'ports'));
  return every([
    peers.length === 0 ? 'yes' : some(peers.map((peer) => peerIs(peer, source))),
    ports.length === 0 ? 'yes' : some(ports.map((entry) => portIs(entry, port))),
  ]);
}

function peerIs(peer: TreeNode, source: PolicySource): Answer {
  // An address block may hold the source; which address it has is not known here.
  if (childOf(peer, 'ipBlock')) return 'unknown';
  if (source.kind === 'reserved') return 'no';
  const pods = childOf(peer, 'podSelector');
  const namespaces = childOf(peer, 'namespaceSelector');
  return every([
    namespaces ? namespaceIs(namespaces, source) : source.sameNamespace ? 'yes' : 'no',
    pods ? selects(pods, (key, value) => hasLabel(source, key, value)) : 'yes',
  ]);
}

/** Labels of namespaces are not known here; only a selector without terms is sure to select. */
function namespaceIs(selector: TreeNode, source: PolicySource): Answer {
  const all = selects(selector, () => 'unknown');
  return source.sameNamespace || all === 'yes' ? all : 'unknown';
}

/** A label selector (metav1.LabelSelector): all of matchLabels and matchExpressions; an empty one selects everything. */
function selects(selector: TreeNode, has: (key: string, value: string) => Answer): Answer {
  const labels = childOf(selector, 'matchLabels');
  const wanted = labels?.type === 'map' ? labels.entries : [];
  return every([
    ...wanted.map(({ key, value }) => (value.type === 'scalar' ? has(key.value, String(value.data)) : 'unknown')),
    ...itemsOf(childOf(selector, 'matchExpressions')).map((expression): Answer => {
      const key = scalarAt(expression, 'key')?.value;
      const values = itemsOf(childOf(expression, 'values'));
      const one = some(
        values.map((value) => (key && value.type === 'scalar' ? has(key, String(value.data)) : 'unknown')),
      );
      const operator = scalarAt(expression, 'operator')?.value;
      if (operator === 'In') return one;
      if (operator === 'NotIn') return one === 'unknown' ? one : one === 'yes' ? 'no' : 'yes';
      return 'unknown';
    }),
  ]);
}

function portIs(entry: TreeNode, port: string | undefined): Answer {
  if ((scalarAt(entry, 'protocol')?.value ?? 'TCP') !== 'TCP') return 'no';
  const wanted = scalarAt(entry, 'port')?.value;
  if (wanted === undefined) return 'yes';
  if (port === undefined || !/^\d+$/.test(wanted)) return 'unknown';
  const last = Number(scalarAt(entry, 'endPort')?.value ?? wanted);
  return Number(port) >= Number(wanted) && Number(port) <= last ? 'yes' : 'no';
}

function itemsOf(node: TreeNode | undefined): TreeNode[] {
  return node?.type === 'list' ? node.items : [];
}

/** First and last offset of a node's source. */
function extent(node: TreeNode): { start: number; end: number } {
  if (node.type === 'scalar') return node.at;
  const parts =
    node.type === 'map' ? node.entries.flatMap(({ key, value }) => [key, extent(value)]) : node.items.map(extent);
  if (node.empty) parts.push(node.empty);
  return parts.reduce((all, { start, end }) => ({ start: Math.min(all.start, start), end: Math.max(all.end, end) }), {
    start: parts[0]?.start ?? 0,
    end: 0,
  });
}
