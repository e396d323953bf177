import type { Finding } from '../analysis/findings.ts';
import type { SideId, Verdict } from '../recipe/schema.ts';
import type { Report } from '../report/report.ts';
import { counted, inWords } from '../words.ts';
import { headlineText, verdictLabel } from './words.ts';

/*
 * The one figure of each layer and side that a reader would repeat, for the stack map and the picture that stands for the
 * page: the first finding, in the order of what they tell, that has one.
 */

/** The figure of a finding on a side; undefined where it has none. */
type Figure<One extends Finding> = (finding: One, side: SideId) => string | undefined;

const own =
  <One extends Finding>(say: (finding: One) => string): Figure<One> =>
  (finding, side) =>
    finding.about.side === side ? say(finding) : undefined;

/** What tells most comes first: what compares the sides before what one side shows. */
const FIGURES: { readonly [Kind in Finding['kind']]?: Figure<Extract<Finding, { kind: Kind }>> } = {
  'probe-compared': ({ sides }, side) => `${sides[side].answered} of ${sides[side].requests} answered`,
  'rules-own': own(({ own: rules }) => counted(rules, 'rule')),
  'map-own': own(({ mapping: { frontends, backends } }) => {
    const each = backends.least === backends.most ? `${backends.most}` : `${backends.least}–${backends.most}`;
    return `${counted(frontends, 'frontend')} × ${each} ${each === '1' ? 'backend' : 'backends'}`;
  }),
  'probe-answered': own(({ answered, requests }) => `${answered} of ${requests} answered`),
  'flows-dropped': own(({ dropped }) => `${counted(dropped, 'packet')} dropped`),
  'flows-counted': own(({ connections }) => counted(connections, 'connection')),
  'endpoints-listed': own(({ endpoints }) => counted(endpoints, 'endpoint')),
  'pool-nodes': own(({ nodes }) => `${counted(nodes, 'node')} in the pool`),
};

/** What a side shows in a layer, in a few words; undefined where nothing of it was recorded. */
export function layerFigure(findings: readonly Finding[], layer: string, side: SideId): string | undefined {
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

/** `2 differ, 2 only on V2 and 4 identical`: how many layers came out how, without what did not occur. */
export function verdictsText(verdicts: Record<Verdict, number>): string {
  const said = (Object.entries(verdicts) as [Verdict, number][])
    .filter(([, layers]) => layers > 0)
    .map(([verdict, layers]) =>
      verdict === 'diverges'
        ? `${layers} ${layers === 1 ? 'differs' : 'differ'}`
        : `${layers} ${verdictLabel(verdict)}`,
    );
  return inWords(said);
}

/** The page in one or two sentences, for where its address is shared. */
export function description({ headline, layers, captures, summary }: Report): string {
  return `${headlineText(headline)}: ${counted(layers.length, 'layer')}, of which ${verdictsText(summary.verdicts)}, from ${counted(captures.length, 'output')} shown byte for byte.`;
}
