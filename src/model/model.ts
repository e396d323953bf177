import type { SideId } from '../recipe/schema.ts';
import { type Frontend, frontendsOf } from './frontends.ts';
import { type PodFacts, podFacts } from './pods.ts';
import { type ServiceFacts, serviceFacts } from './service.ts';
import { holdsServices, type RuleIndex, ruleIndex } from './service-rules.ts';
import type { Subject } from './subject.ts';

/** The outputs of one side with everything they state about the traced Service. */
export interface Trace {
  side: SideId;
  /** In page order. */
  subjects: readonly Subject[];
  service: ServiceFacts;
  pods: PodFacts;
  /** Outputs of the dataplane with the frontends they hold. */
  dataplane: { subject: Subject; frontends: Frontend[] }[];
  /** Outputs of iptables-save that hold kube-proxy's nat rules, indexed by chain. */
  rules: { subject: Subject; index: RuleIndex }[];
}

/** Reads what the outputs of one side state. */
export function traceOf(side: SideId, subjects: readonly Subject[]): Trace {
  const service = serviceFacts(subjects);
  return {
    side,
    subjects,
    service,
    pods: podFacts(subjects, service),
    dataplane: subjects.flatMap((subject) => {
      const frontends = frontendsOf(subject, service.service);
      return frontends ? [{ subject, frontends }] : [];
    }),
    rules: subjects.flatMap((subject) =>
      subject.parsed.format === 'iptables-save' && holdsServices(subject.parsed)
        ? [{ subject, index: ruleIndex(subject.parsed) }]
        : [],
    ),
  };
}
