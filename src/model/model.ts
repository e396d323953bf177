import { type SideId, sideIds } from '../recipe/schema.ts';
import { type FlowOutput, flowOutputs } from './flows.ts';
import { type Frontend, frontendsOf } from './frontends.ts';
import { type HubbleFacts, hubbleFacts } from './hubble.ts';
import { type NodeFacts, nodeFacts } from './nodes.ts';
import { type PodFacts, podFacts } from './pods.ts';
import { type NetworkPolicy, type PolicyMap, policiesIn, policyMapsIn } from './policies.ts';
import { type Probe, probesIn } from './probes.ts';
import { type ServiceFacts, serviceFacts } from './service.ts';
import { holdsServices, type RuleIndex, ruleIndex } from './service-rules.ts';
import type { Subject } from './subject.ts';

/** What the outputs of one side say, read once. */
export interface SideModel {
  side: SideId;
  /** In page order. */
  subjects: readonly Subject[];
  service: ServiceFacts;
  pods: PodFacts;
  nodes: NodeFacts;
  /** Outputs of the dataplane with the frontends they hold. */
  dataplane: { subject: Subject; frontends: Frontend[] }[];
  /** Outputs of iptables-save that hold kube-proxy's nat rules, indexed by chain. */
  rules: { subject: Subject; index: RuleIndex }[];
  probes: Probe[];
  flows: FlowOutput[];
  policies: NetworkPolicy[];
  policyMaps: PolicyMap[];
  hubble: HubbleFacts;
}

/** What all outputs say, side by side; what follows from them asks here and reads no output itself. */
export interface Model {
  /** Every output that was read, in page order. */
  subjects: readonly Subject[];
  /** A side without an output is there, with nothing in it. */
  sides: Readonly<Record<SideId, SideModel>>;
}

/** Reads what the outputs say. */
export function modelOf(subjects: readonly Subject[]): Model {
  const of = (side: SideId) =>
    sideModel(
      side,
      subjects.filter((subject) => subject.side === side),
    );
  return { subjects, sides: Object.fromEntries(sideIds.map((side) => [side, of(side)])) as Record<SideId, SideModel> };
}

/** Reads what the outputs of one side say. */
export function sideModel(side: SideId, subjects: readonly Subject[]): SideModel {
  const service = serviceFacts(subjects);
  const flows = flowOutputs(subjects);
  return {
    side,
    subjects,
    service,
    pods: podFacts(subjects, service, flows),
    nodes: nodeFacts(subjects),
    dataplane: subjects.flatMap((subject) => {
      const frontends = frontendsOf(subject, service.service);
      return frontends ? [{ subject, frontends }] : [];
    }),
    rules: subjects.flatMap((subject) =>
      subject.parsed.format === 'iptables-save' && holdsServices(subject.parsed)
        ? [{ subject, index: ruleIndex(subject.parsed) }]
        : [],
    ),
    probes: probesIn(subjects),
    flows,
    policies: policiesIn(subjects),
    policyMaps: policyMapsIn(subjects),
    hubble: hubbleFacts(subjects),
  };
}
