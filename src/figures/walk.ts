import type { FigureData, WalkedPacket } from '../report/figure-data.ts';
import { rangeText } from '../wording/figures.ts';
import { codeHtml, html, type Markup } from '../wording/html.ts';
import { growthHtml } from './walk/growth.ts';
import { rulesHalf } from './walk/rules.ts';
import { serviceHalf } from './walk/service.ts';

/** What one packet's walk rests on besides the outputs. */
function restsOn({ notes, rules, service }: WalkedPacket): Markup | false {
  const rests = [
    ...notes.map((note) => html`<li>${codeHtml(note)}</li>`),
    ...rules.assumptions.map((assumption) => html`<li>assumed: ${codeHtml(assumption)}</li>`),
    ...rules.missing.map((missing) => html`<li>not in the output: <code>${missing}</code></li>`),
    ...(service?.assumptions ?? []).map((assumption) => html`<li>assumed: ${codeHtml(assumption)}</li>`),
    ...[...rules.unknown, ...(service?.unknown ?? [])].map(
      (unknown) => html`<li>cannot tell: ${codeHtml(unknown)}</li>`,
    ),
  ];
  return (
    rests.length > 0 && html`<details class="rests"><summary>what this rests on</summary><ul>${rests}</ul></details>`
  );
}

function walked(packet: WalkedPacket, number: number): Markup {
  return html`<div class="walked">${rulesHalf(packet.rules, `walk-${number}`)}${serviceHalf(packet.service, packet.rules.capture)}${restsOn(packet)}</div>`;
}

/** The marks, and what the numbers beside them are. */
const LEGEND = html`<p class="legend"><span class="miss">compared, no match</span> <span class="hit">matches</span> <span class="over">not reached</span> numbers are lines of the outputs below</p>`;

/** Steps through the rules: buttons and what they have come to. */
const STEPS = html`<p class="step needs-js"><button type="button" data-step="first" aria-label="first rule" title="Home">|◂</button><button type="button" data-step="back" title="←">◂ back</button><span></span><span role="status"></span><button type="button" data-step="next" title="→">next ▸</button><button type="button" data-step="last" aria-label="last rule" title="End">▸|</button></p>`;

/**
 * The rule walk: one packet at a time, its way down the chains rule by rule, and beside it the one row that the other
 * side finds by key. Chosen by radio buttons, each followed by its walk, so that it works without JavaScript.
 */
export function walkFigure({ packets, growth }: FigureData['walk']): Markup {
  const choices = packets.map(
    (packet, index) =>
      html`<input type="radio" name="packet" id="packet-${index + 1}"${index === 0 && html` checked`}><label for="packet-${index + 1}">${packet.label} <em>${rangeText(packet.rules.examined)}</em></label>${walked(packet, index + 1)}`,
  );
  return html`<figure class="figure walk" id="fig-walk"><figcaption><b>One packet through the rules</b><p>The first packet of a connection; conntrack carries the packets after it. Each mark is one rule that stands in the output, in the kernel’s order. Every new connection enters these rules; one to an address of no Service is compared with every rule of KUBE-SERVICES.</p></figcaption><fieldset class="choices"><legend>Packet</legend>${choices}${STEPS}</fieldset>${LEGEND}${growthHtml(growth)}</figure>`;
}
