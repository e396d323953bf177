import { packetWalks } from '../../src/analysis/packets.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import type { ReportFigures } from '../../src/report/figure-data.ts';
import { figuresOf } from '../../src/report/figures.ts';

const { layers } = loadRecipe('.');

/** What the figures are drawn from, over some outputs. */
export function figureData(subjects: readonly Subject[]): ReportFigures {
  const model = modelOf(subjects);
  const values = roleValues(model);
  return figuresOf(model, values, packetWalks(model, values), layers);
}
