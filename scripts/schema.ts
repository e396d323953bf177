/** Writes public/layers.schema.json and public/report.schema.json from the zod schemas; tests keep them the same. */
import { writeFileSync } from 'node:fs';
import { recipeJsonSchema } from '../src/recipe/schema.ts';
import { reportJsonSchema } from '../src/report/schema.ts';

writeFileSync('public/layers.schema.json', recipeJsonSchema());
writeFileSync('public/report.schema.json', reportJsonSchema());
