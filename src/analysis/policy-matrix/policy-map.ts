import type { PolicyEntry, PolicyMap } from '../../formats/cilium-policy-map.ts';
import { type Citation, citing, lineAt } from '../../model/citation.ts';
import type { Subject } from '../../model/subject.ts';
import { type Answer, every, hasLabel, type PolicyCell, type PolicySource, some } from './source.ts';

/*
 * What the policy map of one endpoint lets in. Each entry is keyed by one identity (and port); the output shows the
 * identity by its labels. A deny entry wins over any allow entry; what no entry matches is dropped. Where no policy
 * selects the endpoint, Cilium keeps an entry for ANY. (docs.cilium.io, "Policy Enforcement", "Deny Policies")
 */

/** Numbers of the reserved identities that matter here (pkg/identity/numericidentity.go). */
const RESERVED: Readonly<Record<string, string>> = { host: '1', world: '2', 'remote-node': '6' };
/** Labels that Cilium adds to every pod's identity; they tell the namespace, not the workload. */
const GIVEN = /^k8s:io\.(?:cilium\.k8s\.|kubernetes\.pod\.namespace=)/;

/** What a policy map says of a source on a TCP port. */
export function mapCell(
  subject: Subject,
  map: PolicyMap,
  source: PolicySource,
  target: { namespace?: string; port?: string },
): PolicyCell {
  const cite = citing(subject);
  const lines = (entry: PolicyEntry): Citation =>
    cite(entry.line, Math.max(entry.line, ...entry.labels.map(({ start }) => lineAt(subject.text, start))));
  const ingress = map.entries.filter(({ direction }) => direction.value === 'Ingress');
  const matched = ingress.map((entry) => ({
    entry,
    denies: entry.policy?.value === 'Deny',
    answer: every([peerIs(entry, source, target.namespace), portIs(entry.port.value, target.port)]),
  }));
  const first = (answer: Answer, denies: boolean) =>
    matched.find((each) => each.answer === answer && each.denies === denies)?.entry;

  const [deny, maybeDeny, allow, maybeAllow] = [
    first('yes', true),
    first('unknown', true),
    first('yes', false),
    first('unknown', false),
  ];
  if (deny) return { verdict: 'denied', basis: 'predicted', why: 'A Deny entry names it.', evidence: [lines(deny)] };
  const open = maybeDeny ?? (allow ? undefined : maybeAllow);
  if (open) {
    return {
      verdict: 'unknown',
      basis: 'none',
      why: 'What is known of it does not tell whether this entry covers it.',
      evidence: [lines(open)],
    };
  }
  if (allow)
    return { verdict: 'allowed', basis: 'predicted', why: whyAllowed(allow, source), evidence: [lines(allow)] };
  return {
    verdict: 'denied',
    basis: 'predicted',
    why: 'No Ingress entry names it.',
    evidence: ingress.map(lines),
  };
}

/**
 * An entry is one identity. One that shows `reserved:host` beside other labels is most likely the host's, the only
 * reserved identity that takes on labels of its addresses (pkg/ipcache, reserved host labels); the output does not say.
 */
function whyAllowed({ labels, packets }: PolicyEntry, source: PolicySource): string {
  const names = labels.map(({ value }) => value);
  const counted = /^\d+$/.test(packets.value) ? ` The entry has counted ${packets.value} packets.` : '';
  const shared = source.kind === 'reserved' && source.name !== 'host' && names.includes('reserved:host');
  return shared
    ? `Its label stands in one entry with reserved:host. An entry is one identity; the output does not print which.${counted}`
    : `An Ingress entry names it.${counted}`;
}

function peerIs({ labels, identity }: PolicyEntry, source: PolicySource, namespace: string | undefined): Answer {
  const number = source.kind === 'reserved' ? RESERVED[source.name] : source.identity;
  if (identity) {
    if (identity.value === '0') return 'yes';
    return number === undefined ? 'unknown' : identity.value === number ? 'yes' : 'no';
  }
  const names = labels.map(({ value }) => value);
  if (names.includes('ANY')) return 'yes';
  if (names.some((label) => label.startsWith('reserved:'))) {
    return names.includes(`reserved:${source.name}`) && source.kind === 'reserved' ? 'yes' : 'no';
  }
  // A block of addresses outside the cluster may hold the client; pods have identities of their own.
  if (names.some((label) => label.startsWith('cidr:'))) return source.name === 'world' ? 'unknown' : 'no';
  if (source.kind === 'reserved') return 'no';
  const of = names.map((label) => /^k8s:io\.kubernetes\.pod\.namespace=(.*)$/.exec(label)?.[1]).find(Boolean);
  const sameNamespace = of === undefined || namespace === undefined ? undefined : of === namespace;
  return every([
    source.sameNamespace ? yesNo(sameNamespace) : sameNamespace === true ? 'no' : 'unknown',
    ...names.filter((label) => !GIVEN.test(label)).map((label) => labelIs(label, source)),
  ]);
}

function yesNo(known: boolean | undefined): Answer {
  return known === undefined ? 'unknown' : known ? 'yes' : 'no';
}

/** `k8s:role=frontend`: what stands before the colon is where the label comes from. */
function labelIs(label: string, source: PolicySource): Answer {
  const [, key, value] = /^[^:]+:([^=]+)(?:=(.*))?$/.exec(label) ?? [];
  return key === undefined ? 'unknown' : hasLabel(source, key, value ?? '');
}

/** `ANY`, `80/TCP`, `80-90/TCP`. */
function portIs(entry: string, port: string | undefined): Answer {
  if (entry === 'ANY') return 'yes';
  return some(
    entry.split(',').map((part): Answer => {
      const [, from, to, protocol] = /^(\d+)(?:-(\d+))?\/(.+)$/.exec(part.trim()) ?? [];
      if (from === undefined || port === undefined) return 'unknown';
      if (protocol !== 'TCP' && protocol !== 'ANY') return 'no';
      return Number(port) >= Number(from) && Number(port) <= Number(to ?? from) ? 'yes' : 'no';
    }),
  );
}
