import type { Model } from '../model/model.ts';
import { type AnswerFinding, answerFindings } from './findings/answers.ts';
import { type ChainFinding, chainFindings } from './findings/chain.ts';
import { type FlowFields, flowFieldFindings } from './findings/flow-fields.ts';
import { type FlowFinding, flowFindings } from './findings/flows.ts';
import { type HealthFinding, healthFindings } from './findings/health.ts';
import { type HubbleFinding, hubbleFindings } from './findings/hubble.ts';
import { type KernelFinding, kernelFindings } from './findings/kernel.ts';
import { type PodFinding, podFindings } from './findings/pods.ts';
import { type PolicyFinding, policyFindings } from './findings/policy.ts';
import { type ProbeFinding, probeFindings } from './findings/probes.ts';
import { type RowFinding, rowFindings } from './findings/rows.ts';
import { type RuleFinding, ruleFindings } from './findings/rules.ts';
import { type ServiceFinding, serviceFindings } from './findings/service.ts';
import type { RowVerdict } from './types.ts';

export type { About } from './findings/finding.ts';

/** Something the outputs show. A family of findings is a file of findings/, and one of wording/findings/ for its words. */
export type Finding =
  | ServiceFinding
  | RuleFinding
  | PodFinding
  | ProbeFinding
  | AnswerFinding
  | HealthFinding
  | FlowFinding
  | FlowFields
  | KernelFinding
  | HubbleFinding
  | PolicyFinding
  | ChainFinding
  | RowFinding;

/** What findings are computed from. */
export interface Grounds {
  model: Model;
  /** The verdicts on all rows. */
  rows: readonly RowVerdict[];
}

/** Everything the outputs show, family by family, each in page order. */
export function findingsOf({ model, rows }: Grounds): Finding[] {
  return [
    ...serviceFindings(model),
    ...ruleFindings(model),
    ...podFindings(model),
    ...probeFindings(model),
    ...answerFindings(model),
    ...healthFindings(model),
    ...flowFindings(model),
    ...flowFieldFindings(model),
    ...kernelFindings(model),
    ...hubbleFindings(model),
    ...policyFindings(model),
    ...chainFindings(model),
    ...rowFindings(rows),
  ];
}
