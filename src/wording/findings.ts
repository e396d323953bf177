import type { Finding } from '../analysis/findings.ts';
import { flowSentence } from './findings/flows.ts';
import { hubbleSentence } from './findings/hubble.ts';
import { podSentence } from './findings/pods.ts';
import { policySentence } from './findings/policy.ts';
import { probeSentence } from './findings/probes.ts';
import { rowSentence } from './findings/rows.ts';
import { ruleSentence } from './findings/rules.ts';
import { serviceSentence } from './findings/service.ts';
import { html, type Markup } from './html.ts';
import { plainText, type Words } from './parts.ts';

/** What says the findings of each kind. */
const SENTENCES: { readonly [Kind in Finding['kind']]: (finding: Extract<Finding, { kind: Kind }>) => Words } = {
  'endpoints-listed': serviceSentence,
  'endpoints-compared': serviceSentence,
  'pool-nodes': serviceSentence,
  'service-age': serviceSentence,
  'external-policy': serviceSentence,
  'ages-beside-slow': serviceSentence,
  'rules-own': ruleSentence,
  'rules-for-all': ruleSentence,
  'rule-shares': ruleSentence,
  'outside-masqueraded': ruleSentence,
  'map-own': ruleSentence,
  'surrogate-row': ruleSentence,
  'mappings-compared': ruleSentence,
  'pod-inspected': podSentence,
  'pod-sockets': podSentence,
  'pod-left': podSentence,
  'pods-since': podSentence,
  'probe-answered': probeSentence,
  'probe-longest-failure': probeSentence,
  'probe-slow': probeSentence,
  'probe-after-failure': probeSentence,
  'probe-compared': probeSentence,
  'flows-counted': flowSentence,
  'flows-began': flowSentence,
  'flows-round-trip': flowSentence,
  'flows-probes-in-round-trips': flowSentence,
  'flows-dropped': flowSentence,
  'hubble-buffer': hubbleSentence,
  'hubble-nodes': hubbleSentence,
  'hubble-memory': hubbleSentence,
  'policy-intent': policySentence,
  'policy-absent': policySentence,
  'policy-map-lets-in': policySentence,
  'policy-map-relayed': policySentence,
  'policy-map-agrees': policySentence,
  'policy-seen': policySentence,
  identities: policySentence,
  'row-compared': rowSentence,
};

/** A finding in words. */
export function sentenceOf(finding: Finding): Words {
  return (SENTENCES[finding.kind] as (one: Finding) => Words)(finding);
}

/** A finding as plain text. */
export function findingText(finding: Finding): string {
  return plainText(sentenceOf(finding));
}

/** A finding as HTML: sides and values in their colours, what is code as code. */
export function findingHtml(finding: Finding): string {
  return html`${sentenceOf(finding).map(partHtml)}`.text;
}

function partHtml(part: Words[number]): Markup {
  if (typeof part === 'string') return html`${part}`;
  if ('code' in part) return html`<code>${part.code}</code>`;
  return 'value' in part
    ? html`<b class="${part.role}">${part.value}</b>`
    : html`<b data-side="${part.side}">${part.text}</b>`;
}

/** The findings about a layer itself, about a row, or about one side of a row. */
export function findingsAbout<One extends { about: Finding['about'] }>(
  findings: readonly One[],
  layer: string,
  row?: string,
  side?: 'v1' | 'v2',
): One[] {
  return findings.filter(({ about }) => about.layer === layer && about.row === row && about.side === side);
}
