import type { Citation, FigureData, PolicyMatrix } from '../report/figure-data.ts';
import { linesLabel, type NameOf } from '../wording/cites.ts';
import { matrixTitle } from '../wording/figures.ts';
import { html, type Markup, valueHtml } from '../wording/html.ts';
import { counted, inWords } from '../words.ts';
import { linesLink } from './markup.ts';

type PolicyRow = PolicyMatrix['rows'][number];
type PolicyCell = PolicyRow['cells'][number];
/** A column with its place among all of them. */
type PolicyColumn = PolicyMatrix['columns'][number] & { index: number };

/** More lines than these are left to the output itself. */
const MOST_LINKS = 3;
/** A page has room for so many sources and policy maps; the captures hold them all. */
const MOST_ROWS = 24;
const MOST_MAPS = 3;

/**
 * The policy matrix: who may reach the target, by the manifests, by the policy maps, and by what was seen. It is a
 * table, so that it needs none beside it; its roles are written out, because on a narrow screen its rows are laid out as
 * grids, which takes them from the elements.
 */
export function policyMatrixFigure(matrices: FigureData['policy'], nameOf: NameOf): Markup {
  return html`${matrices.map((matrix, index) => html`${index > 0 && '\n'}${matrixOf(matrix, nameOf)}`)}`;
}

function matrixOf(matrix: PolicyMatrix, nameOf: NameOf): Markup {
  const { side } = matrix;
  // The first column is the manifest's, the last what was seen; the maps stand between them.
  const columns = matrix.columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ kind, index }) => kind !== 'policy-map' || index <= MOST_MAPS);
  const rows = matrix.rows.slice(0, MOST_ROWS);
  const left = [
    ...(matrix.columns.length > columns.length ? [`${matrix.columns.length - columns.length} more policy maps`] : []),
    ...(matrix.rows.length > rows.length ? [`${matrix.rows.length - rows.length} more sources`] : []),
  ];
  return html`<figure class="figure matrix" id="fig-policy-${side}" data-side="${side}" aria-labelledby="fig-policy-${side}-title">
<figcaption><b id="fig-policy-${side}-title">${matrixTitle(matrix)}</b>
<p>${aboutTarget(matrix)} A verdict is <em>observed</em> where a probe or a drop shows it, and <em>predicted</em> where only a manifest or a map says so. Each links to the lines it rests on.${external(matrix)}${left.length > 0 && ` Not drawn: ${inWords(left)}.`}</p></figcaption>
<div class="scroll" role="region" aria-labelledby="fig-policy-${side}-title" tabindex="0"><table role="table" class="columns-${columns.length}">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">From</th>${columns.map(({ title, kind, missing }) => html`<th role="columnheader" scope="col">${title} <small>${missing ?? COLUMN[kind]}</small></th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => rowOf(row, columns, matrix, nameOf))}</tbody></table></div>
</figure>`;
}

const COLUMN = {
  'network-policy': 'the intent, in the API',
  'policy-map': 'what the kernel looks up',
  seen: 'under the policy',
};

function aboutTarget({ target, side }: PolicyMatrix): Markup | string {
  const { name, pods, identity } = target;
  if (name === undefined || identity === undefined || pods.length === 0) return '';
  return html`${name} is ${counted(pods.length, 'pod')} with the identity ${valueHtml({ value: identity, role: 'identity', side })}.`;
}

/** External traffic has one of two identities; a reader should know when they fare differently. */
function external({ rows, columns }: PolicyMatrix): string {
  const map = columns.findIndex(({ kind }) => kind === 'policy-map');
  const verdict = (name: string) => rows.find(({ source }) => source.id === `reserved/${name}`)?.cells[map]?.verdict;
  const [direct, relayed] = [verdict('world'), verdict('remote-node')];
  if (direct === relayed || direct === 'unknown' || relayed === 'unknown') return '';
  return ` External traffic arrives as reserved:world or, relayed by another node, as reserved:remote-node: by the labels of the map the first would be ${direct} and the second ${relayed}.`;
}

function rowOf(
  row: PolicyRow,
  columns: readonly PolicyColumn[],
  { target, side }: PolicyMatrix,
  nameOf: NameOf,
): Markup {
  const { source, cells } = row;
  const name = source.kind === 'pod' ? valueHtml({ value: source.name, role: 'pod', side }) : source.name;
  const links = source.evidence;
  return html`<tr role="row"><th role="rowheader" scope="row">${source.kind === 'reserved' && 'reserved:'}${name}${about(row, target.namespace, side)}${links.length > 0 && html` <small>${places(links, nameOf)}</small>`}</th>${columns.flatMap((column) => cells.slice(column.index, column.index + 1).map((cell) => cellOf(cell, column, row, nameOf)))}</tr>
`;
}

/** What stands for external traffic is told in the words of Cilium's documentation (security/policy/caveats). */
const RESERVED: Readonly<Record<string, string>> = {
  host: 'the pod’s own node',
  'remote-node': 'another node, also external traffic that it relays under its own address',
  world: 'outside the cluster, when the pod’s own node receives it',
};

function about({ source }: PolicyRow, namespace: string | undefined, side: string): Markup {
  const { kind, identity, labels, sameNamespace, complete } = source;
  const words =
    kind === 'reserved'
      ? RESERVED[source.name]
      : kind === 'other-pods'
        ? sameNamespace
          ? `${complete ? 'without the labels of a rule, ' : ''}in ${namespace ?? 'the same namespace'}`
          : 'whatever their labels'
        : [...Object.entries(labels).map(([key, value]) => `${key}=${value}`), ...(identity ? ['identity '] : [])].join(
            ', ',
          );
  const known = kind === 'pod' && identity && valueHtml({ value: identity, role: 'identity', side });
  return html` <small>${words || 'labels and identity not captured'}${known}</small>`;
}

const WORDS = { allowed: '✓ allowed', denied: '✗ denied', unknown: 'not known' };

function cellOf(
  { verdict, basis, why, evidence }: PolicyCell,
  { kind, title }: PolicyColumn,
  row: PolicyRow,
  nameOf: NameOf,
): Markup {
  const { elsewhere } = row;
  if (basis === 'none' && kind === 'seen') {
    return html`<td role="cell" data-column="${title}" data-cell="none" title="${why}">not seen${elsewhere.length > 0 && '.'}${elsewhere.length > 0 && html` <small>Forwarded in ${places(elsewhere, nameOf)}, where it was not captured whether the policy was in force.</small>`}</td>`;
  }
  const words = verdict === 'unknown' && basis === 'observed' ? '✓✗ both' : WORDS[verdict];
  // What the lines alone do not tell is said beside them.
  const told = evidence.length === 0 || why.startsWith('Its label');
  return html`<td role="cell" data-column="${title}" data-cell="${verdict}" data-basis="${basis}" title="${why}"><b>${words}</b> ${basis !== 'none' && html`<i>${basis}</i>`} <small>${told && `${why} `}${places(evidence, nameOf)}</small></td>`;
}

function places(links: readonly Citation[], nameOf: NameOf): Markup {
  const shown = links
    .slice(0, MOST_LINKS)
    .map((link, index) => html`${index > 0 && ', '}${linesLink(link, linesLabel(link, nameOf))}`);
  return html`${shown}${links.length > MOST_LINKS && ` and ${counted(links.length - MOST_LINKS, 'more place')}`}`;
}
