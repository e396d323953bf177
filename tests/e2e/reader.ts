import { expect, type Locator, type Page } from '@playwright/test';

/**
 * Somebody in front of the page whose actions are counted: a key, a click or tap, a text put into a field, scrolling by
 * a screen. Only what stands on the screen, and is covered by nothing, is read or clicked.
 */
export class Reader {
  actions = 0;
  readonly page: Page;
  readonly #touch: boolean;

  constructor(page: Page, touch: boolean) {
    this.page = page;
    this.#touch = touch;
  }

  /** The element stands on the screen from its first to its last line, and it says this. */
  async reads(where: Locator, says: string | RegExp): Promise<void> {
    await expect(where).toContainText(says);
    await expect.poll(() => where.evaluate(inSight), { message: `in sight: ${says}` }).toBe(true);
  }

  /** A click, or a tap where there is no mouse. What is not in sight has to be scrolled to first. */
  async clicks(what: Locator): Promise<void> {
    await expect.poll(() => what.evaluate(inSight), { message: `in sight: ${what}` }).toBe(true);
    this.actions++;
    await (this.#touch ? what.tap() : what.click());
  }

  /** A click at a point of the screen, where something is drawn that is no element of its own. */
  async clicksAt(x: number, y: number): Promise<void> {
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {};
    expect(x > 0 && y > 0 && x < width && y < height, 'on the screen').toBe(true);
    this.actions++;
    await this.page.mouse.click(x, y);
  }

  async presses(key: string): Promise<void> {
    this.actions++;
    await this.page.keyboard.press(key);
  }

  /** A text into the field that has the keyboard, as one action. */
  async types(text: string): Promise<void> {
    this.actions++;
    await this.page.keyboard.insertText(text);
  }

  /** Down by a screen, less the bar. */
  async scrolls(): Promise<void> {
    this.actions++;
    await this.page.evaluate(() => scrollBy(0, innerHeight - 80));
  }
}

/** Runs in the page. The middle of what is asked for lies in the window, and a click there would meet it. */
function inSight(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  if (right <= left || bottom <= top || top < 0 || bottom > innerHeight || left < 0 || left >= innerWidth) return false;
  const met = document.elementFromPoint((left + Math.min(right, innerWidth)) / 2, (top + bottom) / 2);
  return Boolean(met && (element.contains(met) || met.contains(element)));
}
