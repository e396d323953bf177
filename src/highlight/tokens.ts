import { createHighlighterCore } from 'shiki/core';
import { createOnigurumaEngine } from 'shiki/engine/oniguruma';
import yaml from 'shiki/langs/yaml.mjs';
import { type FormatId, formatIds, formatOf } from '../formats/index.ts';
import { classOf, type TokenClass, theme } from './theme.ts';

/** A coloured piece of text; offsets in UTF-16 code units, end exclusive. */
export interface Token {
  start: number;
  end: number;
  class: TokenClass;
}

/** Highlighting helps to scan; past this many code units nobody scans and the page would only grow. */
const MAX_HIGHLIGHTED = 256 * 1024;

const grammarOf = (format: FormatId) => formatOf(format).grammar;
const own = new Set(formatIds.map(grammarOf).filter((grammar) => typeof grammar === 'object'));
const highlighter = await createHighlighterCore({
  langs: [...own, yaml],
  themes: [theme],
  engine: createOnigurumaEngine(import('shiki/wasm')),
});

/**
 * The coloured pieces of an output, in order, without overlap. Neighbours of one class, blanks between them included,
 * are one token, and plain text has none, so that the page stays small.
 */
export function tokensOf(text: string, format: FormatId): Token[] {
  const grammar = grammarOf(format);
  const lang = typeof grammar === 'string' ? grammar : grammar.name;
  if (lang === 'none' || text.length > MAX_HIGHLIGHTED) return [];
  const tokens: Token[] = [];
  for (const line of highlighter.codeToTokensBase(text, {
    lang,
    theme: 'sentinel',
    tokenizeMaxLineLength: 5000,
    tokenizeTimeLimit: 0,
  })) {
    let last: Token | undefined;
    for (const { content, offset, color } of line) {
      const name = classOf(color);
      const start = offset + content.length - content.trimStart().length;
      const end = offset + content.trimEnd().length;
      if (name === undefined) {
        if (start < end) last = undefined;
      } else if (start < end) {
        if (last?.class === name) last.end = end;
        else {
          last = { start, end, class: name };
          tokens.push(last);
        }
      }
    }
  }
  return tokens;
}
