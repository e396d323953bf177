import { expect, type Page, test } from '@playwright/test';
import { sites } from './sites.ts';

/** Widths of what is printed on: A4 with wide margins, with narrow ones, and across, in CSS pixels. */
const SHEETS = [602, 718, 1047];

async function onPaper(page: Page, width: number, url = sites.root.url): Promise<void> {
  await page.setViewportSize({ width, height: 1000 });
  await page.goto(url);
  await page.emulateMedia({ media: 'print' });
}

for (const [name, site] of Object.entries({ root: sites.root, hostile: sites.hostile })) {
  for (const width of SHEETS) {
    test(`${name}: lines of an output begin below each other, with their numbers beside them: ${width} px`, async ({
      page,
    }) => {
      await onPaper(page, width, site.url);
      const { lines, wrong } = await page.evaluate(linesOnPaper);
      expect(wrong).toEqual([]);
      expect(lines).toBeGreaterThan(10);
    });
  }
}

/** Lines whose left edge, or whose number, is not where it belongs. Runs in the page. */
function linesOnPaper(): { lines: number; wrong: string[] } {
  const wrong: string[] = [];
  let lines = 0;
  for (const run of document.querySelectorAll<HTMLElement>('pre[data-capture] .run')) {
    const numbers = (run.dataset.n ?? '').split('\n');
    const own = [...run.querySelectorAll<HTMLElement>('i[data-n]')];
    const name = `${run.closest('pre')?.dataset.capture}:${numbers[0]}`;
    const style = getComputedStyle(own[0] ?? run, '::before');
    if (style.display === 'none' || style.content === 'none') wrong.push(`${name} without numbers`);
    // Where each line begins: its first character that is painted.
    const begins: (DOMRect | undefined)[] = [undefined];
    const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      for (let at = 0; at < text.length; at++) {
        if (text[at] === '\n') begins.push(undefined);
        else if (!begins.at(-1)) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          begins[begins.length - 1] = range.getBoundingClientRect();
        }
      }
    }
    const box = run.getBoundingClientRect();
    const height = Number.parseFloat(getComputedStyle(run).lineHeight);
    // The same for all runs of an output, with room for the numbers.
    const first = run.parentElement?.querySelector('.run') as HTMLElement;
    const edge = box.left + run.clientLeft + Number.parseFloat(getComputedStyle(run).paddingLeft);
    if (first.getBoundingClientRect().left !== box.left) wrong.push(`${name} beside the run before it`);
    if (edge - (run.parentElement as Element).getBoundingClientRect().left < 3 * 6)
      wrong.push(`${name} without room for numbers`);
    numbers.forEach((number, index) => {
      lines++;
      const line = begins[index];
      if (line && line.width > 0 && Math.abs(line.left - edge) > 1)
        wrong.push(`${name} line ${number} at ${line.left}`);
      const mark = own[index];
      if (own.length > 0 && mark?.dataset.n !== number) wrong.push(`${name} line ${number} has no number`);
      // A number of its own stands at its line; those of a whole run stand below each other, so nothing in it may wrap.
      const top = mark ? mark.getBoundingClientRect().top : box.top + index * height;
      if (line && line.width > 0 && Math.abs(line.top - top) > height / 2)
        wrong.push(`${name} line ${number} beside another number`);
    });
    if (own.length === 0 && getComputedStyle(run).breakInside !== 'avoid') wrong.push(`${name} can be torn apart`);
  }
  return { lines, wrong };
}

test('what is folded on the screen stands on paper', async ({ page }) => {
  await onPaper(page, 718);
  const { shown, hidden } = await page.locator('main details > :not(summary)').evaluateAll((all) => {
    // Of the walk one packet is printed, the one that was chosen.
    const asked = all.filter((part) => part.parentElement?.closest('.walked')?.checkVisibility() !== false);
    return {
      shown: asked.length,
      hidden: asked.filter((part) => !part.checkVisibility() || part.getBoundingClientRect().height === 0).length,
    };
  });
  expect(shown).toBeGreaterThan(60);
  // What an identical layer is about stands in its head already.
  expect(hidden).toBe(await page.locator('.evidence .about').count());
});

for (const width of SHEETS) {
  test(`no part of a panel stands on another, and its head stays with it: ${width} px`, async ({ page }) => {
    await onPaper(page, width);
    const wrong = await page.locator('.panel').evaluateAll((panels) =>
      panels.flatMap((panel) => {
        const parts = [...panel.children].filter((part) => part.getBoundingClientRect().height > 0);
        const over = parts.some((part, index) => {
          const next = parts[index + 1] ?? panel.parentElement?.querySelector(`#${panel.id} + .panel > header`);
          return next && next.getBoundingClientRect().top < part.getBoundingClientRect().bottom - 1;
        });
        // Rows of a grid are what a sheet tears so that one stands on the other.
        const grid = [panel, panel.parentElement as Element].some((box) => getComputedStyle(box).display !== 'block');
        const stuck = parts.some((part) => getComputedStyle(part).position === 'sticky');
        return over || grid || stuck ? [panel.id] : [];
      }),
    );
    expect(wrong).toEqual([]);
    for (const head of ['.layer > header', '.panel > header', '.panel > .source'])
      expect(
        await page
          .locator(head)
          .evaluateAll((all) => [...new Set(all.map((each) => getComputedStyle(each).breakAfter))]),
      ).toEqual(['avoid']);
  });
}

test('nothing that is read is smaller than 8 pt, no output smaller than 7.5 pt', async ({ page }) => {
  await onPaper(page, 718);
  const small = (selector: string, points: number) =>
    page.locator(selector).evaluateAll(
      (all, least) =>
        all
          .filter((each) => each.checkVisibility() && each.getBoundingClientRect().width > 1)
          .filter((each) => Number.parseFloat(getComputedStyle(each).fontSize) < least - 0.01)
          .map((each) => each.outerHTML.slice(0, 80)),
      (points * 4) / 3,
    );
  expect(
    await small('main :is(.summary, .words p, .words li, .findings li, .told, .flag p, .evidence p, .checks p)', 8),
  ).toEqual([]);
  expect(await small('pre.output, .evidence pre', 7.5)).toEqual([]);
});
