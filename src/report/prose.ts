import { type ProseContext, type ProsePart, proseParts } from '../analysis/claims.ts';
import { ProblemsError } from '../problem.ts';

export type { ProsePart } from '../analysis/claims.ts';

/** A prose of the recipe, worked out. While editing, one that the outputs do not answer stays as it stands. */
export function worked(prose: string, context: ProseContext): ProsePart[] {
  try {
    return proseParts(prose, context);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return [{ text: prose, code: false }];
  }
}

/** Some proses of an object of the recipe, worked out under their keys; one that is not there stays away. */
export function workedOf<Key extends string>(
  recipe: { readonly [Own in Key]?: string | undefined },
  keys: readonly Key[],
  context: ProseContext,
): { [Own in Key]?: ProsePart[] } {
  const found: { [Own in Key]?: ProsePart[] } = {};
  for (const key of keys) {
    const prose = recipe[key];
    if (prose !== undefined) found[key] = worked(prose, context);
  }
  return found;
}
