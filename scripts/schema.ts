/** Writes public/layers.schema.json from the zod schema; a test keeps the two the same. */
import { writeFileSync } from 'node:fs';
import { recipeJsonSchema } from '../src/recipe/schema.ts';

writeFileSync('public/layers.schema.json', recipeJsonSchema());
