/**
 * The lines behind a mark of a figure: pointing at anything with `data-lines="v1/l6-local-failover:3-4 …"` shows those
 * lines in their outputs, without a change to the outputs' markup (CSS Custom Highlight API).
 */

const registry = typeof Highlight === 'undefined' ? undefined : CSS.highlights;

/** Where a line stands in the text nodes of an output; lines are counted from 1. */
function rangeOf(pre: Element, first: number, last: number): Range {
  const range = new Range();
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
  let line = 1;
  let open = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? '';
    for (let at = 0; ; ) {
      if (!open && line >= first) {
        range.setStart(node, at);
        open = true;
      }
      const feed = text.indexOf('\n', at);
      if (feed < 0) break;
      if (line === last) {
        range.setEnd(node, feed);
        return range;
      }
      line++;
      at = feed + 1;
    }
    if (open) range.setEnd(node, text.length);
  }
  return range;
}

/** Lights the lines `places` names and scrolls each output, not the page, to the first of them. */
export function showLines(places: string, name = 'line'): void {
  const ranges: Range[] = [];
  for (const place of places.split(' ').filter(Boolean)) {
    const [key, lines = ''] = place.split(':');
    const pre = document.querySelector<HTMLElement>(`pre[data-capture="${key}"]`);
    if (!pre) continue;
    const [first = 1, last = first] = lines.split('-').map(Number);
    const range = rangeOf(pre, first, last);
    if (!ranges.some((other) => pre.contains(other.startContainer))) {
      const offset = range.getBoundingClientRect().top - pre.getBoundingClientRect().top;
      if (offset < 0 || offset > pre.clientHeight - 20) pre.scrollTop += offset - pre.clientHeight / 3;
    }
    ranges.push(range);
  }
  registry?.set(name, new Highlight(...ranges));
}

const placesOf = (event: Event) => (event.target as Element).closest?.('[data-lines]')?.getAttribute('data-lines');

for (const kind of ['pointerover', 'focusin']) {
  document.addEventListener(kind, (event) => {
    const places = placesOf(event);
    if (places) showLines(places);
  });
}
for (const kind of ['pointerout', 'focusout']) {
  document.addEventListener(kind, (event) => {
    if (placesOf(event)) registry?.delete('line');
  });
}
