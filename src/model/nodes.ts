import type { Field } from '../formats/field.ts';
import { fieldsIn } from './fields.ts';
import { rowsIn } from './rows.ts';
import { type Statement, statedField, statement } from './stated.ts';
import type { Subject } from './subject.ts';

/** Nodes of one side. */
export interface NodeFacts {
  /** By outputs that list the nodes there are: the pool's instances, `Nodes:`, `kubectl get nodes`. */
  listed: Statement[];
  /** By every output that names some. */
  named: Statement[];
  /** Addresses of nodes. */
  addresses: Statement[];
}

/** Reads what the outputs of one side say of nodes. */
export function nodeFacts(subjects: readonly Subject[]): NodeFacts {
  const facts: NodeFacts = { listed: [], named: [], addresses: [] };
  for (const subject of subjects) {
    const say = (list: Statement[], what: string, fields: readonly Field[]) => {
      const values = fields.map((node) => statedField(subject, node));
      if (values.length > 0) list.push(statement(what, subject, values));
    };
    const all = fieldsIn(subject).filter(({ kind }) => kind === 'node');
    const { what, lists } = LISTS[subject.parsed.format] ?? {};
    if (what && lists) say(facts.listed, what, all.filter(lists));
    say(facts.named, 'node named', all);
    say(
      facts.addresses,
      'INTERNAL-IP of a node',
      rowsIn(subject).flatMap((row) => row.at('INTERNAL-IP')),
    );
  }
  return facts;
}

/** How an output of a format lists the nodes. */
const LISTS: Readonly<Record<string, { what: string; lists: (field: Field) => boolean }>> = {
  yaml: { what: 'the instances of the pool', lists: ({ path: [first] }) => first === 'instances' },
  'key-value': { what: 'Nodes', lists: ({ path: [first] }) => first === 'Nodes' },
  'kubectl-table': { what: 'the nodes', lists: ({ path }) => path.includes('NAME') },
};
