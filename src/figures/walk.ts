import type { FigureData, Growth, WalkedPacket } from '../report/figure-data.ts';
import {
  endWords,
  growthPointWords,
  growthPremise,
  growthWords,
  masqueradeWords,
  meanText,
  packetText,
  rangeText,
  stripWords,
} from '../wording/figures.ts';
import { codeHtml, html, type Markup } from '../wording/html.ts';
import { percentText } from '../wording/words.ts';
import { counted, grouped } from '../words.ts';

/** Width and gap of one rule in the strip, in user units. */
const CELL = { width: 12, gap: 3, height: 16, perRow: 36 };

/** One rectangle per rule of the file that is compared with the packet, in order; the rules that match are filled. */
function strip({ capture, steps }: WalkedPacket['rules']): Markup {
  const columns = Math.min(CELL.perRow, Math.max(1, steps.length));
  const rows = Math.ceil(steps.length / CELL.perRow);
  const width = columns * (CELL.width + CELL.gap);
  const height = rows * (CELL.height + CELL.gap) + 2;
  const cells = steps.map(({ line, text, matched, chance }, index) => {
    const x = (index % CELL.perRow) * (CELL.width + CELL.gap) + 1;
    const y = Math.floor(index / CELL.perRow) * (CELL.height + CELL.gap) + 1;
    const share = chance === 1 ? '' : ` ${chance === null ? 'perhaps' : percentText(chance)}`;
    return html`<g data-lines="${capture}:${line}"><title>line ${line}, ${matched ? `matches${share}` : 'no match'}: ${text}</title><rect class="${matched ? 'hit' : 'miss'}" x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" rx="2"/></g>`;
  });
  return html`<svg class="strip" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${stripWords(steps)}">${cells}</svg>`;
}

function outcomes({ outcomes }: WalkedPacket['rules']): Markup {
  return html`<ul>${outcomes.map(
    ({ verdict, target, probability, masquerade }) =>
      html`<li><b>${percentText(probability)}</b> ${verdict === 'DNAT' ? html`DNAT to <code>${target ?? ''}</code>` : endWords(verdict)}${masqueradeWords(masquerade)}</li>`,
  )}</ul>`;
}

function serviceRow({ service }: WalkedPacket): Markup {
  if (!service) return html`<p>The service list of this side was not captured, or has no such address.</p>`;
  const { capture, row } = service;
  if (!row) {
    return html`<p class="count"><b>0</b> service rows</p><p>No row has this key: the packet is not translated.</p>`;
  }
  return html`<p class="count"><b>1</b> service row, then one of ${counted(row.backends.length, 'backend')}</p><ul><li data-lines="${capture}:${row.line}-${row.last}">row ${row.id ?? ''} <code>${row.address}</code> ${row.type}</li>${row.backends.map(({ address, line }) => html`<li data-lines="${capture}:${line}"><code>${address}</code></li>`)}</ul>`;
}

function walked(packet: WalkedPacket): Markup {
  const { rules, service } = packet;
  const rests = [
    ...packet.notes.map((note) => html`<li>${codeHtml(note)}</li>`),
    ...rules.assumptions.map((assumption) => html`<li>assumed: ${codeHtml(assumption)}</li>`),
    ...rules.missing.map((missing) => html`<li>not in the output: <code>${missing}</code></li>`),
    ...(service?.assumptions ?? []).map((assumption) => html`<li>assumed: ${codeHtml(assumption)}</li>`),
    ...[...rules.unknown, ...(service?.unknown ?? [])].map(
      (unknown) => html`<li>cannot tell: ${codeHtml(unknown)}</li>`,
    ),
  ];
  const all = rules.steps.length;
  return html`<div class="walked"><p class="step needs-js"><button type="button" data-step="-1">← rule</button><button type="button" data-step="1">rule →</button><span role="status"></span></p><div class="v1"><p class="packet"><code>${packetText(rules.packet)}</code></p><p class="count"><b>${rangeText(rules.examined)}</b> captured rules examined${all > rules.examined.max && `, ${all} on all branches together`}</p>${strip(rules)}${outcomes(rules)}${rests.length > 0 && html`<details><summary>what this rests on</summary><ul>${rests}</ul></details>`}</div><div class="v2">${service && html`<p class="packet"><code>${packetText(service.packet)}</code></p>`}${serviceRow(packet)}</div></div>`;
}

/** The plot of the growth, in user units; the band of the map stands below the axis, for it has no scale. */
const PLOT = { width: 380, height: 184, left: 52, right: 24, top: 16, floor: 118, ticks: 132, band: 158 };

/** The mean of the rules examined, against the number of Services, both axes linear. */
function growthPlot(growth: readonly Growth[]): Markup {
  const { width, height, left, right, top, floor, ticks, band } = PLOT;
  const mean = (range: Growth['examined']['first']) => range.mean ?? range.max;
  const end = Math.max(...growth.map(({ services }) => services));
  const most = Math.max(...growth.flatMap(({ examined }) => Object.values(examined).map(mean)));
  const x = (services: number) => Number((left + (services / end) * (width - left - right)).toFixed(1));
  const y = (rules: number) => Number((floor - (rules / most) * (floor - top)).toFixed(1));
  const line = (which: keyof Growth['examined']) =>
    html`<polyline class="v1 ${which}" points="${growth.map(({ services, examined }) => `${x(services)},${y(mean(examined[which]))}`).join(' ')}"/>`;
  const dots = growth.map(
    (point) =>
      html`<circle cx="${x(point.services)}" cy="${y(mean(point.examined.last))}" r="3"><title>${growthPointWords(point)}</title></circle>`,
  );
  const at = (services: number, anchor: string) =>
    html`<text x="${x(services)}" y="${ticks}" text-anchor="${anchor}">${grouped(services)}</text>`;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${growthWords(growth)}"><path class="axis" d="M${left} 8V${floor}H${width - 8}"/><text x="${left - 6}" y="${top + 4}" text-anchor="end">${grouped(Math.round(most))}</text><text x="${left - 6}" y="${floor}" text-anchor="end">0</text>${at(0, 'middle')}<text x="${x(end / 2)}" y="${ticks}" text-anchor="middle">Services →</text>${at(end, 'middle')}<text x="${left + 6}" y="${top + 4}">rules examined, mean</text>${line('last')}${line('none')}${line('middle')}${line('first')}${dots}<text x="${x(end * 0.66)}" y="${y(most * 0.78)}" text-anchor="end">last, or none</text><text x="${x(end * 0.8)}" y="${y(most * 0.22)}">middle</text><text x="${x(end * 0.52)}" y="${floor - 6}">first</text><polyline class="v2" points="${left},${band} ${width - right},${band}"/><text x="${left}" y="${band + 16}">map lookups: flat, not counted</text></svg>`;
}

/** How the walk grows with the number of Services: what it rests on, the numbers, the plot. */
function growthHtml(growth: readonly Growth[]): Markup | undefined {
  if (growth.length < 2) return undefined;
  const cells = ({ examined: { first, middle, last, none } }: Growth) =>
    [first, middle, last, none].map(
      (range) => html`<td>${meanText(range)}${range.min !== range.max && ` (${rangeText(range)})`}</td>`,
    );
  const rows = growth.map(
    (point) => html`<tr><td>${grouped(point.services)}</td><td>${grouped(point.rules)}</td>${cells(point)}</tr>`,
  );
  return html`<div class="growth"><div><p><b>Computed, not captured.</b> ${growthPremise(growth)}</p><p>Complete tables hold rules that a filtered output lacks, so these counts are higher than those above. The map of the other side is looked up by key, however many Services there are; its lookups were not counted.</p><details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the computed walks" tabindex="0"><table><thead><tr><th>Services</th><th>rules in all tables</th><th>examined, mean (range): first Service</th><th>middle</th><th>last</th><th>none</th></tr></thead><tbody>${rows}</tbody></table></div></details></div>${growthPlot(growth)}</div>`;
}

/**
 * The rule walk: one packet at a time, every rule of the captured tables it is compared with, and the service row of
 * the other side. Chosen by radio buttons, each followed by its walk, so that it works without JavaScript.
 */
export function walkFigure({ packets, growth }: FigureData['walk']): Markup {
  const choices = packets.map(
    (packet, index) =>
      html`<input type="radio" name="packet" id="packet-${index + 1}"${index === 0 && html` checked`}><label for="packet-${index + 1}">${packet.label}</label>${walked(packet)}`,
  );
  return html`<figure class="figure walk" id="fig-walk"><figcaption><b>One packet through the rules</b><p>The first packet of a connection, compared with the captured rules in the kernel's order. Each block is one rule that stands in the output; the filled ones match. conntrack carries the packets after it. Any new connection meets these rules: one to no Service is compared with all of KUBE-SERVICES.</p></figcaption><fieldset class="choices"><legend>Packet</legend>${choices}</fieldset>${growthHtml(growth)}</figure>`;
}
