import { ELEMENT_NODE, type Node, parse, TEXT_NODE } from 'ultrahtml';

/** Elements that stand inside a sentence; every other one begins a text of its own. */
const INLINE = new Set(['a', 'abbr', 'b', 'code', 'data', 'em', 'i', 'span', 'strong']);
/** What is no text, or an output as it was captured. */
const LEFT_OUT = new Set(['script', 'style', 'pre']);
/** Attributes that are read out or shown. */
const SPOKEN = ['alt', 'aria-label', 'content', 'title'];
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };

function resolved(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

/**
 * Every text of a page in the order it is read, without scripts, and without outputs and commands, which are not the
 * page's words; what else is set as code stands in backticks. Blanks stand as they do in the HTML, except that a line break and its indentation are one.
 */
export function pageTexts(html: string): string[] {
  const texts: string[] = [];
  let open = '';
  const close = () => {
    const text = open.trim();
    if (text !== '') texts.push(text);
    open = '';
  };
  const read = (node: Node): void => {
    if (node.type === TEXT_NODE) open += resolved(node.value).replace(/[ \t]*\n\s*/g, ' ');
    if (node.type === ELEMENT_NODE) {
      const { name, attributes } = node;
      if (!attributes['http-equiv'])
        for (const key of SPOKEN) if (attributes[key]) texts.push(resolved(attributes[key]));
      const command = (attributes.class ?? '').split(' ').includes('command');
      if (LEFT_OUT.has(name) || command) return;
      if (!INLINE.has(name)) close();
      if (name === 'code') open += '`';
    }
    if ('children' in node) for (const child of node.children) read(child);
    if (node.type !== ELEMENT_NODE) return;
    if (node.name === 'code') open += '`';
    if (!INLINE.has(node.name)) close();
  };
  read(parse(html));
  close();
  return texts;
}
