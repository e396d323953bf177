import { v1 } from './published/v1.ts';
import { v2 } from './published/v2.ts';
import type { World } from './world.ts';

/*
 * The world behind the published trace, as far as its outputs tell it; what they do not tell and no output needs is
 * made up (marked so). Its written outputs are to be those in captures/, byte for byte.
 */

/** The world of the published trace. */
export const published: World = { v1, v2, omitted: [] };
