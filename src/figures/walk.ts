import type { FigureData, Growth, WalkedPacket } from '../report/figure-data.ts';
import { endWords, growthWords, masqueradeWords, packetText, rangeText, stripWords } from '../wording/figures.ts';
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

/** Rules examined for the Service that stands last, against the number of Services; both axes logarithmic. */
function growthHtml(growth: readonly Growth[]): Markup | undefined {
  const end = growth.at(-1);
  if (!end || growth.length < 2) return undefined;
  const most = end.examined.last.max;
  const [width, height, left, bottom] = [380, 160, 52, 26];
  const x = (services: number) =>
    (left + (Math.log10(services) / Math.log10(end.services)) * (width - left - 24)).toFixed(1);
  const y = (rules: number) =>
    (height - bottom - (Math.log10(rules) / Math.log10(most)) * (height - bottom - 14)).toFixed(1);
  const at = (point: Growth) => [x(point.services), y(point.examined.last.max)] as const;
  const dots = growth.map((point) => {
    const [cx, cy] = at(point);
    return html`<circle cx="${cx}" cy="${cy}" r="3"><title>${counted(point.services, 'Service')}: up to ${grouped(point.examined.last.max)} rules</title></circle>`;
  });
  const ticks = growth.map(
    ({ services }) => html`<text x="${x(services)}" y="${height - 8}" text-anchor="middle">${grouped(services)}</text>`,
  );
  const rows = growth.map(
    ({ services, rules, examined }) =>
      html`<tr><td>${grouped(services)}</td><td>${grouped(rules)}</td><td>${rangeText(examined.first)}</td><td>${rangeText(examined.last)}</td></tr>`,
  );
  return html`<div class="growth"><div><p><b>Computed, not captured.</b> How far a packet to the Service that stands last walks as Services are added: the same evaluator on rulesets written the way kube-proxy writes them. These are complete, with the rules a filtered output lacks, so their counts are higher than those above. Both axes are logarithmic. The number of map lookups on the other side does not depend on the number of Services.</p><details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the computed walks" tabindex="0"><table><thead><tr><th>Services</th><th>rules in all tables</th><th>examined, first Service</th><th>last Service</th></tr></thead><tbody>${rows}</tbody></table></div></details></div><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${growthWords(growth)}"><path class="axis" d="M${left} 8V${height - bottom}H${width - 8}"/><text x="${left - 6}" y="18" text-anchor="end">${grouped(most)}</text><text x="${left - 6}" y="${height - bottom}" text-anchor="end">1</text>${ticks}<text x="${left + 6}" y="18">rules examined</text><text x="${width - 24}" y="${height - bottom - 8}" text-anchor="end">Services →</text><polyline class="v1" points="${growth.map((point) => at(point).join(',')).join(' ')}"/>${dots}</svg></div>`;
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
  return html`<figure class="figure walk" id="fig-walk"><figcaption><b>One packet through the rules</b><p>The first packet of a connection, compared with the captured rules in the kernel's order. Each block is one rule that stands in the output; the filled ones match. conntrack carries the packets after it.</p></figcaption><fieldset class="choices"><legend>Packet</legend>${choices}</fieldset>${growthHtml(growth)}</figure>`;
}
