import * as z from 'zod';

/** A line of an output. */
export const line = z.int().positive().meta({ description: 'Line of the output, from 1.' });
/** Key of an output. */
export const capture = z.string().meta({ description: 'Key of the output, such as v1/l6-local-failover.' });

/** Lines of an output, as report.json holds them. */
export const citation = z
  .strictObject({
    capture,
    from: line,
    to: line,
    text: z.string().meta({ description: 'The lines as they stand, with line feeds between them.' }),
  })
  .meta({ id: 'Citation', description: 'Lines of an output that a statement rests on, both ends included.' });
