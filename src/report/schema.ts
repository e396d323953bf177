import * as z from 'zod';
import { roles } from '../analysis/types.ts';
import { formatIds } from '../formats/index.ts';
import { sideIds, verdicts } from '../recipe/schema.ts';
import { type FigureId, figureSchemas } from './figure-data.ts';
import { lineGroups } from './frontend-groups.ts';
import { citation } from './place.ts';

/** Counts up when a program that reads report.json would have to change. */
export const REPORT_VERSION = 2;

const side = z.enum(sideIds);
const verdict = z.enum(verdicts);
const capture = z.string().meta({ description: 'Key of an output, such as v1/l1-service-ips.' });
const count = z.int().nonnegative();
const why = z.string().meta({ description: 'One sentence: why.' });

const place = z
  .strictObject({
    capture,
    line: z.int().positive(),
    column: z.int().positive(),
    length: count,
  })
  .meta({
    id: 'Place',
    description: 'A place in an output: line and column from 1; column and length in UTF-16 code units.',
  });

const stated = z.strictObject({ text: z.string(), at: place }).optional();

const row = z.strictObject({
  id: z.string(),
  verdict: verdict.nullable().meta({ description: 'Null while nothing of the row is recorded.' }),
  why: why.nullable(),
  matched: z
    .array(z.strictObject({ path: z.string(), v1: z.string(), v2: z.string(), by: z.string() }))
    .meta({ description: 'Pairs of values that were taken for the same: `equal`, by a role, or by a rule.' }),
  differences: z
    .array(z.strictObject({ path: z.string(), what: z.string(), v1: stated, v2: stated }))
    .meta({ description: 'What is left. A side without a value has nothing at that place.' }),
  rules: z.array(z.string()).meta({ description: 'Rules that set differences aside.' }),
  notes: z.array(z.string()).meta({ description: 'Remarks that do not decide the verdict.' }),
});

const upTo = (most: number) => z.int().min(0).max(most);
const ranges = z.array(z.tuple([count, count, upTo(3) as z.ZodType<0 | 1 | 2 | 3>, z.string()])).meta({
  id: 'Ranges',
  description:
    'Values of a line that are not equal to the letter: start, end (exclusive, in UTF-16 code units), 0 by a role · 1 by a rule · 2 different · 3 different as another difference already says, and why.',
});

const problem = z.strictObject({
  file: z.string(),
  line: z.int().optional(),
  subject: z.string().optional(),
  expected: z.string(),
  found: z.string(),
  fix: z.string(),
});

/** A figure as report.json holds it. */
const figure = <Data extends z.ZodType>(data: Data) =>
  z
    .strictObject({
      layer: z.string().meta({ description: 'Layer it stands in.' }),
      words: z.array(z.string()).meta({ description: 'What it says, in sentences.' }),
      data,
    })
    .optional();

const figures = {
  walk: figure(figureSchemas.walk),
  timeline: figure(figureSchemas.timeline),
  flows: figure(figureSchemas.flows),
  policy: figure(figureSchemas.policy),
} satisfies { [Id in FigureId]: z.ZodType };

/** report.json: everything the page says, for programs, without the outputs themselves. The only definition of the file. */
export const reportSchema = z
  .strictObject({
    version: z.literal(REPORT_VERSION),
    title: z.string(),
    sides: z.array(z.strictObject({ id: side, label: z.string(), short: z.string() })),
    summary: z.strictObject({
      verdicts: z
        .strictObject({ diverges: count, 'only-v1': count, 'only-v2': count, identical: count })
        .meta({ description: 'How many layers came out how.' }),
      checks: z.strictObject({ holds: count, broken: count, 'not-comparable': count }),
      published: z.boolean().meta({ description: 'True where every output was published, none recorded.' }),
    }),
    layers: z
      .array(z.strictObject({ id: z.string(), title: z.string(), verdict, why, rows: z.array(row) }))
      .meta({ description: 'In page order.' }),
    captures: z.array(
      z.strictObject({
        key: capture,
        side,
        layer: z.string(),
        format: z.enum(formatIds),
        command: z.string(),
        origin: z.enum(['published', 'recorded']).nullable(),
        bytes: count.nullable().meta({ description: 'Null while it is not recorded.' }),
        lines: count,
        sha256: z.string().nullable(),
      }),
    ),
    differences: z
      .array(
        z.strictObject({
          v1: capture,
          v2: capture,
          pairs: z.array(z.tuple([count, count, ranges, ranges, upTo(4) as z.ZodType<0 | 1 | 2 | 3 | 4>])).meta({
            description:
              'The two lines, by number (0 where a side has none), their marked ranges, and 0 the same · 1 matched · 2 different as another difference already says · 3 different · 4 not compared.',
          }),
          folds: z.array(z.tuple([count, count])).meta({
            description: 'Runs of equal lines that need not be read: first and last index in pairs.',
          }),
          places: z.array(z.array(count)).meta({
            description: 'For each difference of the row, the indices in pairs of the lines it stands on.',
          }),
          groups: z.array(z.tuple([count, z.enum(lineGroups)])).meta({
            description: 'For two kinds of output: where in pairs the lines of a frontend begin.',
          }),
          apart: z.string().meta({
            description: 'For two kinds of output, the verdict: their lines have no counterparts. Else empty.',
          }),
        }),
      )
      .meta({ description: 'The rows that both sides have, line by line.' }),
    figures: z.strictObject(figures).meta({
      description: 'What each figure is drawn from. A figure whose outputs were not captured is not there.',
    }),
    findings: z
      .array(
        z.strictObject({
          kind: z.string(),
          about: z.strictObject({ layer: z.string(), row: z.string().optional(), side: side.optional() }),
          text: z.string().meta({ description: 'The finding as a sentence.' }),
          values: z.record(z.string(), z.unknown()).meta({ description: 'The values it says, by name.' }),
          places: z.array(citation).meta({ description: 'The lines it rests on.' }),
        }),
      )
      .meta({ description: 'What the outputs show, computed from them.' }),
    answers: z
      .array(
        z.strictObject({
          kind: z.string(),
          layers: z.array(z.string()),
          text: z.string().meta({ description: 'The answer in sentences.' }),
          values: z.record(z.string(), z.unknown()).meta({ description: 'The values it says, by name.' }),
        }),
      )
      .meta({ description: 'What a reader would repeat to a colleague, put together from findings and figures.' }),
    checks: z.array(
      z.strictObject({
        id: z.string(),
        side,
        title: z.string(),
        status: z.enum(['holds', 'broken', 'not-comparable']),
        why,
        evidence: z.array(place),
      }),
    ),
    audit: z
      .array(
        z.strictObject({
          id: z.string(),
          label: z.string(),
          v1: z.string().optional(),
          v2: z.string().optional(),
          outcome: z.enum(['same', 'differs', 'not-recorded']),
          variable: z.boolean().meta({ description: 'True for the one fact that is meant to differ.' }),
        }),
      )
      .meta({ description: 'The environments of the two sides.' }),
    observations: z
      .strictObject({
        shown: count.meta({ description: 'Remarks that stand beside the outputs they were written for.' }),
        stale: z.array(problem).meta({ description: 'Those whose outputs were replaced, to be read again.' }),
      })
      .meta({ description: 'Remarks on this recording, captures/observations.yaml.' }),
    values: z
      .array(
        z.strictObject({
          role: z.enum(roles),
          side,
          value: z.string(),
          how: z.string(),
          counterpart: z.array(z.string()),
          occurrences: z.array(place),
        }),
      )
      .meta({ description: 'The values that can be followed through the outputs.' }),
  })
  .meta({ title: 'report.json', description: 'What dataplane-visualizer says of two recordings, for programs.' });

/** report.json, typed. */
export type ReportJson = z.output<typeof reportSchema>;

/** JSON Schema (draft 2020-12) of report.json; the text of public/report.schema.json. */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}
