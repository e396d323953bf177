import type { WalkedPacket, WalkWay } from '../../report/figure-data.ts';
import { endWords, masqueradeWords, packetText, rangeText } from '../../wording/figures.ts';
import { html, type Markup, valueHtml } from '../../wording/html.ts';
import {
  commonMasquerade,
  counterWords,
  examinedWords,
  foldedWords,
  linesText,
  matchWords,
  refusalWords,
  ruleAnswer,
  ruleLabel,
  ruleQuestion,
  sideWords,
  wayWords,
} from '../../wording/walk.ts';
import { grouped } from '../../words.ts';
import { armOf, type Chain, itemsOf, longest, pathOf, type Row } from './path.ts';

type Rules = WalkedPacket['rules'];

/** What all parts of one drawing know. */
interface Drawing {
  rules: Rules;
  /** Before the number of a rule in its id. */
  id: string;
  wide: Chain | undefined;
  /** True where each way must say whether its source is rewritten. */
  masquerade: boolean;
}

const HINT = 'Point at a rule and it is explained here; ← and → step through them.';
/** Most rules that were not compared and are named one by one. */
const NAMED = 3;
/** Size of a mark that stands for a rule among many, and how many stand in a line, in user units. */
const TICK = { width: 9, height: 6, across: 12, down: 9, perLine: 20 };

/** One mark for each counted thing, in lines of twenty. */
export function ticks(count: number): Markup {
  const { width, height, across, down, perLine } = TICK;
  const marks = Array.from(
    { length: count },
    (_, index) =>
      `M${(index % perLine) * across + 0.5} ${Math.floor(index / perLine) * down + 0.5}h${width}v${height}h-${width}z`,
  );
  const size = { width: Math.min(count, perLine) * across, height: Math.ceil(count / perLine) * down };
  return html`<svg class="ticks" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" aria-hidden="true"><path d="${marks.join('')}"/></svg>`;
}

/** The rules of one side: the packet's way down their chains. */
export function rulesHalf(rules: Rules, id: string): Markup {
  const chains = pathOf(rules);
  const common = commonMasquerade(rules.ways);
  const differ = new Set(rules.ways.map(({ masquerade }) => masquerade)).size > 1;
  const wide = longest(chains);
  const drawing: Drawing = { rules, id, wide, masquerade: differ };
  const root = wide ? chains.indexOf(wide) : chains.length;
  const path =
    root < 0
      ? chainsHtml(chains, drawing)
      : [wideHtml(chains.slice(0, root), wide, drawing), ...chainsHtml(chains.slice(root + 1), drawing, wide)];
  const open = rules.ways.filter(({ end }) => end === undefined);
  const compared = examinedWords(rules);
  const side = sideOf(rules.capture);
  return html`<div class="half rules" data-side="${side}"><p class="who"><b>${sideWords(side, 'rules')}</b> compared in order</p><p class="count">${compared.before} <b>${rangeText(rules.examined)}</b> ${compared.after}</p><p class="packet">${packetHtml(rules.packet, side)}</p><div class="path">${path}${open.map((way) => html`<p class="end">${endHtml(way, drawing)}</p>`)}${common && html`<p class="common">${common}</p>`}</div></div>`;
}

/** The side an output stands on. */
export function sideOf(capture: string): string {
  return capture.slice(0, capture.indexOf('/'));
}

/**
 * An address that stands for something on its side can be followed by its own text; the port after it is none of it.
 * @param endpoint an address, with a port and a protocol or without
 */
export function endpointHtml(endpoint: string, role: string | undefined, side: string): Markup {
  if (role === undefined) return html`<b class="to">${endpoint}</b>`;
  const [, host = endpoint, port = ''] = /^(.*?)(:\d+(?:\/\w+)?)?$/.exec(endpoint) ?? [];
  return port
    ? html`<b class="${role}">${valueHtml({ value: host, role, side })}${port}</b>`
    : valueHtml({ value: host, role, side });
}

/** A packet as `from → to:port protocol`, its destination in the colour of its role. */
export function packetHtml(packet: Rules['packet'], side: string): Markup {
  const text = packetText(packet);
  const to = `${packet.to}:${packet.port}`;
  const [before = '', after = ''] = text.split(`→ ${to}`);
  return html`<code>${before}→ ${endpointHtml(to, packet.role, side)}${after}</code>`;
}

function chainsHtml(chains: readonly Chain[], drawing: Drawing, before?: Chain): Markup[] {
  return chains.map((chain, index) => chainHtml(chain, drawing, chains[index - 1] ?? before));
}

function chainHtml(chain: Chain, drawing: Drawing, before: Chain | undefined): Markup {
  if (chain === drawing.wide) return wideHtml([], chain, drawing);
  return html`<div class="links">${nameHtml(chain, before)}${listHtml(chain.rows, chain, drawing, overHtml(chain))}</div>`;
}

/** A chain, and those before it, beside the room in which a rule is explained; what it leads into stands below that. */
function wideHtml(before: readonly Chain[], chain: Chain | undefined, drawing: Drawing): Markup {
  const turn = (chain?.rows.findIndex(({ inner }) => inner.length > 0) ?? -1) + 1;
  const inner = chain?.rows[turn - 1]?.inner ?? [];
  const head =
    chain &&
    html`<div class="links">${nameHtml(chain)}${listHtml(chain.rows.slice(0, turn), chain, drawing, [], false)}</div>`;
  const tail = chain && listHtml(chain.rows.slice(turn), chain, drawing, overHtml(chain));
  return html`<div class="wide"><div class="head">${chainsHtml(before, drawing)}${head}</div><p class="hint needs-js">${HINT}</p>${inner.length > 0 && html`<div class="inner">${chainsHtml(inner, drawing)}</div>`}${tail}</div>`;
}

function nameHtml({ name, table }: Chain, before?: Chain): Markup {
  const other = before && before.table !== table && html` <small>table ${table}</small>`;
  return html`<p class="name"><b class="chain">${name}</b>${other}</p>`;
}

function listHtml(
  rows: readonly Row[],
  chain: Chain,
  drawing: Drawing,
  rest: readonly Markup[],
  inside = true,
): Markup | false {
  const items = itemsOf(rows).map((item) =>
    Array.isArray(item) ? foldedHtml(item, drawing) : rowHtml(item, chain, drawing, inside),
  );
  return (items.length > 0 || rest.length > 0) && html`<ol>${items}${rest}</ol>`;
}

/** What a rule is drawn as. */
function markOf({ step }: Row): string {
  return step.chance === null ? 'maybe' : step.matched ? 'hit' : 'miss';
}

/** A rule that can be pointed at, with what it says to the packet. */
function stop(row: Row, chain: readonly Row[], { rules, id }: Drawing): { place: Markup; told: Markup } {
  const { step, index } = row;
  const before = chain.slice(0, chain.indexOf(row)).map((each) => each.step);
  const { what, whose } = ruleLabel(step, before);
  const counter = step.counted !== undefined && html` <small>${counterWords(step.counted)}</small>`;
  const own = `${id}.${index + 1}`;
  const head = `line ${step.line}, mark ${index + 1} of ${rules.steps.length}: ${matchWords(step)}${step.counted === undefined ? '' : `, ${counterWords(step.counted)}`}\n`;
  return {
    place: html`<a href="#${own}" tabindex="-1" data-lines="${rules.capture}:${step.line}">${what}${whose && html` <i>${whose}</i>`}${counter}</a>`,
    told: html`<p class="told" id="${own}">${head}<b>${ruleQuestion(step)}</b>
${ruleAnswer(rules, index)}
<code>${step.text}</code></p>`,
  };
}

function rowHtml(row: Row, chain: Chain, drawing: Drawing, inside: boolean): Markup {
  const arm = armOf(chain, row);
  if (arm) return armHtml(row, arm, chain, drawing);
  const { inner, ways } = row;
  const turn = inner.length > 0 ? ' turn' : '';
  const { place, told } = stop(row, chain.rows, drawing);
  return html`<li class="${markOf(row)}${turn}" data-n="${row.step.line}">${place}${told}${ways.map((way) => html`<p class="end">${endHtml(way, drawing)}</p>`)}${inside && chainsHtml(inner, drawing)}</li>`;
}

/** A rule that some connections take by lot, the short chain behind it, and where it ends. */
function armHtml(row: Row, arm: readonly Row[], chain: Chain, drawing: Drawing): Markup {
  const ways = [...row.ways, ...arm.flatMap((each) => each.ways)];
  const own = stop(row, chain.rows, drawing);
  const stops = arm.map((each) => ({ mark: markOf(each), ...stop(each, arm, drawing) }));
  const line = stops.map(({ mark, place }) => html`<li class="${mark}">${place}</li>`);
  return html`<li class="arm ${markOf(row)}" data-n="${row.step.line}">${own.place}${own.told}<ol>${line}</ol><b class="name chain">${row.inner[0]?.name ?? ''}</b><p class="end">${ways.map((way) => endHtml(way, drawing))}</p>${stops.map(({ told }) => told)}</li>`;
}

function endHtml(way: WalkWay, { rules, masquerade }: Drawing): Markup {
  const { verdict, target, role } = way;
  const end =
    verdict === 'DNAT' ? endpointHtml(target ?? '', role, sideOf(rules.capture)) : html`<b>${endWords(verdict)}</b>`;
  return html`${end} <span>${wayWords(way)}${masquerade && masqueradeWords(way.masquerade)}</span>`;
}

/** Many rules of which none matches: a mark for each, explained together. */
function foldedHtml(rows: readonly Row[], { rules, id }: Drawing): Markup {
  const lines = rows.map(({ step }) => step.line);
  const [first, last] = [rows[0], rows.at(-1)] as [Row, Row];
  const own = `${id}.${first.index + 1}`;
  const after = rules.steps[last.index + 1];
  return html`<li class="folded miss"><a href="#${own}" tabindex="-1" data-lines="${rules.capture}:${lines[0]}-${lines.at(-1)}">${ticks(rows.length)}${foldedWords(lines)}</a><p class="told" id="${own}">${linesText(lines)}, marks ${grouped(first.index + 1)}–${grouped(last.index + 1)} of ${grouped(rules.steps.length)}: none matches
<b>Each asks for another packet.</b>
${refusalWords(rules, first.index)}, for the first.${after && ` Line ${after.line} is next.`}
<code>${first.step.text}</code></p></li>`;
}

/** The rules of a chain that the packet never meets. */
function overHtml({ over, rows }: Chain): Markup[] {
  if (over.length === 0) return [];
  const before = rows.map(({ step }) => step);
  const lines = over.map(({ line }) => line);
  if (over.length > NAMED)
    return [html`<li class="over folded">${ticks(over.length)}${foldedWords(lines)}, not reached</li>`];
  return over.map((rule, index) => {
    const { what, whose } = ruleLabel(rule, [...before, ...over.slice(0, index)]);
    return html`<li class="over" data-n="${rule.line}">${what}${whose && ` ${whose}`}</li>`;
  });
}
