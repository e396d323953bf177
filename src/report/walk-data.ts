import * as z from 'zod';
import { capture, line } from './place.ts';

const range = z
  .strictObject({
    min: z.int(),
    max: z.int(),
    mean: z.number().nullable().meta({ description: 'Null where it cannot be told.' }),
  })
  .meta({ id: 'Examined', description: 'Rules that are compared with a packet, over all branches of its walk.' });

const role = z.string().optional().meta({ description: 'Role of the address, such as vip, where it has one.' });

const packet = z.strictObject({ from: z.string(), to: z.string(), port: z.int(), protocol: z.string(), role });

const verdict = z.enum(['DNAT', 'REJECT', 'DROP', 'ACCEPT', 'NONE', 'UNKNOWN']);
const target = z.string().nullable().meta({ description: 'Where DNAT sends it.' });
const masquerade = z.boolean().nullable().meta({ description: 'Null where it cannot be told.' });

/** What a rule can ask of a packet. */
const ask = z.strictObject({
  kind: z.enum([
    'source',
    'destination',
    'protocol',
    'source-port',
    'destination-port',
    'either-port',
    'source-type',
    'destination-type',
    'original-source',
    'original-destination',
    'in-interface',
    'out-interface',
    'mark',
    'state',
    'random',
    'nth',
    'recent-set',
    'recent-rcheck',
    'recent-update',
    'recent-remove',
    'other',
  ]),
  value: z.string().meta({ description: 'In the words of the rule; of `other` the whole condition.' }),
  not: z.boolean().meta({ description: 'True where a `!` turns it round.' }),
});

/** What a rule does with a packet that meets all it asks. */
const does = z.strictObject({
  kind: z.enum([
    'jump',
    'goto',
    'accept',
    'drop',
    'reject',
    'return',
    'masquerade',
    'snat',
    'dnat',
    'mark',
    'notrack',
    'none',
    'unknown',
  ]),
  value: z.string().optional().meta({ description: 'The chain, the address, the mark or the name of the target.' }),
});

const rule = z.strictObject({
  table: z.string(),
  chain: z.string(),
  line,
  text: z.string().meta({ description: 'The rule as it stands.' }),
  comment: z.string().optional(),
  asks: z.array(ask).meta({ description: 'All of it must hold; in the order of the rule.' }),
  does,
});

const ruleWalk = z.strictObject({
  capture,
  packet,
  examined: range,
  steps: z
    .array(
      rule.extend({
        depth: z.int().meta({ description: 'Jumps that lead here from the chain of the kernel.' }),
        failed: z.int().optional().meta({ description: 'Which of `asks` does not hold first, from 0.' }),
        counted: z.int().min(0).optional().meta({
          description:
            'Packets by which its counter rose during the probe `countedDuring`, on the recorded nodes together; absent where it was not recorded.',
        }),
        matched: z.boolean().meta({ description: 'True where it matches on at least one branch.' }),
        chance: z
          .number()
          .nullable()
          .meta({ description: 'Probability that it matches once compared; null where that cannot be told.' }),
      }),
    )
    .meta({ description: 'The rules compared with the packet, in order; branches one after the other.' }),
  passedOver: z
    .array(rule)
    .meta({ description: 'Rules of the chains on the way that the packet is not compared with.' }),
  ways: z
    .array(
      z.strictObject({
        end: z.int().optional().meta({ description: 'The step that decides it, from 0; absent where none does.' }),
        verdict,
        target,
        role,
        masquerade,
        share: z.number().nullable().meta({ description: 'Probability; null where it cannot be told.' }),
        examined: z.strictObject({ min: z.int(), max: z.int() }),
      }),
    )
    .meta({ description: 'The ways through the rules, those that end alike at one rule as one.' }),
  outcomes: z
    .array(z.strictObject({ verdict, target, probability: z.number(), masquerade }))
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
  rows: z
    .array(z.strictObject({ line, address: z.string() }))
    .meta({ description: 'Every row of the list, in its order.' }),
  row: z
    .strictObject({
      line,
      last: line.meta({ description: 'Line of its last backend.' }),
      id: z.string().optional(),
      address: z.string(),
      surrogate: z.boolean().meta({
        description: 'True where it stands for the port at each address of the node, which the list leaves out.',
      }),
      type: z.string(),
      backends: z.array(z.strictObject({ line, address: z.string(), role })).meta({
        description: 'Those that a new connection can be sent to.',
      }),
    })
    .optional()
    .meta({ description: 'Absent where no row has the key of the packet.' }),
  assumptions: z.array(z.string()),
  unknown: z.array(z.string()),
});

/** What the figure of the rule walk is drawn from. */
export const walk = z.strictObject({
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
