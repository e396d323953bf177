import type {
  Identities,
  IdentityPods,
  Labels,
  MapEntry,
  PolicyAbsent,
  PolicyFinding,
  PolicyIntent,
  PolicyMapAgrees,
  PolicyMapLetsIn,
  PolicyMapRelayed,
  PolicySeen,
  SeenClient,
} from '../../analysis/findings/policy.ts';
import { counted } from '../../words.ts';
import { listed, type Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What the outputs show of who may reach the pods, in words. */
export const policySentences: Sentences<PolicyFinding> = {
  'policy-intent': intent,
  'policy-absent': absent,
  'policy-map-lets-in': letsIn,
  'policy-map-relayed': relayed,
  'policy-map-agrees': agrees,
  'policy-seen': seen,
  identities: identities,
};

const codes = (labels: Labels): Words => listed(labels.map((label) => [{ code: label }]));
/** Pods by their labels, each by all of its own: `a or b`, `a and b, or c`. */
const anyOf = (all: readonly Labels[]): Words =>
  listed(all.map(codes), all.some((labels) => labels.length > 1) ? ', or ' : ' or ');

function intent({ name, selects, restrictsIngress, letsIn: whom, peers, egressOpen }: PolicyIntent): Words {
  const selected: Words =
    selects.length > 0 ? [' selects pods with ', ...codes(selects)] : [' selects every pod of its namespace'];
  const head: Words = [{ code: name }, ...selected];
  if (!restrictsIngress) return [...head, ' and is not about ingress: it keeps nobody out.'];
  const allowed: Words =
    whom === 'nobody'
      ? [' and lets in nobody']
      : whom === 'everybody'
        ? [' and lets in everybody']
        : whom === 'others'
          ? [' and names whom it lets in by more than labels of pods (ports, namespaces, addresses or expressions)']
          : [' and lets in pods of its namespace with ', ...anyOf(peers)];
  const egress = egressOpen ? ' It does not restrict egress.' : '';
  if (whom === 'everybody') return [...head, ...allowed, `.${egress}`];
  const rest = whom === 'nobody' ? '.' : '. All other ingress is denied.';
  return [...head, ...allowed, `${rest}${egress}`];
}

function absent({ open }: PolicyAbsent): string {
  return open
    ? 'No NetworkPolicy was captured, and the map lets in every identity.'
    : 'No NetworkPolicy was captured, and the map does not let in every identity.';
}

const packetsText = (packets: number | undefined) =>
  packets === undefined ? 'no packets counted' : `${counted(packets, 'packet')} counted`;

function entryWords({ of, port, packets }: MapEntry): Words {
  const whom: Words =
    of === 'any'
      ? ['every identity']
      : 'reserved' in of
        ? [{ code: `reserved:${of.reserved}` }]
        : 'identity' in of
          ? ['identity ', of.identity]
          : codes(of.labels);
  return [...whom, ...(port === undefined ? [] : [' on ', { code: port }]), ` (${packetsText(packets)})`];
}

function letsIn({ endpoint, ingress, egress }: PolicyMapLetsIn): Words {
  const map = endpoint === undefined ? 'The map' : `The map of endpoint ${endpoint}`;
  const [allowed, denied] = [ingress.filter(({ denies }) => !denies), ingress.filter(({ denies }) => denies)];
  const open = allowed.some(({ of }) => of === 'any');
  const said: Words =
    allowed.length === 0
      ? [`${map} has no entry that lets anything in.`]
      : [`${map} lets in `, ...listed(allowed.map(entryWords)), open ? '.' : '; it denies what no entry names.'];
  const refused: Words = denied.length > 0 ? [' It denies ', ...listed(denied.map(entryWords)), '.'] : [];
  const out = egress ? [` Egress is open to every identity (${packetsText(egress.packets)}).`] : [];
  return [...said, ...refused, ...out];
}

function relayed({ seen: { denied, forwarded } }: PolicyMapRelayed): Words {
  const known =
    denied > 0 && forwarded > 0
      ? `of such packets, ${denied} ${denied === 1 ? 'was' : 'were'} captured as denied and ${forwarded} as forwarded`
      : denied > 0
        ? `${counted(denied, 'such packet')} ${denied === 1 ? 'was' : 'were'} captured as denied`
        : forwarded > 0
          ? `yet ${counted(forwarded, 'such packet')} ${forwarded === 1 ? 'was' : 'were'} captured as forwarded`
          : 'no capture confirms it';
  return [
    'The entry of ',
    { code: 'reserved:host' },
    ' also shows ',
    { code: 'reserved:remote-node' },
    `. An entry is one identity, here the host’s (1), which collects the labels of the host’s addresses. Another node arrives as identity 6, for which the map prints no entry: by this map, traffic that another node relays is denied (${known}).`,
  ];
}

function agrees({ agrees: answer, lacking, unknown, extra, open }: PolicyMapAgrees): Words {
  const unseen: Words =
    unknown.length > 0 ? [' No pod with ', ...anyOf(unknown), ' is known, and no entry is for its identity.'] : [];
  if (answer === 'unknown') return ['Whether the map and the policy agree is not known.', ...unseen];
  if (answer === 'yes') return ['The map lets in whom the policy names.', ...unseen];
  const wrong: Words[] = [
    ...(lacking.length > 0 ? [['the map has no entry for ', ...anyOf(lacking)]] : []),
    ...(extra.length > 0 ? [['the map lets in ', ...anyOf(extra), ', which the policy does not name']] : []),
    ...(open ? [['the map lets in every identity']] : []),
  ];
  return ['The map and the policy disagree: ', ...listed(wrong), '.', ...unseen];
}

function clientsWords(clients: readonly SeenClient[]): Words {
  return listed(
    clients.map(({ client, label }) => (label === undefined ? [client] : [client, ' (', { code: label }, ')'])),
  );
}

function seen({ answered, silent, drops }: PolicySeen): Words {
  const sentences: Words[] = [];
  if (answered.length > 0)
    sentences.push([...clientsWords(answered), answered.length === 1 ? ' is answered.' : ' are answered.']);
  if (silent.length > 0) {
    const [verb, whose] = silent.length === 1 ? ['gets', 'it'] : ['get', 'them'];
    const seenDrops =
      drops === undefined
        ? ''
        : drops === 0
          ? `, and no captured drop is from ${whose}`
          : `; ${counted(drops, 'dropped packet')} from ${whose} ${drops === 1 ? 'was' : 'were'} captured`;
    sentences.push([...clientsWords(silent), ` ${verb} no answer${seenDrops}.`]);
  }
  return sentences.flatMap((words, index) => (index === 0 ? words : [' ', ...words]));
}

function identities({ groups }: Identities): Words {
  const shared = groups.filter(({ pods }) => pods.length > 1);
  const own = groups.filter(({ pods }) => pods.length === 1);
  const together = ({ identity, pods }: IdentityPods): Words => [
    `${counted(pods.length, 'pod')} share identity `,
    identity,
    ': ',
    ...listed(pods.map((pod) => [pod])),
    '.',
  ];
  const alone: Words[] = own.map(({ identity, pods }) => [...pods, ' has identity ', identity]);
  const sentences = [...shared.map(together), ...(alone.length > 0 ? [[...listed(alone), '.']] : [])];
  return sentences.flatMap((words, index) => (index === 0 ? words : [' ', ...words]));
}
