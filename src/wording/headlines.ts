import type { Finding } from '../analysis/findings.ts';
import type { SideId, Verdict } from '../recipe/schema.ts';
import type { Failure } from '../report/answers.ts';
import type { Report, ReportLayer } from '../report/report.ts';
import { counted, grouped, inWords } from '../words.ts';
import { rangeText } from './figures.ts';
import { mappingText } from './findings/rules.ts';
import { headlineText, secondsText, verdictLabel } from './words.ts';

/*
 * The one figure of each layer and side that a reader would repeat, for the stack map and the picture that stands for the
 * page: what the answer says of it, else the first finding, in the order of what they tell, that has one.
 */

/** What a side shows in a layer: `9 of 20` `answered`, and what may be left out: `failures after 0.05 s`. */
export interface Said {
  count: string;
  what: string;
  more?: string;
}

/** A figure in a few words, without what may be left out. */
export function saidText({ count, what }: Said): string {
  return [count, what].filter(Boolean).join(' ');
}

/** The figure of a finding on a side; undefined where it has none. */
type Figure<One extends Finding> = (finding: One, side: SideId) => Said | undefined;

const own =
  <One extends Finding>(say: (finding: One) => Said): Figure<One> =>
  (finding, side) =>
    finding.about.side === side ? say(finding) : undefined;

/** `3` `endpoints`, of 3 and `endpoint`. */
function things(count: number, one: string, more?: string): Said {
  const [number = '', ...what] = counted(count, one).split(' ');
  return { count: number, what: what.join(' '), ...(more && { more }) };
}

const answered = (answers: number, requests: number, seconds: number | undefined, fits?: Failure['fits']): Said => ({
  count: `${answers} of ${requests}`,
  what: 'answered',
  ...(seconds !== undefined && { more: `failures after ${secondsText(seconds)}${fits ? LIKE[fits] : ''}` }),
});

/** What a failure was like to the client. */
const LIKE: Record<NonNullable<Failure['fits']>, string> = { silence: ' of silence', refusal: ', as if refused' };

/** What tells most comes first: what compares the sides before what one side shows. */
const FIGURES: { readonly [Kind in Finding['kind']]?: Figure<Extract<Finding, { kind: Kind }>> } = {
  'probe-compared': ({ sides }, side) =>
    answered(sides[side].answered, sides[side].requests, sides[side].failureSeconds),
  'rules-own': own(({ own: rules }) => things(rules, 'rule')),
  'map-own': own(({ mapping }) => {
    const [count = '', ...what] = mappingText(mapping).split(/[ \u00a0]/);
    return { count, what: what.join(' ') };
  }),
  'probe-answered': own(({ answered: answers, requests, failureSeconds }) =>
    answered(answers, requests, failureSeconds),
  ),
  'flows-dropped': own(({ dropped, reasons: [reason, ...others] }) => ({
    count: grouped(dropped),
    what: `${dropped === 1 ? 'packet' : 'packets'} dropped`,
    ...(reason !== undefined && others.length === 0 && { more: `reason: ${reason}` }),
  })),
  'flows-counted': own(({ packets, connections }) =>
    things(packets, 'packet event', counted(connections, 'connection')),
  ),
  'pool-nodes': own(({ nodes }) => ({ count: grouped(nodes), what: `${nodes === 1 ? 'node' : 'nodes'} in the pool` })),
  'pod-sockets': own(({ listens }) => ({
    count: '',
    what: listens.length === 0 ? 'listens on no port' : `listens on port ${inWords(listens)}`,
  })),
  'endpoints-listed': own(({ endpoints }) => things(endpoints, 'endpoint')),
};

/** What a side shows in a layer, in a few words; undefined where nothing of it was captured. */
export function layerFigure(
  { answers, findings, values }: Pick<Report, 'answers' | 'findings' | 'values'>,
  layer: string,
  side: SideId,
): Said | undefined {
  const packet = answers.find((answer) => answer.kind === 'first-packet');
  if (packet?.kind === 'first-packet' && packet.layers.includes(layer)) {
    const { rules, row } = packet;
    const said = rules.max === 1 ? 'rule compared' : 'rules compared';
    if (rules.side === side) return { count: rangeText(rules), what: said, more: 'in order' };
    if (row?.side === side) {
      const of = row.of === undefined ? '' : ` of ${grouped(row.of)}`;
      return { count: `${row.found}`, what: `row${of}`, more: 'found by key' };
    }
  }
  const met = answers.find((answer) => answer.kind === 'client-met');
  if (met?.kind === 'client-met' && met.layers.includes(layer)) {
    const { requests, failure } = met.sides[side];
    return answered(requests.filter(Boolean).length, requests.length, failure?.seconds, failure?.fits);
  }
  const vip = values.find((value) => value.role === 'vip' && value.side === side);
  if (vip?.occurrences[0]?.capture.startsWith(`${side}/${layer}-`)) return { count: 'VIP', what: vip.value };
  const about = findings.filter((finding) => finding.about.layer === layer);
  for (const [kind, figure] of Object.entries(FIGURES)) {
    for (const finding of about) {
      if (finding.kind !== kind) continue;
      const said = (figure as Figure<Finding>)(finding, side);
      if (said !== undefined) return said;
    }
  }
  return undefined;
}

/** How a layer came out: the verdict, the sign that stands between the sides, and what each side shows. */
export interface LayerOutcome {
  verdict: string;
  sign: '=' | '≠' | '';
  sides: Partial<Record<SideId, Said>>;
}

/** What the stack map and the picture say of a layer. */
export function layerOutcome(report: Report, { id, verdict }: ReportLayer): LayerOutcome {
  const [v1, v2] = [layerFigure(report, id, 'v1'), layerFigure(report, id, 'v2')];
  return {
    verdict: verdictLabel(verdict),
    sign: verdict === 'identical' ? '=' : verdict === 'diverges' ? '≠' : '',
    sides: { ...(v1 && { v1 }), ...(v2 && { v2 }) },
  };
}

/** An outcome on one line: what each side shows where they differ, else the verdict. */
export function outcomeText({ verdict, sign, sides }: LayerOutcome): string {
  const said = Object.values(sides).map(saidText);
  return sign === '=' || said.length === 0 ? verdict : said.join(' · ');
}

/** `2 differ, 2 only on V2 and 4 identical`: how many layers came out how, without what did not occur. */
export function verdictsText(verdicts: Record<Verdict, number>): string {
  return inWords(outcomesOf(verdicts));
}

function outcomesOf(verdicts: Record<Verdict, number>): string[] {
  return (Object.entries(verdicts) as [Verdict, number][])
    .filter(([, layers]) => layers > 0)
    .map(([verdict, layers]) =>
      verdict === 'diverges'
        ? `${layers} ${layers === 1 ? 'differs' : 'differ'}`
        : `${layers} ${verdictLabel(verdict)}`,
    );
}

/** `2 layers differ, 2 only on V2, 4 identical`: the same as a heading. */
export function verdictsHeading(verdicts: Record<Verdict, number>): string {
  return outcomesOf(verdicts)
    .map((said, index) => (index > 0 ? said : said.replace(/^1 /, '1 layer ').replace(/^(?!1 )\d+/, '$& layers')))
    .join(', ');
}

/** The page in one or two sentences, for where its address is shared. */
export function description({ headline, layers, captures, summary }: Report): string {
  return `${headlineText(headline)}: ${counted(layers.length, 'layer')}, of which ${verdictsText(summary.verdicts)}, from ${counted(captures.length, 'output')} shown byte for byte.`;
}
