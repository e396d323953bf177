import type { PacketWalk } from '../analysis/packets.ts';
import type { GrowthPoint } from '../netfilter/growth.ts';
import type { Packet } from '../netfilter/walk.ts';
import { grouped } from '../wording/words.ts';
import { codeHtml, escaped as text } from './markup.ts';

const range = ({ min, max }: { min: number; max: number }) =>
  min === max ? grouped(min) : `${grouped(min)}–${grouped(max)}`;
const counted = (count: number, one: string) => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
const percent = (probability: number) => `${(probability * 100).toFixed(probability === 1 ? 0 : 1)} %`;

/** Width and gap of one rule in the strip, in user units. */
const CELL = { width: 12, gap: 3, height: 16, perRow: 36 };

/** One rectangle per rule of the file that is compared with the packet, in order; the rules that match are filled. */
function strip(scene: PacketWalk): string {
  const { walk, capture } = scene.rules;
  const columns = Math.min(CELL.perRow, Math.max(1, walk.steps.length));
  const rows = Math.ceil(walk.steps.length / CELL.perRow);
  const width = columns * (CELL.width + CELL.gap);
  const height = rows * (CELL.height + CELL.gap) + 2;
  const cells = walk.steps.map((step, index) => {
    const x = (index % CELL.perRow) * (CELL.width + CELL.gap) + 1;
    const y = Math.floor(index / CELL.perRow) * (CELL.height + CELL.gap) + 1;
    const what = step.matched
      ? step.chance === null || step.chance < 1
        ? ` matches ${step.chance === null ? 'perhaps' : percent(step.chance)}`
        : ' matches'
      : ' no match';
    return (
      `<g data-lines="${capture}:${step.line}"><title>line ${step.line},${what}: ${text(step.text)}</title>` +
      `<rect class="${step.matched ? 'hit' : 'miss'}" x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" rx="2"/></g>`
    );
  });
  const label = `${counted(walk.steps.length, 'rule')}, of which ${walk.steps.filter(({ matched }) => matched).length} match`;
  return `<svg class="strip" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">${cells.join('')}</svg>`;
}

function outcomes(scene: PacketWalk): string {
  const items = scene.rules.walk.outcomes.map(({ target, verdict, probability, masquerade }) => {
    const what =
      verdict === 'DNAT'
        ? `DNAT to <code>${text(target ?? '')}</code>`
        : verdict === 'NONE'
          ? 'no rule rewrites the destination'
          : verdict === 'UNKNOWN'
            ? 'cannot tell'
            : verdict;
    return `<li><b>${percent(probability)}</b> ${what}${masquerade ? ', source masqueraded' : masquerade === null ? ', masqueraded or not: cannot tell' : ''}</li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

function row({ services }: PacketWalk): string {
  if (!services) return '<p>The service list of this side was not captured, or has no such address.</p>';
  const { frontend, backends } = services.lookup;
  if (!frontend)
    return '<p class="count"><b>0</b> service rows</p><p>No row has this key: the packet is not translated.</p>';
  const lines = [frontend, ...frontend.backends, ...frontend.inactive].map(({ at }) => at.at.line);
  const items = [
    `<li data-lines="${services.capture}:${frontend.at.at.line}-${Math.max(...lines)}">row ${text(frontend.id ?? '')} <code>${text(frontend.name)}</code> ${text(frontend.type?.name ?? '')}</li>`,
    ...backends.map(
      ({ name, at }) => `<li data-lines="${services.capture}:${at.at.line}"><code>${text(name)}</code></li>`,
    ),
  ];
  return (
    `<p class="count"><b>1</b> service row, then one of ${backends.length} ${backends.length === 1 ? 'backend' : 'backends'}</p>` +
    `<ul>${items.join('')}</ul>`
  );
}

const packetText = ({ from, to, port, protocol }: Packet) => `${from} → ${to}:${port} ${protocol}`;

function sceneHtml(scene: PacketWalk): string {
  const { walk, packet } = scene.rules;
  const notes = [
    ...scene.notes.map((note) => `<li>${codeHtml(note)}</li>`),
    ...walk.assumptions.map((assumption) => `<li>assumed: ${codeHtml(assumption)}</li>`),
    ...walk.missing.map((missing) => `<li>not in the output: <code>${text(missing)}</code></li>`),
    ...(scene.services?.lookup.assumptions ?? []).map((assumption) => `<li>assumed: ${codeHtml(assumption)}</li>`),
    ...[...walk.unknown, ...(scene.services?.lookup.unknown ?? [])].map(
      (unknown) => `<li>cannot tell: ${codeHtml(unknown)}</li>`,
    ),
  ];
  return (
    `<div class="scene"><div class="v1"><p class="packet"><code>${text(packetText(packet))}</code></p>` +
    `<p class="count"><b>${range(walk.examined)}</b> captured rules examined${walk.steps.length > walk.examined.max ? `, ${walk.steps.length} on all branches together` : ''}</p>${strip(scene)}${outcomes(scene)}` +
    `${notes.length > 0 ? `<details><summary>what this rests on</summary><ul>${notes.join('')}</ul></details>` : ''}</div>` +
    `<div class="v2">${scene.services ? `<p class="packet"><code>${text(packetText(scene.services.packet))}</code></p>` : ''}${row(scene)}</div></div>`
  );
}

/** Rules examined for the Service that stands last, against the number of Services; both axes logarithmic. */
function growthHtml(growth: readonly GrowthPoint[]): string {
  const end = growth.at(-1);
  if (!end || growth.length < 2) return '';
  const most = end.examined.last.max;
  const [width, height, left, bottom] = [380, 160, 52, 26];
  const x = (services: number) =>
    (left + (Math.log10(services) / Math.log10(end.services)) * (width - left - 24)).toFixed(1);
  const y = (rules: number) =>
    (height - bottom - (Math.log10(rules) / Math.log10(most)) * (height - bottom - 14)).toFixed(1);
  const at = (point: GrowthPoint) => [x(point.services), y(point.examined.last.max)] as const;
  const dots = growth.map((point) => {
    const [cx, cy] = at(point);
    return `<circle cx="${cx}" cy="${cy}" r="3"><title>${counted(point.services, 'Service')}: up to ${grouped(point.examined.last.max)} rules</title></circle>`;
  });
  const ticks = growth.map(
    ({ services }) => `<text x="${x(services)}" y="${height - 8}" text-anchor="middle">${grouped(services)}</text>`,
  );
  const rows = growth.map(
    ({ services, rules, examined }) =>
      `<tr><td>${grouped(services)}</td><td>${grouped(rules)}</td><td>${range(examined.first)}</td><td>${range(examined.last)}</td></tr>`,
  );
  const label = growth
    .map(({ services, examined }) => `${counted(services, 'Service')}, ${range(examined.last)} rules`)
    .join('; ');
  return (
    `<div class="growth"><div><p><b>Computed, not captured.</b> How far a packet to the Service that stands last walks as Services are added: the same ` +
    `evaluator on rulesets written the way kube-proxy writes them. These are complete, with the rules a filtered output lacks, so their counts are higher than those above. Both axes are logarithmic. The number of map lookups on the other side does not depend on the number of Services.</p>` +
    `<details><summary>The same numbers as a table</summary><div class="scroll" role="region" aria-label="Numbers of the computed walks" tabindex="0"><table><thead><tr><th>Services</th><th>rules in all tables</th><th>examined, first Service</th><th>last Service</th></tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></div></details></div>` +
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Rules examined: ${label}">` +
    `<path class="axis" d="M${left} 8V${height - bottom}H${width - 8}"/><text x="${left - 6}" y="18" text-anchor="end">${grouped(most)}</text>` +
    `<text x="${left - 6}" y="${height - bottom}" text-anchor="end">1</text>${ticks.join('')}` +
    `<text x="${left + 6}" y="18">rules examined</text><text x="${width - 24}" y="${height - bottom - 8}" text-anchor="end">Services →</text>` +
    `<polyline class="v1" points="${growth.map((point) => at(point).join(',')).join(' ')}"/>${dots.join('')}</svg></div>`
  );
}

/**
 * The rule walk of L4: one packet at a time, every rule of the captured table it is compared with, and the service row
 * of the other side. Chosen by radio buttons, so that it works without JavaScript.
 * @returns undefined where there is nothing to walk through
 */
export function walkFigure(scenes: readonly PacketWalk[], growth: readonly GrowthPoint[]): string | undefined {
  if (scenes.length === 0) return undefined;
  const choices = scenes.map(
    ({ label }, index) =>
      `<input type="radio" name="scene" id="scene-${index + 1}"${index === 0 ? ' checked' : ''}><label for="scene-${index + 1}">${text(label)}</label>`,
  );
  return (
    `<figure class="figure walk" id="fig-walk"><figcaption><b>One packet through the rules</b><p>The first packet of a connection, compared with the ` +
    `captured rules in the kernel's order. Each block is one rule that stands in the output; the filled ones match. conntrack carries the packets after it.</p></figcaption>` +
    `<fieldset class="choices"><legend>Packet</legend>${choices.join('')}</fieldset>` +
    `<p class="step needs-js"><button type="button" data-step="-1">← rule</button><button type="button" data-step="1">rule →</button><span role="status"></span></p>` +
    `${scenes.map(sceneHtml).join('')}${growthHtml(growth)}</figure>`
  );
}
