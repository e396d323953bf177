import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { ProblemsError, quote } from '../problem.ts';
import { complaints, pathText } from '../validate.ts';
import { CAPTURES_DIR, RUN_FILE } from './store.ts';

const text = z.string();
const known = text.optional();

/** One recording: the environment its outputs come from. What could not be found out is left out. */
const recordedRun = z.strictObject({
  run: text.meta({ description: 'Run id, as in the header of each output the run wrote.' }),
  started: text.meta({ description: 'UTC.' }),
  context: known.meta({ description: 'kubectl context.' }),
  dataplane: text.meta({ description: 'What carries the packets, as detected in the cluster.' }),
  evidence: z.array(text).meta({ description: 'What that was concluded from.' }),
  server: known.meta({ description: 'Version of the API server.' }),
  channel: known.meta({ description: 'GKE release channel.' }),
  addons: z.record(text, text).optional().meta({ description: 'GKE add-ons and features, each enabled or disabled.' }),
  location: known.meta({ description: 'Zone or region of the cluster.' }),
  nodes: z
    .array(
      z.strictObject({
        name: text,
        version: known.meta({ description: 'kubelet.' }),
        kernel: known,
        osImage: known,
        runtime: known.meta({ description: 'Container runtime.' }),
        machineType: known,
        zone: known,
      }),
    )
    .meta({ description: 'The nodes, by name.' }),
  workload: z.array(text).meta({ description: 'Container images of the workload, as deployed.' }),
  tools: z.record(text, text).meta({ description: 'Versions of the tools on the machine that recorded.' }),
  order: z.array(text).meta({ description: 'The outputs of this run in the order their commands were started.' }),
  notRecorded: z.record(text, text).optional().meta({
    description: 'Why an output of the recipe was not recorded: the cluster is not of the kind that has it.',
  }),
});

/** captures/<side>/run.yaml: the newest recording, and older ones of which outputs are still there. */
const runSchema = recordedRun.extend({ earlier: z.array(recordedRun).optional() });

/** One recording, typed. */
export type RecordedRun = z.output<typeof recordedRun>;
/** run.yaml, typed. */
export type RunFile = z.output<typeof runSchema>;

/** Path of run.yaml relative to the project root. */
export function runFile(side: 'v1' | 'v2'): string {
  return `${CAPTURES_DIR}/${side}/${RUN_FILE}`;
}

/** run.yaml as it is written: every value that is text stands in quotes, so that no version becomes a number. */
export function encodeRun(run: RunFile): string {
  return stringify(run, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
}

/**
 * Parses run.yaml. Scalars are read as text (YAML failsafe schema), so that `1.30` stays `1.30`.
 * @throws {ProblemsError} when it is not YAML or not of the form {@link runSchema}
 */
export function decodeRun(source: string, file: string): RunFile {
  let data: unknown;
  try {
    data = parse(source, { schema: 'failsafe', maxAliasCount: 0, prettyErrors: false, uniqueKeys: true });
  } catch (error) {
    const { message, linePos } = error as Error & { linePos?: [{ line: number }] };
    throw new ProblemsError([
      {
        file,
        ...(linePos ? { line: linePos[0].line } : {}),
        expected: 'valid YAML',
        found: quote(message.split('\n')[0]),
        fix: 'Restore the file, or record that side again.',
      },
    ]);
  }
  const result = runSchema.safeParse(data);
  if (result.success) return result.data;
  throw new ProblemsError(
    complaints(result.error, data).map(({ path, expected, found }) => ({
      file,
      subject: `key ${pathText(path)}`,
      expected,
      found,
      fix: 'Restore the file, or record that side again.',
    })),
  );
}

/**
 * The environment a side was recorded in; undefined for a side that was not recorded.
 * @param root project root
 * @throws {ProblemsError} as {@link decodeRun}
 */
export function readRun(root: string, side: 'v1' | 'v2'): RunFile | undefined {
  const file = runFile(side);
  const path = join(root, file);
  return statSync(path, { throwIfNoEntry: false }) ? decodeRun(readFileSync(path, 'utf8'), file) : undefined;
}
