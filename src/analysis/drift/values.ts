import type { Field } from '../../formats/field.ts';
import { modelOf, type SideModel } from '../../model/model.ts';
import type { Subject } from '../../model/subject.ts';
import { comparePairs } from '../compare/pairs.ts';
import { roleValues } from '../roles.ts';
import type { Change } from './change.ts';

/** Kinds of output that the model reads as facts of its own: these tell what changed in them. */
const TOLD_BY_FACTS: ReadonlySet<string> = new Set([
  'iptables-save',
  'cilium-service-list',
  'cilium-bpf-lb-list',
  'http-probe',
  'hubble-flows',
  'hubble-flows-json',
  'cilium-policy-map',
]);

/**
 * What changed in the other outputs, value by value. Two recordings of one side are compared as the two sides of the page
 * are: what was allocated anew is matched by its role, and the declared rules set aside what means nothing.
 */
export function valueChanges(before: SideModel, after: SideModel): Change[] {
  const as = (side: 'v1' | 'v2', { subjects }: SideModel) => subjects.map((subject): Subject => ({ ...subject, side }));
  const [left, right] = [as('v1', before), as('v2', after)];
  const values = roleValues(modelOf([...left, ...right]));
  const policies = new Set([...before.policies, ...after.policies].map(({ capture }) => capture));
  return left.flatMap((one): Change[] => {
    const other = right.find(({ key }) => key === one.key);
    const { format } = one.parsed;
    if (!other || other.text === one.text || format !== other.parsed.format || TOLD_BY_FACTS.has(format)) return [];
    const area = policies.has(one.key) ? 'policy' : 'fields';
    const differing = comparePairs(one, other, values).filter(({ by, implied }) => by === undefined && !implied);
    const byPath = Map.groupBy(differing, ({ path }) => path);
    return [...byPath].flatMap(([what, pairs]) => {
      // A member that went and one that came at the same place are one change.
      const [gone, come] = [pairs.flatMap(({ v1 }) => v1 ?? []), pairs.flatMap(({ v2 }) => v2 ?? [])];
      return Array.from({ length: Math.max(gone.length, come.length) }, (_, index): Change => {
        const [was, is] = [gone[index], come[index]];
        return { area, what, capture: one.key, ...(was && { before: shown(was) }), ...(is && { after: shown(is) }) };
      });
    });
  });
}

const shown = ({ value, means }: Field): string => means ?? value;
