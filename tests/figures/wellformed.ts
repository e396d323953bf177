/** What the tests need to know of the markup of a figure. */

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[a-zA-Z][\w:-]*="[^"<>]*")*)\s*(\/?)>/g;
const ATTRIBUTE = /([a-zA-Z][\w:-]*)="([^"]*)"/g;

/** One element: its name, and its attributes with entities resolved. */
export interface Tag {
  name: string;
  attributes: Record<string, string>;
}

/** Every element of well-formed markup, in order; throws where it is not well formed (as XML, so that SVG is safe too). */
export function tagsOf(markup: string): Tag[] {
  const open: string[] = [];
  const tags: Tag[] = [];
  const text = markup.replace(TAG, (whole, close: string, name: string, attributes: string, empty: string) => {
    if (close) {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
      return '';
    }
    const read = [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, resolved(value)] as const);
    if (new Set(read.map(([key]) => key)).size !== read.length) throw new Error(`an attribute stands twice: ${whole}`);
    tags.push({ name, attributes: Object.fromEntries(read) });
    if (!empty) open.push(name);
    return '';
  });
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  const stray = /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.exec(text);
  if (stray) throw new Error(`stray ${stray[0]} in: ${text.slice(Math.max(0, stray.index - 40), stray.index + 40)}`);
  return tags;
}

/** Text with its entities resolved. */
export function resolved(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] as string);
}
