import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confirmObservation, observationsFile } from '../../src/captures/observations.ts';
import { printable } from '../../src/problem.ts';
import { acceptVerdicts } from '../../src/recipe/accept.ts';
import { loadRecipe, plannedCaptures, RECIPE_FILE, recipeText } from '../../src/recipe/load.ts';
import { buildReport } from '../../src/report/report.ts';
import { examplesInWords } from '../../src/words.ts';

/** Puts a file in place whole: what reads it meanwhile sees the old text or the new one. */
function replace(root: string, file: string, text: string): void {
  const path = join(root, file);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** The lines that two texts of as many lines do not share, as a diff shows them. */
function changedLines(file: string, before: string, after: string): string {
  const old = before.split('\n');
  return after
    .split('\n')
    .flatMap((line, index) =>
      line === old[index] ? [] : [`${file}:${index + 1}\n- ${printable(old[index] ?? '')}\n+ ${printable(line)}\n`],
    )
    .join('');
}

/**
 * Writes the verdicts that the captures show into layers.yaml. A layer of which an output is not recorded keeps its own:
 * with a side away every layer would be said of the other alone.
 * @returns what changed, with the reason of each verdict
 * @throws {ProblemsError} where recipe or captures cannot be read
 */
export function accept(root: string): string {
  const before = recipeText(root);
  const { layers, captures } = buildReport(root, { draft: true });
  const recorded = new Set(captures.flatMap(({ key, stored }) => (stored ? [key] : [])));
  const absent = plannedCaptures(loadRecipe(root)).filter(({ key }) => !recorded.has(key));
  const kept = new Set(absent.map(({ layer }) => layer));
  const shown = layers.filter(({ id }) => !kept.has(id));
  const { source, accepted } = acceptVerdicts(before, new Map(shown.map(({ id, verdict }) => [id, verdict])));
  const keeps =
    absent.length === 0
      ? ''
      : `${[...kept].map((id) => id.toUpperCase()).join(', ')} kept: not recorded yet: ${examplesInWords(absent.map(({ key }) => key))}.\n`;
  if (accepted.length === 0)
    return `Nothing to accept: every layer ${keeps ? 'that is recorded ' : ''}came out as layers.yaml expects.\n${keeps}`;
  replace(root, RECIPE_FILE, source);
  const reasons = accepted.map(({ layer, before: was, after }) => {
    const why = layers.find(({ id }) => id === layer)?.why ?? '';
    return `${layer.toUpperCase()}: ${was} → ${after}. ${printable(why)}\n`;
  });
  return `${changedLines(RECIPE_FILE, before, source)}${reasons.join('')}${keeps}`;
}

/**
 * Binds an observation to the outputs as they are.
 * @returns what changed
 * @throws {ProblemsError} where there is no such observation, or none of its outputs
 */
export function confirm(root: string, id: string): string {
  const { captures } = buildReport(root, { draft: true });
  const digests = new Map(captures.flatMap(({ key, stored }) => (stored ? [[key, stored.fileSha256] as const] : [])));
  const before = readFileSync(join(root, observationsFile), 'utf8');
  const after = confirmObservation(before, id, digests);
  if (after === before) return `${id} is bound to the outputs as they are.\n`;
  replace(root, observationsFile, after);
  return changedLines(observationsFile, before, after);
}
