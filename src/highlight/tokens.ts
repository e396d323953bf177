import { createHighlighterCore } from 'shiki/core';
import { createOnigurumaEngine } from 'shiki/engine/oniguruma';
import yaml from 'shiki/langs/yaml.mjs';
import type { LanguageRegistration } from 'shiki/types';
import type { FormatId } from '../recipe/schema.ts';
import ciliumServices from './grammars/cilium-services.json' with { type: 'json' };
import fields from './grammars/fields.json' with { type: 'json' };
import hubble from './grammars/hubble.json' with { type: 'json' };
import iptablesSave from './grammars/iptables-save.json' with { type: 'json' };
import probe from './grammars/probe.json' with { type: 'json' };
import table from './grammars/table.json' with { type: 'json' };
import { classOf, type TokenClass, theme } from './theme.ts';

/** A coloured piece of text; offsets in UTF-16 code units, end exclusive. */
export interface Token {
  start: number;
  end: number;
  class: TokenClass;
}

/** Highlighting helps to scan; past this many code units nobody scans and the page would only grow. */
export const MAX_HIGHLIGHTED = 256 * 1024;

const grammarOf: Record<FormatId, string | undefined> = {
  'kubectl-table': 'table',
  describe: 'fields',
  yaml: 'yaml',
  'key-value': 'fields',
  'iptables-save': 'iptables-save',
  'cilium-service-list': 'cilium-services',
  'cilium-bpf-lb-list': 'cilium-services',
  'cilium-policy-map': 'table',
  'hubble-flows': 'hubble',
  'hubble-flows-json': 'yaml',
  'hubble-status': 'hubble',
  'http-probe': 'probe',
  'pod-network': 'fields',
  plain: undefined,
};

const own = [ciliumServices, fields, hubble, iptablesSave, probe, table] as unknown as LanguageRegistration[];
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
  const lang = grammarOf[format];
  if (lang === undefined || text.length > MAX_HIGHLIGHTED) return [];
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
