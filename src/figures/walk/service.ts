import type { WalkedPacket } from '../../report/figure-data.ts';
import { html, type Markup } from '../../wording/html.ts';
import { backendsWords, foldedRowsWords, lookupWords, sideWords } from '../../wording/walk.ts';
import { endpointHtml, packetHtml, sideOf, ticks } from './rules.ts';

type Service = NonNullable<WalkedPacket['service']>;
type ListRow = Service['rows'][number];

/** The longest list that is drawn row by row. */
const LONGEST = 30;
/** Of a longer one, how many rows are drawn so beside the one that is found. */
const NEAR = 4;

/** The other side: the packet's key, the one row it finds, and where that leads. */
export function serviceHalf(service: WalkedPacket['service'], rulesCapture: string): Markup {
  if (!service) {
    const other = rulesCapture.startsWith('v1') ? 'v2' : 'v1';
    return html`<div class="half map" data-side="${other}"><p class="who"><b>${sideWords(other, 'map')}</b></p><p class="absent">The service list of this side was not captured, or has no such address.</p></div>`;
  }
  const { capture, packet, row, rows } = service;
  const side = sideOf(capture);
  const at = row ? rows.findIndex(({ line }) => line === row.line) : -1;
  const { found, rest } = lookupWords(service);
  const before = rack(at < 0 ? rows : rows.slice(0, at), 'end');
  return html`<div class="half map" data-side="${side}"><p class="who"><b>${sideWords(side, 'map')}</b> looked up by one key</p><p class="count"><b>${found}</b> ${rest}</p><div class="lookup"><p class="packet">${packetHtml(packet, side)}</p>${before}<p class="key">${endpointHtml(packet.to, packet.role, side)}
<b>${packet.port}</b> port
<b>${packet.protocol.toUpperCase()}</b> protocol</p>${row ? foundHtml(service, row) : html`<p class="found none">no row has this key: the packet is not translated</p>`}${at >= 0 && rack(rows.slice(at + 1), 'start')}</div></div>`;
}

function foundHtml({ capture, packet }: Service, row: NonNullable<Service['row']>): Markup {
  const backends = row.backends.map(
    ({ line, address, role }) =>
      html`<li data-lines="${capture}:${line}" data-n="${line}">${endpointHtml(address, role, sideOf(capture))}</li>`,
  );
  return html`<p class="found" data-n="${row.line}" data-lines="${capture}:${row.line}-${row.last}"><b${packet.role && html` class="${packet.role}"`}>${row.address}</b> <span>${row.type}</span></p><ul class="backends">${backends}</ul><p class="note">${backendsWords(row)}</p>`;
}

/** Rows that are not touched, as marks; of a long list those near the row that is found by name. */
function rack(rows: readonly ListRow[], near: 'start' | 'end'): Markup | false {
  if (rows.length === 0) return false;
  const named = rows.length <= LONGEST ? rows : near === 'end' ? rows.slice(-NEAR) : rows.slice(0, NEAR);
  const folded = near === 'end' ? rows.slice(0, -named.length) : rows.slice(named.length);
  const many = folded.length > 0 && html`<li class="folded">${ticks(folded.length)}${foldedRowsWords(folded)}</li>`;
  const list = named.map(({ line, address }) => html`<li data-n="${line}">${address}</li>`);
  return html`<ol class="rack ${near === 'end' ? 'before' : 'after'}">${near === 'end' ? [many, list] : [list, many]}</ol>`;
}
