/** A piece of a text of the recipe. */
export interface ProsePart {
  text: string;
  /** True between backticks. */
  code: boolean;
  /** Where a number comes from that no output holds; absent for what needs no source. */
  source?: string;
}

/** A number with its source: `[[1.33|release notes of Kubernetes]]`. */
const MARK = /\[\[([^[\]|]+)\|([^[\]|]+)\]\]/;

/** Takes a text of the recipe apart: `code` between backticks, numbers with their sources, and what is left. */
export function proseParts(prose: string): ProsePart[] {
  return prose.split(/(`[^`]*`)/).flatMap((piece, index): ProsePart[] => {
    const code = index % 2 === 1;
    if (code) return piece === '``' ? [] : [{ text: piece.slice(1, -1), code }];
    const pieces = piece.split(new RegExp(MARK, 'g'));
    // Between the texts stand the two groups of each mark.
    return pieces.flatMap((text, at): ProsePart[] => {
      if (at % 3 === 2 || text === '') return [];
      return at % 3 === 1 ? [{ text: text.trim(), code, source: (pieces[at + 1] ?? '').trim() }] : [{ text, code }];
    });
  });
}

/** Some texts of an object of the recipe, taken apart under their keys; one that is not there stays away. */
export function proseOf<Key extends string>(
  recipe: { readonly [Own in Key]?: string | undefined },
  keys: readonly Key[],
): { [Own in Key]?: ProsePart[] } {
  const found: { [Own in Key]?: ProsePart[] } = {};
  for (const key of keys) {
    const prose = recipe[key];
    if (prose !== undefined) found[key] = proseParts(prose);
  }
  return found;
}
