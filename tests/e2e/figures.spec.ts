import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { figuresIn } from '../../src/figures/index.ts';
import { walkFigure } from '../../src/figures/walk.ts';
import { published } from '../analysis/subjects.ts';
import { figureData } from '../figures/data.ts';
import { subjectsOf, tellingWorld } from '../support/recordings/subjects.ts';
import { violationsIn } from './axe.ts';

/*
 * The figures by themselves in a page with the project's styles, at three widths in both themes. Nothing is compared
 * with a picture, because fonts differ between machines; pictures are attached to the results for whoever wants to look.
 */

const themes = ['light', 'dark'] as const;
const widths = [340, 700, 1400];
const ids = ['fig-walk', 'fig-failover', 'fig-policy-v2', 'fig-flows'];

/** The styles in the order in which the page has them. */
function styles(): string {
  const order = ['first', 'index'].map((name) => readFileSync(`src/styles/${name}.css`, 'utf8')).join('');
  return order.replace(
    /@import "\.\/([a-z-]+)\.css" layer\(([a-z]+)\);/g,
    (_, file: string, layer: string) => `@layer ${layer} {\n${readFileSync(`src/styles/${file}.css`, 'utf8')}\n}`,
  );
}

const data = figureData(published);
const all = [...new Set(Object.values(data).map(({ layer }) => layer))].flatMap((layer) => figuresIn(layer, data));

async function show(
  page: Page,
  theme: (typeof themes)[number],
  width: number,
  {
    grey = false,
    figures = all,
    script = true,
  }: { grey?: boolean; figures?: readonly string[]; script?: boolean } = {},
): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  const panels = published.map(({ key }) => `<i id="${key.replace('/', '-')}"></i>`).join('');
  await page.setContent(
    `<!doctype html><html lang="en" class="${script ? 'js' : ''}" data-theme="${theme}"><head><title>Figures</title><meta name="viewport" content="width=device-width"><style>${styles()}${grey ? 'html{filter:grayscale(1)}' : ''}</style></head><body><main><h1>Figures</h1>${figures.join('\n')}${panels}</main></body></html>`,
  );
}

for (const theme of themes) {
  for (const width of widths) {
    test(`figures, ${theme}, ${width} px: nothing overlaps, nothing is cut, the page does not scroll sideways`, async ({
      page,
    }, info) => {
      await show(page, theme, width);
      for (const id of ids) {
        const body = await page.locator(`#${id}`).screenshot();
        await info.attach(`${id}-${width}-${theme}`, { body, contentType: 'image/png' });
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await page.evaluate(overlaps)).toEqual([]);
      expect(await page.evaluate(cut)).toEqual([]);
    });
  }

  test(`figures, ${theme}: marks and their text stand out`, async ({ page }) => {
    await show(page, theme, 1400);
    const marks = await page.evaluate(() => {
      const shown = (selector: string, property: string) => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`no ${selector}`);
        return { selector, colour: getComputedStyle(element).getPropertyValue(property) };
      };
      const mark = (selector: string, property: string) => ({
        selector,
        colour: getComputedStyle(document.querySelector(selector) as Element, '::before').getPropertyValue(property),
      });
      return {
        card: shown('.figure', 'background-color').colour,
        marks: [
          mark('.walk .hit > a', 'background-color'),
          mark('.walk .miss > a', 'border-top-color'),
          shown('.walk .half[data-side=v2] .key', 'border-top-color'),
          shown('.growth polyline', 'stroke'),
          shown('.answered', 'fill'),
          shown('.failed', 'stroke'),
          shown('.hatch', 'stroke'),
          shown('.whole[data-side=v1] rect', 'fill'),
          shown('.whole[data-side=v2] rect', 'fill'),
          shown('.bracket', 'fill'),
          shown('.event line', 'stroke'),
          shown('.drop line', 'stroke'),
          shown('.life', 'stroke'),
          shown('#fig-arrow path', 'fill'),
          shown('#fig-cross path', 'stroke'),
          shown('td[data-cell=allowed]', 'border-left-color'),
          shown('td[data-cell=denied]', 'border-left-color'),
        ],
        texts: [...document.querySelectorAll('.figure svg text')].map((text) => getComputedStyle(text).fill),
      };
    });
    for (const { selector, colour } of marks.marks) {
      expect(contrast(colour, marks.card), selector).toBeGreaterThanOrEqual(3);
    }
    for (const colour of new Set(marks.texts)) expect(contrast(colour, marks.card)).toBeGreaterThanOrEqual(4.5);
  });

  test(`figures, ${theme}, without colour: answered and failed, hit and missed differ in lightness`, async ({
    page,
  }) => {
    await show(page, theme, 1400, { grey: true });
    /** Where a thing is painted; of a rule its mark, which stands before its words. */
    const clipOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          if (!element.matches('button, .path a')) return { x, y, width, height };
          const mark = getComputedStyle(element, '::before');
          const [left, top, across, down] = [mark.left, mark.top, mark.width, mark.height].map(Number.parseFloat) as [
            number,
            number,
            number,
            number,
          ];
          return { x: x + left, y: y + top, width: across, height: down };
        });
    const lightness = async (selector: string) => {
      const png = (await page.screenshot({ clip: await clipOf(selector), fullPage: true })).toString('base64');
      return page.evaluate(async (data) => {
        const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        if (!context) throw new Error('no canvas');
        context.drawImage(bitmap, 0, 0);
        const { data: pixels } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        let sum = 0;
        for (let index = 0; index < pixels.length; index += 4) sum += pixels[index] ?? 0;
        return sum / (pixels.length / 4);
      }, png);
    };
    // On the scale of 0 to 255; 40 is a step that the eye sees at once.
    const probe = '[aria-label^="v2/l6-local-failover"] rect';
    for (const [one, other] of [[`${probe}.answered`, `${probe}.failed`]] as const) {
      expect(Math.abs((await lightness(one)) - (await lightness(other))), one).toBeGreaterThan(40);
    }
  });
}

test('the order of the flows on the page is that of their times', async ({ page }) => {
  await show(page, 'light', 1400);
  const rows = await page.locator('.flows .event').evaluateAll((events) =>
    events.map((event) => ({
      ms: Number.parseFloat(event.querySelector('tspan')?.textContent ?? ''),
      y: event.querySelector('line')?.getBoundingClientRect().y ?? 0,
      x: event.querySelector('line')?.getBoundingClientRect().x ?? 0,
    })),
  );
  expect(rows).toHaveLength(16);
  for (const a of rows) {
    for (const b of rows) if (Math.abs(a.x - b.x) < 5 && a.ms < b.ms) expect(a.y).toBeLessThan(b.y);
  }
});

test('the matrix stays a table on a phone, and few things take the focus', async ({ page }) => {
  await show(page, 'dark', 340);
  const table = page.locator('#fig-policy-v2').getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(8);
  await expect(table.getByRole('rowheader')).toHaveCount(7);
  await expect(table.getByRole('cell')).toHaveCount(21);
  await expect(page.locator('#fig-failover').locator('a, [tabindex="0"], summary')).toHaveCount(7 + 2);
  await expect(page.locator('#fig-flows').locator('a, [tabindex="0"], summary')).toHaveCount(1 + 4 + 2);
});

for (const theme of themes) {
  test(`axe finds nothing in the figures: ${theme}`, async ({ page }) => {
    for (const width of [340, 1400]) {
      await show(page, theme, width);
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) (details as HTMLDetailsElement).open = true;
      });
      expect(await violationsIn(page, '.figure')).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });
}

for (const theme of themes) {
  test(`the timeline of probes that say when they began and who answered: ${theme}`, async ({ page }, info) => {
    const world = tellingWorld(({ v1, v2 }) => v1.pods.length > 2 && v2.pods.length > 2);
    const { timeline } = figureData(subjectsOf(world));
    const figures = timeline ? figuresIn(timeline.layer, { timeline }) : [];
    for (const width of widths) {
      await show(page, theme, width, { figures });
      const body = await page.locator('#fig-failover').screenshot();
      await info.attach(`fig-failover-told-${width}-${theme}`, { body, contentType: 'image/png' });
      await expect(page.locator('.lane + .who use').first()).toBeVisible();
      expect(await page.evaluate(overlaps)).toEqual([]);
      expect(await page.evaluate(cut)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    const fill = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).fill);
    const card = await page.locator('.figure').evaluate((figure) => getComputedStyle(figure).backgroundColor);
    for (const selector of ['.who use', '.pods use', '.track'])
      expect(contrast(await fill(selector), card), selector).toBeGreaterThanOrEqual(3);
    expect(await violationsIn(page, '.figure')).toEqual([]);
  });
}

test('on paper the figures are whole', async ({ page }) => {
  await show(page, 'light', 700);
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate(overlaps)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

/** Pairs of texts whose boxes overlap by more than a pixel of the font's own slack. Runs in the page. */
function overlaps(): string[] {
  const pieces: { text: string; boxes: DOMRect[]; figure: Element }[] = [];
  for (const figure of document.querySelectorAll('.figure')) {
    const walker = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.textContent?.trim() || parent?.closest('title, details:not([open]) > :not(summary)')) continue;
      if (!parent?.checkVisibility({ visibilityProperty: true })) continue;
      // What sticks to the edge of the screen stands over what scrolls.
      if (getComputedStyle(parent.closest('.step') ?? parent).position === 'sticky') continue;
      // Kept for screen readers only: nothing of it is painted.
      const hidden = parent?.closest('thead');
      if (hidden && getComputedStyle(hidden).clipPath !== 'none') continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const clip = getComputedStyle(parent).overflow === 'hidden' ? parent.getBoundingClientRect() : undefined;
      const boxes = [...range.getClientRects()].map((box) =>
        clip ? new DOMRect(box.x, box.y, Math.min(box.right, clip.right) - box.x, box.height) : box,
      );
      pieces.push({ text: node.textContent.trim(), boxes, figure });
    }
  }
  const found: string[] = [];
  pieces.forEach((a, index) => {
    for (const b of pieces.slice(index + 1)) {
      if (a.figure !== b.figure) continue;
      const hit = a.boxes.some((one) =>
        b.boxes.some((other) => {
          const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
          const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
          // Boxes of neighbouring lines touch; letters do not until a third of the line is shared.
          return width > 1 && height > Math.min(one.height, other.height) / 3;
        }),
      );
      if (hit) found.push(`${a.text} | ${b.text}`);
    }
  });
  return found;
}

/** Text that leaves its figure, or what scrolls inside it. Runs in the page. */
function cut(): string[] {
  return [...document.querySelectorAll('.figure')].flatMap((figure) =>
    [...figure.querySelectorAll('text, p, th, td, code, b, small')].flatMap((element) => {
      // A packet that is not chosen, or a closed table, is not painted.
      if (!element.checkVisibility()) return [];
      const holder = element.closest('.scroll');
      const frame = (holder ?? figure).getBoundingClientRect();
      const right = holder ? frame.left - holder.scrollLeft + holder.scrollWidth : frame.right;
      const box = element.getBoundingClientRect();
      const out =
        box.left < frame.left - 1 || box.right > right + 1 || box.bottom > figure.getBoundingClientRect().bottom;
      return out ? [`${element.tagName} ${element.textContent}`] : [];
    }),
  );
}

/** WCAG's contrast ratio of two `rgb(r, g, b)`. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [a, b].map(luminance).sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1).map(Number);
  if (!channels) throw new Error(`not an opaque colour: ${colour}`);
  const [r = 0, g = 0, b = 0] = channels.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('any number of packets can be chosen from, each shows its own walk', async ({ page }) => {
  const { packets = [], growth = [] } = data.walk?.data ?? {};
  const more = Array.from({ length: 8 }, (_, index) => ({
    ...(packets[index % packets.length] as (typeof packets)[number]),
    label: `packet ${index + 1}`,
    notes: [`This is packet ${index + 1}.`],
  }));
  await show(page, 'light', 700, { figures: [walkFigure({ packets: more, growth }).text] });
  for (const { label, notes } of more) {
    await page.locator('#fig-walk label', { hasText: label }).click();
    const shown = page.locator('#fig-walk .walked:visible');
    await expect(shown).toHaveCount(1);
    await expect(shown.locator('.rests')).toContainText(notes[0] as string);
  }
  const choices = await page
    .locator('#fig-walk label')
    .evaluateAll((labels) => labels.map((one) => (one as HTMLElement).offsetTop));
  const walk = await page.locator('#fig-walk .walked:visible').evaluate((one) => (one as HTMLElement).offsetTop);
  expect(Math.max(...choices)).toBeLessThan(walk);
});

for (const theme of themes) {
  for (const width of widths) {
    test(`the walk of every packet, with and without what a rule says, ${theme}, ${width} px: nothing overlaps or is cut`, async ({
      page,
    }) => {
      for (const script of [true, false]) {
        await show(page, theme, width, { script, figures: all.slice(0, 1) });
        for (const [index] of (data.walk?.data.packets ?? []).entries()) {
          await page.evaluate((number) => {
            (document.querySelector(`#packet-${number}`) as HTMLInputElement).checked = true;
          }, index + 1);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
          expect(await page.evaluate(overlaps)).toEqual([]);
          expect(await page.evaluate(cut)).toEqual([]);
          // On a wide screen the words of one rule at a time stand over what is drawn below them, or beside.
          for (const rule of script ? [1, 11] : []) {
            await page.evaluate(
              ([packet, number]) => {
                for (const old of document.querySelectorAll('.here')) old.classList.remove('here');
                document.getElementById(`walk-${packet}.${number}`)?.classList.add('here');
              },
              [index + 1, rule],
            );
            expect(await page.evaluate(overlaps)).toEqual([]);
          }
        }
      }
    });
  }
}

test('with forced colours the sides are named, and marks, lines and the chosen packet are there', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await show(page, 'light', 1400);
  await expect(page.locator('#fig-walk .who:visible')).toHaveText([/^V1 iptables rules/, /^V2 Cilium service map/]);
  const seen = await page.evaluate(() => {
    const style = (selector: string, part?: string) =>
      getComputedStyle(document.querySelector(selector) as Element, part);
    return {
      ground: style('body').backgroundColor,
      hit: style('.walk .hit > a', '::before').backgroundColor,
      miss: style('.walk .miss > a', '::before').borderTopColor,
      line: style('.walk .path a[data-lines]').backgroundImage,
      chosen: style('.walk :checked + label').outlineStyle,
    };
  });
  expect(seen.hit).toBe('rgb(0, 0, 0)');
  expect(seen.miss).toBe('rgb(0, 0, 0)');
  expect(seen.line).toContain('rgb(0, 0, 0)');
  expect(seen.chosen).toBe('solid');
});
