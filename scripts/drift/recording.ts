import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareAll } from '../../src/analysis/compare.ts';
import { environmentOf, type Recording } from '../../src/analysis/drift.ts';
import { bodyText, decodeCapture, sha256 } from '../../src/captures/file.ts';
import { CAPTURES_DIR, captureFile, RUN_FILE, readCaptures } from '../../src/captures/store.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { FormatError } from '../../src/formats/types.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { formatProblem, ProblemsError } from '../../src/problem.ts';
import { type PlannedCapture, parseRecipe, plannedCaptures, RECIPE_FILE } from '../../src/recipe/load.ts';
import type { Recipe, SideId } from '../../src/recipe/schema.ts';
import type { Commit } from './history.ts';

/** One output with its decoded text, or why it has none. */
interface Found {
  plan: PlannedCapture;
  text?: string;
  digest: string;
  reason?: string;
}

/**
 * @param found the outputs of both sides: the verdicts rest on both
 * @param layers the layers of the recipe that planned them
 */
function recording(
  side: SideId,
  name: string,
  found: readonly Found[],
  layers: Recipe['layers'],
  environment: Map<string, string>,
): Recording {
  const subjects: Subject[] = [];
  const unread = new Map<string, string>();
  for (const { plan, text, reason } of found) {
    if (text === undefined) unread.set(plan.key, reason ?? '');
    else {
      try {
        const { key, side, layer, row, format } = plan;
        subjects.push({ key, side, layer, row, text, parsed: parseOutput(format, text) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        unread.set(plan.key, error.message);
      }
    }
  }
  // Where an output cannot be read, what it would be compared with says nothing.
  const unclear = new Set(found.flatMap(({ plan }) => (unread.has(plan.key) ? [plan.layer] : [])));
  const isOwn = (key: string) => key.startsWith(`${side}/`);
  return {
    side,
    name,
    subjects: subjects.filter(({ key }) => isOwn(key)),
    unread: new Map([...unread].filter(([key]) => isOwn(key))),
    digests: new Map(found.flatMap(({ plan, digest }) => (plan.side === side ? [[plan.key, digest]] : []))),
    environment,
    verdicts: compareAll(modelOf(subjects), layers).layers.filter(({ layer }) => !unclear.has(layer)),
  };
}

/**
 * A side as it stands in the work tree. Outputs that are not there yet are left out.
 * @throws {ProblemsError} where a capture file is not what its header says
 */
export function workTreeRecording(root: string, recipe: Recipe, side: SideId): Recording {
  const plans = plannedCaptures(recipe);
  const { captures, problems } = readCaptures(
    root,
    plans.map(({ key }) => key),
  );
  const own = problems.filter(({ file }) => file.startsWith(`${CAPTURES_DIR}/${side}/`));
  if (own.length > 0) throw new ProblemsError(own);
  const found = plans.flatMap((plan): Found[] => {
    const stored = captures.get(plan.key);
    if (stored) return [{ plan, text: stored.text, digest: stored.sha256 }];
    const problem = problems.find(({ file }) => file === captureFile(plan.key));
    return problem ? [{ plan, digest: '', reason: formatProblem(problem) }] : [];
  });
  const run = join(root, CAPTURES_DIR, side, RUN_FILE);
  const environment = statSync(run, { throwIfNoEntry: false })?.isFile() ? readFileSync(run, 'utf8') : '';
  return recording(side, 'the work tree', found, recipe.layers, environmentOf(environment));
}

/**
 * A side as a commit holds it.
 * @param fallback recipe to read the outputs by, where the commit's own is not one that this version reads
 * @returns the recording, and a remark where the fallback was used
 */
export function committedRecording(
  { name, files }: Commit,
  side: SideId,
  fallback: Recipe,
): { recording: Recording; remark: string | undefined } {
  const contents = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const text = (path: string) => {
    const bytes = contents.get(path);
    return bytes && Buffer.from(bytes).toString('utf8');
  };
  let recipe = fallback;
  let remark: string | undefined;
  try {
    recipe = parseRecipe(text(RECIPE_FILE) ?? '');
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    remark = `${RECIPE_FILE} of ${name} is not one that this version reads; its outputs are read by that of the work tree.`;
  }
  const found = plannedCaptures(recipe).flatMap((plan): Found[] => {
    const file = captureFile(plan.key);
    const bytes = contents.get(file);
    if (!bytes) return [];
    try {
      const { body } = decodeCapture(bytes, file);
      return [{ plan, text: bodyText(body), digest: sha256(body) }];
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      return [{ plan, digest: sha256(bytes), reason: error.message }];
    }
  });
  const environment = environmentOf(text(`${CAPTURES_DIR}/${side}/${RUN_FILE}`) ?? '');
  return { recording: recording(side, name, found, recipe.layers, environment), remark };
}
