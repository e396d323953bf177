import { isMap, isScalar, isSeq } from 'yaml';
import { readYaml } from '../yaml.ts';
import { RECIPE_FILE } from './load.ts';
import type { Verdict } from './schema.ts';

/** An `expect` that was written anew. */
export interface AcceptedVerdict {
  layer: string;
  /** 1-based line in layers.yaml. */
  line: number;
  before: Verdict;
  after: Verdict;
}

/**
 * The text of layers.yaml with the verdicts that the captures show as what is expected. Only the words behind `expect`
 * change; comments, order and line breaks stay.
 * @param verdicts by layer id; a layer without one keeps what it says
 * @throws {ProblemsError} as {@link readYaml}
 */
export function acceptVerdicts(
  source: string,
  verdicts: ReadonlyMap<string, Verdict>,
): { source: string; accepted: AcceptedVerdict[] } {
  const { document, lines } = readYaml(RECIPE_FILE, source);
  const layers = document.get('layers');
  const accepted: (AcceptedVerdict & { from: number; to: number })[] = [];
  for (const layer of isSeq(layers) ? layers.items : []) {
    if (!isMap(layer)) continue;
    const expect = layer.get('expect', true);
    const id = String(layer.get('id'));
    const after = verdicts.get(id);
    if (after === undefined || !isScalar(expect) || !expect.range || expect.value === after) continue;
    const [from, to] = expect.range;
    accepted.push({ layer: id, line: lines.linePos(from).line, before: expect.value as Verdict, after, from, to });
  }
  const edited = accepted
    .toReversed()
    .reduce((text, { from, to, after }) => text.slice(0, from) + after + text.slice(to), source);
  return {
    source: edited,
    accepted: accepted.map(({ layer, line, before, after }) => ({ layer, line, before, after })),
  };
}
