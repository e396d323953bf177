import type { Field } from '../formats/field.ts';
import { fieldsIn } from './fields.ts';
import { rowsIn } from './rows.ts';
import { type Statement, statedField, statement } from './stated.ts';
import type { Subject } from './subject.ts';

/** Nodes of one side. */
export interface NodeFacts {
  /** By outputs that list the nodes there are: the pool's instances, `Nodes:`, `kubectl get nodes`. */
  listed: (Statement & { of: 'pool' | 'cluster' })[];
  /** By every output that names some. */
  named: Statement[];
  /** Addresses of nodes. */
  addresses: Statement[];
}

/** Reads what the outputs of one side say of nodes. */
export function nodeFacts(subjects: readonly Subject[]): NodeFacts {
  const facts: NodeFacts = { listed: [], named: [], addresses: [] };
  for (const subject of subjects) {
    const stating = (what: string, fields: readonly Field[]): Statement[] => {
      const values = fields.map((node) => statedField(subject, node));
      return values.length > 0 ? [statement(what, subject, values)] : [];
    };
    const all = fieldsIn(subject).filter(({ kind }) => kind === 'node');
    const list = LISTS[subject.parsed.format];
    if (list) facts.listed.push(...stating(list.what, all.filter(list.lists)).map((one) => ({ ...one, of: list.of })));
    facts.named.push(...stating('node named', all));
    const addresses = rowsIn(subject).flatMap((row) => row.at('INTERNAL-IP'));
    facts.addresses.push(...stating('INTERNAL-IP of a node', addresses));
  }
  return facts;
}

/** How an output of a format lists the nodes. */
const LISTS: Readonly<Record<string, { what: string; of: 'pool' | 'cluster'; lists: (field: Field) => boolean }>> = {
  yaml: { what: 'the instances of the pool', of: 'pool', lists: ({ path: [first] }) => first === 'instances' },
  'key-value': { what: 'Nodes', of: 'cluster', lists: ({ path: [first] }) => first === 'Nodes' },
  'kubectl-table': { what: 'the nodes', of: 'cluster', lists: ({ path }) => path.includes('NAME') },
};
