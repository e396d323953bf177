import type { Finding } from '../analysis/findings.ts';
import { citesHtml, type NameOf } from './cites.ts';
import { answerSentences } from './findings/answers.ts';
import { chainSentences } from './findings/chain.ts';
import { flowFieldSentences } from './findings/flow-fields.ts';
import { flowSentences } from './findings/flows.ts';
import { healthSentences } from './findings/health.ts';
import { hubbleSentences } from './findings/hubble.ts';
import { kernelSentences } from './findings/kernel.ts';
import { podSentences } from './findings/pods.ts';
import { policySentences } from './findings/policy.ts';
import { probeSentences } from './findings/probes.ts';
import { rowSentences } from './findings/rows.ts';
import { ruleSentences } from './findings/rules.ts';
import type { Sentences } from './findings/sentences.ts';
import { serviceSentences } from './findings/service.ts';
import { html, type Markup, valueHtml } from './html.ts';
import { plainText, type Words } from './parts.ts';

/** What says the findings of each kind. */
const SENTENCES: Sentences<Finding> = {
  ...serviceSentences,
  ...ruleSentences,
  ...podSentences,
  ...probeSentences,
  ...answerSentences,
  ...healthSentences,
  ...flowSentences,
  ...flowFieldSentences,
  ...kernelSentences,
  ...hubbleSentences,
  ...policySentences,
  ...chainSentences,
  ...rowSentences,
};

/** A finding in words. */
function sentenceOf(finding: Finding): Words {
  const said = (SENTENCES[finding.kind] as (one: Finding) => Words | string)(finding);
  return typeof said === 'string' ? [said] : said;
}

/** A finding as plain text. */
export function findingText(finding: Finding): string {
  return plainText(sentenceOf(finding));
}

/** A finding as HTML: sides and values in their colours, what is code as code, and links to the lines it rests on. */
export function findingHtml(finding: Finding, nameOf: NameOf): string {
  const { places, about } = finding;
  const [first] = places;
  const beside = about.side && places.every(({ capture }) => capture === first?.capture);
  return html`${sentenceOf(finding).map(partHtml)}${citesHtml(places, nameOf, beside ? first?.capture : undefined)}`
    .text;
}

/** Words as HTML: sides and values in their colours, what is code as code. */
export function wordsHtml(words: Words): string {
  return html`${words.map(partHtml)}`.text;
}

function partHtml(part: Words[number]): Markup {
  if (typeof part === 'string') return html`${part}`;
  if ('code' in part) return html`<code>${part.code}</code>`;
  return 'value' in part ? valueHtml(part) : html`<b data-side="${part.side}">${part.text}</b>`;
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
