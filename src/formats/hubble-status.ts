import { isBlankLine, match, nothingThere, trim, unreadable } from './cut.ts';
import { type Field, type FieldKind, field } from './field.ts';
import { type Format, grammar } from './format.ts';
import tokens from './grammars/hubble.json' with { type: 'json' };
import { shape } from './shape.ts';
import { type Located, linesOf } from './types.ts';
import { valueFields } from './values.ts';

/*
 * `hubble status` (hubble/cmd/status, hubble/pkg/printer):
 *
 *   Healthcheck (via localhost:4245): Ok
 *   Current/Max Flows: 12,285/12,285 (100.00%)
 *   Flows/s: 53.63
 *   Connected Nodes: 2/2
 *   Unavailable Nodes: 3
 *     - node-1
 *     - and 2 more...
 *
 * Numbers of four digits and more carry commas. Before 0.8 the first numbers are `Max Flows` and `Current Flows`.
 */

/** A parsed `hubble status`. A number is located as printed, commas included. */
export interface HubbleStatus {
  format: 'hubble-status';
  server: Located;
  /** `Ok`, or `Unavailable: NOT_SERVING`, after which nothing follows. */
  health: Located;
  currentFlows?: Located;
  maxFlows?: Located;
  /** Share of the ring buffers in use, without the per cent sign. */
  usedPercent?: Located;
  /** Flows a second, or `N/A`. */
  flowsPerSecond?: Located;
  connectedNodes?: Located;
  /** Connected and unavailable nodes together. */
  knownNodes?: Located;
  unavailableNodes?: Located;
  /** Names of unavailable nodes, as many as hubble prints. */
  unavailable: Located[];
  /** How many more are unavailable. */
  more?: Located;
}

type Name = Exclude<keyof HubbleStatus, 'format' | 'unavailable'>;

const NUMBER = String.raw`\d{1,3}(?:,?\d{3})*(?:\.\d+)?`;
const LINES: readonly RegExp[] = [
  String.raw`Healthcheck \(via (?<server>[^ ()]+)\): (?<health>.+)`,
  String.raw`Current/Max Flows: (?<currentFlows>${NUMBER})/(?<maxFlows>${NUMBER})(?: \((?<usedPercent>\d+\.\d+)%\))?`,
  `Max Flows: (?<maxFlows>${NUMBER})`,
  String.raw`Current Flows: (?<currentFlows>${NUMBER})(?: \((?<usedPercent>\d+\.\d+)%\))?`,
  `Flows/s: (?<flowsPerSecond>${NUMBER}|N/A)`,
  String.raw`Connected Nodes: (?<connectedNodes>\d+)(?:/(?<knownNodes>\d+))?`,
  String.raw`Unavailable Nodes: (?<unavailableNodes>\d+)`,
  String.raw`- and (?<more>\d+) more\.\.\.`,
].map((line) => new RegExp(`^${line}$`, 'd'));
const NODE = /^- (?<node>[^ ]+)$/d;

const EXPECTED = '`Healthcheck (via server): …`';
const HINT = 'Record `hubble status` without -o, or correct `format` in layers.yaml.';

/**
 * Reads `hubble status`.
 * @throws {FormatError} without the health check in the first line, on an unknown line, and on a value printed twice
 */
function parseHubbleStatus(text: string): HubbleStatus {
  const found: Partial<Record<Name, Located>> = {};
  const unavailable: Located[] = [];
  for (const line of linesOf(text)) {
    if (isBlankLine(line)) continue;
    const content = trim(line);
    const node = found.unavailableNodes && !found.more && match<'node'>(NODE, content);
    if (node) {
      unavailable.push(node.node);
      continue;
    }
    const groups = LINES.map((known) => match<never, Name>(known, content)).find(Boolean);
    const names = Object.keys(groups ?? {}) as Name[];
    if (!groups || names.some((name) => found[name]) || (!found.health && !groups.health)) {
      throw unreadable('hubble-status', line, found.health ? 'a line of `hubble status`, once' : EXPECTED, HINT);
    }
    Object.assign(found, groups);
  }
  const { server, health } = found;
  if (!server || !health) throw nothingThere('hubble-status', text, EXPECTED, HINT);
  return { format: 'hubble-status', ...found, server, health, unavailable };
}

const KINDS: Readonly<Record<Name, FieldKind>> = {
  server: 'text',
  health: 'state',
  currentFlows: 'count',
  maxFlows: 'count',
  usedPercent: 'count',
  flowsPerSecond: 'count',
  connectedNodes: 'number',
  knownNodes: 'number',
  unavailableNodes: 'number',
  more: 'number',
};

/** The values of a status, by name. */
function hubbleStatusFields(status: HubbleStatus): Field[] {
  const named = (Object.keys(KINDS) as Name[]).flatMap((name) => {
    const at = status[name];
    if (name === 'server' && at) return valueFields(at, [name], 'name');
    return at ? [field(at, [name], KINDS[name])] : [];
  });
  return [
    ...named,
    ...status.unavailable.flatMap((node, index) => valueFields(node, ['unavailable', String(index)], 'node')),
  ];
}

export default {
  parse: parseHubbleStatus,
  fields: hubbleStatusFields,
  grammar: grammar(tokens),
  shape: shape(),
  incompleteness: ({ tail }) =>
    /^Connected Nodes:/m.test(tail) ? undefined : 'the line `Connected Nodes:` is missing',
  sample: { from: 'unavailable', head: 5, repeat: '  - node-1' },
} satisfies Format<HubbleStatus>;
