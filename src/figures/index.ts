import type { FigureData, FigureId, ReportFigures } from '../report/figure-data.ts';
import type { NameOf } from '../wording/cites.ts';
import type { Markup } from '../wording/html.ts';
import { flowSequenceFigure } from './flow-sequence.ts';
import { policyMatrixFigure } from './policy-matrix.ts';
import { timelineFigure } from './timeline.ts';
import { walkFigure } from './walk.ts';

/**
 * Every figure: its data under its name in the report, its words under the same name in wording/figures.ts, and here
 * what draws it from the data alone. What is drawn is complete without JavaScript.
 */
const figures: { readonly [Id in FigureId]: (data: FigureData[Id], nameOf: NameOf) => Markup } = {
  walk: walkFigure,
  timeline: timelineFigure,
  flows: flowSequenceFigure,
  policy: policyMatrixFigure,
};

/**
 * The figures of a layer as HTML, in the order of the report.
 * @param nameOf what the page calls an output; without it outputs go by their keys
 */
export function figuresIn(layer: string, report: ReportFigures, nameOf: NameOf = (capture) => capture): string[] {
  const drawn = <Id extends FigureId>(id: Id) => {
    const figure = report[id];
    return figure?.layer === layer ? [figures[id](figure.data, nameOf).text] : [];
  };
  return (Object.keys(figures) as FigureId[]).flatMap((id) => drawn(id));
}
