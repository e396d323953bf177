import matter from 'gray-matter';
import { parse } from 'yaml';
import * as z from 'zod';

/*
 * The header is read with the YAML failsafe schema: every scalar arrives as the text that stands there,
 * so that no digest becomes a float, no time becomes a Date and `012` stays `012`. Zod then types it.
 */
const count = z
  .string()
  .regex(/^(0|[1-9][0-9]*)$/, 'a whole number')
  .transform(Number);
const utc = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z)?$/,
    'a UTC date or time such as 2026-07-01 or 2026-07-01T17:12:03.120Z',
  );

/** One redaction rule as it was applied to this capture. */
const redaction = z.strictObject({
  rule: z.string().meta({
    description: 'Name of the rule in layers.yaml, or home-directory: that needs none and is written as ~.',
  }),
  count: count.meta({ description: 'How many places it replaced.' }),
});

/** Provenance of one capture. What is not known is left out, never invented. */
export const headerSchema = z.strictObject({
  origin: z.enum(['published', 'recorded']).meta({
    description: 'published: taken over from a web page that printed it; recorded: written by `npm run capture`.',
  }),
  command: z
    .string()
    .optional()
    .meta({ description: 'The command line as it was run (recorded) or printed (published).' }),
  where: z
    .string()
    .optional()
    .meta({ description: 'Where the command ran: local, pod, agent or node, with its name.' }),
  when: utc.optional().meta({ description: 'Start of the command, UTC; only the day where no more is known.' }),
  durationMs: count.optional().meta({ description: 'How long the command ran, in milliseconds.' }),
  exitCode: count.optional().meta({ description: 'Exit code of the command.' }),
  stderr: z.string().optional().meta({ description: 'What the command wrote to standard error.' }),
  bytes: count.optional().meta({ description: 'Length of the body in bytes.' }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')
    .optional()
    .meta({ description: 'SHA-256 of the body.' }),
  run: z.string().optional().meta({ description: 'Id of the capture run that wrote this file.' }),
  redactions: z.array(redaction).optional().meta({ description: 'Redactions applied before the file was written.' }),
});

/** Provenance of one capture, typed; see {@link headerSchema} for each field. */
export type CaptureHeader = z.output<typeof headerSchema>;

const deny = (language: string) => () => {
  throw new Error(`${language} front matter is not accepted`);
};

/**
 * Reads the YAML between the two `---` lines. The result is untyped; {@link headerSchema} types it.
 * @throws {Error} when the text is not YAML or not a mapping; the message says which.
 */
export function parseHeaderText(text: string): unknown {
  const file = matter(`---\n${text}\n---\n`, {
    language: 'yaml',
    engines: {
      yaml: (source: string) =>
        parse(source, { schema: 'failsafe', maxAliasCount: 0, prettyErrors: false, uniqueKeys: true }) as object,
      javascript: deny('JavaScript'),
      js: deny('JavaScript'),
      json: deny('JSON'),
    },
  });
  return file.data;
}
