import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from 'yaml';
import { quote } from '../problem.ts';
import { nothingThere, part } from './cut.ts';
import type { Field } from './field.ts';
import type { Ends, Format } from './format.ts';
import { objectShape } from './shape.ts';
import { MAX_DEPTH, type TreeNode } from './tree.ts';
import { FormatError, type Located } from './types.ts';
import { treeFields } from './values.ts';

/*
 * `kubectl … -o yaml` (or `-o json`, which is YAML too) and `gcloud … describe`:
 *
 *   description: '{"kubernetes.io/service-name":"netflow-test/nginx"}'
 *   instances:
 *   - https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/gke-…-bnmh
 *
 * Read by YAML 1.2's core schema. Anchors are not used by these tools and are refused.
 */

/** Parsed YAML: one tree a document. */
export interface YamlDocuments {
  format: 'yaml';
  documents: TreeNode[];
}

/** Longest text that is read, in UTF-16 code units: the library takes up to half a kilobyte for each. */
export const MAX_YAML = 4 * 1024 * 1024;
/** More brackets open than this are no object of Kubernetes, and exhaust the library. */
const MAX_OPEN = 1000;
const HINT = 'Record it again with `-o yaml`, or correct `format` in layers.yaml.';

/**
 * Reads YAML.
 * @throws {FormatError} on an empty output, invalid YAML, a key that stands twice, aliases, and too deep nesting
 */
export function parseYaml(text: string): YamlDocuments {
  const lines = new LineCounter();
  const fail = (offset: number, expected: string, found: string) =>
    new FormatError('yaml', { line: lines.linePos(offset).line || 1, expected, found, hint: HINT });
  if (text.length > MAX_YAML) throw fail(0, `YAML of at most ${MAX_YAML} characters`, `${text.length}`);
  const deep = (offset: number) => fail(offset, `at most ${MAX_DEPTH} levels of nesting`, 'more');
  if (opensTooMuch(text)) throw deep(0);
  // The library's own search for repeated keys compares each with each; `tree` does it with a set.
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const whole: Located = { value: text, start: 0, end: text.length };
  const documents = (Array.isArray(parsed) ? parsed : []).flatMap((document) => {
    const [error] = document.errors;
    // The library descends by recursion, and reports running out of stack as an error of the text.
    if (error?.message.includes('call stack')) throw deep(error.pos[0]);
    if (error) throw fail(error.pos[0], 'valid YAML', quote(error.message));
    return document.contents ? [tree(document.contents as Node, whole, 1, fail)] : [];
  });
  if (documents.length === 0) throw nothingThere('yaml', text, 'a YAML document', HINT);
  return { format: 'yaml', documents };
}

/** True where brackets open without closing, over and over; brackets in quotes count too, which does no harm here. */
function opensTooMuch(text: string): boolean {
  let open = 0;
  for (let at = 0; at < text.length && open <= MAX_OPEN; at++) {
    const char = text[at];
    if (char === '[' || char === '{') open++;
    else if ((char === ']' || char === '}') && open > 0) open--;
  }
  return open > MAX_OPEN;
}

type Fail = (offset: number, expected: string, found: string) => FormatError;

function tree(node: Node, text: Located, depth: number, fail: Fail): TreeNode {
  const [from] = node.range ?? [0];
  if (depth > MAX_DEPTH) throw fail(from, `at most ${MAX_DEPTH} levels of nesting`, 'more');
  if (isAlias(node)) throw fail(from, 'values written out', `the alias *${node.source}`);
  const empty = (isSeq(node) || isMap(node)) && node.items.length === 0 ? { empty: part(text, ...span(node)) } : {};
  if (isSeq(node)) {
    return {
      ...empty,
      type: 'list',
      items: node.items.map((item) => {
        if (isPair(item)) throw fail(from, 'a list of values', 'a pair without a mapping');
        return tree(item as Node, text, depth + 1, fail);
      }),
    };
  }
  if (isMap(node)) {
    const seen = new Set<string>();
    return {
      ...empty,
      type: 'map',
      entries: node.items.map(({ key, value }) => {
        const at = isScalar(key) ? source(key, text) : undefined;
        const [start] = (key as Node | null)?.range ?? [from];
        if (!at) throw fail(start, 'a plain word as key', 'a collection or nothing');
        if (seen.has(at.value)) throw fail(start, 'each key once', `${quote(at.value)} again`);
        seen.add(at.value);
        // `? key` without a value has none, not even an empty scalar.
        const child: TreeNode = value
          ? tree(value as Node, text, depth + 1, fail)
          : { type: 'scalar', at: { value: '', start: at.end, end: at.end }, data: null };
        return { key: at, value: child };
      }),
    };
  }
  if (!isScalar(node)) throw fail(from, 'a scalar, a mapping or a list', 'something else');
  const data = node.value as unknown;
  return {
    type: 'scalar',
    at: source(node, text),
    data: typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean' ? data : null,
  };
}

function span(node: Node): [number, number] {
  const [from, to] = node.range ?? [0, 0];
  return [from, to];
}

/** The source of a scalar without its quotes; of a block scalar, its lines. */
function source(node: Scalar, text: Located): Located {
  const found = part(text, ...span(node));
  if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') return part(found, 1, found.value.length - 1);
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return found;
  const first = found.value.indexOf('\n') + 1;
  const end = found.value.endsWith('\n') ? found.value.length - 1 : found.value.length;
  const indent = /^[ \t]*/.exec(found.value.slice(first, end))?.[0].length ?? 0;
  return part(found, Math.min(first + indent, end), end);
}

/** The values of the documents; with several, the path begins with the document's index. */
function yamlFields({ documents }: YamlDocuments): Field[] {
  return documents.flatMap((document, index) => treeFields(document, documents.length > 1 ? [String(index)] : []));
}

function invalidYaml({ whole }: Ends): string | undefined {
  const documents = parseAllDocuments(whole(), { prettyErrors: false });
  const error = Array.isArray(documents) ? documents.find((one) => one.errors.length > 0)?.errors[0] : undefined;
  return error ? `it is not valid YAML: ${error.message.split('\n')[0]}` : undefined;
}

export default {
  parse: parseYaml,
  fields: yamlFields,
  grammar: 'yaml',
  shape: objectShape,
  incompleteness: invalidYaml,
  sample: { from: 'v1-l2-target-pool', head: 0, between: '---\n', share: 0.45 },
} satisfies Format<YamlDocuments>;
