import { type SideId, sideIds } from '../recipe/schema.ts';
import { type AgentFacts, agentFacts } from './agent.ts';
import { type CountedProbe, countedProbes, countsForProbe } from './counters.ts';
import { type FlowOutput, flowOutputs } from './flows.ts';
import { type DataplaneOutput, dataplaneOutputs } from './frontends.ts';
import { type HubbleFacts, hubbleFacts } from './hubble.ts';
import { type NodeFacts, nodeFacts } from './nodes.ts';
import { type PodFacts, podFacts } from './pods.ts';
import { type NetworkPolicy, type PolicyMap, policiesIn, policyMapsIn } from './policies.ts';
import { fromOutside, type Probe, probesIn } from './probes.ts';
import { type ProgramFacts, programFacts } from './programs.ts';
import { type RulesetFacts, rulesetsOf } from './rulesets.ts';
import { type ServiceFacts, serviceFacts } from './service.ts';
import type { Subject } from './subject.ts';
import { type TrackedOutput, trackedOutputs } from './tracked.ts';

/** What the outputs of one side say, read once. */
export interface SideModel {
  side: SideId;
  /** In page order. */
  subjects: readonly Subject[];
  service: ServiceFacts;
  pods: PodFacts;
  nodes: NodeFacts;
  /** Outputs that say where the dataplane sends packets. */
  dataplane: DataplaneOutput[];
  /** Outputs of iptables-save, those that translate nothing included. */
  rulesets: RulesetFacts[];
  probes: Probe[];
  /** The probes around which rules were recorded with their counters. */
  counted: CountedProbe[];
  flows: FlowOutput[];
  policies: NetworkPolicy[];
  policyMaps: PolicyMap[];
  hubble: HubbleFacts;
  /** Connections to the Service, as nodes keep track of them. */
  tracked: TrackedOutput[];
  agent: AgentFacts;
  programs: ProgramFacts;
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

/** What the model holds of an output of the dataplane. */
export function dataplaneOf({ sides }: Model, { side, key }: Subject): DataplaneOutput | undefined {
  return sides[side].dataplane.find(({ subject }) => subject.key === key);
}

/** Reads what the outputs of one side say. */
export function sideModel(side: SideId, subjects: readonly Subject[]): SideModel {
  const service = serviceFacts(subjects);
  const rulesets = rulesetsOf(subjects, service);
  const flows = flowOutputs(subjects);
  const probes = probesIn(subjects);
  return {
    side,
    subjects,
    service,
    pods: podFacts(subjects, service, flows),
    nodes: nodeFacts(subjects),
    dataplane: dataplaneOutputs(
      subjects,
      rulesets.filter(({ subject }) => !countsForProbe(subject, subjects)),
      service,
    ),
    rulesets,
    probes,
    counted: countedProbes(subjects, rulesets, fromOutside(probes)),
    flows,
    policies: policiesIn(subjects),
    policyMaps: policyMapsIn(subjects),
    hubble: hubbleFacts(subjects),
    tracked: trackedOutputs(subjects, service),
    agent: agentFacts(subjects),
    programs: programFacts(subjects),
  };
}
