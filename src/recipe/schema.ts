import * as z from 'zod';
import { formatIds } from '../formats/index.ts';

/** The two sides, left and right; also the folder names under captures/. */
export const sideIds = ['v1', 'v2'] as const;
/** One of the two sides. */
export type SideId = (typeof sideIds)[number];

/** What a layer can come out as. */
export const verdicts = ['identical', 'diverges', 'only-v1', 'only-v2'] as const;
/** What a layer came out as. */
export type Verdict = (typeof verdicts)[number];

const id = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'lower-case letters and digits, joined by single hyphens, such as target-pool',
  )
  .max(60);
const line = z
  .string()
  .min(1, 'text')
  .regex(/^[^\r\n]*$/, 'one line of text');
const prose = z.string().min(1, 'text').meta({ description: 'Plain text; words between `backticks` are set as code.' });

/** Where a command runs: on the maintainer's machine, in a pod of the workload, in the dataplane's agent, beside Hubble Relay, on a node. */
export const places = ['local', 'pod', 'agent', 'relay', 'node'] as const;
/** Variables that name the node of a command with `where: node`. */
const nodeNames = ['node', 'idleNode', 'otherNode'] as const;
/** Such a variable. */
export type NodeName = (typeof nodeNames)[number];

/** Where a command runs. */
export type Place = (typeof places)[number];

const command = line.meta({
  description: 'A command line. {{name}} is filled in from the cluster and quoted; it must stand outside quotes.',
});
const where = z.enum(places).optional().meta({
  description:
    'Where it runs; local unless given. The recorder puts kubectl exec, kubectl debug or ssh in front, and the whole line is what is printed.',
});
const seconds = z.int('whole seconds').positive('at least one second').max(3600, 'at most an hour');

/** What a recording does before, between or after captures. */
const step = z
  .strictObject({
    run: command.optional().meta({ description: 'Runs once and has to succeed.' }),
    until: command.optional().meta({ description: 'Runs every second until it succeeds.' }),
    wait: seconds.optional().meta({ description: 'Waits this many seconds.' }),
    where,
    timeout: seconds.optional().meta({ description: 'Seconds before `run` or `until` is given up.' }),
  })
  .refine((own) => [own.run, own.until, own.wait].filter((value) => value !== undefined).length === 1, {
    message: 'exactly one of run, until and wait',
  })
  .meta({ description: 'One step of a recording: a command, a condition or a pause.' });
const steps = z.array(step).min(1, 'at least one step').optional();

const captureSide = z
  .strictObject({
    id: id.optional().meta({ description: 'Part of the file name on this side, where it differs from the row id.' }),
    title: line.optional().meta({ description: 'Title on this side, where it differs from the row title.' }),
    format: z
      .enum(formatIds)
      .optional()
      .meta({ description: 'Kind of output on this side, where it differs from the row format.' }),
    command: command.meta({ description: 'The command line whose output this is, as `npm run capture` runs it.' }),
    alternatives: z
      .array(command)
      .min(1, 'at least one command line')
      .optional()
      .meta({ description: 'Tried in order where the cluster lacks a variable that `command` needs.' }),
    where,
    on: z
      .enum(nodeNames)
      .optional()
      .meta({ description: 'With `where: node`, the variable that names the node; node unless given.' }),
    timeout: seconds.optional().meta({ description: 'Seconds the command may take; --timeout unless given.' }),
    before: steps.meta({
      description: 'Steps directly before this output on this side, in place of those of the row.',
    }),
    recordOnly: z.literal(true).optional().meta({
      description: 'The published set lacks this output: it appears once a recording has written its file.',
    }),
    note: prose.optional().meta({ description: 'What to look at in this output, in any recording.' }),
    managed: prose.optional().meta({
      description: 'Shown under "managed by GKE": what the cloud runs here that a reader would run elsewhere.',
    }),
  })
  .meta({ description: 'One output of one side; its file is captures/<side>/<layer>-<id>.txt.' });

const capture = z
  .strictObject({
    id: id.meta({ description: 'Names the row and, unless a side says otherwise, the file.' }),
    title: line.meta({ description: 'Heading of the output.' }),
    short: line.optional().meta({ description: 'Name where room is short, as in a figure; the title unless given.' }),
    format: z.enum(formatIds).meta({ description: 'Kind of output; decides highlighting and how it is read.' }),
    before: steps.meta({ description: 'Steps of a recording directly before this output.' }),
    v1: captureSide.optional(),
    v2: captureSide.optional(),
    absent: prose
      .optional()
      .meta({ description: 'For a one-sided row of a two-sided layer: why the other side has none.' }),
  })
  .refine((row) => row.v1 || row.v2, { message: 'at least one of v1 and v2' })
  .meta({ description: 'One row of a layer: the same output, or its counterpart, on one or both sides.' });

/** One layer of the recipe. */
export const layerSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^l[1-9][0-9]*$/, 'l and a number from 1, such as l4')
      .meta({ description: 'Address of the layer and start of its file names.' }),
    title: line.meta({ description: 'Heading of the layer.' }),
    summary: prose.meta({ description: 'Why this layer is here and what to look at, in any recording.' }),
    expect: z.enum(verdicts).meta({ description: 'What the maintainer expects this layer to come out as.' }),
    absent: prose.optional().meta({ description: 'For a one-sided layer: what stands on the other side instead.' }),
    setup: steps.meta({ description: 'Steps of a recording before the first output of the layer.' }),
    restore: steps.meta({
      description: 'Steps that undo `setup` and `before`; they run whatever happened in between.',
    }),
    captures: z
      .array(capture)
      .min(1, 'at least one capture')
      .meta({ description: 'The rows of the layer, top to bottom.' }),
  })
  .meta({ description: 'One layer of the comparison.' });

const side = z
  .strictObject({
    id: z.enum(sideIds).meta({ description: 'v1 is drawn left, v2 right; also the folder under captures/.' }),
    label: line.meta({ description: 'Full name, such as kube-proxy + iptables.' }),
    short: line.meta({ description: 'Name where room is short, such as iptables; what {v1} and {v2} stand for.' }),
    colour: z.enum(['amber', 'teal']).meta({ description: 'Colour of the side on the page.' }),
  })
  .meta({ description: 'One of the two dataplanes.' });

/** What a rule may give another name. What gives access has no rule: an output that holds it is refused. */
const renamables = ['e-mail', 'public-address'] as const;
/** Kind of thing that a rule may rename. */
export type Renamable = (typeof renamables)[number];

const redaction = z
  .strictObject({
    rule: id.meta({ description: 'Name of the rule, counted in the header of each output it changed.' }),
    find: z.enum(renamables).meta({
      description:
        'What it replaces; without a rule such a finding stops the recording. Passwords, keys and tokens stop it always.',
    }),
    role: id.meta({
      description: 'Stands for each value, numbered: client-1, client-2, the same value everywhere the same.',
    }),
  })
  .meta({ description: 'What is replaced in all that is written or printed.' });

const recording = z
  .strictObject({
    namespace: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a namespace name')
      .meta({ description: 'Namespace the workload is deployed to, unless --namespace is given.' }),
    redactions: z.array(redaction).default([]).meta({ description: 'Redaction rules.' }),
  })
  .meta({ description: 'What `npm run capture` needs besides the commands.' });

/** layers.yaml: what the page shows. The only definition of the file; types and the JSON Schema come from it. */
export const recipeSchema = z
  .strictObject({
    title: line.meta({ description: 'Name of the comparison.' }),
    headline: z.string().min(1, 'text').optional().meta({
      description:
        'Heading of the page and of its picture; the title unless given. {v1} and {v2} stand for the short names of the sides, a line break for one.',
    }),
    intro: prose.optional().meta({ description: 'What is compared; stands below the heading.' }),
    sides: z
      .tuple([side, side])
      .refine(([left, right]) => left.id === 'v1' && right.id === 'v2', { message: 'v1 first, then v2' })
      .meta({ description: 'The two sides, left then right.' }),
    recording: recording.optional(),
    layers: z.array(layerSchema).min(1, 'at least one layer').meta({ description: 'The layers, top to bottom.' }),
  })
  .meta({ title: 'layers.yaml', description: 'The recipe of dataplane-visualizer: sides, layers and captures.' });

/** The recipe, typed. */
export type Recipe = z.output<typeof recipeSchema>;
/** One layer of the recipe. */
export type RecipeLayer = Recipe['layers'][number];
/** One row of a layer. */
export type RecipeCapture = RecipeLayer['captures'][number];
/** One output of a row. */
export type RecipeSide = NonNullable<RecipeCapture[SideId]>;
/** One step of a recording. */
export type RecipeStep = z.output<typeof step>;
/** One redaction rule. */
export type RedactionRule = z.output<typeof redaction>;

/** JSON Schema (draft 2020-12) of layers.yaml, for editors; the text of public/layers.schema.json. */
export function recipeJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(recipeSchema, { io: 'input' }), null, 2)}\n`;
}
