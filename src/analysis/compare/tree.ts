import { type Field, field } from '../../formats/field.ts';
import { segmentsOf } from '../../formats/index.ts';
import { fieldsIn, momentaryFields } from '../../model/fields.ts';
import type { Subject } from '../../model/subject.ts';
import { type Criterion, criterionOf, type SideRoles, shownSegment } from './criterion.ts';

/** A value of one output with what it is compared by. */
export interface Leaf {
  field: Field;
  criterion: Criterion;
  /** Its path as it is shown: role values and generated names by what they are, without places in a collection. */
  path: string;
  /** The record it belongs to: the innermost member of a collection. */
  record: Node;
}

/** The values of an output by their place in the meaning. */
export interface Node {
  leaf?: Leaf;
  keyed: Map<string, Node>;
  /** Members of a collection without order, by their name in the output. */
  bag: Map<string, Node>;
  /** Members in order, by their place. */
  sequence: Map<string, Node>;
}

/** The tree of an output, and its leaves in text order. */
export interface Tree {
  root: Node;
  leaves: Leaf[];
  /** What is not compared: {@link momentaryFields}. */
  momentary: ReadonlySet<Field>;
}

/** Path of the synthetic value that holds what a rule of iptables-save says outside its fields. */
const FORM = 'form';

function emptyNode(): Node {
  return { keyed: new Map(), bag: new Map(), sequence: new Map() };
}

/** Builds the tree of an output. Linear in its number of values. */
export function treeOf(subject: Subject, known: SideRoles): Tree {
  const { format } = subject.parsed;
  const root = emptyNode();
  const leaves: Leaf[] = [];
  const shown = new Map<string, string>();
  const show = (segment: string) => {
    let found = shown.get(segment);
    if (found === undefined) {
      found = shownSegment(segment, known);
      shown.set(segment, found);
    }
    return found;
  };
  const momentary = momentaryFields(subject);
  for (const at of [...fieldsIn(subject), ...formFields(subject)]) {
    if (momentary.has(at)) continue;
    let node = root;
    let record = root;
    const path: string[] = [];
    for (const { name, holding } of segmentsOf(format, at.path)) {
      const label = show(name);
      // A generated name under which something is kept differs from side to side: what it holds decides.
      const held = holding === 'key' && label !== name ? 'bag' : holding;
      const children = held === 'key' ? node.keyed : node[held];
      let child = children.get(name);
      if (!child) {
        child = emptyNode();
        children.set(name, child);
      }
      node = child;
      if (held !== 'key') record = child;
      if (held === 'key' || !/^\d+(?:#\d+)?$/.test(name)) path.push(label);
    }
    node.leaf = { field: at, criterion: criterionOf(at, format, known), path: path.join(' / '), record };
    leaves.push(node.leaf);
  }
  return { root, leaves, momentary };
}

/** True for the value that stands for a whole rule; it is no value of its own. */
export function isForm(at: Field): boolean {
  return at.kind === 'text' && at.path.length === 4 && at.path[3] === FORM;
}

/**
 * What the rules of an iptables-save say outside their fields: negations, flags, matches this project does not know.
 * So no part of a rule goes uncompared.
 */
function formFields(subject: Subject): Field[] {
  const { parsed, text } = subject;
  if (parsed.format !== 'iptables-save') return [];
  const fields = fieldsIn(subject);
  let next = 0;
  return parsed.tables.flatMap((table, index) => {
    const numbers = new Map<string, number>();
    return table.rules.map((rule) => {
      const number = (numbers.get(rule.chain.value) ?? 0) + 1;
      numbers.set(rule.chain.value, number);
      let rest = '';
      let from = rule.start;
      while ((fields[next]?.start ?? Number.POSITIVE_INFINITY) < rule.start) next++;
      for (let at = fields[next]; at && at.end <= rule.end; at = fields[++next]) {
        rest += `${text.slice(from, at.start)}…`;
        from = at.end;
      }
      const value = (rest + text.slice(from, rule.end)).replace(/[ \t]+/g, ' ');
      const path = [table.name?.value ?? `#${index + 1}`, rule.chain.value, String(number), FORM];
      return field({ value, start: rule.start, end: rule.start + 2 }, path, 'text');
    });
  });
}
