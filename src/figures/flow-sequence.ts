import type { Connection, FigureData, FlowEvent } from '../report/figure-data.ts';
import { linesLabel, type NameOf } from '../wording/cites.ts';
import { connectionWords } from '../wording/figures.ts';
import { html, type Markup, valueHtml } from '../wording/html.ts';
import { counted, inWords } from '../words.ts';
import { arrows, heads, placeRows, ROW, spanOf } from './flow-arrows.ts';
import { anchorOf, linesAttribute, linesLink, ticks } from './markup.ts';

type End = Connection['source'];

/** What one page has room for; the output below the figure holds all. */
const MOST_CONNECTIONS = 6;
const MOST_EVENTS = 60;
const MOST_DROPS = 12;
/** Height of the time axis in CSS pixels, and the room above its first and below its last event. */
const AXIS = 400;
const MARGIN = 30;
/** With more events than fit the axis grows. */
const PER_EVENT = ROW + 4;

/**
 * The flows as a sequence: one column a connection, time downwards to scale, arrows between the two ends with the TCP
 * flags. Drops of other outputs follow below.
 */
export function flowSequenceFigure(flows: FigureData['flows'], nameOf: NameOf): Markup {
  const { capture, connections } = flows;
  const shown = fitting(connections);
  const drops = flows.drops.slice(0, MOST_DROPS);
  const side = capture.slice(0, 2);
  return html`<figure class="figure flows" id="fig-flows" data-side="${side}" aria-labelledby="fig-flows-title">
${heads}<figcaption><b id="fig-flows-title">The flows as connections</b>
<p>${caption(flows, shown)}</p></figcaption>
<div class="scroll" role="region" aria-labelledby="fig-flows-title" tabindex="0">
${sequence(shown, capture)}
</div>
${drops.length > 0 && dropped(drops, flows.drops.length, connections, side, nameOf)}
${table([...shown, ...drops])}
</figure>`;
}

/** The first connections, as long as there is room for their events. */
function fitting(connections: readonly Connection[]): Connection[] {
  let events = 0;
  return connections.slice(0, MOST_CONNECTIONS).flatMap((connection) => {
    const room = MOST_EVENTS - events;
    if (room <= 0) return [];
    events += connection.events.length;
    return [{ ...connection, events: connection.events.slice(0, room).sort(byTime) }];
  });
}

/** Hubble merges the nodes' events nearly in order; without times the order of the lines stays. */
function byTime(a: FlowEvent, b: FlowEvent): number {
  return (a.time ?? 0) - (b.time ?? 0);
}

function caption({ connections, others }: FigureData['flows'], shown: readonly Connection[]): string {
  const events = (all: readonly Connection[]) => all.reduce((total, each) => total + each.events.length, 0);
  const span = spanOf(shown);
  const first = shown.flatMap((each) => each.events).find(({ time }) => time === span?.start);
  const unfinished = shown.flatMap(({ closed }, index) => (closed ? [] : [String(index + 1)]));
  return [
    `${counted(events(connections), 'event')} in ${counted(connections.length, 'connection')}, as `,
    'the output below lists them. An arrow is one event: a packet seen at one point, with its TCP flags; replies are dashed.',
    span && first
      ? ` Times are milliseconds after ${first.printed}; arrows that would overlap are moved apart, and a line leads to their place in time.`
      : ' The output has no times: the order is that of its lines.',
    unfinished.length > 0
      ? ` No end of ${unfinished.length === 1 ? 'connection' : 'connections'} ${inWords(unfinished)} is in the output.`
      : '',
    events(shown) < events(connections) ? ` Drawn are the first ${events(shown)} events.` : '',
    others > 0
      ? ` ${counted(others, 'line')} about lost events or nodes ${others === 1 ? 'is' : 'are'} not drawn.`
      : '',
  ].join('');
}

function sequence(connections: readonly Connection[], capture: string): Markup {
  const side = capture.slice(0, 2);
  const span = spanOf(connections);
  const longest = Math.max(...connections.map(({ events }) => events.length));
  const axis = Math.max(AXIS, longest * PER_EVENT);
  const height = axis + 2 * MARGIN;
  const length = span ? span.end - span.start : 0;
  const scale = length > 0 ? axis / length : 0;
  const steps = span && length > 0 ? ticks(length, 8) : [];
  return html`<div class="sequence columns-${connections.length}">
<svg class="ruler" height="${height}" aria-hidden="true">${steps.map((step) => html`<text x="100%" dx="-6" y="${MARGIN + step * scale + 4}">${step}${step === 0 && ' ms'}</text>`)}</svg>
${connections.map((connection, index) => {
  const times = connection.events.map(({ time }, place) =>
    span && time !== undefined && length > 0 ? MARGIN + (time - span.start) * scale : MARGIN + place * PER_EVENT,
  );
  const rows = placeRows(times, MARGIN / 2 + 4, height - 4);
  return html`<div class="connection"><p class="ends"><b>${index + 1}</b> ${endOf(connection.source, side)} ${endOf(connection.destination, side, '→ ')}</p>
<svg height="${height}" role="img" aria-label="${capture}, connection ${index + 1}: ${connectionWords(connection)}">${arrows(connection, rows, times, span?.start)}</svg></div>`;
})}</div>`;
}

function endOf({ host, port, identity }: End, side: string, before = ''): Markup {
  // Hubble names a pod with its namespace, and by its address whatever is none.
  const [, pod] = /\/(.*)/.exec(host) ?? [];
  const name = html`<code${pod !== undefined && html` class="pod"`} data-of="${side}">${pod ?? host}</code>`;
  const known = identity !== undefined && /^\d+$/.test(identity);
  const who = known ? html`identity ${valueHtml({ value: identity, role: 'identity', side })}` : identity;
  return html`<span>${before}${name}${port !== undefined && `:${port}`}${who && html` ${who}`}</span>`;
}

function dropped(
  drops: readonly Connection[],
  total: number,
  connections: readonly Connection[],
  side: string,
  nameOf: NameOf,
): Markup {
  const captures = [...new Set(drops.flatMap(({ events }) => events.map(({ evidence }) => evidence.capture)))];
  const reached = new Set(connections.map(({ destination }) => destination.identity));
  const same = drops.every(
    ({ destination }) => destination.identity !== undefined && reached.has(destination.identity),
  );
  const untimed = drops.every(({ events }) => events.every(({ time }) => time === undefined));
  return html`<div class="drops"><p class="part-title">Dropped on the way to ${same ? 'the same identity' : 'a pod'}, from ${captures.map((capture, index) => html`${index > 0 && ', '}<a href="${anchorOf(capture)}">${nameOf(capture)}</a>`)}${untimed && ', printed without times'}${total > drops.length && `; ${total - drops.length} more not drawn`}</p>
${drops.map((drop) => {
  const [event] = drop.events;
  return (
    event &&
    html`<p class="drop">${endOf(drop.source, side)} <svg role="img" aria-label="dropped"><line x1="0" x2="82%" y1="9" y2="9"/></svg> ${endOf(drop.destination, side)} <span class="why">${event.flags.join(', ')} · ${event.seen} · ${linesLink(event.evidence, linesLabel(event.evidence, nameOf))}</span></p>
`
  );
})}</div>`;
}

function table(connections: readonly Connection[]): Markup {
  const start = spanOf(connections.filter(({ events }) => events.every(({ time }) => time !== undefined)))?.start;
  return html`<details><summary>The same events as a table</summary><div class="scroll" role="region" aria-label="Events of the connections" tabindex="0"><table>
<thead><tr><th scope="col">Time</th><th scope="col">Direction and flags</th><th scope="col">Seen</th></tr></thead>
${connections.map(
  ({
    source,
    destination,
    events,
  }) => html`<tbody><tr><th colspan="3" scope="rowgroup">${address(source)} → ${address(destination)}</th></tr>
${events.map(
  ({
    time,
    printed,
    direction,
    flags,
    seen,
    verdict,
    evidence,
  }) => html`<tr data-lines="${linesAttribute(evidence)}"><td>${time !== undefined && start !== undefined ? `${Number((time - start).toFixed(6))} ms` : (printed ?? 'not printed')}</td><td>${DIRECTION[direction]} ${flags.join(', ')}</td><td>${seen} ${verdict}</td></tr>
`,
)}</tbody>`,
)}</table></div></details>`;
}

const DIRECTION = { forward: '→', reply: '←', unknown: '<>' };

function address({ host, port, identity }: End): string {
  return `${host}${port === undefined ? '' : `:${port}`}${identity === undefined ? '' : ` (${identity})`}`;
}
