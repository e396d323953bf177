import type { Words } from '../parts.ts';

/** What says the findings of a family: one entry for each kind. */
export type Sentences<Family extends { kind: string }> = {
  readonly [Kind in Family['kind']]: (finding: Extract<Family, { kind: Kind }>) => Words | string;
};
