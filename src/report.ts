import { keysOnDisk, readCaptures, type StoredCapture } from './captures/store.ts';
import { ProblemsError } from './problem.ts';
import { loadRecipe, type PlannedCapture, plannedCaptures } from './recipe/load.ts';
import {
  type Recipe,
  type RecipeCapture,
  type RecipeLayer,
  type SideId,
  sideIds,
  type Verdict,
} from './recipe/schema.ts';

/** One output as the page shows it. */
export interface ReportCapture extends PlannedCapture {
  /** Address on the page, such as `v1-l4-iptables-nat`. */
  anchor: string;
  /** The file as read; undefined while it is not recorded yet. */
  stored: StoredCapture | undefined;
  /** The command under which the output stands: the header's where it has one, else the recipe's. */
  command: string;
  /** Lines as an editor counts them: a last line without a line feed counts too. */
  lines: number;
}

/** One row of a layer: the same output, or its counterpart, on one or both sides. */
export interface ReportRow {
  id: string;
  title: string;
  recipe: RecipeCapture;
  sides: Partial<Record<SideId, ReportCapture>>;
}

/** One layer with its verdict. */
export interface ReportLayer {
  id: string;
  title: string;
  recipe: RecipeLayer;
  verdict: Verdict;
  rows: ReportRow[];
}

/** Everything the page and the checks say. */
export interface Report {
  title: string;
  sides: Recipe['sides'];
  layers: ReportLayer[];
  captures: ReportCapture[];
}

/**
 * Reads the recipe and the captures and puts together what is said about them.
 * @param root project root
 * @param options.allowMissing while editing, a capture without a file is shown as "not recorded yet"
 * @throws {ProblemsError} with every problem of recipe and captures at once
 */
export function buildReport(root: string, options: { allowMissing?: boolean } = {}): Report {
  const recipe = recipeOrAllProblems(root);
  const planned = plannedCaptures(recipe);
  const {
    captures: stored,
    missing,
    problems,
  } = readCaptures(
    root,
    planned.map(({ key }) => key),
  );
  const serious = options.allowMissing ? problems : [...missing, ...problems];
  if (serious.length > 0) throw new ProblemsError(serious);

  const captures = planned.map((plan): ReportCapture => {
    const file = stored.get(plan.key);
    return {
      ...plan,
      anchor: plan.key.replace('/', '-'),
      stored: file,
      command: file?.header?.command ?? plan.recipe.command,
      lines: file ? countLines(file.body) : 0,
    };
  });
  const layers = recipe.layers.map(
    (layer): ReportLayer => ({
      id: layer.id,
      title: layer.title,
      recipe: layer,
      verdict: layer.expect,
      rows: layer.captures.map((row) => ({
        id: row.id,
        title: row.title,
        recipe: row,
        sides: Object.fromEntries(
          sideIds.flatMap((side) => {
            const capture = captures.find((c) => c.layer === layer.id && c.row === row.id && c.side === side);
            return capture ? [[side, capture]] : [];
          }),
        ),
      })),
    }),
  );
  return { title: recipe.title, sides: recipe.sides, layers, captures };
}

/** A recipe that cannot be read should not hide what is wrong with the captures. */
function recipeOrAllProblems(root: string): Recipe {
  try {
    return loadRecipe(root);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError([...error.problems, ...readCaptures(root, keysOnDisk(root)).problems]);
  }
}

function countLines(body: Uint8Array): number {
  let feeds = 0;
  for (const byte of body) if (byte === 10) feeds++;
  return feeds + (body.length > 0 && body.at(-1) !== 10 ? 1 : 0);
}

/** `dist/report.json`: the report for programs, without the outputs themselves. */
export function reportJson(report: Report): string {
  const data = {
    title: report.title,
    sides: report.sides.map(({ id, label }) => ({ id, label })),
    layers: report.layers.map(({ id, title, verdict }) => ({ id, title, verdict })),
    captures: report.captures.map(({ key, side, layer, format, command, lines, stored }) => ({
      key,
      side,
      layer,
      format,
      command,
      // A plain output without a header says nothing about where it comes from.
      origin: stored?.header?.origin ?? null,
      bytes: stored?.body.length ?? null,
      lines,
      sha256: stored?.sha256 ?? null,
    })),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
