import * as z from 'zod';
import { sideIds } from '../recipe/schema.ts';

/*
 * What each figure is drawn from: plain data, as they stand in report.json. The schemas are the types.
 * Times are seconds unless told otherwise, lines are counted from 1.
 */

const side = z.enum(sideIds);
const line = z.int().positive().meta({ description: 'Line of the output, from 1.' });
const capture = z.string().meta({ description: 'Key of the output, such as v1/l6-local-failover.' });

/** Lines of an output, as report.json holds them. */
export const citation = z
  .strictObject({
    capture,
    from: line,
    to: line,
    text: z.string().meta({ description: 'The lines as they stand, with line feeds between them.' }),
  })
  .meta({ id: 'Citation', description: 'Lines of an output that a statement rests on, both ends included.' });

const range = z
  .strictObject({
    min: z.int(),
    max: z.int(),
    mean: z.number().nullable().meta({ description: 'Null where it cannot be told.' }),
  })
  .meta({ id: 'Examined', description: 'Rules that are compared with a packet, over all branches of its walk.' });

const packet = z.strictObject({ from: z.string(), to: z.string(), port: z.int(), protocol: z.string() });

const ruleWalk = z.strictObject({
  capture,
  packet,
  examined: range,
  steps: z
    .array(
      z.strictObject({
        table: z.string(),
        chain: z.string(),
        line,
        text: z.string().meta({ description: 'The rule as it stands.' }),
        matched: z.boolean().meta({ description: 'True where it matches on at least one branch.' }),
        chance: z
          .number()
          .nullable()
          .meta({ description: 'Probability that it matches once compared; null where that cannot be told.' }),
        counted: z.int().min(0).optional().meta({
          description:
            'Packets by which its counter rose during the probe `countedDuring`, on the recorded nodes together; absent where it was not recorded.',
        }),
      }),
    )
    .meta({ description: 'The rules compared with the packet, in order; branches one after the other.' }),
  outcomes: z
    .array(
      z.strictObject({
        verdict: z.enum(['DNAT', 'REJECT', 'DROP', 'ACCEPT', 'NONE', 'UNKNOWN']),
        target: z.string().nullable().meta({ description: 'Where DNAT sends it.' }),
        probability: z.number(),
        masquerade: z.boolean().nullable().meta({ description: 'Null where it cannot be told.' }),
      }),
    )
    .meta({ description: 'Every possible end; the probabilities add up to 1.' }),
  assumptions: z.array(z.string()),
  missing: z.array(z.string()).meta({ description: 'What the walk needs and the output does not hold.' }),
  unknown: z.array(z.string()).meta({ description: 'What cannot be told.' }),
  countedDuring: capture.optional().meta({
    description: 'The probe before and after which the counters of these rules were recorded.',
  }),
});

const serviceRow = z.strictObject({
  capture,
  packet,
  row: z
    .strictObject({
      line,
      last: line.meta({ description: 'Line of its last backend.' }),
      id: z.string().optional(),
      address: z.string(),
      type: z.string(),
      backends: z.array(z.strictObject({ line, address: z.string() })).meta({
        description: 'Those that a new connection can be sent to.',
      }),
    })
    .optional()
    .meta({ description: 'Absent where no row has the key of the packet.' }),
  assumptions: z.array(z.string()),
  unknown: z.array(z.string()),
});

const walk = z.strictObject({
  packets: z.array(
    z.strictObject({
      label: z.string().meta({ description: 'In words: pod → ClusterIP.' }),
      notes: z.array(z.string()).meta({ description: 'What stands for a value the captures do not hold.' }),
      rules: ruleWalk,
      service: serviceRow
        .optional()
        .meta({ description: 'Absent where the other side has no service list or no such address.' }),
    }),
  ),
  growth: z
    .array(
      z.strictObject({
        services: z.int(),
        endpoints: z.int().meta({ description: 'Endpoints of each Service.' }),
        rules: z.int().meta({ description: 'Rules of the whole set.' }),
        examined: z.strictObject({ first: range, middle: range, last: range, none: range }).meta({
          description: 'For a packet to the first, the middle and the last Service, and to an address of none.',
        }),
      }),
    )
    .meta({ description: 'Computed on made-up rulesets, not captured.' }),
});

const spread = z
  .strictObject({
    count: z.int(),
    typical: z.number().optional().meta({ description: 'Median.' }),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .meta({ id: 'Spread', description: 'The requests of one outcome and their seconds.' });

const probe = z
  .strictObject({
    capture,
    side,
    title: z.string().optional().meta({ description: 'What the output calls itself.' }),
    said: z.number().optional().meta({ description: 'Seconds that its heading names; not a measurement.' }),
    requests: z.array(
      z.strictObject({
        number: z.int(),
        answered: z.boolean(),
        status: z.string(),
        seconds: z.number(),
        start: z.number().meta({ description: 'Seconds of all requests before it.' }),
        slow: z.boolean().meta({ description: 'True where it took more than `slowFactor` medians of its outcome.' }),
        evidence: citation,
      }),
    ),
    answered: spread,
    failed: spread,
    seconds: z.number().meta({ description: 'Sum over all requests.' }),
    trailing: z.int().meta({ description: 'Answers in a row at the end.' }),
  })
  .meta({ id: 'Probe', description: 'One probe of the external address.' });

const timeline = z.strictObject({
  slowFactor: z.number(),
  rows: z.array(
    z.strictObject({
      row: z.string(),
      name: z.string(),
      failures: z.boolean().meta({ description: 'True where a request failed on some side.' }),
      sides: z
        .strictObject({ v1: probe.optional(), v2: probe.optional() })
        .meta({ description: 'A side without the probe has none.' }),
    }),
  ),
});

const end = z
  .strictObject({
    host: z.string().meta({ description: 'Address or namespace/pod.' }),
    port: z.string().optional(),
    identity: z.string().optional(),
  })
  .meta({ id: 'End' });

const connection = z
  .strictObject({
    protocol: z.string(),
    source: end,
    destination: end,
    events: z.array(
      z.strictObject({
        time: z.number().optional().meta({ description: 'Milliseconds since 1970.' }),
        printed: z.string().optional(),
        direction: z.enum(['forward', 'reply', 'unknown']),
        seen: z.string().meta({ description: 'Observation point, or the reason of a drop.' }),
        verdict: z.string(),
        flags: z.array(z.string()),
        evidence: citation,
      }),
    ),
    dropped: z.boolean(),
    deniedByPolicy: z.boolean().meta({ description: 'True where an event was dropped because a policy denied it.' }),
    opened: z.boolean().meta({ description: 'True where its first packet was seen.' }),
    closed: z.boolean().meta({ description: 'True where FIN was seen from both ends, or RST.' }),
  })
  .meta({ id: 'Connection' });

const flows = z.strictObject({
  capture,
  connections: z.array(connection),
  others: z.int().meta({ description: 'Events that are not flows.' }),
  drops: z.array(connection).meta({ description: 'What was dropped according to other outputs.' }),
});

const evidence = z.array(citation);

const matrix = z
  .strictObject({
    side,
    target: z.strictObject({
      name: z.string().optional(),
      namespace: z.string().optional(),
      identity: z.string().optional(),
      pods: z.array(z.string()),
      port: z.string().optional(),
    }),
    columns: z.array(
      z.strictObject({
        kind: z.enum(['network-policy', 'policy-map', 'seen']),
        title: z.string(),
        missing: z.string().optional().meta({ description: 'Why the column has nothing to say.' }),
      }),
    ),
    rows: z.array(
      z.strictObject({
        source: z.strictObject({
          id: z.string(),
          kind: z.enum(['pod', 'reserved', 'other-pods']),
          name: z.string(),
          identity: z.string().optional(),
          labels: z.record(z.string(), z.string()),
          complete: z.boolean().meta({ description: 'True where it has no other labels.' }),
          sameNamespace: z.boolean(),
          evidence,
        }),
        cells: z
          .array(
            z.strictObject({
              verdict: z.enum(['allowed', 'denied', 'unknown']),
              basis: z.enum(['observed', 'predicted', 'none']),
              why: z.string(),
              evidence,
            }),
          )
          .meta({ description: 'One for each column.' }),
        elsewhere: evidence.meta({
          description: 'Forwarded flows of outputs that do not tell whether the policy was in force.',
        }),
      }),
    ),
  })
  .meta({ id: 'PolicyMatrix', description: 'Who may reach the target on one side.' });

/** What each figure is drawn from, by the name of the figure, in the order in which they are shown. */
export const figureSchemas = {
  walk,
  timeline,
  flows,
  policy: z.array(matrix).min(1),
};

/** Name of a figure. */
export type FigureId = keyof typeof figureSchemas;
/** What each figure is drawn from. */
export type FigureData = { [Id in FigureId]: z.output<(typeof figureSchemas)[Id]> };
/** A figure whose outputs were captured: its data, and the layer these outputs stand in. */
export interface ReportFigure<Id extends FigureId> {
  layer: string;
  data: FigureData[Id];
}
/** The figures; one without its data is not there. */
export type ReportFigures = { [Id in FigureId]?: ReportFigure<Id> };

/** One packet on both sides: its walk through the rules of one, its service row on the other. */
export type WalkedPacket = FigureData['walk']['packets'][number];
/** How many rules a packet meets at a number of Services. */
export type Growth = FigureData['walk']['growth'][number];
/** The same probe on both sides. */
export type ProbeRow = FigureData['timeline']['rows'][number];
/** One probe of the external address. */
export type Probe = NonNullable<ProbeRow['sides']['v1']>;
/** One request of a probe. */
export type ProbeRequest = Probe['requests'][number];
/** The events of one connection. */
export type Connection = FigureData['flows']['connections'][number];
/** One packet event of a connection. */
export type FlowEvent = Connection['events'][number];
/** Who may reach the target on one side. */
export type PolicyMatrix = FigureData['policy'][number];
/** Lines of an output that a statement rests on. */
export type Citation = FlowEvent['evidence'];
