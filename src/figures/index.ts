import { packetWalks } from '../analysis/packets.ts';
import type { FormatId } from '../formats/index.ts';
import { walkGrowth } from '../netfilter/growth.ts';
import type { Report } from '../report/report.ts';
import { flowSequenceFigure } from './flow-sequence.ts';
import { policyMatrixFigure } from './policy-matrix.ts';
import { timelineFigure } from './timeline.ts';
import { walkFigure } from './walk.ts';

/** Services of the computed rulesets; the same whatever was captured, so worked out once. */
let growth: ReturnType<typeof walkGrowth> | undefined;

/** The figures of each layer as HTML, by layer id, in the order they are shown. */
export function figuresOf({ model, values }: Report): Map<string, string[]> {
  const { subjects } = model;
  const figures = new Map<string, string[]>();
  const add = (layer: string | undefined, html: string | undefined) => {
    if (layer !== undefined && html !== undefined) figures.set(layer, [...(figures.get(layer) ?? []), html]);
  };
  const layerOf = (capture: string | undefined) => subjects.find(({ key }) => key === capture)?.layer;

  const walks = packetWalks(model, values);
  growth ??= walkGrowth([1, 10, 100, 1000, 5000]);
  add(layerOf(walks[0]?.rules.capture), walkFigure(walks, growth));
  const layerWith = (format: FormatId) => subjects.find(({ parsed }) => parsed.format === format)?.layer;
  add(layerWith('http-probe'), timelineFigure(model));
  add(layerWith('hubble-flows') ?? layerWith('hubble-flows-json'), flowSequenceFigure(model));
  add(layerWith('cilium-policy-map'), policyMatrixFigure(model));
  return figures;
}
