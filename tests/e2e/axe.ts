import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * What axe finds wrong in the page or in one part of it: the rule and the first element. What it finds right is only
 * counted, and all of it in the page itself, which has no frames to put together: that takes less than half the time.
 * The size of what is clicked or tapped (WCAG 2.2, 2.5.8) is asked for too, which axe does not do unless told.
 */
export async function violationsIn(page: Page, part?: string): Promise<[rule: string, element: string | undefined][]> {
  const axe = new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });
  const { violations } = await (part === undefined ? axe : axe.include(part)).analyze();
  return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
}
