import { citationsOf } from '../../model/citation.ts';
import type { DataplaneOutput, Frontend } from '../../model/frontends.ts';
import { dataplaneOf, type Model } from '../../model/model.ts';
import { jumpOf } from '../../model/rule-index.ts';
import type { RulesetFacts } from '../../model/rulesets.ts';
import { occurrence } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import { type SideId, sideIds } from '../../recipe/schema.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/** How many of the captured nat rules are the Service's. */
export interface RulesOwn extends FindingOf<'rules-own'> {
  own: number;
  all: number;
  /** Its rules by the kind of chain they stand in (`KUBE-SVC`), in file order. */
  byChain: { kind: string; rules: number; chains: number }[];
}

/** How many rules of KUBE-SERVICES a new connection is compared with that is to no Service. */
export interface RulesForAll extends FindingOf<'rules-for-all'> {
  rules: number;
}

/** How a chain of the Service divides new connections. */
export interface RuleShares extends FindingOf<'rule-shares'> {
  chain: Named;
  endpoints: number;
  /** True where each endpoint gets the same share and nothing is left over. */
  equal: boolean;
  /** Parts of new connections, in the order of the rules. */
  shares: number[];
}

/** A chain that marks every connection from outside for masquerading. */
export interface OutsideMasqueraded extends FindingOf<'outside-masqueraded'> {
  chain: Named;
}

/** What a service map or the entries behind it hold of the Service. */
export interface MapOwn extends FindingOf<'map-own'> {
  prints: 'services' | 'entries';
  /** Rows or entries of the Service, and of all Services. */
  own: number;
  all: number;
  mapping: Mapping;
}

/** A row of a service list that stands for the port at every address of a node. */
export interface SurrogateRow extends FindingOf<'surrogate-row'> {
  /** As the list prints it: `0.0.0.0:31057/TCP`. */
  name: string;
}

/** Ways into the Service, and how many backends they lead to: the fewest and the most. */
export interface Mapping {
  frontends: number;
  backends: { least: number; most: number };
}

/** What both dataplanes hold of the Service, like with like; rules beside it where it is written as rules. */
export interface MappingsCompared extends FindingOf<'mappings-compared'> {
  sides: Record<SideId, Mapping & { rules?: number }>;
}

/** What the rules of kube-proxy and the maps of Cilium show. */
export type RuleFinding =
  | RulesOwn
  | RulesForAll
  | RuleShares
  | OutsideMasqueraded
  | MapOwn
  | SurrogateRow
  | MappingsCompared;

/** What the rules of kube-proxy and the maps of Cilium show, in page order. */
export function ruleFindings(model: Model): RuleFinding[] {
  const rows = Map.groupBy(model.subjects, ({ layer, row }) => `${layer} ${row}`);
  return [...rows.values()].flatMap((subjects) => {
    const outputs = subjects.flatMap((subject) => dataplaneOf(model, subject) ?? []);
    return [
      ...outputs.flatMap(({ ruleset, ...output }) =>
        ruleset ? inRules(model, ruleset) : inMap(model, { ...output, ruleset }),
      ),
      ...mappingsCompared(model, outputs),
    ];
  });
}

const linesOf = (model: Model, subject: Subject, rules: readonly { start: number; end: number }[]) =>
  citationsOf(
    model.subjects,
    rules.map((rule) => occurrence(subject, rule)),
  );

/** `KUBE-SVC` of `KUBE-SVC-4N57TFCL4MD7ZTDA`. */
const kindOf = (chain: string) => /^KUBE-[A-Z]+/.exec(chain)?.[0] ?? chain;

function inRules(model: Model, ruleset: RulesetFacts): RuleFinding[] {
  const { subject, own, index } = ruleset;
  if (own.rules.length === 0) return [];
  const about = aboutOutput(subject);
  const kinds = Map.groupBy(own.rules, ({ chain }) => kindOf(chain.value));
  const services = index.chains.get('KUBE-SERVICES') ?? [];
  return [
    {
      kind: 'rules-own',
      about,
      places: linesOf(model, subject, own.rules),
      own: own.rules.length,
      all: [...index.chains.values()].reduce((sum, rules) => sum + rules.length, 0),
      byChain: [...kinds].map(([kind, rules]) => ({
        kind,
        rules: rules.length,
        chains: new Set(rules.map(({ chain }) => chain.value)).size,
      })),
    },
    ...shares(model, ruleset),
    ...masqueraded(model, ruleset),
    ...(services.length === 0
      ? []
      : [
          {
            kind: 'rules-for-all' as const,
            about,
            places: linesOf(model, subject, services),
            rules: services.length,
          },
        ]),
  ];
}

/** kube-proxy prints 1/n with ten digits and the kernel keeps 31 bits of it, so that shares are off by less than this. */
const TOLERANCE = 1e-6;

function shares(model: Model, { subject, own, shares: all }: RulesetFacts): RuleShares[] {
  const chains = new Set(own.rules.map(({ chain }) => chain.value));
  return all
    .filter(({ chain }) => chains.has(chain))
    .map(({ chain, endpoints, rest }) => ({
      kind: 'rule-shares',
      about: aboutOutput(subject),
      places: linesOf(
        model,
        subject,
        endpoints.map(({ rule }) => rule),
      ),
      chain: { value: chain, role: 'chain', side: subject.side },
      endpoints: endpoints.length,
      equal: rest <= TOLERANCE && endpoints.every(({ share }) => Math.abs(share - 1 / endpoints.length) <= TOLERANCE),
      shares: endpoints.map(({ share }) => share),
    }));
}

/** In Cluster mode the chain for traffic from outside jumps to KUBE-MARK-MASQ first, whatever the packet. */
function masqueraded(model: Model, { subject, own }: RulesetFacts): OutsideMasqueraded[] {
  const marking = own.rules.filter(
    (rule) =>
      rule.chain.value.startsWith('KUBE-EXT-') &&
      jumpOf(rule) === 'KUBE-MARK-MASQ' &&
      rule.matches.every(({ kind }) => kind === 'comment'),
  );
  return marking.map((rule) => ({
    kind: 'outside-masqueraded',
    about: aboutOutput(subject),
    places: linesOf(model, subject, [rule]),
    chain: { value: rule.chain.value, role: 'chain', side: subject.side },
  }));
}

function inMap(model: Model, { subject, prints, count, frontends }: DataplaneOutput): RuleFinding[] {
  const own = frontends.filter((frontend) => frontend.own);
  if (own.length === 0 || prints === 'rules') return [];
  const about = aboutOutput(subject);
  const places = (some: readonly Frontend[]) =>
    citationsOf(
      model.subjects,
      some.map(({ at }) => at.at),
    );
  const surrogates = prints === 'services' ? own.filter(({ address }) => !address) : [];
  // Slot 0 of a frontend is the frontend itself, every other a backend.
  const entries = own.reduce((sum, { backends, inactive }) => sum + 1 + backends.length + inactive.length, 0);
  return [
    {
      kind: 'map-own',
      about,
      places: places(own),
      prints,
      own: prints === 'entries' ? entries : own.length,
      all: count,
      mapping: mappingOf(own),
    },
    ...surrogates.map((row) => ({ kind: 'surrogate-row' as const, about, places: places([row]), name: row.name })),
  ];
}

/** A NodePort is one way in, at however many addresses of the node it is printed. */
function mappingOf(own: readonly Frontend[]): Mapping {
  const groups = Map.groupBy(own, (one) => `${one.own} ${one.port.value} ${one.protocol}`);
  const backends = own.map((frontend) => new Set(frontend.backends.map(({ at }) => at.value)).size);
  return { frontends: groups.size, backends: { least: Math.min(...backends), most: Math.max(...backends) } };
}

function mappingsCompared(model: Model, outputs: readonly DataplaneOutput[]): MappingsCompared[] {
  const [v1, v2] = sideIds.map((side) => {
    const output = outputs.find(({ subject }) => subject.side === side);
    const own = output?.frontends.filter((frontend) => frontend.own) ?? [];
    if (!output || own.length === 0) return undefined;
    return {
      subject: output.subject,
      own,
      told: { ...mappingOf(own), ...(output.ruleset && { rules: output.ruleset.own.rules.length }) },
    };
  });
  if (!v1 || !v2) return [];
  const { layer, row } = v1.subject;
  const places = [v1, v2].flatMap(({ own }) => own.map(({ at }) => at.at));
  return [
    {
      kind: 'mappings-compared',
      about: { layer, row },
      places: citationsOf(model.subjects, places),
      sides: { v1: v1.told, v2: v2.told },
    },
  ];
}
