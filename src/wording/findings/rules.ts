import type {
  MapOwn,
  Mapping,
  MappingsCompared,
  RuleFinding,
  RuleShares,
  RulesForAll,
  RulesOwn,
} from '../../analysis/findings/rules.ts';
import { counted, grouped, inWords } from '../../words.ts';
import { NBSP, type Part, sideName, type Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What the rules and the maps show, in words. */
export const ruleSentences: Sentences<RuleFinding> = {
  'rules-own': own,
  'rules-for-all': forAll,
  'rule-shares': shares,
  'outside-masqueraded': ({ chain }) => [
    chain,
    ' marks every connection from outside for masquerade, also where the pod is on this node.',
  ],
  'map-own': mapOwn,
  'surrogate-row': ({ name }) => [
    'Row ',
    { code: name },
    ' stands for the port at each address of the node, which this list leaves out; a connection from outside finds one of those.',
  ],
  'mappings-compared': compared,
};

/** `16 of 79 rules are`, `All 3 rows are`, `The one rule is`. */
function share(count: number, all: number, one: string): string {
  if (all === 1) return `The one ${one} is`;
  return `${count === all ? 'All' : `${grouped(count)} of`} ${counted(all, one)} ${count === 1 ? 'is' : 'are'}`;
}

function own({ own: rules, all, byChain }: RulesOwn): Words {
  const kinds = byChain.flatMap(({ kind, rules: count, chains }, index): Part[] => [
    index === 0 ? '' : index === byChain.length - 1 ? ' and ' : ', ',
    `${grouped(count)} in `,
    { code: kind },
    chains > 1 ? ` (${grouped(chains)} chains)` : '',
  ]);
  const head = `${share(rules, all, 'captured NAT rule')} the Service’s: `;
  return [head, ...kinds.filter((part) => part !== ''), '.'];
}

function forAll({ rules }: RulesForAll): Words {
  const all = rules === 1 ? 'the one captured rule' : `all ${grouped(rules)} captured rules`;
  return [
    'A new connection to no Service is compared with ',
    `${all} of `,
    { code: 'KUBE-SERVICES' },
    '; one to a Service stops at its own rule.',
  ];
}

const fraction = (parts: number) => `1/${parts}`;

function shares({ chain, endpoints, equal, shares: parts }: RuleShares): Words {
  if (endpoints === 1 && equal) return ['The one endpoint of ', chain, ' gets every new connection.'];
  if (!equal) {
    const each = parts.map((share) => `${Number((share * 100).toFixed(1))}${NBSP}%`);
    return [chain, ` gives its ${counted(endpoints, 'endpoint')} ${inWords(each)} of new connections.`];
  }
  const draws = [
    fraction(endpoints),
    ...Array.from({ length: endpoints - 2 }, (_, index) => `${fraction(endpoints - 1 - index)} of the rest`),
    'the rest',
  ].join(', then ');
  return [chain, ` gives ${draws}: each of ${endpoints} endpoints gets ${fraction(endpoints)}.`];
}

/** `3 frontends × 3 backends`: how a Service is told alike on both sides. */
export function mappingText({ frontends, backends: { least, most } }: Mapping): string {
  const backends = least === most ? counted(most, 'backend') : `${least} to ${most} backends`;
  return `${counted(frontends, 'frontend')}${NBSP}× ${backends}`;
}

function mapOwn({ prints, own: count, all, mapping }: MapOwn): string {
  const what = prints === 'services' ? 'row' : 'entry';
  const found = count === 1 ? 'It is' : 'They are';
  return `${share(count, all, what)} the Service’s: ${mappingText(mapping)}. ${found} found by key.`;
}

function compared({ sides: { v1, v2 } }: MappingsCompared): Words {
  const side = (id: 'v1' | 'v2', { rules, ...mapping }: Mapping & { rules?: number }): Part[] => [
    sideName(id),
    ` holds ${mappingText(mapping)}`,
    rules === undefined ? '' : `, written as ${counted(rules, 'rule')}`,
  ];
  return [...side('v1', v1), '; ', ...side('v2', v2), '.'].filter((part) => part !== '');
}
