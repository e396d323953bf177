import type { SideId } from '../../../src/recipe/schema.ts';
import { type Texts, texts } from '../committed.ts';

/** A change of some committed outputs. */
export interface Edit {
  /** What was changed, where. */
  name: string;
  /** The kind of output it was made for. */
  format: string;
  outputs: Texts;
}

/** What notices an edit: the same fingerprint for the same meaning. */
export interface Detector {
  name: string;
  /** @throws {FormatError} where an output can no longer be read, which counts as noticed */
  fingerprint(of: Texts): string;
}

/** The committed outputs with one of them changed by `change`, which must change it. */
export function edit(format: string, name: string, key: string, change: (text: string) => string): Edit {
  const before = texts.get(key);
  if (before === undefined) throw new Error(`${name}: no capture ${key}`);
  const after = change(before);
  if (after === before) throw new Error(`${name}: the edit of ${key} changes nothing`);
  return { name: `${key}: ${name}`, format, outputs: new Map(texts).set(key, after) };
}

/** The same replacement on both sides, one edit each. */
export function onBoth(format: string, capture: string, list: readonly [string, RegExp, string][]): Edit[] {
  return (['v1', 'v2'] as const).flatMap((side) => on(format, `${side}/${capture}`, list));
}

/** One edit for each replacement. */
export function on(format: string, key: string, list: readonly [string, RegExp, string][]): Edit[] {
  return list.map(([name, from, to]) => edit(format, name, key, (text) => text.replace(from, to)));
}

/** One edit for each match of `pattern` (global): the match is replaced by what `to` makes of it. */
export function eachMatch(
  format: string,
  name: string,
  key: string,
  pattern: RegExp,
  to: (match: string) => string,
): Edit[] {
  return [...(texts.get(key) ?? '').matchAll(pattern)].map(({ 0: match, index }, place) =>
    edit(format, `${name}, place ${place + 1}`, key, (text) => {
      return text.slice(0, index) + to(match) + text.slice(index + match.length);
    }),
  );
}

/** Every output of a side changed in the same way. */
export function everywhere(format: string, name: string, side: SideId, change: (text: string) => string): Edit {
  const outputs = new Map(texts);
  for (const [key, text] of texts) if (key.startsWith(`${side}/`)) outputs.set(key, change(text));
  if ([...outputs].every(([key, text]) => texts.get(key) === text))
    throw new Error(`${name}: changes nothing on ${side}`);
  return { name: `${side}: ${name}`, format, outputs };
}
